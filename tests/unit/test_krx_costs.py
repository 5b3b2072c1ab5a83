from datetime import date
from decimal import Decimal

import pytest

from engine.model.listing import SecurityKind
from engine.model.money import Krw
from engine.rules.krx.costs import TaxRate, fee, tax, tax_rate

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
