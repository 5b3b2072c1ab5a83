"""Everything the KRX desk can say has words in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.format import krx_positions, krx_words, quota, reasons, score, words
from bot.format.lang import Lang
from engine.model.entry_facts import HoldReason, Phase
from engine.model.ids import DeskName
from engine.model.krx_views import CallPurpose, PlanView
from engine.model.orders import OrderReason
from engine.model.quota import Purpose
from engine.model.score import Bucket, Gate, Refused, Stage, StageReason, StageScore, Unfit, Zone
from engine.rules.krx.scan_plan import Use
from engine.rules.krx.sizing import Cap
from tests.bot.krx_samples import AT, krx_position, krx_quota, score_card

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


@pytest.mark.parametrize(
    ("calls", "shown"),
    [("14.99992500037499812500937495", "15"), ("7.25", "7.3"), ("10", "10"), ("0.5", "0.5")],
)
def test_calls_a_second_are_shown_to_a_tenth(calls: str, shown: str) -> None:
    plan = PlanView((), Decimal(10), Decimal(calls), ())
    assert f"(전체 {shown}회 중)" in quota.krx_quota(krx_quota(), plan, Lang.KO)


@pytest.mark.parametrize(
    ("strength", "reason", "told"),
    [
        ("96.50", StageReason.SELLERS_LEAD, "매도 우위 · 점수 기준을 넘지 못함"),
        ("100.00", StageReason.SELLERS_LEAD, "균형 · 점수 기준을 넘지 못함"),
        ("104.00", StageReason.SELLERS_LEAD, "매수 우위 · 점수 기준을 넘지 못함"),
        ("120.00", StageReason.BUYERS_LEAD, "매수 우위 · 점수 기준을 넘음"),
        ("150.00", StageReason.BUYERS_FULL, "매수 우위 · 만점 기준을 넘음"),
    ],
)
def test_who_leads_is_told_by_the_figure_and_the_rule_apart(
    strength: str, reason: StageReason, told: str
) -> None:
    one = StageScore(Stage.STRENGTH, 10, Decimal(0), (("strength", strength),), reason.value)
    text = score.in_full(replace(score_card(), stages=(one,)), Lang.KO)
    assert f"  체결강도 {strength} % · {told}\n" in text


def test_broken_levels_are_told_apart_from_those_above_the_price() -> None:
    text = score.in_full(score_card(), Lang.KO)
    assert "넘음: 시가 범위 70,900원, 전일 고가 70,500원 · 못 넘음: 20일 고가 72,400원" in text


def test_a_position_names_the_days_of_its_high() -> None:
    held = replace(krx_position(), zones=(Zone.N_DAY_HIGH,), n_days=15)
    assert "돌파: 15일 고가" in krx_positions.position(held, AT, Lang.KO)


def test_a_book_that_does_not_say_of_how_many_days_gets_no_number() -> None:
    raw = (("n_day_high", "70000"),)
    one = StageScore(Stage.ZONES, 30, Decimal(9), raw, StageReason.ZONES_BROKEN.value)
    card = replace(score_card(), stages=(one,), broken=(Zone.N_DAY_HIGH,))
    assert "며칠 고가 70,000원" in score.in_full(card, Lang.KO)
    assert "며칠 고가" in score.zones(card, Lang.KO)


@pytest.mark.parametrize(
    ("text", "shown"), [("79628 MB", "77.8 GB"), ("900 MB", "900 MB"), ("1024 MB", "1.0 GB")]
)
def test_room_on_the_disk_is_told_in_gigabytes(text: str, shown: str) -> None:
    assert reasons.figure(text, Lang.KO) == shown


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
        (Refused(Gate.DESK_STATE, "exits_only"), "신규 진입을 멈춘 상태 (청산만)"),
        (
            Refused(Gate.DESK_STATE, "account not read"),
            "신규 진입을 멈춘 상태 (계좌를 아직 읽지 않음)",
        ),
        (Refused(Gate.TOO_SMALL, "0", Cap.RISK), "1주도 살 수 없음 (0 / 거래당 위험)"),
        (Refused(Gate.NO_ZONE), "돌파한 구간 없음"),
    ],
)
def test_a_gate_tells_measure_and_limit_with_their_units(refused: Refused, shown: str) -> None:
    assert score.why_not(refused, Lang.KO) == shown
