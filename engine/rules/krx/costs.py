"""What a trade on the Korean exchange costs. Percentages as people write them.

The transaction tax is of sales only and equal on KOSPI and KOSDAQ, rural tax included; ETF and ETN
are free of it. Rates by trade date as reported in the press. Fractions of a won are cut from every
single amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from engine.model.listing import SecurityKind
from engine.model.money import ZERO_KRW, Krw
from engine.rules.krx.price_steps import FUNDS

TAX_PCT = {2024: Decimal("0.18"), 2025: Decimal("0.15"), 2026: Decimal("0.20")}
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class TaxRate:
    """Per cent of a sale. ``is_estimated``: the year is not in the table, its nearest stands in."""

    pct: Decimal
    is_estimated: bool = False


def tax_rate(day: date, kind: SecurityKind) -> TaxRate:
    """The rate for a sale on this day."""
    if kind in FUNDS:
        return TaxRate(Decimal(0))
    year = min(max(day.year, min(TAX_PCT)), max(TAX_PCT))
    return TaxRate(TAX_PCT[year], is_estimated=year != day.year)


def fee(amount: Krw, fee_pct: Decimal) -> Krw:
    """The broker's commission on a traded amount, one way."""
    return _cut(amount, fee_pct)


def tax(amount: Krw, day: date, kind: SecurityKind) -> Krw:
    """The tax on a sale of this amount."""
    return _cut(amount, tax_rate(day, kind).pct)


def _cut(amount: Krw, pct: Decimal) -> Krw:
    return (amount * (pct / _WHOLE)).rounded(ROUND_FLOOR) if pct else ZERO_KRW
