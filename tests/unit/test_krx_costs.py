from datetime import date
from decimal import Decimal

import pytest

from engine.model.listing import SecurityKind
from engine.model.money import Krw
from engine.rules.krx.costs import TaxRate, TradeResult, break_even, fee, round_trip, tax, tax_rate

TODAY = date(2026, 1, 7)
SHARE = SecurityKind.COMMON
FEE = Decimal("0.015")


def krw(amount: int) -> Krw:
    return Krw(Decimal(amount))


@pytest.mark.parametrize(
    ("day", "pct"),
    [
        *((date(2024, 12, 30), "0.18"), (date(2025, 1, 2), "0.15"), (date(2025, 12, 30), "0.15")),
        *((date(2026, 1, 2), "0.20"), (date(2026, 12, 30), "0.20")),
    ],
)
def test_the_tax_follows_the_year_of_the_sale(day: date, pct: str) -> None:
    assert tax_rate(day, SHARE) == TaxRate(Decimal(pct))


def test_a_year_that_is_not_in_the_table_takes_its_nearest_and_says_so() -> None:
    assert tax_rate(date(2027, 1, 4), SHARE) == TaxRate(Decimal("0.20"), is_estimated=True)
    assert tax_rate(date(2023, 1, 4), SHARE) == TaxRate(Decimal("0.18"), is_estimated=True)


@pytest.mark.parametrize("kind", SecurityKind)
def test_only_funds_are_free_of_tax(kind: SecurityKind) -> None:
    is_free = kind in (SecurityKind.ETF, SecurityKind.ETN)
    assert (tax(krw(1_000_000), TODAY, kind) == krw(0)) is is_free


def test_fractions_of_a_won_are_cut_from_each_amount() -> None:
    assert fee(krw(99_999), FEE) == krw(14)  # 14.99985
    assert tax(krw(99_999), TODAY, SHARE) == krw(199)  # 199.998
    assert fee(krw(99_999), Decimal(0)) == krw(0)


def test_a_round_trip_pays_both_fees_and_the_tax_of_its_sale() -> None:
    result = round_trip(krw(10_000), krw(10_500), 100, TODAY, SHARE, FEE)
    assert result == TradeResult(gross=krw(50_000), fees=krw(150 + 157), tax=krw(2_100))
    assert result.net == krw(47_593)


def test_break_even_is_the_first_price_at_which_nothing_is_lost() -> None:
    price = break_even(krw(10_000), TODAY, SHARE, FEE)
    assert price == krw(10_030)
    assert round_trip(krw(10_000), price, 1000, TODAY, SHARE, FEE).net >= krw(0)
    assert round_trip(krw(10_000), krw(10_020), 1000, TODAY, SHARE, FEE).net < krw(0)


def test_a_fund_breaks_even_sooner() -> None:
    assert break_even(krw(10_000), TODAY, SecurityKind.ETF, FEE) == krw(10_005)
