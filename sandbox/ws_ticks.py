"""Trades as they pass, with what a wire record says beyond the trade itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytz

from sandbox.model import Listing, Side, Trade

EASTERN = pytz.timezone("America/New_York")


@dataclass(frozen=True, slots=True)
class Tick:
    """A trade with the day's volume split by aggressor, and the trade before it, if any."""

    trade: Trade
    listing: Listing
    sold: int
    bought: int
    before: Trade | None


@dataclass(slots=True)
class _Day:
    """Running figures of one symbol on one ET date."""

    date: date
    last: Trade | None = None
    aggressor: Side = Side.BUY
    sold: int = 0
    bought: int = 0


class Ticker:
    """Turns trades into ticks. The aggressor follows the tick rule: up buys, down sells."""

    def __init__(self) -> None:
        self._days: dict[str, _Day] = {}

    def read(self, trade: Trade, listing: Listing) -> Tick:
        """Count the trade in and return it as a tick."""
        day = self._day(trade)
        before = day.last
        if before is not None and trade.price != before.price:
            day.aggressor = Side.BUY if trade.price > before.price else Side.SELL
        if day.aggressor is Side.BUY:
            day.bought += trade.size
        else:
            day.sold += trade.size
        day.last = trade
        return Tick(trade, listing, day.sold, day.bought, before)

    def _day(self, trade: Trade) -> _Day:
        today = trade.at.astimezone(EASTERN).date()
        day = self._days.get(trade.symbol)
        if day is None or day.date != today:
            day = self._days[trade.symbol] = _Day(today)
        return day
