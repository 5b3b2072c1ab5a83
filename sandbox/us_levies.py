"""What the SEC and FINRA take of a sale of US shares, as a broker passes it on.

The order of the SEC of 2026-02-27 (from 2026-04-04), before it nothing from 2025-05-14 on; the
trading activity fee by year. That KIS passes the second on is an assumption.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

_NOTHING_FROM, _ORDER_FROM = date(2025, 5, 14), date(2026, 4, 4)


def levies(amount: Decimal, qty: int, day: date) -> Decimal:
    """In dollars, not rounded; ``day`` in New York."""
    if day < _NOTHING_FROM:
        per_million = Decimal("27.8")
    else:
        per_million = Decimal("20.6") if day >= _ORDER_FROM else Decimal(0)
    if day.year < 2026:  # noqa: PLR2004 - the year of the rise
        per_share = Decimal("0.000166")
    else:
        per_share = Decimal("0.000195") if day.year == 2026 else Decimal("0.000232")  # noqa: PLR2004
    return amount * per_million / 10**6 + per_share * qty
