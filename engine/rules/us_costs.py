"""What a sale of US shares costs beside the commission: SEC and FINRA fees, by trade date.

Section 31 fee: on the amount, by orders of the SEC. Trading activity fee (TAF): on the shares, by
year; its cap is beyond what one sells at home. Whether KIS passes the TAF on is unconfirmed. A
date before a table takes its first rate, one after it the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from engine.model.money import Usd

SEC_PER_MILLION: Mapping[date, Decimal] = {
    date(2024, 5, 22): Decimal("27.80"),
    date(2025, 5, 14): Decimal(0),
    date(2026, 4, 4): Decimal("20.60"),
}
TAF_PER_SHARE: Mapping[date, Decimal] = {
    date(2024, 1, 1): Decimal("0.000166"),
    date(2026, 1, 1): Decimal("0.000195"),
    date(2027, 1, 1): Decimal("0.000232"),
}
_MILLION = 1_000_000


def levies(amount: Usd, qty: int, day: date) -> Usd:
    """Of a sale of ``qty`` shares for ``amount``; not rounded."""
    by_amount = amount * (_at(SEC_PER_MILLION, day) / _MILLION)
    return by_amount + Usd(_at(TAF_PER_SHARE, day) * qty)


def _at(table: Mapping[date, Decimal], day: date) -> Decimal:
    return table[max((since for since in table if since <= day), default=min(table))]
