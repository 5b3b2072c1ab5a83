"""Volatility interruptions of one symbol: when a price sets one off, and what its auction trades.

A print 10 % away from the last auction's price starts a static one, a print 6 % (3 % for the
large names) away from the last trade a dynamic one. The print itself is not traded: it and
what follows wait for the auction. Where the closing auction comes first, they trade there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zlib import crc32

from sandbox.krx.model import SymbolState, Vi, ViKind

AUCTION = timedelta(minutes=2)
RANDOM_END_S = 30
STATIC_PCT = 10
DYNAMIC_PCT, DYNAMIC_PCT_LARGE = 6, 3


@dataclass(slots=True)
class Interruptions:
    """``reference`` is the last auction price, or the base price before there was one."""

    symbol: str
    reference: Decimal
    halted: bool = False
    dynamic_pct: int = DYNAMIC_PCT
    current: Vi | None = None
    waiting: int = 0
    waiting_price: Decimal | None = None
    count: int = 0

    def state(self) -> SymbolState:
        """What the symbol's orders meet."""
        vi = self.current
        if vi is None:
            return SymbolState(self.halted)
        return SymbolState(self.halted, vi.started_at, vi.until, vi.kind, vi.price)

    def cause(self, price: Decimal, last: Decimal | None) -> tuple[ViKind, Decimal] | None:
        """Why a price would interrupt continuous trading, and the price it is measured against."""
        if _away(price, self.reference) >= STATIC_PCT:
            return ViKind.STATIC, self.reference
        if last is not None and _away(price, last) >= self.dynamic_pct:
            return ViKind.DYNAMIC, last
        return None

    def begin(self, at: datetime, kind: ViKind, price: Decimal, reference: Decimal) -> Vi:
        """Start an auction of two minutes and a random end."""
        extra = crc32(f"{self.symbol}{at.isoformat()}".encode()) % (RANDOM_END_S * 1000)
        until = at + AUCTION + timedelta(milliseconds=extra)
        self.count += 1
        self.current = Vi(self.symbol, kind, at, until, price, reference, self.count)
        return self.current

    def hold(self, price: Decimal, size: int) -> None:
        """Keep a print for the auction."""
        self.waiting_price = price
        self.waiting += size

    def end(self, vi: Vi, at: datetime) -> Vi:
        """Trade continuously again; what waits is for ``take``."""
        self.current = None
        return replace(vi, ended_at=at)

    def take(self) -> int:
        """What waited."""
        size, self.waiting, self.waiting_price = self.waiting, 0, None
        return size

    def start_day(self, base: Decimal) -> None:
        """Measure from the base price; a halt stays."""
        self.reference, self.current = base, None
        self.count = 0
        self.take()


def _away(price: Decimal, reference: Decimal) -> Decimal:
    return abs(price / reference - 1) * 100 if reference else Decimal(0)
