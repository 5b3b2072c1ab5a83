"""One symbol's running day: turns raw prints into trades, minute bars and the day's bar."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sandbox.krx.hours import KrxPhase
from sandbox.krx.interruptions import Interruptions
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar, KrxTrade, MinuteBar
from sandbox.krx.moves import Moves
from sandbox.krx.prices import band, ceil_tick, floor_tick, next_above
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Side

ZERO = Decimal(0)
# Trades kept to be told again.
KEPT_TRADES = 30


@dataclass(slots=True)
class _Count:
    """What a session has traded so far."""

    open: Decimal
    high: Decimal
    low: Decimal
    open_at: datetime
    high_at: datetime
    low_at: datetime
    volume: int = 0
    value: Decimal = ZERO
    bought: int = 0
    sold: int = 0
    bought_count: int = 0
    sold_count: int = 0

    def add(self, price: Decimal, size: int, side: Side | None, at: datetime) -> None:
        """Count a print."""
        if price > self.high:
            self.high, self.high_at = price, at
        if price < self.low:
            self.low, self.low_at = price, at
        self.volume += size
        self.value += price * size
        if side is Side.BUY:
            self.bought += size
            self.bought_count += 1
        elif side is Side.SELL:
            self.sold += size
            self.sold_count += 1


@dataclass(slots=True)
class _Minute:
    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    cum_value: Decimal

    def bar(self) -> MinuteBar:
        return MinuteBar(
            self.start, self.open, self.high, self.low, self.close, self.volume, self.cum_value
        )


@dataclass(slots=True)
class Ticker:
    """Everything the market knows of one listing. ``close`` is the regular session's last price."""

    listing: KrxListing
    breaks: Interruptions
    limits: tuple[Decimal, Decimal]
    moves: Moves = field(default_factory=Moves)
    last: KrxTrade | None = None
    recent: deque[KrxTrade] = field(default_factory=lambda: deque(maxlen=KEPT_TRADES))
    close: Decimal | None = None
    day_count: _Count | None = None
    after_count: _Count | None = None
    minutes: list[_Minute] = field(default_factory=list)

    def price_of(self, raw: KrxPrint) -> Decimal:
        """The real price of a raw print: moved, on its step, within the limits."""
        if self.moves.idle:
            price = raw.price
        else:
            last = None if self.last is None else self.last.price
            exact = self.moves.real(raw.price, raw.at, last)
            price = floor_tick(exact, self.listing.group)
        if raw.kind is not PrintKind.EXPECTED:
            self.moves.raw = raw.price
        lower, upper = self.limits
        return min(max(price, lower), upper)

    def trade(self, raw: KrxPrint, price: Decimal, size: int, phase: KrxPhase) -> KrxTrade:
        """Count a print and tell it as a trade."""
        count = self._count(price, raw.at, phase)
        auction = raw.kind is PrintKind.AUCTION
        side = None if auction else raw.side
        count.add(price, size, side, raw.at)
        if phase is not KrxPhase.AFTER:
            self.close = price
            self._to_minute(price, size, raw.at, count.value)
        bid, ask, bid_size, ask_size = self._best(raw, price, size)
        self.last = KrxTrade(
            self.listing.symbol, raw.at, price, size, side, phase, auction,
            count.volume, count.value, count.open, count.high, count.low,
            count.open_at, count.high_at, count.low_at, bid, ask, bid_size, ask_size,
            count.bought, count.sold, count.bought_count, count.sold_count,
        )  # fmt: skip
        self.recent.append(self.last)
        return self.last

    def bars(self, until: datetime) -> list[MinuteBar]:
        """Minutes that began not after ``until``, oldest first."""
        end = bisect_right(self.minutes, until, key=lambda minute: minute.start)
        return [minute.bar() for minute in self.minutes[:end]]

    def day_bar(self, day: date) -> DayBar:
        """The regular session so far."""
        count = self.day_count
        if count is None or self.close is None:
            base = self.listing.base_price
            return DayBar(day, base, base, base, base, 0, ZERO)
        return DayBar(day, count.open, count.high, count.low, self.close, count.volume, count.value)

    def start_day(self, listing: KrxListing) -> None:
        """Begin with empty counters from a new base price."""
        self.listing = listing
        self.limits = band(listing.base_price, listing.group)
        self.breaks.start_day(listing.base_price)
        self.moves.start_day()
        self.last = self.close = None
        self.recent.clear()
        self.day_count = self.after_count = None
        self.minutes = []

    def _count(self, price: Decimal, at: datetime, phase: KrxPhase) -> _Count:
        if phase is KrxPhase.AFTER:
            if self.after_count is None:
                self.after_count = _Count(price, price, price, at, at, at)
            return self.after_count
        if self.day_count is None:
            self.day_count = _Count(price, price, price, at, at, at)
        return self.day_count

    def _to_minute(self, price: Decimal, size: int, at: datetime, cum_value: Decimal) -> None:
        current = self.minutes[-1] if self.minutes else None
        start = at.replace(second=0, microsecond=0)
        if current is None or current.start != start:
            self.minutes.append(_Minute(start, price, price, price, price, size, cum_value))
            return
        current.high, current.low = max(current.high, price), min(current.low, price)
        current.close = price
        current.volume += size
        current.cum_value = cum_value

    def _best(self, raw: KrxPrint, price: Decimal, size: int) -> tuple[Decimal, Decimal, int, int]:
        group = self.listing.group
        bid, ask = raw.bid, raw.ask
        if bid is None or ask is None:
            bid = floor_tick(price, group)
            ask = next_above(bid, group)
        elif price != raw.price:
            factor = price / raw.price
            bid = min(floor_tick(bid * factor, group), floor_tick(price, group))
            ask = max(ceil_tick(ask * factor, group), ceil_tick(price, group))
            ask = max(ask, next_above(bid, group))
        bid_size = size if raw.bid_size is None else raw.bid_size
        ask_size = size if raw.ask_size is None else raw.ask_size
        lower, upper = self.limits
        if ask > upper:
            ask, ask_size = ZERO, 0
        if bid < lower:
            bid, bid_size = ZERO, 0
        return bid, ask, bid_size, ask_size
