"""Carries a desk's intents to the world: the only caller of Broker.place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol, assert_never

from engine.errors import JournalFailed, QuotaExhausted, TradingError
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
from engine.model.intents import (
    Cancel,
    Fetch,
    FetchCash,
    FetchHoldings,
    FetchPrice,
    FetchReports,
    Intent,
    Place,
    Watch,
)
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.ports.feed import Feed
from engine.ports.journal import Journal
from engine.ports.quotes import Quotes

log = logging.getLogger(__name__)

_LOOK_AGAIN = timedelta(milliseconds=50)


class Report(Protocol):
    """Takes an event; ``asked_in``: the clock's generation when its answer was asked for."""

    def __call__(self, event: Event, asked_in: int | None = None) -> None:
        """Give it to the desk."""


class Execution:
    """Each order and each read is a task of one group; what comes back is reported as an event."""

    def __init__(
        self,
        broker: Broker,
        quotes: Quotes,
        feed: Feed,
        journal: Journal,
        clock: Clock,
        *,
        report: Report,
        date_of: Callable[[datetime], date],
    ) -> None:
        self._broker = broker
        self._quotes = quotes
        self._feed = feed
        self._journal = journal
        self._clock = clock
        self._report = report
        self._date_of = date_of
        # None: take on nothing more.
        self._work: asyncio.Queue[Place | Cancel | Fetch | None] = asyncio.Queue()
        self._failure: JournalFailed | None = None
        self.in_flight = 0

    async def send(self, intent: Intent) -> None:
        """Begin the work of an intent; returns at once."""
        if isinstance(intent, Watch):
            self._feed.want(intent.instruments, notices=intent.notices)
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

    async def _carry_out(self, intent: Place | Cancel | Fetch) -> None:
        match intent:
            case Place():
                await self._place(intent)
            case Cancel():
                await self._cancel(intent)
            case _:
                await self._fetch(intent)

    async def _place(self, intent: Place) -> None:
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
        asked_in = self._clock.generation
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
        symbol = fetch.instrument.symbol if isinstance(fetch, FetchPrice) else None
        reason = str(error) if isinstance(error, TradingError) else type(error).__name__
        return FetchFailed(_kind(fetch), reason, is_quota, self._broker.quota(), symbol)

    async def _fetched(self, fetch: Fetch) -> Event:
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
                return await self._read_market(fetch)


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
            assert_never(fetch)
