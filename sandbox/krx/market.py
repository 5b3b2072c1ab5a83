"""The Korean market: prints of all listings in time order, auctions, interruptions, indices.

Prints come lazily from a tape per symbol and day and are merged by time. What is due by the clock
(openings, closings, ends of interruptions) stands in an agenda and goes before prints of the same
moment.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from sandbox.agenda import Agenda
from sandbox.krx.depth import book_around, typical_size
from sandbox.krx.hours import (
    KrxDay,
    KrxPhase,
    krx_day,
    kst_date,
    next_trading_day,
    trading_day_on_or_after,
)
from sandbox.krx.index import FIRST_CLOSE, Index
from sandbox.krx.interruptions import DYNAMIC_PCT, DYNAMIC_PCT_LARGE, Interruptions
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import (
    BookLevels,
    DayBar,
    EventKind,
    Expected,
    ExpectedListener,
    IndexState,
    KrxTrade,
    KrxTradeListener,
    Level,
    MarketEvent,
    MarketEventListener,
    MinuteBar,
    SymbolState,
    Vi,
    ViKind,
)
from sandbox.krx.past import invented_index_days, minutes_of
from sandbox.krx.prices import band, next_below
from sandbox.krx.tape import KrxPrint, KrxTape, PrintKind
from sandbox.krx.ticker import Ticker
from sandbox.market import Drift

# How long before the opening auction the new day replaces the old one.
DAY_TURNS_BEFORE = timedelta(minutes=30)


class KrxMarket:
    """All KRX listings, what they last did, and the merged stream of what comes next."""

    def __init__(self, listings: Iterable[KrxListing], tape: KrxTape, first_day: date) -> None:
        self._tape = tape
        self._tickers = {entry.symbol: _ticker(entry) for entry in listings}
        self._days: dict[str, list[DayBar]] = {}
        self._indices = {name: Index(name, close) for name, close in FIRST_CLOSE.items()}
        self._expected: dict[str, Expected] = {}
        self._trade_listeners: list[KrxTradeListener] = []
        self._event_listeners: list[MarketEventListener] = []
        self._expected_listeners: list[ExpectedListener] = []
        self._vis: list[Vi] = []
        self._agenda = Agenda()
        self._due: KrxTrade | None = None
        self._head: tuple[str, KrxPrint] | None = None
        self._stream: Iterator[tuple[str, KrxPrint]] = iter(())
        self._begin_history(trading_day_on_or_after(first_day))

    # -- listeners -----------------------------------------------------------------------------

    def on_trade(self, listener: KrxTradeListener) -> None:
        """Call ``listener`` with every trade, after the books have seen it."""
        self._trade_listeners.append(listener)

    def on_event(self, listener: MarketEventListener) -> None:
        """Call ``listener`` with every opening, closing, interruption and halt."""
        self._event_listeners.append(listener)

    def on_expected(self, listener: ExpectedListener) -> None:
        """Call ``listener`` with what running auctions would trade."""
        self._expected_listeners.append(listener)

    def on_scheduled(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` when something new is due, so that a sleeping player looks again."""
        self._agenda.wake = wake

    # -- what stands now -----------------------------------------------------------------------

    @property
    def day(self) -> date:
        """The Korean date the tape is on; from the evening on, the next trading day."""
        return self._hours.day

    @property
    def hours(self) -> KrxDay:
        """The moments of that day."""
        return self._hours

    def listings(self) -> tuple[KrxListing, ...]:
        """All of them, as they stand today."""
        return tuple(ticker.listing for ticker in self._tickers.values())

    def listing(self, symbol: str) -> KrxListing | None:
        """The listing, or None for an unknown symbol."""
        ticker = self._tickers.get(symbol)
        return None if ticker is None else ticker.listing

    def last(self, symbol: str) -> KrxTrade | None:
        """Today's last trade, the after-market's included; None before the day's first one."""
        ticker = self._tickers.get(symbol)
        return None if ticker is None else ticker.last

    def price(self, symbol: str) -> Decimal:
        """The last price, or the base price before the day's first trade."""
        ticker = self._tickers[symbol]
        return ticker.listing.base_price if ticker.last is None else ticker.last.price

    def base(self, symbol: str) -> Decimal:
        """What the price limits are computed from."""
        return self._tickers[symbol].listing.base_price

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Lower and upper price limit; in the after-market those around today's close."""
        return self._tickers[symbol].limits

    def state(self, symbol: str) -> SymbolState:
        """Whether it is halted or in a volatility auction."""
        return self._tickers[symbol].breaks.state()

    def expected(self, symbol: str) -> Expected | None:
        """What its running auction would trade; None outside auctions or before the first word."""
        return self._expected.get(symbol)

    def book(self, symbol: str) -> BookLevels:
        """Up to ten levels a side; around the expected price in an auction, empty while halted."""
        ticker = self._tickers[symbol]
        listing, last = ticker.listing, ticker.last
        at = self._hours.auction_open if last is None else last.at
        if ticker.breaks.halted:
            return BookLevels(at)
        expected = self._expected.get(symbol)
        if last is not None and expected is None:
            bid, ask = Level(last.bid, last.bid_size), Level(last.ask, last.ask_size)
        else:
            middle = listing.base_price if expected is None else expected.price
            size = typical_size(listing)
            bid, ask = Level(next_below(middle, listing.group), size), Level(middle, size)
        return book_around(listing, at, ticker.limits, bid, ask)

    def index(self, segment: str) -> IndexState:
        """KOSPI or KOSDAQ as of now."""
        return self._indices[segment].state()

    def vis(self, day: date | None = None) -> tuple[Vi, ...]:
        """Volatility interruptions of a day (None: today), oldest first, running ones included."""
        wanted = day or self.day
        running = [t.breaks.current for t in self._tickers.values() if t.breaks.current]
        known = [vi for vi in (*self._vis, *running) if kst_date(vi.started_at) == wanted]
        return tuple(sorted(known, key=lambda vi: vi.started_at))

    # -- bars ----------------------------------------------------------------------------------

    def day_bars(self, symbol: str, until: date, count: int) -> tuple[DayBar, ...]:
        """The last ``count`` days up to ``until``, oldest first; today's row is a live one."""
        ticker = self._tickers[symbol]
        today = [ticker.day_bar(self.day)] if ticker.day_count is not None else []
        return _last([*self._days[symbol], *today], until, count)

    def minute_bars(self, symbol: str, until: datetime) -> tuple[MinuteBar, ...]:
        """The minutes of the day of ``until`` that have begun by then, oldest first.

        Days that were played a day ago or earlier are told from their day bar.
        """
        day = kst_date(until)
        ticker = self._tickers[symbol]
        if day == self.day:
            return tuple(ticker.bars(until))
        bar = next((bar for bar in self._days[symbol] if bar.day == day), None)
        told = () if bar is None else minutes_of(bar, symbol)
        return tuple(minute for minute in told if minute.start <= until)

    def index_bars(self, segment: str, until: date, count: int) -> tuple[DayBar, ...]:
        """The index by day, as ``day_bars``."""
        index = self._indices[segment]
        today = [index.bar(self.day)] if index.open is not None else []
        return _last([*index.bars, *today], until, count)

    # -- hands on the market -------------------------------------------------------------------

    def nudge(self, symbol: str, pct: Decimal) -> None:
        """Move every later price of the day by ``pct`` per cent."""
        self._tickers[symbol].moves.nudge(pct)

    def schedule(self, drift: Drift) -> None:
        """Let a drift lead the symbol from its start on."""
        self._tickers[drift.symbol].moves.schedule(drift)

    def halt(self, symbol: str, at: datetime) -> None:
        """Stop all trading in the symbol, also on the days to come, until ``resume``."""
        self._tickers[symbol].breaks.halted = True
        self._tell_event(EventKind.HALT, symbol, at)

    def resume(self, symbol: str, at: datetime) -> None:
        """Let it trade again."""
        self._tickers[symbol].breaks.halted = False
        self._tell_event(EventKind.RESUME, symbol, at)

    def start_vi(self, symbol: str, at: datetime) -> None:
        """Interrupt the symbol as if its price had run away; nothing in a running VI."""
        ticker = self._tickers[symbol]
        if ticker.breaks.current is None and self._hours.phase(at) is KrxPhase.CONTINUOUS:
            self._interrupt(ticker, at, ViKind.STATIC, self.price(symbol), ticker.breaks.reference)

    def end_vi(self, symbol: str, at: datetime) -> None:
        """End a running interruption now; its auction prints as the next thing."""
        if self._tickers[symbol].breaks.current is not None:
            self._agenda.add(at, symbol, lambda moment: self._end_vi(symbol, moment))

    # -- time ----------------------------------------------------------------------------------

    def start_at(self, moment: datetime) -> None:
        """Put the tape on the day of ``moment`` before anything was played.

        After the close it is the next day: the day that is over is then told as history.
        """
        day = trading_day_on_or_after(kst_date(moment))
        if moment >= krx_day(day).close:
            day = next_trading_day(day)
        self._begin_history(day)

    def next_at(self) -> datetime:
        """When the next print or event comes; at the latest the turn of the day."""
        if self._head is None:
            self._head = next(self._stream, None)
        due = self._agenda.next_at()
        if self._head is None:
            return due or self._turn_at()
        return self._head[1].at if due is None else min(due, self._head[1].at)

    def pop(self) -> KrxTrade | None:
        """Play the next thing: a trade, or None where it was none."""
        at, due = self.next_at(), self._agenda.next_at()
        if due is not None and due <= at:
            self._agenda.play_next()
            trade, self._due = self._due, None
            return trade
        if self._head is None:
            self._turn()
            return None
        (symbol, raw), self._head = self._head, None
        return self._play(self._tickers[symbol], raw)

    def tell(self, trade: KrxTrade) -> None:
        """Pass a trade to the listeners."""
        for listener in self._trade_listeners:
            listener(trade)

    # -- inside --------------------------------------------------------------------------------

    def _play(self, ticker: Ticker, raw: KrxPrint) -> KrxTrade | None:
        breaks = ticker.breaks
        if breaks.halted:
            return None
        price = ticker.price_of(raw)
        phase = self._hours.phase(raw.at)
        if raw.kind is PrintKind.EXPECTED:
            self._expect(ticker, raw.at, price, raw.size, phase)
            return None
        if raw.kind is PrintKind.AUCTION:
            return self._print(ticker, raw, price, raw.size + breaks.take(), phase)
        if phase is KrxPhase.CONTINUOUS:
            if breaks.current is None and not ticker.listing.liquidation:
                last = None if ticker.last is None else ticker.last.price
                cause = breaks.cause(price, last, coarse=self._tape.is_coarse)
                if cause is not None:
                    self._interrupt(ticker, raw.at, cause[0], price, cause[1])
            if breaks.current is not None:
                breaks.hold(price, raw.size)
                self._expect(ticker, raw.at, price, breaks.waiting, phase)
                return None
        return self._print(ticker, raw, price, raw.size, phase)

    def _print(
        self, ticker: Ticker, raw: KrxPrint, price: Decimal, size: int, phase: KrxPhase
    ) -> KrxTrade:
        listing = ticker.listing
        before = listing.base_price if ticker.close is None else ticker.close
        trade = ticker.trade(raw, price, size, phase)
        if trade.is_auction:
            ticker.breaks.reference = price
            self._expected.pop(listing.symbol, None)
        if phase is not KrxPhase.AFTER:
            self._indices[listing.segment].on_trade(listing, before, trade)
        return trade

    def _expect(
        self, ticker: Ticker, at: datetime, price: Decimal, size: int, phase: KrxPhase
    ) -> None:
        word = Expected(ticker.listing.symbol, at, price, size, phase)
        self._expected[word.symbol] = word
        for listener in self._expected_listeners:
            listener(word)

    def _interrupt(
        self, ticker: Ticker, at: datetime, kind: ViKind, price: Decimal, reference: Decimal
    ) -> None:
        symbol = ticker.listing.symbol
        vi = ticker.breaks.begin(at, kind, price, reference)
        self._agenda.add(vi.until, symbol, lambda moment: self._end_vi(symbol, moment, vi))
        self._tell_event(EventKind.VI_START, symbol, at)

    def _end_vi(self, symbol: str, at: datetime, only: Vi | None = None) -> None:
        ticker = self._tickers[symbol]
        breaks = ticker.breaks
        if breaks.current is None or only not in {None, breaks.current}:
            return
        breaks.end(at)
        self._vis.append(breaks.past[-1])
        self._tell_event(EventKind.VI_END, symbol, at)
        price, phase = breaks.waiting_price, self._hours.phase(at)
        if price is not None and phase is KrxPhase.CONTINUOUS:
            raw = KrxPrint(at, price, breaks.waiting, kind=PrintKind.AUCTION)
            self._due = self._print(ticker, raw, price, breaks.take(), phase)
        elif phase is KrxPhase.CONTINUOUS:
            self._expected.pop(symbol, None)

    def _tell_event(self, kind: EventKind, symbol: str, at: datetime) -> None:
        event = MarketEvent(kind, symbol, at)
        for listener in self._event_listeners:
            listener(event)

    # -- days ----------------------------------------------------------------------------------

    def _begin_history(self, day: date) -> None:
        """Tell every symbol what happened before the first day, and begin that day."""
        for symbol, ticker in self._tickers.items():
            past = self._tape.history(ticker.listing, day)
            self._days[symbol] = list(past)
            ticker.start_day(_after(ticker.listing, past[-1] if past else None))
        for index in self._indices.values():
            index.bars = list(invented_index_days(index.segment, index.prev_close, day))
        self._begin_day(day)

    def _begin_day(self, day: date) -> None:
        self._hours = hours = krx_day(day)
        self._expected.clear()
        for index in self._indices.values():
            index.start_day(self.listings())
        self._head = None
        self._stream = heapq.merge(
            *(self._tagged(ticker.listing, day) for ticker in self._tickers.values()),
            key=lambda item: item[1].at,
        )
        wake, self._agenda = self._agenda.wake, Agenda()
        self._agenda.wake = wake
        for at, kind in (
            (hours.auction_open, EventKind.OPENING_AUCTION),
            (hours.open, EventKind.MARKET_OPEN),
            (hours.close_auction, EventKind.CLOSING_AUCTION),
            (hours.close, EventKind.MARKET_CLOSE),
            (hours.after_open, EventKind.AFTER_OPEN),
            (hours.after_close, EventKind.AFTER_CLOSE),
        ):
            if at is not None:
                self._agenda.add(at, "", partial(self._clock_event, kind))

    def _clock_event(self, kind: EventKind, at: datetime) -> None:
        if kind is EventKind.AFTER_OPEN:
            for ticker in self._tickers.values():
                if ticker.close is not None:
                    ticker.limits = band(ticker.close, ticker.listing.group)
        self._tell_event(kind, "", at)

    def _tagged(self, listing: KrxListing, day: date) -> Iterator[tuple[str, KrxPrint]]:
        for raw in self._tape.prints(listing, day):
            yield listing.symbol, raw

    def _turn_at(self) -> datetime:
        return krx_day(next_trading_day(self.day)).auction_open - DAY_TURNS_BEFORE

    def _turn(self) -> None:
        """Turn the day that ended into yesterday."""
        for symbol, ticker in self._tickers.items():
            bar = ticker.day_bar(self.day)
            self._days[symbol].append(bar)
            ticker.start_day(_after(ticker.listing, bar))
        for index in self._indices.values():
            index.close_day(self.day)
        self._begin_day(next_trading_day(self.day))


def _ticker(listing: KrxListing) -> Ticker:
    pct = DYNAMIC_PCT_LARGE if listing.large else DYNAMIC_PCT
    breaks = Interruptions(listing.symbol, listing.base_price, listing.halted, pct)
    return Ticker(listing, breaks, band(listing.base_price, listing.group))


def _after(listing: KrxListing, bar: DayBar | None) -> KrxListing:
    """The listing on the morning after a day."""
    if bar is None:
        return listing
    return replace(listing, base_price=bar.close, prev_high=bar.high, prev_volume=bar.volume)


def _last(bars: Iterable[DayBar], until: date, count: int) -> tuple[DayBar, ...]:
    known = [bar for bar in bars if bar.day <= until]
    return tuple(known[-count:]) if count > 0 else ()
