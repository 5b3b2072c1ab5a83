"""What only a desk that enters may tell: the KRX desk. Part of the Fact of engine.model.facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.fills import Fill
from engine.model.ids import Qty, Symbol
from engine.model.money import Krw
from engine.model.orders import OrderIntent
from engine.model.score import Gate, Refused, ScoreCard


@dataclass(frozen=True, slots=True)
class EntryDecided:
    """An entry order was decided. ``step``: 1 for the first part of a position."""

    order: OrderIntent[Krw]
    name: str
    card: ScoreCard
    step: int


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """A stock reached the score and something held it back; told once a day, name and gate."""

    symbol: Symbol
    name: str
    score: Decimal
    refused: Refused


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An entry that a guard held back; part of the day's summary.

    ``price`` at that moment. ``pct``: what buying then and selling near the close would have
    brought, after estimated costs; None: nobody knows the price near the close.
    """

    symbol: Symbol
    gate: Gate
    price: Krw
    pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EntryFilled:
    """Shares of an own entry order were executed (part or all), from an execution record.

    ``avg_cost`` and ``held_qty`` are the position after it; ``is_complete`` speaks of the order.
    """

    fill: Fill[Krw]
    order: OrderIntent[Krw]
    name: str
    fee: Krw
    avg_cost: Krw
    held_qty: Qty
    stop_price: Krw
    target_price: Krw | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class SmallEnded:
    """So many clean round trips with real money: entries are of their full size from here on."""

    round_trips: int
    max_order: Krw


class Phase(StrEnum):
    """What the KRX desk does by the clock."""

    CLOSED = "closed"  # orders blocked, watching and chat go on
    PREPARING = "preparing"  # before the open: listings, charts, the day's plan
    OPENING = "opening"  # the session runs, entries wait for the opening range
    ENTRIES = "entries"
    MANAGING = "managing"  # after the last entry: exits only by the clock
    FLATTENING = "flattening"  # everything is sold
    CLOSING_AUCTION = "closing_auction"


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The desk moved to another part of its day."""

    phase: Phase
    until: datetime | None


@dataclass(frozen=True, slots=True)
class DayPlanned:
    """Ten minutes before the open: what the desk will do today, and its limits."""

    day: date
    opens_at: datetime
    last_entry_at: datetime
    flatten_at: datetime
    closes_at: datetime
    universe: int
    threshold: int
    max_trades: int
    max_positions: int
    max_order: Krw
    max_daily_loss: Krw | None
    is_special: bool  # not the usual hours


@dataclass(frozen=True, slots=True)
class SymbolHalted:
    """Trading in a held stock stopped or goes on; ``is_volatility``: two minutes' auction (VI)."""

    symbol: Symbol
    name: str
    is_volatility: bool
    is_over: bool


class HoldReason(StrEnum):
    """Why a position is not sold although a rule of the clock would."""

    UPPER_LIMIT = "upper_limit"
    TRADING_HALT = "trading_halt"


@dataclass(frozen=True, slots=True)
class PositionHeld:
    """The desk keeps a position on purpose, or because it cannot be sold; told once a day."""

    symbol: Symbol
    name: str
    qty: Qty
    reason: HoldReason
