"""Won per dollar: invented, steady within a Korean day."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sandbox.session import KST

_MIDDLE = Decimal("1385.00")
_STEPS = 41


def usd_krw(moment: datetime) -> Decimal:
    """The rate of the Korean date of ``moment``, between 1,375 and 1,395."""
    day = moment.astimezone(KST).toordinal()
    return _MIDDLE + Decimal(day * 17 % _STEPS - _STEPS // 2) / 2
