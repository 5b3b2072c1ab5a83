"""Fees of the SEC and of FINRA on sales, by the date of the trade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.model.money import Usd
from engine.rules.us_costs import levies
from sandbox import us_levies


@pytest.mark.parametrize(
    ("day", "amount", "qty", "costs"),
    [
        ("2025-05-13", "1000000", 0, "27.80"),
        ("2025-05-14", "1000000", 0, "0"),
        ("2026-04-03", "1000000", 0, "0"),
        ("2026-04-04", "1000000", 0, "20.60"),
        ("2030-01-01", "1000000", 0, "20.60"),  # nobody knows yet
        ("2025-12-31", "0", 1_000_000, "166"),
        ("2026-12-31", "0", 1_000_000, "195"),
        ("2027-01-01", "0", 1_000_000, "232"),
        ("2026-09-16", "1030.50", 10, "0.0231783"),
        ("2020-01-02", "1000000", 0, "27.80"),  # before the table
    ],
)
def test_a_sale_costs_what_the_table_of_its_day_says(
    day: str, amount: str, qty: int, costs: str
) -> None:
    on = date.fromisoformat(day)
    assert levies(Usd(Decimal(amount)), qty, on).amount == Decimal(costs)
    assert us_levies.levies(Decimal(amount), qty, on) == Decimal(costs), "the sandbox agrees"
