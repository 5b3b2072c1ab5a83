"""A recorded day as a market: trades in order of time, reads told what was played so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import assert_never

from engine.model.candles import MinuteCandle
from engine.model.ids import Symbol
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
    Facilities,
    ListingsSeen,
    MarketEvent,
    MarketRow,
    MinuteCandlesSeen,
    Ranking,
    RowsSeen,
    StateSeen,
)
from engine.model.money import Krw
from engine.model.quotes import DayFigures, QuoteSource, Tick
from engine.model.recorded import RecordedDay, RecordedMinute, RecordedStock
from engine.rules.krx.minute_path import book_at, trades_of
from engine.rules.krx.price_steps import band
from engine.rules.krx.sessions import KrxSession, kst

# What can be ranked from the figures of the recorded stocks themselves. Of the index, of buyers
# and sellers and of other dates the recording knows nothing.
FACILITIES = Facilities(
    frozenset({Ranking.TRADED_VALUE, Ranking.RISERS}),
    rows_per_call=30,
    has_open_days=False,
    has_index=False,
)
_RANKED = 30
_MINUTE = timedelta(minutes=1)


class RecordedMarket:
    """One day. ``ticks`` lists its trades, ``on_tick`` makes one known; reads tell of no other."""

    def __init__(self, recorded: RecordedDay, session: KrxSession) -> None:
        self._session = session
        self._midnight = kst(recorded.day, time(0))
        self._played = {
            stock.symbol: _Played(stock, session, self._midnight) for stock in recorded.stocks
        }

    def ticks(self) -> Iterator[Tick[Krw]]:
        """Every trade of the regular session."""
        by_minute: dict[int, list[tuple[_Played, RecordedMinute]]] = defaultdict(list)
        for played in self._played.values():
            for bar in played.stock.minutes:
                by_minute[bar.minute].append((played, bar))
        for minute in sorted(by_minute):
            at = self._midnight + minute * _MINUTE
            if at == self._session.close:
                for played, bar in by_minute[minute]:
                    yield played.auction(bar, at)
            elif self._session.open <= at < self._session.close:
                yield from _minute(by_minute[minute], at)

    def on_tick(self, tick: Tick[Krw]) -> None:
        """The trade has happened."""
        self._played[tick.symbol].tick = tick

    def last(self, symbol: Symbol) -> Tick[Krw] | None:
        """The newest trade of a stock."""
        played = self._played.get(symbol)
        return played.tick if played is not None else None

    def limits(self, symbol: Symbol) -> tuple[Krw, Krw]:
        """The lowest and the highest price of the day."""
        played = self._played[symbol]
        return played.lower, played.upper

    def answer(self, fetch: MarketFetch, now: datetime) -> MarketEvent | None:
        """What a read brings at ``now``; None: the recording cannot say."""
        match fetch:
            case FetchListings():
                listings = tuple(played.stock.listing for played in self._played.values())
                return ListingsSeen(listings, self._session.day)
            case FetchRanking(ranking):
                return RowsSeen(self._ranked(ranking), ranking, now)
            case FetchRows(symbols):
                wanted = [self._played[symbol] for symbol in symbols if symbol in self._played]
                return RowsSeen(_rows(wanted), None, now)
            case FetchDayCandles(symbol):
                return DayCandlesSeen(symbol, self._played[symbol].stock.days)
            case FetchMinuteCandles(symbol, until):
                return MinuteCandlesSeen(symbol, self._played[symbol].candles(min(until, now)))
            case FetchState(symbol):
                return self._played[symbol].state(now)
            case FetchOpenDays() | FetchIndex():
                return None
            case _:
                assert_never(fetch)

    def _ranked(self, ranking: Ranking) -> tuple[MarketRow, ...]:
        order = _ORDERS[ranking]
        traded = [
            (order(played, played.tick), played)
            for played in self._played.values()
            if played.tick is not None
        ]
        traded.sort(key=itemgetter(0), reverse=True)
        return _rows([played for _, played in traded[:_RANKED]])


class _Played:
    """One stock and its day so far."""

    def __init__(self, stock: RecordedStock, session: KrxSession, midnight: datetime) -> None:
        listing = stock.listing
        self.stock = stock
        self.lower, self.upper = band(listing.base_price, session.day, listing.kind)
        self.tick: Tick[Krw] | None = None
        self.cum_volume = 0
        self.cum_value = 0
        self._day = session.day
        self._midnight = midnight
        self._open = self._high = self._low = 0
        self._prices: dict[int, Krw] = {}
        self._books: dict[int, tuple[Krw | None, Krw | None]] = {}

    def trade(
        self, at: datetime, price: int, size: int, value: int, *, is_auction: bool = False
    ) -> Tick[Krw]:
        """The next one. ``value``: won traded since the open, as far as the recording has it."""
        if not self.cum_volume:
            self._open = self._high = self._low = price
        self._high, self._low = max(self._high, price), min(self._low, price)
        self.cum_volume += size
        self.cum_value = max(self.cum_value, value)
        bid, ask = (None, None) if is_auction else self._book(price)
        return Tick(
            self.stock.symbol,
            at,
            self._krw(price),
            QuoteSource.STREAM,
            bid,
            ask,
            self.cum_volume,
            self.stock.listing.base_price,
            DayFigures(
                self._krw(self._open),
                self._krw(self._high),
                self._krw(self._low),
                Krw(Decimal(self.cum_value)),
                None,
            ),
        )

    def auction(self, bar: RecordedMinute, at: datetime) -> Tick[Krw]:
        """The closing auction: all at one price, and nobody shows a book."""
        return self.trade(at, bar.close, bar.volume, bar.cum_value, is_auction=True)

    def candles(self, until: datetime) -> tuple[MinuteCandle[Krw], ...]:
        """Finished minutes."""
        found: list[MinuteCandle[Krw]] = []
        for bar in self.stock.minutes:
            at = self._midnight + bar.minute * _MINUTE
            if at + _MINUTE > until:
                break
            opened, high = self._krw(bar.open), self._krw(bar.high)
            low, close = self._krw(bar.low), self._krw(bar.close)
            found.append(MinuteCandle(at, opened, high, low, close, bar.volume))
        return tuple(found)

    def state(self, now: datetime) -> StateSeen:
        """Price limits by the rule; halts are holes in the minutes and cannot be told."""
        return StateSeen(
            self.stock.symbol,
            self.stock.listing.base_price,
            self.upper,
            self.lower,
            is_halted=False,
            has_vi=False,
            at=now,
        )

    def row(self) -> MarketRow | None:
        """As a scan shows it; None before the first trade."""
        tick, base = self.tick, self.stock.listing.base_price
        if tick is None or tick.day is None:
            return None
        return MarketRow(
            symbol=tick.symbol,
            price=tick.price,
            change_pct=(tick.price.ratio(base) - 1) * 100,
            prev_close=base,
            open=tick.day.open,
            high=tick.day.high,
            low=tick.day.low,
            bid=tick.bid,
            ask=tick.ask,
            cum_volume=tick.cum_volume,
            cum_value=tick.day.cum_value,
        )

    def _krw(self, won: int) -> Krw:
        found = self._prices.get(won)
        if found is None:
            found = self._prices[won] = Krw(Decimal(won))
        return found

    def _book(self, price: int) -> tuple[Krw | None, Krw | None]:
        found = self._books.get(price)
        if found is None:
            kind = self.stock.listing.kind
            found = book_at(self._krw(price), self._day, kind, self.lower, self.upper)
            self._books[price] = found
        return found


def _minute(bars: list[tuple[_Played, RecordedMinute]], at: datetime) -> Iterator[Tick[Krw]]:
    """The trades of one minute, of all stocks second by second."""
    by_second: dict[int, list[tuple[_Played, int, int, int]]] = defaultdict(list)
    for played, bar in bars:
        value = played.cum_value
        for second, price, size in trades_of(bar):
            value = min(value + price * size, bar.cum_value)
            by_second[second].append((played, price, size, value))
    for second in sorted(by_second):
        moment = at + timedelta(seconds=second)
        for played, price, size, value in by_second[second]:
            yield played.trade(moment, price, size, value)


def _rows(wanted: list[_Played]) -> tuple[MarketRow, ...]:
    rows = (played.row() for played in wanted)
    return tuple(row for row in rows if row is not None)


def _rise(played: _Played, tick: Tick[Krw]) -> Decimal:
    return tick.price.ratio(played.stock.listing.base_price)


def _value(_played: _Played, tick: Tick[Krw]) -> Decimal:
    value = tick.day.cum_value if tick.day is not None else None
    return value.amount if value is not None else Decimal(0)


_ORDERS: dict[Ranking, Callable[[_Played, Tick[Krw]], Decimal]] = {
    Ranking.TRADED_VALUE: _value,
    Ranking.RISERS: _rise,
}
