from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.model.ids import Symbol
from engine.model.krx_settings import StageSettings
from engine.model.money import Krw
from engine.model.score import ScoreCard, Stage, StageReason, StageScore, Zone
from engine.rules.krx.breakout import BreakoutView, allowed_share, score, zone_levels
from engine.rules.krx.indicators import DayStats

SETTINGS = StageSettings()
STATS = DayStats(
    days=60,
    prev_close=10_000,
    prev_high=10_200,
    prev_low=9_800,
    n_day_high=10_400,
    short_average=9_950.0,
    long_average=9_900.0,
    mean_volume=1_000_000.0,
    mean_value=10_000_000_000.0,
)
# everything full: all zones broken, volume four times the usual, buyers, rising market
FULL = BreakoutView(
    symbol=Symbol("000001"),
    at=datetime(2026, 1, 7, 1, 0, tzinfo=UTC),
    price=10_500,
    usual_share=0.2,
    spread=1,
    stats=STATS,
    open=10_100,
    range_high=10_150,
    cum_volume=800_000,
    cum_value=8_000_000_000,
    strength=150.0,
    index_pct=0.5,
)
QUIET = replace(
    FULL,
    stats=replace(STATS, short_average=9_800.0),
    price=9_000,
    spread=9,
    cum_volume=1,
    cum_value=0,
    strength=50.0,
    index_pct=-2.0,
)


def stage_of(card: ScoreCard, stage: Stage) -> StageScore:
    return next(found for found in card.stages if found.stage is stage)


def judged(stage: Stage, **changes: Any) -> tuple[Decimal | None, str]:
    found = stage_of(score(replace(FULL, **changes), SETTINGS), stage)
    return found.points, found.reason


def test_a_perfect_breakout_scores_one_hundred() -> None:
    card = score(FULL, SETTINGS)
    assert card.total == 100
    assert card.present_weight == 100
    assert {found.stage: found.points for found in card.stages} == SETTINGS.weights


def test_a_quiet_stock_scores_nothing_and_breaks_nothing() -> None:
    card = score(QUIET, SETTINGS)
    assert card.total == 0
    assert not card.broken
    assert card.level is None
    assert all(found.points == 0 for found in card.stages)


def test_the_card_says_whose_and_when() -> None:
    card = score(FULL, SETTINGS)
    assert (card.symbol, card.at, card.price) == (FULL.symbol, FULL.at, Krw(Decimal(10_500)))
    assert [found.stage for found in card.stages] == list(Stage)


def test_a_stage_without_input_is_not_available_and_leaves_its_weight_to_the_others() -> None:
    card = score(replace(FULL, strength=None, index_pct=None, range_high=None), SETTINGS)
    absent = stage_of(card, Stage.STRENGTH)
    assert (absent.points, absent.reason, absent.weight) == (None, StageReason.ABSENT, 10)
    assert stage_of(card, Stage.MARKET).points is None
    assert card.present_weight == 80
    assert stage_of(card, Stage.VOLUME).points == Decimal("31.2")  # 25 of 80, cut to a tenth
    assert card.total == sum(found.points for found in card.stages if found.points is not None)


def test_with_nothing_known_nothing_is_scored() -> None:
    card = score(BreakoutView(FULL.symbol, FULL.at, 10_500), SETTINGS)
    assert (card.total, card.present_weight) == (Decimal(0), 0)
    assert not card.broken
    assert all(found.points is None for found in card.stages)


def test_stages_without_weight_bring_nothing_even_alone() -> None:
    weightless = replace(SETTINGS, weights=dict.fromkeys(Stage, 0))
    card = score(FULL, weightless)
    assert (card.total, card.present_weight) == (Decimal(0), 0)


