"""The Korean market: prints of all listings in time order, and how things stand.

Prints come lazily from a tape per symbol and day and are merged by time. What is due by the clock
goes before prints of the same moment.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.krx.almanac import Almanac
from sandbox.krx.depth import book_around, typical_size
from sandbox.krx.hours import (
    KrxDay,
    krx_day,
    kst_date,
    next_trading_day,
    trading_day_on_or_after,
)
from sandbox.krx.interruptions import DYNAMIC_PCT, DYNAMIC_PCT_LARGE, Interruptions
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import (
    BookLevels,
    DayBar,
    Expected,
    ExpectedListener,
    IndexState,
    KrxTrade,
    KrxTradeListener,
    Level,
    MarketEventListener,
    MinuteBar,
    SymbolState,
    Vi,
)
from sandbox.krx.news import News
from sandbox.krx.prices import band, next_below
from sandbox.krx.tape import KrxPrint, KrxTape
from sandbox.krx.ticker import Ticker
from sandbox.krx.trading import Trading
from sandbox.market import Drift

# How long before the opening auction the new day replaces the old one.
DAY_TURNS_BEFORE = timedelta(minutes=30)


class KrxMarket:
    """All KRX listings, what they last did, and the merged stream of what comes next.

    Begins on the day of ``start``, nothing of it played; after that day's close on the next one,
    with the day that is over told as history.
    """

    def __init__(self, listings: Iterable[KrxListing], tape: KrxTape, start: datetime) -> None:
        self._tape = tape
        self._tickers = {entry.symbol: _ticker(entry) for entry in listings}
        self._news = News()
        self._almanac = Almanac(self._tickers)
        self._trading = Trading(
            self._tickers, self._almanac.indices, self._news, recorded=tape.is_recorded
        )
        self._head: tuple[str, KrxPrint] | None = None
        self._stream: Iterator[tuple[str, KrxPrint]] = iter(())
        day = trading_day_on_or_after(kst_date(start))
        if start >= krx_day(day).close:
            day = next_trading_day(day)
        self._almanac.begin(tape, day)
        self._begin_day(day)

    # -- listeners -----------------------------------------------------------------------------

    def on_trade(self, listener: KrxTradeListener) -> None:
        """Call ``listener`` with every trade, after the books have seen it."""
        self._news.on_trade.append(listener)

    def on_event(self, listener: MarketEventListener) -> None:
        """Call ``listener`` with every opening, closing, interruption and halt."""
        self._news.on_event.append(listener)

    def on_expected(self, listener: ExpectedListener) -> None:
        """Call ``listener`` with what running auctions would trade."""
        self._news.on_expected.append(listener)

    def on_scheduled(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` when something new is due, so that a sleeping player looks again."""
        self._trading.agenda.wake = wake

    # -- how things stand ----------------------------------------------------------------------

    @property
    def day(self) -> date:
        """The Korean date the tape is on; it turns half an hour before the opening auction."""
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

    def recent(self, symbol: str) -> tuple[KrxTrade, ...]:
        """Today's latest trades, at most thirty, oldest first."""
        return tuple(self._tickers[symbol].recent)

    def price(self, symbol: str) -> Decimal:
        """The last price, or the base price before the day's first trade."""
        ticker = self._tickers[symbol]
        return ticker.listing.base_price if ticker.last is None else ticker.last.price

    def base(self, symbol: str) -> Decimal:
        """Yesterday's regular close."""
        return self._tickers[symbol].listing.base_price

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Lower and upper price limit; from the after-market's open on around today's close."""
        return self._tickers[symbol].limits

    def state(self, symbol: str) -> SymbolState:
        """Whether it is halted or in a volatility auction."""
        return self._tickers[symbol].breaks.state()

    def reference(self, symbol: str) -> Decimal:
        """What a static interruption is measured from: the last auction, or the base price."""
        return self._tickers[symbol].breaks.reference

    def expected(self, symbol: str) -> Expected | None:
        """What its running auction would trade; None outside auctions or before the first word."""
        return self._news.expected.get(symbol)

    def book(self, symbol: str) -> BookLevels:
        """Up to ten levels a side; around the expected price in an auction, empty while halted."""
        ticker = self._tickers[symbol]
        listing, last, expected = ticker.listing, ticker.last, self.expected(symbol)
        at = self._hours.auction_open if last is None else last.at
        if ticker.breaks.halted:
            return BookLevels(at)
        if last is not None and expected is None:
            bid, ask = Level(last.bid, last.bid_size), Level(last.ask, last.ask_size)
        else:
            middle = listing.base_price if expected is None else expected.price
            size = typical_size(listing)
            bid, ask = Level(next_below(middle, listing.group), size), Level(middle, size)
        return book_around(listing, at, ticker.limits, bid, ask)

    def index(self, segment: str) -> IndexState:
        """KOSPI or KOSDAQ as of now."""
        return self._almanac.indices[segment].state()

    def vis(self, day: date | None = None) -> tuple[Vi, ...]:
        """Volatility interruptions of a day (None: today), oldest first, running ones included."""
        return self._trading.vis(day or self.day)

    # -- bars ----------------------------------------------------------------------------------

    def day_bars(self, symbol: str, until: date, count: int) -> tuple[DayBar, ...]:
        """The last ``count`` days up to ``until``, oldest first; today's row is a live one."""
        return self._almanac.days(symbol, self.day, until, count)

    def minute_bars(self, symbol: str, until: datetime) -> tuple[MinuteBar, ...]:
        """The minutes of the day of ``until`` that have begun by then, oldest first.

        Those of days that are over are told from the day's bar.
        """
        return self._almanac.minutes(symbol, self.day, until)

    def index_bars(self, segment: str, until: date, count: int) -> tuple[DayBar, ...]:
        """The index by day, as ``day_bars``."""
        return self._almanac.index_days(segment, self.day, until, count)

    # -- hands on the market -------------------------------------------------------------------

    def nudge(self, symbol: str, pct: Decimal) -> None:
        """Move every later price of the day by ``pct`` per cent."""
        self._tickers[symbol].moves.nudge(pct)

    def schedule(self, drift: Drift) -> None:
        """Let a drift lead the symbol from its start on."""
        self._tickers[drift.symbol].moves.schedule(drift)

    def halt(self, symbol: str, at: datetime) -> None:
        """Stop all trading in the symbol, also on the days to come, until ``resume``."""
        self._trading.halt(symbol, at)

    def resume(self, symbol: str, at: datetime) -> None:
        """Let it trade again."""
        self._trading.resume(symbol, at)

    def start_vi(self, symbol: str, at: datetime) -> None:
        """Interrupt the symbol as if its price had run away; only in continuous trading."""
        self._trading.start_vi(symbol, at)

    def end_vi(self, symbol: str, at: datetime) -> None:
        """End a running interruption now; its auction prints as the next thing."""
        self._trading.end_vi(symbol, at)

    # -- time ----------------------------------------------------------------------------------

    def next_at(self) -> datetime:
        """When the next print or event comes; at the latest the turn of the day."""
        if self._head is None:
            self._head = next(self._stream, None)
        due = self._trading.agenda.next_at()
        if self._head is None:
            return due or self._turns_at
        return self._head[1].at if due is None else min(due, self._head[1].at)

    def pop(self) -> KrxTrade | None:
        """Play the next thing: a trade, or None where it was none."""
        at, due = self.next_at(), self._trading.agenda.next_at()
        if due is not None and due <= at:
            return self._trading.play_next()
        if self._head is None:
            self._almanac.turn(self.day)
            self._begin_day(next_trading_day(self.day))
            return None
        (symbol, raw), self._head = self._head, None
        return self._trading.play(symbol, raw)

    def tell(self, trade: KrxTrade) -> None:
        """Pass a trade to the listeners."""
        self._news.trade(trade)

    def _begin_day(self, day: date) -> None:
        self._hours = krx_day(day)
        self._turns_at = krx_day(next_trading_day(day)).auction_open - DAY_TURNS_BEFORE
        self._trading.begin_day(self._hours)
        self._head = None
        self._stream = heapq.merge(
            *(self._tagged(ticker.listing, day) for ticker in self._tickers.values()),
            key=lambda item: item[1].at,
        )

    def _tagged(self, listing: KrxListing, day: date) -> Iterator[tuple[str, KrxPrint]]:
        for raw in self._tape.prints(listing, day):
            yield listing.symbol, raw


def _ticker(listing: KrxListing) -> Ticker:
    pct = DYNAMIC_PCT_LARGE if listing.large else DYNAMIC_PCT
    breaks = Interruptions(listing.symbol, listing.base_price, listing.halted, pct)
    return Ticker(listing, breaks, band(listing.base_price, listing.group))
