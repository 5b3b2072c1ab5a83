"""Plays a market through a KRX desk and a simulated account on a virtual clock, without a loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from engine.desk.base import Desk
from engine.flow.market_reads import MARKET_KINDS
from engine.flow.simulated import NO_CALLS, Account, MarketIntent, SimulatedRun, Witness
from engine.model.events import (
    Event,
    FetchFailed,
    FetchKind,
    Started,
    StreamChanged,
    StreamState,
    TickSeen,
)
from engine.model.ids import Symbol
from engine.model.intents import FetchPrice, MarketFetch, Watch
from engine.model.market_events import MarketEvent
from engine.model.money import Krw
from engine.model.quotes import QuoteSource, Tick

LATENCY = timedelta(milliseconds=200)  # from a question to its answer


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


class Replay(SimulatedRun):
    """One run. Trades reach the account always, the desk where it has a registration."""

    def __init__(self, desk: Desk[Krw], market: Market, account: Account, witness: Witness) -> None:
        super().__init__(desk, account, witness, answers_after=LATENCY)
        self._market = market
        self._watched: frozenset[Symbol] = frozenset()
        self._has_stream = False
        self.ticks = 0

    def start(self, begin: datetime) -> None:
        """Start the desk at ``begin``."""
        self.give(Started(), begin)

    def play(self) -> None:
        """From the first trade of the market to the last."""
        fill, happen = self.account.on_tick, self._market.on_tick
        for tick in self._market.ticks():
            now = tick.at
            self.run_up_to(now)
            happen(tick)
            fill(tick, now)
            if tick.symbol in self._watched:
                self.ticks += 1
                self.give(TickSeen(tick), now)

    def ask_market(self, intent: MarketIntent, now: datetime) -> None:
        """Answered with what was played so far."""
        match intent:
            case FetchPrice():
                self.answer(self._price(intent, now), now)
            case Watch():
                self._set_watch(intent, now)
            case _:
                self.answer(self._read(intent, now), now)

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
            connected = StreamChanged(StreamState.CONNECTED, has_notices=False, has_quotes=True)
            self.answer(connected, now)


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
    return FetchFailed(kind, "not recorded", is_quota=False, quota=NO_CALLS, symbol=symbol)
