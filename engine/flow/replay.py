"""Plays a market through a KRX desk and a simulated account on a virtual clock, without a loop.

Nothing waits here: the desk is a machine, the account keeps no connection, and time is that of the
next thing to happen. The same market gives the same outcomes every time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Protocol

from engine.desk.base import Desk, Outcome
from engine.flow.market_reads import MARKET_KINDS
from engine.model.account import Cash, Holding
from engine.model.events import (
    CancelAnswered,
    CashSeen,
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    PlaceAnswered,
    ReportsSeen,
    Started,
    StreamChanged,
    StreamState,
    TickSeen,
    WakeUp,
)
from engine.model.ids import Symbol
from engine.model.intents import (
    Cancel,
    FetchCash,
    FetchHoldings,
    FetchPrice,
    FetchReports,
    Intent,
    MarketFetch,
    Place,
    Watch,
)
from engine.model.market_events import MarketEvent
from engine.model.money import Krw
from engine.model.orders import CancelIntent, OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import NO_CAP, Quota
from engine.model.quotes import QuoteSource, Tick
from engine.rules.krx.sessions import kst_date

LATENCY = timedelta(milliseconds=200)  # from a question to its answer
_QUOTA = Quota(0, 0, NO_CAP, NO_CAP, NO_CAP)


class Market(Protocol):
    """What is played. ``answer`` and ``last`` tell of trades that have happened, never of more."""

    def ticks(self) -> Iterator[Tick[Krw]]:
        """Every trade in order of time, each made only when it is asked for."""
        ...

    def on_tick(self, tick: Tick[Krw]) -> None:
        """The trade has happened."""
        ...

    def answer(self, fetch: MarketFetch, now: datetime) -> MarketEvent | None:
        """What a read brings; None: nothing."""
        ...

    def last(self, symbol: Symbol) -> Tick[Krw] | None:
        """The newest trade."""
        ...


class Account(Protocol):
    """An account that answers at once."""

    def on_tick(self, tick: Tick[Krw], now: datetime) -> None:
        """A trade, streamed to the desk or not."""
        ...

    def place(self, order: OrderIntent[Krw], now: datetime) -> PlaceAnswer:
        """Take an order or refuse it."""
        ...

    def cancel(self, order: CancelIntent, now: datetime) -> PlaceAnswer:
        """End the open part of one."""
        ...

    def holdings(self, now: datetime) -> tuple[Holding[Krw], ...]:
        """Shares held."""
        ...

    def reports(self, first: date, last: date, now: datetime) -> tuple[OrderReport[Krw], ...]:
        """Orders of these dates."""
        ...

    def cash(self, now: datetime) -> Cash[Krw]:
        """Cash and what of it can be ordered with."""
        ...


class Witness(Protocol):
    """Sees every outcome that is more than a new wish to be woken."""

    def on_outcome(self, outcome: Outcome[Krw], now: datetime) -> None:
        """Right after it, before it is carried out."""
        ...


class Replay:
    """One run. Trades reach the account always, the desk where it has a registration."""

    def __init__(self, desk: Desk[Krw], market: Market, account: Account, witness: Witness) -> None:
        self._desk = desk
        self._market = market
        self._account = account
        self._witness = witness
        self._due: list[tuple[datetime, int, Event[Krw]]] = []
        self._serial = count()
        self._wake: datetime | None = None
        self._watched: frozenset[Symbol] = frozenset()
        self._has_stream = False
        self.ticks = 0

    def start(self, begin: datetime) -> None:
        """Start the desk at ``begin``."""
        self._give(Started(), begin)

    def play(self) -> None:
        """From the first trade of the market to the last."""
        handle, fill, happen = self._desk.handle, self._account.on_tick, self._market.on_tick
        for tick in self._market.ticks():
            now = tick.at
            self.run_up_to(now)
            happen(tick)
            fill(tick, now)
            if tick.symbol in self._watched:
                self.ticks += 1
                self._follow(handle(TickSeen(tick), now), now)

    def run_up_to(self, moment: datetime) -> None:
        """Everything before ``moment``; what is due with a trade comes after it."""
        while True:
            due, wake = self._due[0][0] if self._due else None, self._wake
            if due is not None and due < moment and (wake is None or due <= wake):
                at, _, event = heapq.heappop(self._due)
                self._give(event, at)
            elif wake is not None and wake < moment:
                self._give(WakeUp(), wake)
            else:
                return

    def _give(self, event: Event[Krw], now: datetime) -> None:
        self._follow(self._desk.handle(event, now), now)

    def _follow(self, outcome: Outcome[Krw], now: datetime) -> None:
        self._wake = outcome.wake_at
        if not outcome.intents and not outcome.facts:
            return
        self._witness.on_outcome(outcome, now)
        for intent in outcome.intents:
            self._carry_out(intent, now)

    def _carry_out(self, intent: Intent[Krw], now: datetime) -> None:
        account = self._account
        match intent:
            case Place(order):
                answer = account.place(order, now)
                self._answer(PlaceAnswered(order.client_order_id, answer), now)
            case Cancel(order):
                answer = account.cancel(order, now)
                self._answer(CancelAnswered(order.client_order_id, answer), now)
            case FetchHoldings():
                self._answer(HoldingsSeen(account.holdings(now), now, _QUOTA), now)
            case FetchReports(_, since):
                today = kst_date(now)
                found = account.reports(since or today - timedelta(days=1), today, now)
                self._answer(ReportsSeen(found, now, _QUOTA), now)
            case FetchCash():
                self._answer(CashSeen(account.cash(now)), now)
            case FetchPrice():
                self._answer(self._price(intent, now), now)
            case Watch():
                self._set_watch(intent, now)
            case _:
                self._answer(self._read(intent, now), now)

    def _read(self, fetch: MarketFetch, now: datetime) -> Event[Krw]:
        found = self._market.answer(fetch, now)
        if found is not None:
            return found
        return _nothing(MARKET_KINDS[type(fetch)])

    def _price(self, fetch: FetchPrice, now: datetime) -> Event[Krw]:
        symbol = fetch.instrument.symbol
        tick = self._market.last(symbol)
        if tick is None:
            return _nothing(FetchKind.PRICE, symbol)
        return TickSeen(polled(tick, now))

    def _set_watch(self, watch: Watch, now: datetime) -> None:
        self._watched = frozenset(instrument.symbol for instrument in watch.instruments)
        if watch.notices and not self._has_stream:
            self._has_stream = True
            self._answer(
                StreamChanged(StreamState.CONNECTED, has_notices=False, has_quotes=True), now
            )

    def _answer(self, event: Event[Krw], asked_at: datetime) -> None:
        heapq.heappush(self._due, (asked_at + LATENCY, next(self._serial), event))


def polled(tick: Tick[Krw], now: datetime) -> Tick[Krw]:
    """A trade as a price call shows it later."""
    return Tick(
        tick.symbol,
        now,
        tick.price,
        QuoteSource.PRICE,
        tick.bid,
        tick.ask,
        tick.cum_volume,
        tick.prev_close,
        tick.day,
    )


def _nothing(kind: FetchKind, symbol: Symbol | None = None) -> FetchFailed:
    return FetchFailed(kind, "not recorded", is_quota=False, quota=_QUOTA, symbol=symbol)
