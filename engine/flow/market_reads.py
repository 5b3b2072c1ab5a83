"""Reads of the market that only a desk which scans asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import assert_never

from engine.model.events import FetchKind
from engine.model.intents import (
    FetchDayCandles,
    FetchIndex,
    FetchListings,
    FetchMinuteCandles,
    FetchOpenDays,
    FetchRanking,
    FetchRows,
    FetchState,
    MarketFetch,
)
from engine.model.market_events import (
    DayCandlesSeen,
    ListingsSeen,
    MarketEvent,
    MinuteCandlesSeen,
    OpenDaysSeen,
    RowsSeen,
)
from engine.ports.market_data import MarketData

MARKET_KINDS: dict[type[MarketFetch], FetchKind] = {
    FetchListings: FetchKind.LISTINGS,
    FetchOpenDays: FetchKind.OPEN_DAYS,
    FetchRanking: FetchKind.RANKING,
    FetchRows: FetchKind.ROWS,
    FetchDayCandles: FetchKind.DAY_CANDLES,
    FetchMinuteCandles: FetchKind.MINUTE_CANDLES,
    FetchIndex: FetchKind.INDEX,
    FetchState: FetchKind.STATE,
}


async def read_market(
    market: MarketData, fetch: MarketFetch, asked_at: datetime, date_of: Callable[[datetime], date]
) -> MarketEvent:
    """What the fetch brought. Raises what the port's reads raise."""
    match fetch:
        case FetchListings(priority):
            return ListingsSeen(await market.fetch_listings(priority), date_of(asked_at))
        case FetchOpenDays(day, priority):
            return OpenDaysSeen(await market.fetch_open_days(day, priority))
        case FetchRanking(ranking, priority):
            rows = await market.fetch_ranking(ranking, priority)
            return RowsSeen(rows, ranking, asked_at)
        case FetchRows(symbols, priority):
            return RowsSeen(await market.fetch_rows(symbols, priority), None, asked_at)
        case FetchDayCandles(symbol, before, priority):
            candles = await market.fetch_day_candles(symbol, before, priority)
            return DayCandlesSeen(symbol, candles)
        case FetchMinuteCandles(symbol, until, priority):
            minutes = await market.fetch_minute_candles(symbol, until, priority)
            return MinuteCandlesSeen(symbol, minutes)
        case FetchIndex(segment, priority):
            return await market.fetch_index(segment, priority)
        case FetchState(symbol, priority):
            return await market.fetch_state(symbol, priority)
        case _:
            assert_never(fetch)
