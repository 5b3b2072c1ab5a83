"""The market beyond single prices: what a desk needs that looks for its trades itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from engine.model.candles import DayCandle, MinuteCandle
from engine.model.ids import Symbol
from engine.model.listing import Listing, Segment
from engine.model.market_events import Facilities, IndexSeen, MarketRow, Ranking, StateSeen
from engine.model.money import Krw
from engine.model.quota import Priority


class MarketData(Protocol):
    """Reads of the Korean market; errors as Broker's reads. Empty where KIS has nothing."""

    @property
    def facilities(self) -> Facilities:
        """Real or paper: what exists."""
        ...

    async def fetch_listings(self, priority: Priority) -> tuple[Listing, ...]:
        """Both master files: everything listed on KOSPI and KOSDAQ this morning."""
        ...

    async def fetch_open_days(
        self, first: date, priority: Priority
    ) -> tuple[tuple[date, bool], ...]:
        """Some three weeks from ``first`` on: is the exchange open? Once a day at most."""
        ...

    async def fetch_ranking(self, ranking: Ranking, priority: Priority) -> tuple[MarketRow, ...]:
        """Up to thirty names, best first."""
        ...

    async def fetch_rows(
        self, symbols: tuple[Symbol, ...], priority: Priority
    ) -> tuple[MarketRow, ...]:
        """Prices of the named ones, in the order asked for; unknown and untraded names lack."""
        ...

    async def fetch_day_candles(
        self, symbol: Symbol, before: date, priority: Priority
    ) -> tuple[DayCandle, ...]:
        """Up to a hundred trading days before ``before``, adjusted, oldest first."""
        ...

    async def fetch_minute_candles(
        self, symbol: Symbol, until: datetime, priority: Priority
    ) -> tuple[MinuteCandle[Krw], ...]:
        """Finished minutes of today with trades, of the thirty before ``until``, oldest first."""
        ...

    async def fetch_index(self, segment: Segment, priority: Priority) -> IndexSeen:
        """A board's index now, with its previous close."""
        ...

    async def fetch_state(self, symbol: Symbol, priority: Priority) -> StateSeen:
        """Price limits, halts and volatility halts of one name."""
        ...
