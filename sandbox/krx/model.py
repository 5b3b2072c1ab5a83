"""The nouns of the KRX side: trades, books, bars, events. Prices are whole won in Decimal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sandbox.krx.hours import KrxPhase
from sandbox.model import Side


@dataclass(frozen=True, slots=True)
class KrxTrade:
    """One print, with the best of the book as it stands just after it.

    ``at`` is aware UTC. Everything that counts (``cum_``, ``bought_``, ``sold_``, open, high, low)
    counts since the opening auction; an after-market print counts since 16:00 instead. ``side`` is
    who came to the other: BUY lifted an offer; None in an auction, whose volume is neither bought
    nor sold. ``bid`` or ``ask`` is 0, with size 0, where nobody stands: at the price limits.
    """

    symbol: str
    at: datetime
    price: Decimal
    size: int
    side: Side | None
    phase: KrxPhase
    is_auction: bool
    cum_volume: int
    cum_value: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    open_at: datetime
    high_at: datetime
    low_at: datetime
    bid: Decimal
    ask: Decimal
    bid_size: int
    ask_size: int
    bought_volume: int
    sold_volume: int
    bought_count: int
    sold_count: int

    @property
    def strength(self) -> Decimal:
        """Execution strength in per cent: 100 x bought / sold; 0 before anything was sold."""
        return Decimal(100 * self.bought_volume) / self.sold_volume if self.sold_volume else ZERO


@dataclass(frozen=True, slots=True)
class Expected:
    """What an auction would trade if it ended now."""

    symbol: str
    at: datetime
    price: Decimal
    size: int
    phase: KrxPhase


@dataclass(frozen=True, slots=True)
class Level:
    """One price of the book."""

    price: Decimal
    size: int


@dataclass(frozen=True, slots=True)
class BookLevels:
    """Up to ten levels a side, best first; a side is empty where nobody stands."""

    at: datetime
    asks: tuple[Level, ...] = ()
    bids: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class MinuteBar:
    """One minute with trades. ``cum_value`` is won since the opening auction."""

    start: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    cum_value: Decimal


@dataclass(frozen=True, slots=True)
class DayBar:
    """One regular session. A day without trades has volume 0 and the old close everywhere."""

    day: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class IndexState:
    """A market index, two decimals."""

    segment: str
    price: Decimal
    prev_close: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: int
    value: Decimal

    @property
    def change_pct(self) -> Decimal:
        """Against yesterday's close, two decimals."""
        return ((self.price / self.prev_close - 1) * 100).quantize(HUNDREDTH)


class ViKind(StrEnum):
    """Why a volatility auction began; codes of ``vi_kind_code``."""

    STATIC = "1"
    DYNAMIC = "2"


@dataclass(frozen=True, slots=True)
class Vi:
    """A volatility interruption: two minutes of auction and up to half a minute more.

    ``price`` is the one that set it off and was not traded, ``reference`` what it was measured
    against: the last auction price for a static one, the last trade for a dynamic one.
    ``ended_at`` is None while it lasts; ``until`` is when it will end.
    """

    symbol: str
    kind: ViKind
    started_at: datetime
    until: datetime
    price: Decimal
    reference: Decimal
    count: int
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SymbolState:
    """What keeps a symbol from trading as usual. The ``vi_`` fields are None outside a VI."""

    halted: bool = False
    vi_since: datetime | None = None
    vi_until: datetime | None = None
    vi_kind: ViKind | None = None
    vi_price: Decimal | None = None


class EventKind(StrEnum):
    """What happened to the market or to a symbol."""

    OPENING_AUCTION = "opening_auction"
    MARKET_OPEN = "market_open"
    CLOSING_AUCTION = "closing_auction"
    MARKET_CLOSE = "market_close"
    AFTER_OPEN = "after_open"
    AFTER_CLOSE = "after_close"
    VI_START = "vi_start"
    VI_END = "vi_end"
    HALT = "halt"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """Something that is no trade. ``symbol`` is empty where it concerns the whole market."""

    kind: EventKind
    symbol: str
    at: datetime


ZERO = Decimal(0)
HUNDREDTH = Decimal("0.01")
KrxTradeListener = Callable[[KrxTrade], object]
MarketEventListener = Callable[[MarketEvent], object]
ExpectedListener = Callable[[Expected], object]
