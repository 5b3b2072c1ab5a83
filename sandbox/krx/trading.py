"""What the exchange makes of raw prints: trades, auctions, interruptions, halts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from sandbox.agenda import Agenda
from sandbox.krx.hours import KrxDay, KrxPhase, kst_date
from sandbox.krx.index import Index
from sandbox.krx.model import EventKind, Expected, KrxTrade, Vi, ViKind
from sandbox.krx.news import News
from sandbox.krx.prices import band
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.krx.ticker import Ticker


class Trading:
    """Plays raw prints. What the clock brings stands in ``agenda`` and leaves its print here.

    ``recorded``: the prints have had their interruptions, so that prices call for none.
    """

    def __init__(
        self,
        tickers: Mapping[str, Ticker],
        indices: Mapping[str, Index],
        news: News,
        *,
        recorded: bool,
    ) -> None:
        self.agenda = Agenda()
        self.hours: KrxDay | None = None
        self._tickers = tickers
        self._indices = indices
        self._news = news
        self._recorded = recorded
        self._due: KrxTrade | None = None
        self._vis: list[Vi] = []

    def begin_day(self, hours: KrxDay) -> None:
        """Enter the moments of a day."""
        wake, self.agenda = self.agenda.wake, Agenda()
        self.agenda.wake = wake
        self.hours = hours
        self._news.expected.clear()
        for at, kind in (
            (hours.auction_open, EventKind.OPENING_AUCTION),
            (hours.open, EventKind.MARKET_OPEN),
            (hours.close_auction, EventKind.CLOSING_AUCTION),
            (hours.close, EventKind.MARKET_CLOSE),
            (hours.after_open, EventKind.AFTER_OPEN),
            (hours.after_close, EventKind.AFTER_CLOSE),
        ):
            if at is not None:
                self.agenda.add(at, "", partial(self._clock_event, kind))

    def play_next(self) -> KrxTrade | None:
        """Do what the clock brings next; an interruption may end with a trade."""
        self.agenda.play_next()
        trade, self._due = self._due, None
        return trade

    def play(self, symbol: str, raw: KrxPrint) -> KrxTrade | None:
        """A raw print as a trade; None if it was none, or has to wait."""
        ticker = self._tickers[symbol]
        breaks = ticker.breaks
        if breaks.halted:
            return None
        price, phase = ticker.price_of(raw), self._phase(raw.at)
        if raw.kind is PrintKind.EXPECTED:
            self._news.expect(Expected(symbol, raw.at, price, raw.size, phase))
            return None
        if raw.kind is PrintKind.AUCTION:
            return self._print(ticker, raw, price, raw.size + breaks.take(), phase)
        if phase is KrxPhase.CONTINUOUS:
            self._check_price(ticker, raw.at, price)
            if breaks.current is not None:
                breaks.hold(price, raw.size)
                self._news.expect(Expected(symbol, raw.at, price, breaks.waiting, phase))
                return None
        return self._print(ticker, raw, price, raw.size, phase)

    def halt(self, symbol: str, at: datetime) -> None:
        """Stop all trading in the symbol, also on the days to come."""
        self._tickers[symbol].breaks.halted = True
        self._news.event(EventKind.HALT, symbol, at)

    def resume(self, symbol: str, at: datetime) -> None:
        """Let it trade again."""
        self._tickers[symbol].breaks.halted = False
        self._news.event(EventKind.RESUME, symbol, at)

    def start_vi(self, symbol: str, at: datetime) -> None:
        """Interrupt the symbol as if its price had run away."""
        ticker = self._tickers[symbol]
        if ticker.breaks.current is None and self._phase(at) is KrxPhase.CONTINUOUS:
            price = ticker.listing.base_price if ticker.last is None else ticker.last.price
            self._interrupt(ticker, at, ViKind.STATIC, price, ticker.breaks.reference)

    def end_vi(self, symbol: str, at: datetime) -> None:
        """End a running interruption; its auction prints as the next thing."""
        current = self._tickers[symbol].breaks.current
        if current is not None:
            self.agenda.add(at, symbol, partial(self._end_vi, current))

    def vis(self, day: date) -> tuple[Vi, ...]:
        """Interruptions of a day, running ones included, by their start."""
        running = [t.breaks.current for t in self._tickers.values() if t.breaks.current]
        known = [vi for vi in (*self._vis, *running) if kst_date(vi.started_at) == day]
        return tuple(sorted(known, key=lambda vi: vi.started_at))

    def _phase(self, at: datetime) -> KrxPhase:
        return KrxPhase.CLOSED if self.hours is None else self.hours.phase(at)

    def _print(
        self, ticker: Ticker, raw: KrxPrint, price: Decimal, size: int, phase: KrxPhase
    ) -> KrxTrade:
        listing = ticker.listing
        before = listing.base_price if ticker.close is None else ticker.close
        trade = ticker.trade(raw, price, size, phase)
        if trade.is_auction:
            ticker.breaks.reference = price
            self._news.forget(listing.symbol)
        if phase is not KrxPhase.AFTER:
            self._indices[listing.segment].on_trade(listing, before, trade)
        return trade

    def _check_price(self, ticker: Ticker, at: datetime, price: Decimal) -> None:
        free = self._recorded or ticker.listing.liquidation
        if free or ticker.breaks.current is not None:
            return
        last = None if ticker.last is None else ticker.last.price
        cause = ticker.breaks.cause(price, last)
        if cause is not None:
            kind, reference = cause
            self._interrupt(ticker, at, kind, price, reference)

    def _interrupt(
        self, ticker: Ticker, at: datetime, kind: ViKind, price: Decimal, reference: Decimal
    ) -> None:
        vi = ticker.breaks.begin(at, kind, price, reference)
        self.agenda.add(vi.until, vi.symbol, partial(self._end_vi, vi))
        self._news.event(EventKind.VI_START, vi.symbol, at)

    def _end_vi(self, vi: Vi, at: datetime) -> None:
        """End it unless a hand was quicker. In the closing auction what waits goes on waiting."""
        ticker = self._tickers[vi.symbol]
        breaks = ticker.breaks
        if breaks.current is not vi:
            return
        self._vis.append(breaks.end(vi, at))
        self._news.event(EventKind.VI_END, vi.symbol, at)
        phase, price = self._phase(at), breaks.waiting_price
        if phase is not KrxPhase.CONTINUOUS:
            return
        if price is None:
            self._news.forget(vi.symbol)
            return
        raw = KrxPrint(at, price, breaks.waiting, kind=PrintKind.AUCTION)
        self._due = self._print(ticker, raw, price, breaks.take(), phase)

    def _clock_event(self, kind: EventKind, at: datetime) -> None:
        if kind is EventKind.AFTER_OPEN:
            for ticker in self._tickers.values():
                if ticker.close is not None:
                    ticker.limits = band(ticker.close, ticker.listing.group)
        self._news.event(kind, "", at)
