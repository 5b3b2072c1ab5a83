"""The minutes of the last hours as ticks told them, for a trade's picture; lost in a restart."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Generic

from engine.model.candles import MinuteCandle
from engine.model.ids import Symbol
from engine.model.money import M
from engine.model.quotes import Tick

KEPT = 480  # minutes of a symbol: a session and what is before it
_MINUTE_S = 60
_WIDTH = 7  # minute, open, high, low, close, volume of the day at its begin and end
_UNKNOWN = -1.0


class Tape(Generic[M]):
    """Plain numbers, 56 bytes a minute: forty symbols must not cost a small machine its memory."""

    def __init__(self) -> None:
        self._rows: dict[Symbol, array[float]] = {}
        self._money: dict[Symbol, type[M]] = {}

    def add(self, tick: Tick[M]) -> None:
        """Take a price in; one that is older than the newest minute is too late to matter."""
        rows = self._rows.get(tick.symbol)
        if rows is None:
            rows = self._rows[tick.symbol] = array("d")
            self._money[tick.symbol] = type(tick.price)
        price = float(tick.price.amount)
        volume = _UNKNOWN if tick.cum_volume is None else float(tick.cum_volume)
        minute = float(tick.at.timestamp() // _MINUTE_S)
        if not rows or rows[-_WIDTH] < minute:
            before = rows[-1] if rows and rows[-1] <= volume else volume
            rows.extend((minute, price, price, price, price, before, volume))
            del rows[: -KEPT * _WIDTH]
        elif rows[-_WIDTH] == minute:
            rows[-5] = max(rows[-5], price)
            rows[-4] = min(rows[-4], price)
            rows[-3] = price
            rows[-1] = max(rows[-1], volume)

    def minutes(self, symbol: Symbol, since: datetime) -> tuple[MinuteCandle[M], ...]:
        """Candles from the minute of ``since`` on, oldest first; minutes without a tick lack."""
        rows = self._rows.get(symbol)
        if rows is None:
            return ()
        first = since.timestamp() // _MINUTE_S
        money = self._money[symbol]
        return tuple(_candle(row, money) for row in _cut(rows) if row[0] >= first)


def _cut(rows: array[float]) -> Iterator[array[float]]:
    for place in range(0, len(rows), _WIDTH):
        yield rows[place : place + _WIDTH]


def _candle(row: array[float], money: type[M]) -> MinuteCandle[M]:
    minute, *prices, before, after = row
    opened, high, low, close = (money(Decimal(repr(price)).normalize()) for price in prices)
    at = datetime.fromtimestamp(minute * _MINUTE_S, UTC)
    return MinuteCandle(at, opened, high, low, close, int(after - before))
