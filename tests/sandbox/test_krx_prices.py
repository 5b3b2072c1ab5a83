from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.krx.prices import (
    band,
    ceil_tick,
    floor_tick,
    is_on_tick,
    next_above,
    next_below,
    tick_size,
)
from tests.sandbox.krx_stage import won

PRICES = st.integers(2, 900_000).map(Decimal)


@pytest.mark.parametrize(
    ("price", "step"),
    [
        (1, 1), (1_999, 1), (2_000, 5), (4_995, 5), (5_000, 10), (19_990, 10), (20_000, 50),
        (49_950, 50), (50_000, 100), (199_900, 100), (200_000, 500), (499_500, 500),
        (500_000, 1_000), (1_200_000, 1_000),
    ],
)  # fmt: skip
def test_the_step_belongs_to_the_price(price: int, step: int) -> None:
    assert tick_size(Decimal(price)) == step


def test_funds_trade_in_steps_of_one_and_five() -> None:
    assert [tick_size(Decimal(price), "EF") for price in (1_999, 2_000, 300_000)] == [1, 5, 5]
    assert is_on_tick(Decimal(38415), "EF")
    assert not is_on_tick(Decimal(38415))


def test_a_mid_price_is_nothing_to_order_at() -> None:
    assert not is_on_tick(Decimal(70050))
    assert not is_on_tick(Decimal("1000.5"))
    assert not is_on_tick(Decimal(0))


def test_steps_change_where_a_band_ends() -> None:
    assert next_above(Decimal(1_999)) == 2_000
    assert next_above(Decimal(2_000)) == 2_005
    assert next_below(Decimal(2_000)) == 1_999
    assert next_below(Decimal(500_000)) == 499_500
    assert next_below(Decimal(1)) == 0


def test_the_limits_of_the_rule_s_own_example() -> None:
    assert won(*band(Decimal(9_980))) == [6_990, 12_970]


def test_the_width_is_cut_at_the_base_and_the_limit_at_its_own_step() -> None:
    # 30 % of 38,450 is 11,535, cut to 11,500; 49,950 stands on its step. 26,950 does as well.
    assert won(*band(Decimal(38_450))) == [26_950, 49_950]
    # 50,550 would be off the step of 100 that begins at 50,000.
    assert band(Decimal(38_900))[1] == 50_500


@given(PRICES)
def test_limits_are_orderable_and_within_thirty_per_cent(price: Decimal) -> None:
    base = floor_tick(price)
    lower, upper = band(base)
    assert is_on_tick(lower)
    assert is_on_tick(upper)
    assert base * Decimal("0.7") <= lower <= base <= upper <= base * Decimal("1.3")


@given(PRICES)
def test_up_and_down_again_is_where_it_was(price: Decimal) -> None:
    orderable = floor_tick(price)
    assert next_below(next_above(orderable)) == orderable
    assert next_above(next_below(orderable)) == orderable
    assert is_on_tick(next_above(orderable))


@given(PRICES, st.integers(0, 99))
def test_rounding_goes_its_way_and_less_than_a_step(price: Decimal, cents: int) -> None:
    exact = price + Decimal(cents) / 100
    low, high = floor_tick(exact), ceil_tick(exact)
    assert low <= exact <= high
    assert is_on_tick(low)
    assert is_on_tick(high)
    assert high - low in {0, tick_size(exact)}
