from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.money import Usd
from engine.rules.tick_size import round_down, round_up, tick_below, tick_size

prices = st.decimals("0.0001", "5000", places=6).filter(lambda price: price > 0).map(Usd)


@given(prices)
def test_rounding_up_never_lowers_a_price_and_stays_within_a_tick(price: Usd) -> None:
    rounded = round_up(price)
    assert price <= rounded < price + tick_size(price)
    assert rounded.amount % tick_size(rounded).amount == 0


@given(prices)
def test_rounding_down_never_raises_a_price_and_stays_within_a_tick(price: Usd) -> None:
    rounded = round_down(price)
    assert price - tick_size(price) < rounded <= price
    assert rounded.amount % tick_size(price).amount == 0


@given(prices)
def test_the_tick_below_is_lower_unless_it_is_the_lowest_price(price: Usd) -> None:
    below = tick_below(price)
    assert below < price or below.amount == Decimal("0.0001")


@pytest.mark.parametrize(
    ("price", "below"),
    [("10.00", "9.99"), ("1.00", "0.9999"), ("1.01", "1.00"), ("0.5", "0.4999"), ("10.005", "10")],
)
def test_the_tick_below_changes_its_size_at_one_dollar(price: str, below: str) -> None:
    assert tick_below(Usd(Decimal(price))) == Usd(Decimal(below))


def test_four_decimals_are_allowed_below_one_dollar_only() -> None:
    assert round_up(Usd(Decimal("0.99991"))) == Usd(Decimal("1.0000"))
    assert round_up(Usd(Decimal("0.12341"))) == Usd(Decimal("0.1235"))
    assert round_up(Usd(Decimal("1.0001"))) == Usd(Decimal("1.01"))
