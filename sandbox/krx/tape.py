"""What a KRX tape is: where the raw prints of a day and the days before it come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar
from sandbox.model import Side


class PrintKind(Enum):
    """What a raw entry of the tape is."""

    TRADE = "a trade of continuous trading or of the after-market"
    AUCTION = "the print of an auction"
    EXPECTED = "what a running auction would trade: no trade"


@dataclass(frozen=True, slots=True)
class KrxPrint:
    """A raw entry. Without ``bid`` and ``ask``: bid = last, ask = last + 1 tick."""

    at: datetime
    price: Decimal
    size: int
    side: Side | None = None
    kind: PrintKind = PrintKind.TRADE
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: int | None = None
    ask_size: int | None = None


class KrxTape(Protocol):
    """Where the prints of a day come from."""

    @property
    def is_recorded(self) -> bool:
        """Whether its interruptions have happened already, so that prices call for none."""
        ...

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        """The day's raw prints in time order; empty if it knows none."""
        ...

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        """Days before a date, oldest first; the last one closes at the base price."""
        ...
