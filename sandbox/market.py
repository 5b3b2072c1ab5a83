"""The tape: prints of all listings in time order, the book after each, and what moves them.

Prints come lazily from a ``Tape`` per symbol and day and are merged by time, so that a day is
never held in memory. Nudges and drifts scale the raw prices on their way out.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sandbox.model import Listing, Trade, TradeListener
from sandbox.session import next_trading_day, session_day, trading_day_on_or_after, us_date

CENT = Decimal("0.01")
SUB_CENT = Decimal("0.0001")
# How much of a symbol's own noise survives while a scripted drift leads it.
DRIFT_NOISE = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Print:
    """A raw trade of a tape. Without ``bid`` and ``ask``: bid = last, ask = last + 1 tick."""

    at: datetime
    price: Decimal
    size: int
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: int | None = None
    ask_size: int | None = None


class Tape(Protocol):
    """Where the prints of a day come from."""

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        """The day's raw prints in time order; empty if it knows none."""
        ...

    def halted(self, symbol: str, moment: datetime) -> bool:
        """Whether trading in the symbol is halted."""
        ...


@dataclass(frozen=True, slots=True)
class Drift:
    """From ``start`` the price moves ``pct`` per cent within ``seconds``, whatever the noise."""

    symbol: str
    start: datetime
    pct: Decimal
    seconds: int


@dataclass(slots=True)
class _Pull:
    """A drift at work: the raw and the real price when it began."""

    drift: Drift
    raw: Decimal
    real: Decimal


@dataclass(slots=True)
class _Day:
    """A symbol's running day."""

    open: Decimal
    high: Decimal
    low: Decimal
    volume: int = 0
    value: Decimal = Decimal(0)


@dataclass(slots=True)
class _Symbol:
    """Everything the tape knows of one listing."""

    listing: Listing
    scale: Decimal = Decimal(1)
    day: _Day | None = None
    last: Trade | None = None
    raw: Decimal | None = None
    pull: _Pull | None = None
    drifts: list[Drift] = field(default_factory=list)


def tick_size(price: Decimal) -> Decimal:
    """US Rule 612: a cent at or above one dollar, a hundredth of a cent below."""
    return CENT if price >= 1 else SUB_CENT


