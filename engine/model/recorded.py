"""A recorded Korean day: what a replay plays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.model.candles import DayCandle
from engine.model.ids import Symbol
from engine.model.listing import Listing


@dataclass(frozen=True, slots=True)
class RecordedMinute:
    """A minute with trades; ``minute`` counts from midnight in Korea, ``cum_value`` in won.

    Prices are whole won and may lie between two price steps (mid-price matching).
    """

    minute: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    cum_value: int


@dataclass(frozen=True, slots=True)
class RecordedStock:
    """One stock: the state of its morning, the days before, its minutes in order."""

    listing: Listing
    days: tuple[DayCandle, ...]
    minutes: tuple[RecordedMinute, ...]

    @property
    def symbol(self) -> Symbol:
        """Its code."""
        return self.listing.symbol


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """One date of the exchange and the stocks that were recorded on it, by code.

    ``last_minute``: of the whole recording, whichever of its stocks are wanted.
    """

    day: date
    stocks: tuple[RecordedStock, ...]
    last_minute: int
