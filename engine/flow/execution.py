"""Carries a desk's intents to the world: the only caller of Broker.place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Generic, Protocol

from typing_extensions import TypeVar

from engine.errors import JournalFailed, QuotaExhausted, TradingError
from engine.flow.market_reads import MARKET_KINDS, read_market
from engine.model.events import (
    CancelAnswered,
    CashSeen,
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    PlaceAnswered,
    ReportsSeen,
    TickSeen,
)
from engine.model.ids import Symbol
from engine.model.intents import (
    Cancel,
    Fetch,
    FetchCash,
    FetchDayCandles,
    FetchHoldings,
    FetchMinuteCandles,
    FetchPrice,
    FetchReports,
    FetchState,
    Intent,
    Place,
    Watch,
)
from engine.model.money import M, Money, Usd
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.ports.feed import Feed
from engine.ports.journal import Journal
from engine.ports.market_data import MarketData
from engine.ports.quotes import Quotes

M_contra = TypeVar("M_contra", bound=Money, contravariant=True, default=Usd)

log = logging.getLogger(__name__)

_LOOK_AGAIN = timedelta(milliseconds=50)


class Report(Protocol[M_contra]):
    """Takes an event; ``asked_in``: the clock's generation when its answer was asked for."""

    def __call__(self, event: Event[M_contra], asked_in: int | None = None) -> None:
        """Give it to the desk."""


class Execution(Generic[M]):
    """Each order and each read is a task of one group; what comes back is reported as an event."""

    def __init__(
        self,
        broker: Broker[M],
        quotes: Quotes[M],
        feed: Feed[M],
        journal: Journal,
        clock: Clock,
        *,
        report: Report[M],
        date_of: Callable[[datetime], date],
        market: MarketData | None = None,
    ) -> None:
        self._broker = broker
        self._quotes = quotes
        self._feed = feed
        self._journal = journal
        self._clock = clock
        self._report = report
        self._date_of = date_of
        self._market = market
        # None: take on nothing more.
        self._work: asyncio.Queue[Place[M] | Cancel | Fetch | None] = asyncio.Queue()
        self._failure: JournalFailed | None = None
        self._scanning: set[tuple[int, Fetch]] = set()
        self.in_flight = 0

    async def send(self, intent: Intent[M]) -> None:
        """Begin the work of an intent; returns at once."""
        if isinstance(intent, Watch):
            self._feed.want(
                intent.instruments, notices=intent.notices, candidates=intent.candidates
            )
            return
        if isinstance(intent, Place | Cancel):
            self.in_flight += 1
        self._work.put_nowait(intent)

    async def run(self) -> None:
        """Run until cancelled. JournalFailed comes out once the calls in flight have ended."""
        async with asyncio.TaskGroup() as group:
            while (intent := await self._work.get()) is not None:
                group.create_task(self._carry_out(intent))
        if self._failure is not None:
            raise self._failure

    async def finish_orders(self) -> None:
        """Wait until no order call is in flight (the caller sets the deadline)."""
        while self.in_flight:
            await self._clock.sleep_for(_LOOK_AGAIN)

    async def _carry_out(self, intent: Place[M] | Cancel | Fetch) -> None:
        match intent:
            case Place():
                await self._place(intent)
            case Cancel():
                await self._cancel(intent)
            case _:
                await self._fetch(intent)

    async def _place(self, intent: Place[M]) -> None:
        order_id = intent.order.client_order_id
        try:
            answer = await self._broker.place(intent.order)
            try:
                await self._journal.record_answer(order_id, answer, self._clock.now())
            except JournalFailed as failure:
                log.exception("the answer to %s could not be written", order_id)
                self._failure = failure
                self._work.put_nowait(None)
            self._report(PlaceAnswered(order_id, answer))
        finally:
            self.in_flight -= 1

    async def _cancel(self, intent: Cancel) -> None:
        try:
            answer = await self._broker.cancel(intent.order)
            self._report(CancelAnswered(intent.order.client_order_id, answer))
        finally:
            self.in_flight -= 1

    async def _fetch(self, fetch: Fetch) -> None:
        asked = self._clock.generation, fetch
        if type(fetch) not in MARKET_KINDS:
            await self._read(fetch, asked[0])
        elif asked not in self._scanning:
            # A slow KIS is not helped by the same question again, and behind a pile of them
            # even orders wait.
            self._scanning.add(asked)
            try:
                await self._read(fetch, asked[0])
            finally:
                self._scanning.remove(asked)

    async def _read(self, fetch: Fetch, asked_in: int) -> None:
        try:
            event = await self._fetched(fetch)
        except TradingError as error:
            log.info("%s brought nothing: %s", type(fetch).__name__, error)
            event = self._failed_fetch(fetch, error)
        except Exception as error:
            # A read that breaks in an unforeseen way must not take orders in flight along.
            log.exception("%s broke", type(fetch).__name__)
            event = self._failed_fetch(fetch, error)
        self._report(event, asked_in)

    def _failed_fetch(self, fetch: Fetch, error: Exception) -> FetchFailed:
        is_quota = isinstance(error, QuotaExhausted)
        symbol = fetch.instrument.symbol if isinstance(fetch, FetchPrice) else _symbol(fetch)
        reason = str(error) if isinstance(error, TradingError) else type(error).__name__
        return FetchFailed(_kind(fetch), reason, is_quota, self._broker.quota(), symbol)

    async def _fetched(self, fetch: Fetch) -> Event[M]:
        asked_at = self._clock.now()
        match fetch:
            case FetchHoldings():
                holdings = await self._broker.fetch_holdings(fetch.priority)
                return HoldingsSeen(holdings, asked_at, self._broker.quota())
            case FetchReports():
                today = self._date_of(asked_at)
                reports = await self._broker.fetch_reports(
                    fetch.since or today - timedelta(days=1), today, fetch.priority
                )
                return ReportsSeen(reports, asked_at, self._broker.quota())
            case FetchPrice():
                tick = await self._quotes.fetch_price(
                    fetch.instrument, fetch.priority, with_book=fetch.with_book
                )
                if tick is None:
                    return FetchFailed(
                        FetchKind.PRICE,
                        "no price shown",
                        is_quota=False,
                        quota=self._broker.quota(),
                        symbol=fetch.instrument.symbol,
                    )
                return TickSeen(tick)
            case FetchCash():
                return CashSeen(await self._broker.fetch_cash(fetch.priority))
            case _:
                if self._market is None:
                    raise TradingError(f"nobody reads {type(fetch).__name__} for this desk")
                return await read_market(self._market, fetch, asked_at, self._date_of)


def _kind(fetch: Fetch) -> FetchKind:
    match fetch:
        case FetchHoldings():
            return FetchKind.HOLDINGS
        case FetchReports():
            return FetchKind.REPORTS
        case FetchPrice():
            return FetchKind.PRICE
        case FetchCash():
            return FetchKind.CASH
        case _:
            return MARKET_KINDS[type(fetch)]


def _symbol(fetch: Fetch) -> Symbol | None:
    match fetch:
        case FetchDayCandles() | FetchMinuteCandles() | FetchState():
            return fetch.symbol
        case _:
            return None
