"""What makes a desk ready for its window, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.model.ids import DeskState, Mode
from engine.model.quota import NO_CAP, Quota
from engine.model.readiness import Preparation, Prepared, ReadyItem, ReadyLine
from engine.rules.readiness import NO_NOTICES, is_read, judge

BEGINS = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
DUE = Preparation(
    date(2026, 11, 20),
    BEGINS,
    BEGINS + timedelta(minutes=15),
    BEGINS + timedelta(minutes=30),
    BEGINS + timedelta(days=3),
)
WELL = Prepared(
    mode=Mode.LIVE,
    token="",
    read_at=BEGINS,
    unsettled=(),
    doubtful=0,
    skew_s=1.0,
    quota=Quota(899, 0, 1000, 100, 1100),
    free_bytes=200 * 1024 * 1024,
    has_notices=True,
    troubles=(),
    guard_latch=DeskState.RUNNING,
    guard_reason="",
    user_latch=DeskState.RUNNING,
)


def test_a_desk_without_anything_against_it_is_ready() -> None:
    found = judge(WELL, DUE)
    assert found.is_ready
    assert [line.item for line in found.lines] == list(ReadyItem)
    assert (found.day, found.opens_at, found.next_at) == (DUE.day, DUE.opens_at, DUE.next_at)


@pytest.mark.parametrize(
    ("seen", "bad"),
    [
        (replace(WELL, token="no answer"), ReadyLine(ReadyItem.TOKEN, False, "no answer")),
        (replace(WELL, read_at=None), ReadyLine(ReadyItem.ACCOUNT, False)),
        (
            replace(WELL, read_at=BEGINS - timedelta(seconds=1)),
            ReadyLine(ReadyItem.ACCOUNT, False),
        ),
        (
            replace(WELL, unsettled=("shares are missing",), doubtful=2),
            ReadyLine(ReadyItem.BOOKS, False, "shares are missing, 2 in doubt"),
        ),
        (replace(WELL, skew_s=-6.0), ReadyLine(ReadyItem.CLOCK, False, "-6 s", "5 s")),
        (replace(WELL, skew_s=None), ReadyLine(ReadyItem.CLOCK, False, "no time told", "5 s")),
        (
            replace(WELL, quota=Quota(900, 0, 1000, 100, 1100)),
            ReadyLine(ReadyItem.CALLS, False, "900", "1000"),
        ),
        (
            replace(WELL, free_bytes=199 * 1024 * 1024),
            ReadyLine(ReadyItem.DISK, False, "199 MB", "200 MB"),
        ),
        (replace(WELL, troubles=("stream",)), ReadyLine(ReadyItem.STREAM, False)),
        (replace(WELL, troubles=("api",)), ReadyLine(ReadyItem.TROUBLE, False, "api")),
        (
            replace(WELL, guard_latch=DeskState.EXITS_ONLY, guard_reason="losses in a row"),
            ReadyLine(ReadyItem.GUARD, False, "losses in a row"),
        ),
        (
            replace(WELL, user_latch=DeskState.HALTED),
            ReadyLine(ReadyItem.USER_STOP, False, "halted"),
        ),
    ],
)
def test_one_thing_amiss_is_one_red_line(seen: Prepared, bad: ReadyLine) -> None:
    found = judge(seen, DUE)
    assert [line for line in found.lines if not line.is_well] == [bad]


def test_a_desk_without_a_cap_has_calls_enough() -> None:
    quota = Quota(80_000, 0, NO_CAP, NO_CAP, NO_CAP)
    assert judge(replace(WELL, quota=quota), DUE).is_ready


def test_fills_by_polling_only_are_named_and_no_fault() -> None:
    found = judge(replace(WELL, has_notices=False), DUE)
    assert found.is_ready
    assert ReadyLine(ReadyItem.STREAM, True, NO_NOTICES) in found.lines


def test_the_account_counts_as_read_from_the_preparation_on() -> None:
    assert is_read(WELL, DUE)
    assert not is_read(replace(WELL, read_at=BEGINS - timedelta(hours=8)), DUE)