class Market:
    """All listings, their last trades, and the merged stream of what comes next."""

    def __init__(self, listings: Iterable[Listing], tape: Tape, first_day: date) -> None:
        self._symbols = {listing.symbol: _Symbol(listing) for listing in listings}
        self._tape = tape
        self._listeners: list[TradeListener] = []
        self._day = trading_day_on_or_after(first_day)
        self._stream = self._merged(self._day)
        self._head: tuple[str, Print] | None = None

    @property
    def day(self) -> date:
        """The US date the tape is on."""
        return self._day

    def on_trade(self, listener: TradeListener) -> None:
        """Call ``listener`` with every trade, after the books have seen it."""
        self._listeners.append(listener)

    def listings(self) -> tuple[Listing, ...]:
        """All of them."""
        return tuple(entry.listing for entry in self._symbols.values())

    def listing(self, symbol: str) -> Listing | None:
        """The listing, or None for an unknown symbol."""
        entry = self._symbols.get(symbol)
        return None if entry is None else entry.listing

    def last(self, symbol: str) -> Trade | None:
        """Today's last trade; None before the day's first one."""
        entry = self._symbols.get(symbol)
        return None if entry is None else entry.last

    def price(self, symbol: str) -> Decimal:
        """The last price, or the previous close before the day's first trade."""
        entry = self._symbols[symbol]
        return entry.listing.prev_close if entry.last is None else entry.last.price

    def halted(self, symbol: str, moment: datetime) -> bool:
        """Whether trading in the symbol is halted."""
        return self._tape.halted(symbol, moment)

    def nudge(self, symbol: str, pct: Decimal) -> None:
        """Move every later price of the symbol by ``pct`` per cent."""
        self._symbols[symbol].scale *= 1 + pct / 100

    def schedule(self, drift: Drift) -> None:
        """Let a drift lead the symbol from its start on."""
        drifts = self._symbols[drift.symbol].drifts
        drifts.append(drift)
        drifts.sort(key=lambda entry: entry.start)

    def next_at(self) -> datetime:
        """When the next trade comes; at the latest the next day's premarket open."""
        if self._head is None:
            self._head = next(self._stream, None)
        if self._head is None:
            return session_day(next_trading_day(self._day)).premarket_open
        return self._head[1].at

    def pop(self) -> Trade | None:
        """The next trade, or None where only the day turned over."""
        self.next_at()
        if self._head is None:
            self._turn(next_trading_day(self._day))
            return None
        (symbol, raw), self._head = self._head, None
        return self._print(self._symbols[symbol], raw)

    def tell(self, trade: Trade) -> None:
        """Pass a trade to the listeners."""
        for listener in self._listeners:
            listener(trade)

    def start_at(self, moment: datetime) -> None:
        """Put the tape on the day of ``moment``, before anything was played."""
        self._turn(trading_day_on_or_after(us_date(moment)))

    def _merged(self, day: date) -> Iterator[tuple[str, Print]]:
        streams = [self._tagged(entry.listing, day) for entry in self._symbols.values()]
        return heapq.merge(*streams, key=lambda item: item[1].at)

    def _tagged(self, listing: Listing, day: date) -> Iterator[tuple[str, Print]]:
        for raw in self._tape.prints(listing, day):
            yield listing.symbol, raw

    def _turn(self, day: date) -> None:
        for entry in self._symbols.values():
            _close_day(entry)
        self._day = day
        self._head = None
        self._stream = self._merged(day)

    def _print(self, entry: _Symbol, raw: Print) -> Trade:
        price = self._real_price(entry, raw)
        factor = price / raw.price
        tick = tick_size(price)
        bid = price if raw.bid is None else _on_tick(raw.bid * factor)
        ask = price + tick if raw.ask is None else _on_tick(raw.ask * factor)
        day = entry.day or _Day(open=price, high=price, low=price)
        entry.day = day
        day.high, day.low = max(day.high, price), min(day.low, price)
        day.volume += raw.size
        day.value += price * raw.size
        entry.last = Trade(
            symbol=entry.listing.symbol,
            at=raw.at,
            price=price,
            size=raw.size,
            cum_volume=day.volume,
            cum_value=day.value,
            open=day.open,
            high=day.high,
            low=day.low,
            bid=min(bid, price),
            ask=max(ask, min(bid, price) + tick),
            bid_size=raw.size if raw.bid_size is None else raw.bid_size,
            ask_size=raw.size if raw.ask_size is None else raw.ask_size,
        )
        return entry.last

    def _real_price(self, entry: _Symbol, raw: Print) -> Decimal:
        while entry.drifts and entry.drifts[0].start <= raw.at:
            before = entry.last.price if entry.last else raw.price * entry.scale
            entry.pull = _Pull(entry.drifts.pop(0), entry.raw or raw.price, before)
            entry.scale = Decimal(1)
        entry.raw = raw.price
        price = raw.price
        if entry.pull is not None:
            pull = entry.pull
            elapsed = Decimal((raw.at - pull.drift.start).total_seconds())
            progress = min(Decimal(1), elapsed / max(1, pull.drift.seconds))
            noise = (raw.price / pull.raw - 1) * DRIFT_NOISE
            price = pull.real * (1 + pull.drift.pct / 100 * progress) * (1 + noise)
        return _on_tick(price * entry.scale)


def _on_tick(price: Decimal) -> Decimal:
    tick = tick_size(price)
    return max(tick, price.quantize(tick))


def _close_day(entry: _Symbol) -> None:
    """Turn the day that ended into yesterday. A drift's level is carried on as a scale."""
    if entry.last is not None and entry.day is not None:
        old = entry.listing
        entry.listing = Listing(
            old.symbol, old.exchange, old.name, entry.last.price, entry.day.volume
        )
        if entry.pull is not None and entry.raw:
            entry.scale = entry.last.price / entry.raw
            entry.pull = None
    entry.day = None
    entry.last = None
