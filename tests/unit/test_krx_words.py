"""Everything the KRX desk can say has words in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.format import krx_words, quota, reasons, score, words
from bot.format.lang import Lang
from engine.model.entry_facts import HoldReason, Phase
from engine.model.ids import DeskName
from engine.model.krx_views import CallPurpose, PlanView
from engine.model.orders import OrderReason
from engine.model.quota import Purpose
from engine.model.score import Bucket, Gate, Refused, Stage, StageReason, Unfit, Zone
from engine.rules.krx.scan_plan import Use
from engine.rules.krx.sizing import Cap
from tests.bot.krx_samples import krx_quota, score_card

Said = list[Callable[[Lang], str | None]]
EVERY: Said = [
    *((lambda lang, one=one: krx_words.phase(one, lang)) for one in Phase),
    *((lambda lang, one=one: krx_words.stage(one, lang)) for one in Stage),
    *((lambda lang, one=one: krx_words.zone(one, lang)) for one in Zone),
    *((lambda lang, one=one: krx_words.gate(one, lang)) for one in Gate),
    *((lambda lang, one=one: krx_words.bucket(one, lang)) for one in Bucket),
    *((lambda lang, one=one: krx_words.hold(one, lang)) for one in HoldReason),
    *((lambda lang, one=one: words.order_reason(one, lang)) for one in OrderReason),
    *((lambda lang, one=one: krx_words.detail(one, lang)) for one in (*Unfit, *Gate)),
    *((lambda lang, one=one: krx_words.finding(one, lang)) for one in StageReason),
]


def test_every_word_is_there_and_translated() -> None:
    for say in EVERY:
        korean, english = say(Lang.KO), say(Lang.EN)
        assert korean
        assert english
        assert korean != english


def test_every_purpose_of_the_plan_is_named() -> None:
    rows = tuple(CallPurpose(use, Decimal(1), 0) for use in (*Use, *Purpose))
    text = quota.krx_quota(krx_quota(), PlanView(rows, Decimal(10), Decimal(15), ()), Lang.KO)
    for use in (*Use, *Purpose):
        assert use.value not in text


def test_a_cap_of_the_day_is_none_of_the_hour() -> None:
    capped = replace(krx_quota(), safe_per_day=4_500, daily_limit=5_000)
    line = quota.quota_line(DeskName.KRX, capped, Lang.KO)
    assert line.endswith("오늘 3,120/4,500, 1시간 940")


@pytest.mark.parametrize("cap", list(Cap))
def test_what_bounds_a_size_is_named(cap: Cap) -> None:
    assert reasons.is_known(cap)


def test_points_are_shown_against_what_they_can_reach() -> None:
    """With 90 of 100 weight points known, a weight of 30 is worth 33.3."""
    assert "25.2/33.3" in score.in_full(score_card(), Lang.KO)
    nothing = replace(score_card(), present_weight=0)
    assert "n/a" in score.in_full(nothing, Lang.KO)


@pytest.mark.parametrize(
    ("refused", "shown"),
    [
        (Refused(Gate.SPREAD, "5", "3"), "호가 차이가 큼 (5틱 / 3틱)"),
        (Refused(Gate.SCORE, "69.9", "70"), "점수 부족 (69.9점 / 70점)"),
        (
            Refused(Gate.DAILY_LOSS, "₩210,000", "₩200,000"),
            "하루 손실 한도 (210,000원 / 200,000원)",
        ),
        (Refused(Gate.INDEX_DOWN, "-1.80 %", "-1.5 %"), "지수 하락 (-1.80 % / -1.5 %)"),
        (Refused(Gate.DESK_STATE, "exits_only"), "신규가 멈춰 있음 (청산만)"),
        (Refused(Gate.DESK_STATE, "account not read"), "신규가 멈춰 있음 (계좌를 아직 읽지 않음)"),
        (Refused(Gate.TOO_SMALL, "0", Cap.RISK), "1주도 살 수 없음 (0 / 거래당 위험)"),
        (Refused(Gate.NO_ZONE), "돌파한 구간 없음"),
    ],
)
def test_a_gate_tells_measure_and_limit_with_their_units(refused: Refused, shown: str) -> None:
    assert score.why_not(refused, Lang.KO) == shown
