from datetime import date
from decimal import Decimal

import pytest

from engine.model.listing import SecurityKind, Segment
from engine.model.money import Krw
from engine.rules.krx.price_steps import (
    FUNDS_SINCE,
    SHARES_SINCE,
    band,
    is_on_tick,
    round_down,
    round_up,
    step_down,
    step_up,
    tick_size,
    ticks_between,
)

TODAY = date(2026, 1, 7)
OLD = date(2023, 1, 24)
SHARE, ETF = SecurityKind.COMMON, SecurityKind.ETF


def krw(amount: int | str) -> Krw:
    return Krw(Decimal(amount))


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        *((1, 1), (1_999, 1), (2_000, 5), (4_995, 5), (5_000, 10), (19_990, 10)),
        *((20_000, 50), (49_950, 50), (50_000, 100), (199_900, 100), (200_000, 500)),
        *((499_500, 500), (500_000, 1_000), (2_000_000, 1_000)),
    ],
)
def test_each_band_of_today_has_its_step_on_both_boards(price: int, tick: int) -> None:
    for segment in Segment:
        assert tick_size(krw(price), TODAY, SHARE, segment) == krw(tick)


@pytest.mark.parametrize(
    ("price", "kospi", "kosdaq"),
    [
        *((999, 1, 1), (1_000, 5, 5), (4_995, 5, 5), (5_000, 10, 10), (9_990, 10, 10)),
        *((10_000, 50, 50), (49_950, 50, 50), (50_000, 100, 100), (99_900, 100, 100)),
        *((100_000, 500, 100), (499_500, 500, 100), (500_000, 1_000, 100)),
    ],
)
def test_before_2023_kosdaq_had_no_step_above_a_hundred(
    price: int, kospi: int, kosdaq: int
) -> None:
    assert tick_size(krw(price), OLD, SHARE, Segment.KOSPI) == krw(kospi)
    assert tick_size(krw(price), OLD, SHARE, Segment.KOSDAQ) == krw(kosdaq)


def test_the_new_steps_begin_on_their_day() -> None:
    assert tick_size(krw(15_000), OLD, SHARE) == krw(50)
    assert tick_size(krw(15_000), SHARES_SINCE, SHARE) == krw(10)


@pytest.mark.parametrize("kind", [SecurityKind.ETF, SecurityKind.ETN])
def test_funds_move_by_five_won_and_by_one_under_two_thousand(kind: SecurityKind) -> None:
    assert tick_size(krw(1_999), TODAY, kind) == krw(1)
    assert tick_size(krw(2_000), TODAY, kind) == tick_size(krw(90_000), TODAY, kind) == krw(5)
    assert tick_size(krw(1_999), FUNDS_SINCE.replace(day=1), kind) == krw(5)
    assert tick_size(krw(90_000), TODAY, SecurityKind.OTHER) == krw(100)


@pytest.mark.parametrize(
    ("price", "down", "up"),
    [
        *(("10234", 10_230, 10_240), ("10230", 10_230, 10_230), ("1999.5", 1_999, 2_000)),
        *(("2001", 2_000, 2_005), ("4996", 4_995, 5_000), ("199950", 199_900, 200_000)),
        *(("200100", 200_000, 200_500), ("0.4", 1, 1), ("-3", 1, 1)),
    ],
)
def test_rounding_takes_the_step_of_the_band_it_lands_in(price: str, down: int, up: int) -> None:
    assert round_down(krw(price), TODAY, SHARE) == krw(down)
    assert round_up(krw(price), TODAY, SHARE) == krw(up)


def test_a_mid_price_a_fraction_and_nothing_at_all_are_not_on_a_tick() -> None:
    assert is_on_tick(krw(10_230), TODAY, SHARE)
    assert not is_on_tick(krw(10_235), TODAY, SHARE)
    assert not is_on_tick(krw("1234.5"), TODAY, SHARE)
    assert not is_on_tick(krw(0), TODAY, SHARE)


def test_steps_cross_the_bands() -> None:
    assert step_up(krw(19_980), 3, TODAY, SHARE) == krw(20_050)
    assert step_down(krw(20_050), 3, TODAY, SHARE) == krw(19_980)
    assert step_down(krw(2), 5, TODAY, SHARE) == krw(1)


def test_the_first_step_from_beside_a_tick_reaches_the_next_one() -> None:
    assert step_up(krw(10_235), 1, TODAY, SHARE) == krw(10_240)
    assert step_down(krw(10_235), 1, TODAY, SHARE) == krw(10_230)


def test_a_spread_is_counted_in_whole_steps_over_the_bands() -> None:
    assert ticks_between(krw(19_980), krw(20_050), TODAY, SHARE) == 3
    assert ticks_between(krw(10_230), krw(10_230), TODAY, SHARE) == 0
    assert ticks_between(krw(10_235), krw(10_245), TODAY, SHARE) == 2
    assert ticks_between(krw(9_980), krw(10_000), TODAY, ETF) == 4


@pytest.mark.parametrize(
    ("base", "lower", "upper"),
    [
        (9_980, 6_990, 12_970),
        (10_000, 7_000, 13_000),
        (1_001, 701, 1_301),
        (152_300, 106_700, 197_900),
    ],
)
def test_the_band_is_cut_to_the_base_price_and_then_to_its_own_steps(
    base: int, lower: int, upper: int
) -> None:
    assert band(krw(base), TODAY, SHARE) == (krw(lower), krw(upper))
