"""What the books ask of the KRX market."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sandbox.krx.hours import KrxPhase, phase
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import BookLevels, KrxTrade, SymbolState


class Floor(Protocol):
    """The side of the market that orders meet. Prices in won."""

    def listing(self, symbol: str) -> KrxListing | None:
        """The listing, or None for an unknown symbol."""
        ...

    def last(self, symbol: str) -> KrxTrade | None:
        """Today's last trade; None before the day's first one."""
        ...

    def base(self, symbol: str) -> Decimal:
        """What the price limits are computed from."""
        ...

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Lower and upper price limit."""
        ...

    def state(self, symbol: str) -> SymbolState:
        """Whether it is halted or in a volatility auction."""
        ...

    def book(self, symbol: str) -> BookLevels:
        """Up to ten levels a side, best first."""
        ...


def trades_now(floor: Floor, symbol: str, at: datetime) -> bool:
    """Whether an order meets the book at once: no auction, no interruption, no halt."""
    state = floor.state(symbol)
    trading = phase(at) in {KrxPhase.CONTINUOUS, KrxPhase.AFTER}
    return trading and not state.halted and state.vi_until is None
