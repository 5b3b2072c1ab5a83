"""What of own orders is bad enough to hold entries back."""

from decimal import Decimal

import pytest

from engine.model.ids import Symbol
from engine.model.money import Usd
from engine.model.orders import Side
from engine.rules.conduct import drift_pct, is_burst

A, B = Symbol("A"), Symbol("B")


@pytest.mark.parametrize(
    ("refused", "expected"),
    [([A, A, A, B], True), ([A, A, A, A, A], False), ([A, B, A], False), ([], False)],
)
def test_a_burst_is_of_several_stocks(refused: list[Symbol], *, expected: bool) -> None:
    assert is_burst(refused) is expected


@pytest.mark.parametrize(
    ("side", "executed", "drift"),
    [
        (Side.BUY, "101.5", "1.5"),
        (Side.BUY, "99", "-1"),
        (Side.SELL, "98", "2"),
        (Side.SELL, "103", "-3"),
    ],
)
def test_drift_counts_against_the_side_that_pays_it(side: Side, executed: str, drift: str) -> None:
    assert drift_pct(side, Usd(Decimal(100)), Usd(Decimal(executed))) == Decimal(drift)


def test_an_order_without_a_price_of_its_own_has_no_drift() -> None:
    assert drift_pct(Side.SELL, Usd(Decimal(0)), Usd(Decimal(5))) == 0