@pytest.mark.parametrize(
    ("changes", "points", "reason"),
    [
        ({}, "10", StageReason.LIQUID),
        ({"cum_value": 500_000_000}, "7.5", StageReason.THIN),  # half of the wanted billion
        ({"spread": 3}, "6.6", StageReason.LIQUID),
        ({"spread": 4}, "5", StageReason.WIDE_SPREAD),
        ({"spread": None, "cum_value": 250_000_000}, "2.5", StageReason.THIN),
        ({"cum_value": None, "spread": 2}, "6.6", StageReason.LIQUID),
        ({"usual_share": None, "spread": 4}, "0", StageReason.WIDE_SPREAD),
        ({"cum_value": None, "spread": None}, None, StageReason.ABSENT),
    ],
)
def test_liquidity_is_half_value_and_half_spread(
    changes: dict[str, Any], points: str | None, reason: StageReason
) -> None:
    # without the minute the volume is not known either, and this stage gets a part of its weight
    card = score(replace(FULL, **changes), SETTINGS)
    found = stage_of(card, Stage.LIQUIDITY)
    assert found.reason == reason
    if points is None:
        assert found.points is None
    else:
        assert found.points is not None
        scaled = Decimal(points) * 100 / card.present_weight
        assert abs(found.points - scaled) <= Decimal("0.1")


@pytest.mark.parametrize(
    ("price", "short", "long", "points", "reason"),
    [
        (10_500, 9_950.0, 9_900.0, "15", StageReason.TREND_UP),
        (10_500, 9_900.0, 9_950.0, "10", StageReason.TREND_MIXED),
        (9_920, 9_950.0, 9_900.0, "10", StageReason.TREND_MIXED),
        (9_000, 9_950.0, 9_900.0, "5", StageReason.TREND_MIXED),
        (9_000, 9_900.0, 9_900.0, "0", StageReason.TREND_DOWN),
    ],
)
def test_trend_counts_price_and_averages_by_thirds(
    price: int, short: float, long: float, points: str, reason: StageReason
) -> None:
    stats = replace(STATS, short_average=short, long_average=long)
    assert judged(Stage.TREND, price=price, stats=stats) == (Decimal(points), reason)


@pytest.mark.parametrize(("opened", "points"), [(11_000, 15), (11_010, 0), (8_990, 0)])
def test_a_gap_beyond_ten_per_cent_brings_no_trend_points(opened: int, points: int) -> None:
    # priced above both averages either way
    found, reason = judged(Stage.TREND, open=opened)
    assert found == points
    assert (reason == StageReason.WIDE_GAP) is (points == 0)


def test_trend_does_without_the_opening_price_but_not_without_averages() -> None:
    assert judged(Stage.TREND, open=None) == (Decimal(15), StageReason.TREND_UP)
    for stats in (replace(STATS, short_average=None), replace(STATS, long_average=None)):
        assert judged(Stage.TREND, stats=stats) == (None, StageReason.ABSENT)


@pytest.mark.parametrize(
    ("volume", "points", "reason"),
    [
        (800_000, "25", StageReason.VOLUME_FULL),  # usual by now: 200,000
        (900_000, "25", StageReason.VOLUME_FULL),
        (550_000, "12.5", StageReason.VOLUME_HIGH),
        (300_000, "0", StageReason.VOLUME_USUAL),
    ],
)
def test_volume_is_measured_against_the_usual_by_this_minute(
    volume: int, points: str, reason: StageReason
) -> None:
    assert judged(Stage.VOLUME, cum_volume=volume) == (Decimal(points), reason)


def test_volume_needs_the_mean_the_minute_and_today() -> None:
    for lost in ({"cum_volume": None}, {"usual_share": None}, {"stats": None}):
        assert judged(Stage.VOLUME, **lost) == (None, StageReason.ABSENT)
    assert judged(Stage.VOLUME, stats=replace(STATS, mean_volume=None))[0] is None


def test_each_zone_has_its_own_level() -> None:
    assert zone_levels(FULL, SETTINGS) == {
        Zone.OPENING_RANGE: 10_150,
        Zone.PREV_HIGH: 10_200,
        Zone.N_DAY_HIGH: 10_400,
        Zone.VOLATILITY: 10_300,  # open + half of yesterday's 400
    }


