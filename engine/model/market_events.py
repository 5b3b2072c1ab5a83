"""What the KRX desk learns of the market besides ticks: lists, scans, charts, indices, states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.candles import DayCandle, MinuteCandle
from engine.model.ids import Symbol
from engine.model.listing import Listing, Segment
from engine.model.money import Krw


class Ranking(StrEnum):
    """Lists of thirty that KIS ranks itself; on the real server only."""

    TRADED_VALUE = "traded_value"
    VOLUME_GROWTH = "volume_growth"
    RISERS = "risers"
    STRENGTH = "strength"
    NEAR_HIGH = "near_high"


@dataclass(frozen=True, slots=True)
class Facilities:
    """What the server at hand offers; what it lacks is refused with BrokerRefused.

    ``rows_per_call``: names of one ``fetch_rows`` that one call to the broker covers; on paper
    each name is a call of its own, without book and strength. ``shared_per_second``: calls that
    the key allows all desks together.
    """

    rankings: frozenset[Ranking]
    rows_per_call: int
    has_open_days: bool
    has_index: bool = True
    shared_per_second: Decimal = Decimal(15)


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One name of a ranking or of a call for thirty names; None where the reply has no such field.

    ``strength`` in per cent, ``change_pct`` against the previous close.
    """

    symbol: Symbol
    price: Krw
    change_pct: Decimal | None = None
    prev_close: Krw | None = None
    open: Krw | None = None
    high: Krw | None = None
    low: Krw | None = None
    bid: Krw | None = None
    ask: Krw | None = None
    cum_volume: int | None = None
    cum_value: Krw | None = None
    strength: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ListingsSeen:
    """The master files of both boards."""

    listings: tuple[Listing, ...]
    day: date  # KST date on which they were fetched


@dataclass(frozen=True, slots=True)
class OpenDaysSeen:
    """chk-holiday: which dates are open for orders (``opnd_yn``)."""

    open_days: tuple[tuple[date, bool], ...]


@dataclass(frozen=True, slots=True)
class RowsSeen:
    """A scan. ``ranking`` None: asked for by name."""

    rows: tuple[MarketRow, ...]
    ranking: Ranking | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class DayCandlesSeen:
    """Daily candles before today, oldest first, adjusted."""

    symbol: Symbol
    candles: tuple[DayCandle, ...]


@dataclass(frozen=True, slots=True)
class MinuteCandlesSeen:
    """Minutes of today, oldest first; the running minute is left out."""

    symbol: Symbol
    candles: tuple[MinuteCandle[Krw], ...]


@dataclass(frozen=True, slots=True)
class IndexSeen:
    """A board's index. ``prev_close`` is yesterday's; plain figures, no money."""

    segment: Segment
    value: Decimal
    prev_close: Decimal
    at: datetime

    @property
    def change_pct(self) -> Decimal:
        """Against the previous close, in per cent."""
        return (self.value / self.prev_close - 1) * 100


@dataclass(frozen=True, slots=True)
class StateSeen:
    """One name's price limits and state, from a price call."""

    symbol: Symbol
    base_price: Krw
    upper_limit: Krw
    lower_limit: Krw
    is_halted: bool
    has_vi: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class OperationSeen:
    """H0STMKO0: a halt or a volatility halt began or ended."""

    symbol: Symbol
    is_halted: bool
    has_vi: bool
    at: datetime


MarketEvent = (
    ListingsSeen
    | OpenDaysSeen
    | RowsSeen
    | DayCandlesSeen
    | MinuteCandlesSeen
    | IndexSeen
    | StateSeen
    | OperationSeen
)
