"""Scans, charts, indices, calendar and states of the Korean market, as real or paper offer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.fields import Operation
from engine.adapters.kis.krx.market_payloads import (
    parse_day_candles,
    parse_index,
    parse_minutes,
    parse_open_days,
    parse_price_row,
    parse_rows,
    parse_state,
)
from engine.adapters.kis.krx.master import MasterFiles
from engine.adapters.kis.krx.quotes import KRX_MARKET, named
from engine.adapters.kis.krx.rankings import QUERIES
from engine.adapters.kis.transport import KisTransport, Spender
from engine.adapters.kis.values import KST, Body
from engine.errors import BrokerRefused
from engine.model.candles import DayCandle, MinuteCandle
from engine.model.ids import Symbol
from engine.model.listing import Listing, Segment
from engine.model.market_events import Facilities, IndexSeen, MarketRow, Ranking, StateSeen
from engine.model.money import Krw
from engine.model.quota import Priority
from engine.ports.clock import Clock

_DAY, _HOUR = "%Y%m%d", "%H%M%S"
_ROWS = 30
_MINUTES = 30
_MINUTE = timedelta(minutes=1)
# 100 trading days, with the longest holidays on the way.
_DAY_CHART_SPAN = timedelta(days=170)
_INDEX_CHART_SPAN = timedelta(days=14)
_INDICES: Mapping[Segment, str] = {Segment.KOSPI: "0001", Segment.KOSDAQ: "1001"}
_FACILITIES: Mapping[Server, Facilities] = {
    Server.REAL: Facilities(frozenset(Ranking), rows_per_call=_ROWS, has_open_days=True),
    Server.PAPER: Facilities(frozenset(), rows_per_call=1, has_open_days=False),
}


class KisMarketData:
    """Implements the MarketData port. Prices of it are never older than the call."""

    def __init__(
        self, transport: KisTransport, budget: CallBudget, clock: Clock, masters: MasterFiles
    ) -> None:
        self._transport = transport
        self._budget = budget
        self._clock = clock
        self._masters = masters
        self._server = transport.endpoint.server

    @property
    def facilities(self) -> Facilities:
        """Real or paper: what exists."""
        offered = _FACILITIES[self._server]
        return replace(offered, shared_per_second=self._transport.per_second)

    async def fetch_listings(self, priority: Priority) -> tuple[Listing, ...]:
        """The master files; they are no call of the API and cost nothing of its limits."""
        del priority
        return await self._masters.fetch(self._clock.now())

    async def fetch_open_days(
        self, first: date, priority: Priority
    ) -> tuple[tuple[date, bool], ...]:
        """One page of chk-holiday: it loads the ledger, and three weeks are enough."""
        query = {"BASS_DT": first.strftime(_DAY), "CTX_AREA_FK": "", "CTX_AREA_NK": ""}
        return parse_open_days(await self._fetch(Operation.KRX_OPEN_DAYS, query, priority))

    async def fetch_ranking(self, ranking: Ranking, priority: Priority) -> tuple[MarketRow, ...]:
        """Thirty names of a ranking; real only."""
        operation, query = QUERIES[ranking]
        return parse_rows(await self._fetch(operation, query, priority))

    async def fetch_rows(
        self, symbols: tuple[Symbol, ...], priority: Priority
    ) -> tuple[MarketRow, ...]:
        """By thirties on real, one by one on paper."""
        if self._server is Server.PAPER:
            single = [await self._row(symbol, priority) for symbol in symbols]
            return tuple(row for row in single if row is not None)
        rows: list[MarketRow] = []
        for start in range(0, len(symbols), _ROWS):
            query = _numbered(symbols[start : start + _ROWS])
            rows += parse_rows(await self._fetch(Operation.KRX_ROWS, query, priority))
        return tuple(rows)

    async def fetch_day_candles(
        self, symbol: Symbol, before: date, priority: Priority
    ) -> tuple[DayCandle, ...]:
        """Up to 100 days, adjusted (here 0 says so, elsewhere 1)."""
        last = before - timedelta(days=1)
        query = {
            **named(symbol),
            "FID_INPUT_DATE_1": (last - _DAY_CHART_SPAN).strftime(_DAY),
            "FID_INPUT_DATE_2": last.strftime(_DAY),
            "FID_PERIOD_DIV_CODE": "D",
            "FID_ORG_ADJ_PRC": "0",
        }
        body = await self._fetch(Operation.KRX_DAY_CHART, query, priority)
        return parse_day_candles(body, before)

    async def fetch_minute_candles(
        self, symbol: Symbol, until: datetime, priority: Priority
    ) -> tuple[MinuteCandle[Krw], ...]:
        """One call; a later hour than now would be answered with inventions.

        Minutes without trades are left out, and so is the running one.
        """
        now = self._clock.now()
        last = min(until, now) - _MINUTE
        query = {
            **named(symbol),
            "FID_INPUT_HOUR_1": last.astimezone(KST).strftime(_HOUR),
            "FID_PW_DATA_INCU_YN": "Y",
            "FID_ETC_CLS_CODE": "",
        }
        body = await self._fetch(Operation.KRX_MINUTE_CHART, query, priority)
        first = until - _MINUTES * _MINUTE
        page = parse_minutes(body, now.astimezone(KST).date())
        found = {candle.at: candle for candle in page if first <= candle.at <= last}
        return tuple(found[at] for at in sorted(found) if found[at].volume)

    async def fetch_index(self, segment: Segment, priority: Priority) -> IndexSeen:
        """The index price on real; paper has only the head of its chart."""
        query = {"FID_COND_MRKT_DIV_CODE": "U", "FID_INPUT_ISCD": _INDICES[segment]}
        operation = Operation.KRX_INDEX
        now = self._clock.now()
        if self._server is Server.PAPER:
            today = now.astimezone(KST).date()
            operation = Operation.KRX_INDEX_CHART
            query |= {
                "FID_INPUT_DATE_1": (today - _INDEX_CHART_SPAN).strftime(_DAY),
                "FID_INPUT_DATE_2": today.strftime(_DAY),
                "FID_PERIOD_DIV_CODE": "D",
            }
        body = await self._fetch(operation, query, priority)
        return parse_index(segment, body, self._clock.now())

    async def fetch_state(self, symbol: Symbol, priority: Priority) -> StateSeen:
        """A price call, read for its limits."""
        body = await self._fetch(Operation.KRX_PRICE, named(symbol), priority)
        return parse_state(symbol, body, self._clock.now())

    async def _row(self, symbol: Symbol, priority: Priority) -> MarketRow | None:
        try:
            body = await self._fetch(Operation.KRX_PRICE, named(symbol), priority)
        except BrokerRefused:
            return None  # one unknown name must not cost the others
        return parse_price_row(symbol, body)

    async def _fetch(
        self, operation: Operation, query: Mapping[str, str], priority: Priority
    ) -> Body:
        return await self._transport.fetch(operation, query, Spender(self._budget, priority))


def _numbered(symbols: tuple[Symbol, ...]) -> dict[str, str]:
    """Pairs numbered from 1 without gaps; KIS ignores what comes after the thirtieth."""
    query: dict[str, str] = {}
    for index, symbol in enumerate(symbols, start=1):
        query[f"FID_COND_MRKT_DIV_CODE_{index}"] = KRX_MARKET
        query[f"FID_INPUT_ISCD_{index}"] = symbol
    return query
