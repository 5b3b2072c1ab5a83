"""What was counted in the account, to tell later what became of an order without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.account import Holding
from engine.model.ids import Symbol
from engine.model.money import Krw


@dataclass(frozen=True, slots=True)
class Count:
    """Shares of a stock in the account, moved by our executions since; durable.

    ``bought`` and ``sold``: what the trader himself had executed on ``day`` when it was counted.
    """

    qty: int
    day: date
    bought: int
    sold: int


@dataclass(frozen=True, slots=True)
class HisTrades:
    """What the list shows of the trader's own orders in a stock. ``tied``: in open sales."""

    bought: int = 0
    sold: int = 0
    tied: int = 0


@dataclass(frozen=True, slots=True)
class Still:
    """His trades, and since when every list had just these."""

    his: HisTrades
    since: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account held at one moment, from a little before ``asked_at`` to ``arrived_at``."""

    asked_at: datetime
    arrived_at: datetime
    held: Mapping[Symbol, Holding[Krw]]

    def qty(self, symbol: Symbol) -> int:
        """Shares of a stock, none where it has no row."""
        held = self.held.get(symbol)
        return held.qty if held is not None else 0
