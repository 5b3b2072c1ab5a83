"""The days that are over: bars of symbols and indices, and the minutes of days never played."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from sandbox.krx.hours import kst_date
from sandbox.krx.index import FIRST_CLOSE, Index
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar, MinuteBar
from sandbox.krx.past import invented_index_days, minutes_of
from sandbox.krx.tape import KrxTape
from sandbox.krx.ticker import Ticker


class Almanac:
    """Turns days into yesterdays. A symbol's last bar decides how its next day begins."""

    def __init__(self, tickers: Mapping[str, Ticker]) -> None:
        self._tickers = tickers
        self._days: dict[str, list[DayBar]] = {}
        self.indices = {name: Index(name, close) for name, close in FIRST_CLOSE.items()}

    def begin(self, tape: KrxTape, first_day: date) -> None:
        """Tell every symbol and index what happened before the first day."""
        for symbol, ticker in self._tickers.items():
            self._days[symbol] = list(tape.history(ticker.listing, first_day))
            ticker.start_day(self._morning(ticker.listing))
        for index in self.indices.values():
            index.bars = list(invented_index_days(index.segment, index.prev_close, first_day))
        self._weigh()

    def turn(self, day: date) -> None:
        """Close the books on a day and begin the next one."""
        for symbol, ticker in self._tickers.items():
            self._days[symbol].append(ticker.day_bar(day))
            ticker.start_day(self._morning(ticker.listing))
        for index in self.indices.values():
            index.close_day(day)
        self._weigh()

    def days(self, symbol: str, today: date, until: date, count: int) -> tuple[DayBar, ...]:
        """The last ``count`` days up to ``until``, oldest first; today's row is a live one."""
        ticker = self._tickers[symbol]
        live = [ticker.day_bar(today)] if ticker.day_count is not None else []
        return _last([*self._days[symbol], *live], until, count)

    def index_days(self, segment: str, today: date, until: date, count: int) -> tuple[DayBar, ...]:
        """The index by day, as ``days``."""
        index = self.indices[segment]
        live = [index.bar(today)] if index.open is not None else []
        return _last([*index.bars, *live], until, count)

    def minutes(self, symbol: str, today: date, until: datetime) -> tuple[MinuteBar, ...]:
        """The minutes of the day of ``until`` that have begun by then, oldest first."""
        day = kst_date(until)
        ticker = self._tickers[symbol]
        if day == today:
            return tuple(ticker.bars(until))
        bar = next((bar for bar in self._days[symbol] if bar.day == day), None)
        told = () if bar is None else minutes_of(bar, symbol, ticker.listing.group)
        return tuple(minute for minute in told if minute.start <= until)

    def _morning(self, listing: KrxListing) -> KrxListing:
        """The listing on the morning after its last day."""
        days = self._days[listing.symbol]
        if not days:
            return listing
        last = days[-1]
        return replace(listing, base_price=last.close, prev_high=last.high, prev_volume=last.volume)

    def _weigh(self) -> None:
        listings = [ticker.listing for ticker in self._tickers.values()]
        for index in self.indices.values():
            index.start_day(listings)


def _last(bars: Iterable[DayBar], until: date, count: int) -> tuple[DayBar, ...]:
    known = [bar for bar in bars if bar.day <= until]
    return tuple(known[-count:]) if count > 0 else ()
