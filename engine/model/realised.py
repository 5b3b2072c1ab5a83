"""What the broker says that sales brought, and where the book says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic

from engine.model.ids import Symbol
from engine.model.money import M_co

# A broker's ledger may be late: without a single row for so long, it says that there was no sale.
PATIENCE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Realised(Generic[M_co]):
    """A day's sales of a symbol as the broker sums them up, the trader's own among them.

    ``day``: the exchange's date. ``realised``: after ``fee`` and ``tax``; ``tax`` None: it is not
    told apart from the fee. ``krw_per_usd`` None: no dollars.
    """

    day: date
    symbol: Symbol
    qty: int
    cost: M_co
    proceeds: M_co
    fee: M_co
    tax: M_co | None
    realised: M_co
    krw_per_usd: Decimal | None = None

    @property
    def costs(self) -> M_co:
        """Fee and tax."""
        return self.fee if self.tax is None else self.fee + self.tax

    @property
    def gain(self) -> M_co:
        """Before fee and tax."""
        return self.realised + self.costs


@dataclass(frozen=True, slots=True)
class Difference(Generic[M_co]):
    """A symbol of a day: shares, what their sale brought after fee and tax, and those two.

    ``costs_only``: the gain before them agrees.
    """

    symbol: Symbol
    name: str
    qty: int
    broker_qty: int
    realised: M_co
    broker_realised: M_co
    costs: M_co
    broker_costs: M_co
    costs_only: bool


@dataclass(frozen=True, slots=True)
class BrokerDiffers(Generic[M_co]):
    """A finished day brought something else by the broker's figures than by the book's.

    The sums are over all symbols that could be compared; ``by_hand``: those that could not,
    because the trader sold them too.
    """

    day: date
    symbols: tuple[Difference[M_co], ...]
    realised: M_co
    broker_realised: M_co
    by_hand: int
