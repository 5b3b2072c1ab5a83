"""Money keeps its currency and its cents."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.money import FxRate, Krw, Money, Usd

CENTS = st.integers(-(10**9), 10**9)


def usd(cents: int) -> Usd:
    return Usd(Decimal(cents) / 100)


@given(first=CENTS, second=CENTS)
def test_what_is_added_can_be_taken_away_to_the_cent(first: int, second: int) -> None:
    assert usd(first) + usd(second) - usd(second) == usd(first)


@given(parts=st.lists(st.tuples(st.integers(1, 1000), CENTS), max_size=20))
def test_a_position_sold_in_parts_brings_the_sum_of_its_parts(
    parts: list[tuple[int, int]],
) -> None:
    total = Usd(Decimal(0))
    for qty, cents in parts:
        total += usd(cents) * qty
    assert total == usd(sum(qty * cents for qty, cents in parts))


@given(amount=st.decimals("-1e9", "1e9", places=6))
def test_rounding_goes_the_way_it_was_told_and_by_less_than_a_unit(amount: Decimal) -> None:
    exact = Usd(amount)
    low, high = exact.rounded(ROUND_FLOOR), exact.rounded(ROUND_CEILING)
    assert low <= exact <= high
    assert high - low in {usd(0), usd(1)}


@given(cents=CENTS, rate=st.decimals("500", "3000", places=2))
def test_dollars_in_won_are_whole_and_off_by_half_a_won_at_most(cents: int, rate: Decimal) -> None:
    won = FxRate(rate, "test", datetime(2026, 11, 20, tzinfo=UTC)).to_krw(usd(cents))
    assert won == won.rounded(ROUND_HALF_UP)
    assert abs(won.amount - usd(cents).amount * rate) <= Decimal("0.5")


@pytest.mark.parametrize("work", [operator.add, operator.sub])
def test_won_and_dollars_do_not_mix(work: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(TypeError, match="USD with Krw"):
        work(usd(1), Krw(Decimal(1)))
    with pytest.raises(TypeError, match="USD with Krw"):
        usd(1).ratio(Krw(Decimal(1)))  # type: ignore[arg-type] # what the type checker refuses
    with pytest.raises(TypeError, match="USD with Krw"):
        usd(1).plus([Krw(Decimal(1))])  # type: ignore[list-item]


def test_won_and_dollars_are_never_equal_nor_ordered() -> None:
    won: Money = Krw(Decimal(1))
    assert Usd(Decimal(1)) != won
    with pytest.raises(TypeError):
        operator.lt(Usd(Decimal(1)), won)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_an_amount_must_be_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        Usd(Decimal(text))
