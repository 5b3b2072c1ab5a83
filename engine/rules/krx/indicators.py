"""Figures of one stock, kept up to date tick by tick in constant time.

Prices are whole won as ``int`` and averages floats: these figures are compared, never paid.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.model.candles import DayCandle, MinuteCandle
from engine.model.krx_settings import StageSettings
from engine.model.market_events import MarketRow
from engine.model.money import Krw
from engine.model.quotes import Tick

MEAN_DAYS = 20
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DayStats:
    """What the days before today say. None: fewer traded days than the figure needs.

    ``mean_volume`` in shares and ``mean_value`` in won over twenty days.
    """

    days: int
    prev_close: int
    prev_high: int
    prev_low: int
    n_day_high: int | None
    short_average: float | None
    long_average: float | None
    mean_volume: float | None
    mean_value: float | None

    @property
    def prev_range(self) -> int:
        """High less low of the last traded day."""
        return self.prev_high - self.prev_low


def day_stats(
    candles: Iterable[DayCandle], today: date, settings: StageSettings
) -> DayStats | None:
    """Figures of the days before ``today``; None where there is none.

    Days without a trade do not count, nor does a row of today: KIS gives a provisional one.
    """
    past = sorted((c for c in candles if c.day < today and c.volume > 0), key=lambda c: c.day)
    if not past:
        return None
    last = past[-1]
    high = _last(past, settings.n_days)
    mean = _last(past, MEAN_DAYS)
    return DayStats(
        days=len(past),
        prev_close=won(last.close),
        prev_high=won(last.high),
        prev_low=won(last.low),
        n_day_high=max(won(c.high) for c in high) if high else None,
        short_average=_mean([won(c.close) for c in _last(past, settings.short_average_days)]),
        long_average=_mean([won(c.close) for c in _last(past, settings.long_average_days)]),
        mean_volume=_mean([c.volume for c in mean]),
        mean_value=_mean([_value(c) for c in mean]),
    )


def won(price: Krw) -> int:
    """A price as a whole number."""
    return int(price.amount)


def _last(candles: Sequence[DayCandle], count: int) -> Sequence[DayCandle]:
    return candles[-count:] if len(candles) >= count else ()


def _mean(figures: Sequence[int]) -> float | None:
    return sum(figures) / len(figures) if figures else None


def _value(candle: DayCandle) -> int:
    return won(candle.close) * candle.volume if candle.value is None else won(candle.value)


class OpeningRange:
    """The highest price of the first minutes; a level only once they are over.

    Unknown as long as nothing of those minutes was seen, by candle or by tick.
    """

    __slots__ = ("_high", "ends_at", "opens_at")

    def __init__(self, opens_at: datetime, ends_at: datetime) -> None:
        self.opens_at = opens_at
        self.ends_at = ends_at
        self._high: int | None = None

    def add_tick(self, tick: Tick[Krw]) -> None:
        """Count a regular trade. The high a trade carries covers what came before it."""
        high = tick.price if tick.day is None or tick.day.high is None else tick.day.high
        self._raise(tick.at, high)

    def add_candle(self, candle: MinuteCandle[Krw]) -> None:
        """Count a minute."""
        self._raise(candle.at, candle.high)

    def high_at(self, now: datetime) -> int | None:
        """The level, None while the range is open or was not seen."""
        return self._high if now >= self.ends_at else None

    def _raise(self, at: datetime, price: Krw) -> None:
        if self.opens_at <= at < self.ends_at:
            high = won(price)
            if self._high is None or high > self._high:
                self._high = high


class RunningDay:
    """The day so far. None: not told yet. What counts up never falls by a late tick.

    Feed regular trades only; expected prices of an auction are none.
    """

    __slots__ = (
        *("_by_minute", "_first_minute", "_minutes", "_opens_at"),
        *("cum_value", "cum_volume", "high", "low", "open", "price", "strength"),
    )

    def __init__(self, opens_at: datetime, session_minutes: int) -> None:
        self._opens_at = opens_at
        self._minutes = session_minutes
        self._first_minute: int | None = None
        # Cumulative volume at the end of each minute. Eight bytes each, for every stock of the
        # universe: as a list it would grow to 20 MB in a day of 1,200 of them.
        self._by_minute = array("q")
        self.price: int | None = None
        self.open: int | None = None
        self.high: int | None = None
        self.low: int | None = None
        self.cum_volume: int | None = None
        self.cum_value: int | None = None
        self.strength: float | None = None

    def add_tick(self, tick: Tick[Krw]) -> None:
        """Take a regular trade or a polled price in."""
        day = tick.day
        self._add_price(won(tick.price))
        if day is not None:
            self._add_extremes(day.open, day.high, day.low)
            self._add_value(day.cum_value)
            if day.strength is not None:
                self.strength = float(day.strength)
        if tick.cum_volume is not None:
            self._add_volume(tick.at, tick.cum_volume)

    def add_row(self, row: MarketRow, at: datetime) -> None:
        """Take a row of a scan in."""
        self._add_price(won(row.price))
        self._add_extremes(row.open, row.high, row.low)
        self._add_value(row.cum_value)
        if row.strength is not None:
            self.strength = float(row.strength)
        if row.cum_volume is not None:
            self._add_volume(at, row.cum_volume)

    def volume_by(self, minute: int) -> int | None:
        """Shares traded in the first ``minute`` minutes; None where it was not watched yet."""
        if self._first_minute is None or minute <= self._first_minute:
            return None
        return self._by_minute[min(minute - self._first_minute, len(self._by_minute)) - 1]

    def _add_price(self, price: int) -> None:
        self.price = price
        if self.high is None or price > self.high:
            self.high = price
        if self.low is None or price < self.low:
            self.low = price

    def _add_extremes(self, opened: Krw | None, high: Krw | None, low: Krw | None) -> None:
        """After a price, so that high and low are there."""
        if self.open is None and opened is not None:
            self.open = won(opened)
        if high is not None and (highest := won(high)) > (self.high or 0):
            self.high = highest
        if low is not None and self.low is not None and (lowest := won(low)) < self.low:
            self.low = lowest

    def _add_value(self, value: Krw | None) -> None:
        if value is not None and (self.cum_value is None or won(value) > self.cum_value):
            self.cum_value = won(value)

    def _add_volume(self, at: datetime, cum_volume: int) -> None:
        total = max(self.cum_volume or 0, cum_volume)
        minute = (at - self._opens_at) // _MINUTE
        if minute >= self._minutes:
            minute = self._minutes - 1
        if minute >= 0:
            if self._first_minute is None:
                self._first_minute = minute
            missing = minute - self._first_minute + 1 - len(self._by_minute)
            if missing > 0:
                # a quiet minute ends with what the minute before it ended with
                quiet = array("q", (self.cum_volume or 0,)) * (missing - 1)
                self._by_minute.extend((*quiet, total))
            else:
                self._by_minute[-1] = total
        self.cum_volume = total
