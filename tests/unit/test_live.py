"""The checklist before real money: what blocks, what only makes the beginning small."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.model.live import CheckItem, Evidence, Practice, Verdict
from engine.rules.live import begins_small, checklist, is_blocked

WELL = Evidence(
    token="",
    account="",
    skew_s=0.4,
    calendar_days=400,
    database="",
    free_bytes=10**9,
    unlimited=(),
    unsettled=(),
    doubtful=0,
    days=3,
    trades=5,
)
WANTED = Practice(min_days=3, min_trades=5)
FAILURES: tuple[tuple[CheckItem, dict[str, Any], str], ...] = (
    (CheckItem.TOKEN, {"token": "EGW00103"}, "EGW00103"),
    (CheckItem.ACCOUNT, {"account": "ReadTimeout"}, "ReadTimeout"),
    (CheckItem.CLOCK, {"skew_s": 6.0}, "+6 s"),
    (CheckItem.CLOCK, {"skew_s": -6.0}, "-6 s"),
    (CheckItem.CLOCK, {"skew_s": None}, "no time told"),
    (CheckItem.CALENDAR, {"calendar_days": 29}, "29"),
    (CheckItem.DATABASE, {"database": "live.db: malformed"}, "live.db: malformed"),
    (CheckItem.DISK, {"free_bytes": 199 * 1024 * 1024}, "199 MB"),
    (CheckItem.LIMITS, {"unlimited": ("max_loss",)}, "max_loss"),
    (CheckItem.RECONCILED, {"unsettled": ("account not read",)}, "account not read"),
    (CheckItem.NO_DOUBT, {"doubtful": 1}, "1"),
)


def test_with_all_evidence_nothing_blocks_and_nothing_is_small() -> None:
    findings = checklist(WELL, WANTED)
    assert [finding.item for finding in findings] == list(CheckItem)
    assert {finding.verdict for finding in findings} == {Verdict.WELL}
    assert not is_blocked(findings)
    assert not begins_small(findings)


@pytest.mark.parametrize(("item", "change", "measured"), FAILURES)
def test_each_hard_item_blocks_alone_and_says_what_was_measured(
    item: CheckItem, change: dict[str, Any], measured: str
) -> None:
    findings = checklist(replace(WELL, **change), WANTED)
    failed = [finding for finding in findings if finding.verdict is not Verdict.WELL]
    assert [(finding.item, finding.verdict, finding.measured) for finding in failed] == [
        (item, Verdict.FAILED, measured)
    ]
    assert is_blocked(findings)


@pytest.mark.parametrize(
    ("item", "change"), [(CheckItem.DAYS, {"days": 2}), (CheckItem.TRADES, {"trades": 4})]
)
def test_too_little_practice_makes_small_and_does_not_block(
    item: CheckItem, change: dict[str, Any]
) -> None:
    findings = checklist(replace(WELL, **change), WANTED)
    assert [f.item for f in findings if f.verdict is Verdict.LACKING] == [item]
    assert begins_small(findings)
    assert not is_blocked(findings)


def test_no_practice_is_lacking_where_none_is_asked_for() -> None:
    findings = checklist(replace(WELL, days=0, trades=0), Practice(0, 0))
    assert not begins_small(findings)


def test_a_bound_that_is_just_kept_is_well() -> None:
    just = replace(WELL, skew_s=-5.0, calendar_days=30, free_bytes=200 * 1024 * 1024)
    assert not is_blocked(checklist(just, WANTED))