def test_a_level_between_two_won_is_the_upper_one() -> None:
    stats = replace(STATS, prev_high=9_901, prev_low=9_800)
    assert zone_levels(replace(FULL, stats=stats), SETTINGS)[Zone.VOLATILITY] == 10_151


def test_zones_without_their_input_are_left_out() -> None:
    young = replace(FULL, stats=replace(STATS, n_day_high=None), open=None)
    assert zone_levels(young, SETTINGS) == {Zone.OPENING_RANGE: 10_150, Zone.PREV_HIGH: 10_200}
    assert zone_levels(replace(FULL, stats=None, range_high=None), SETTINGS) == {}
    assert judged(Stage.ZONES, stats=None, range_high=None) == (None, StageReason.ABSENT)


@pytest.mark.parametrize(
    ("price", "broken", "points", "level"),
    [
        (10_150, (), "0", None),  # at a level is not above it
        (10_160, (Zone.OPENING_RANGE,), "10.5", 10_150),
        (10_210, (Zone.OPENING_RANGE, Zone.PREV_HIGH), "21", 10_200),
        (10_310, (Zone.OPENING_RANGE, Zone.PREV_HIGH, Zone.VOLATILITY), "30", 10_300),
    ],
)
def test_a_zone_is_broken_above_its_level_and_brings_its_points(
    price: int, broken: tuple[Zone, ...], points: str, level: int | None
) -> None:
    card = score(replace(FULL, price=price), SETTINGS)
    assert card.broken == broken
    assert stage_of(card, Stage.ZONES).points == Decimal(points)
    assert card.level == (None if level is None else Krw(Decimal(level)))


def test_no_broken_zone_is_said_so() -> None:
    assert judged(Stage.ZONES, price=10_000) == (Decimal(0), StageReason.NO_ZONE_BROKEN)
    assert judged(Stage.ZONES)[1] == StageReason.ZONES_BROKEN


@pytest.mark.parametrize(
    ("price", "share"), [(10_000, 0), (10_160, 50), (10_210, 100), (10_500, 100)]
)
def test_broken_zones_allow_their_share_of_the_position_up_to_all_of_it(
    price: int, share: int
) -> None:
    assert allowed_share(score(replace(FULL, price=price), SETTINGS).broken, SETTINGS) == share


@pytest.mark.parametrize(
    ("strength", "points", "reason"),
    [
        (150.0, "10", StageReason.BUYERS_FULL),
        (125.0, "5", StageReason.BUYERS_LEAD),
        (100.0, "0", StageReason.SELLERS_LEAD),
    ],
)
def test_strength_counts_from_balance_on(strength: float, points: str, reason: StageReason) -> None:
    assert judged(Stage.STRENGTH, strength=strength) == (Decimal(points), reason)


@pytest.mark.parametrize(
    ("index_pct", "points", "reason"),
    [
        (0.5, "10", StageReason.MARKET_UP),
        (0.0, "5", StageReason.MARKET_FLAT),
        (-0.5, "0", StageReason.MARKET_DOWN),
    ],
)
def test_the_market_counts_by_its_index(index_pct: float, points: str, reason: StageReason) -> None:
    assert judged(Stage.MARKET, index_pct=index_pct) == (Decimal(points), reason)


def test_every_stage_shows_what_it_measured() -> None:
    assert {found.stage: dict(found.raw) for found in score(FULL, SETTINGS).stages} == {
        Stage.LIQUIDITY: {"value": "8000000000", "wanted": "1000000000", "spread": "1"},
        Stage.TREND: {"short": "9950", "long": "9900", "gap": "1.00"},
        Stage.VOLUME: {"volume": "800000", "usual": "200000", "surge": "4.00"},
        Stage.ZONES: {
            "opening_range": "10150",
            "prev_high": "10200",
            "n_day_high": "10400",
            "volatility": "10300",
            "n_days": "20",
        },
        Stage.STRENGTH: {"strength": "150.00"},
        Stage.MARKET: {"index": "0.50"},
    }
