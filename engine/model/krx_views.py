"""What the chat and /health may see of the KRX desk: copies, never its own state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from engine.model.entry_facts import HoldReason, Phase
from engine.model.ids import DeskState, Qty, Symbol
from engine.model.mismatches import MismatchAsked
from engine.model.money import Krw
from engine.model.score import Bucket, Candidate, Refused, ScoreCard, Zone
from engine.model.views import GuardView, OrderView


@dataclass(frozen=True, slots=True)
class KrxPositionView:
    """One position of the desk. ``gain_pct`` before costs, in per cent.

    ``trailing_price``: where the trailing stop lies, None while it is not armed. ``zones``: the
    levels that were broken when it was opened and added to, ``level``: the highest of them, in won.
    ``held``: why the clock's rule does
    not sell it.
    """

    symbol: Symbol
    name: str
    qty: Qty
    avg_cost: Krw
    last_price: Krw | None
    priced_at: datetime | None
    gain_pct: Decimal | None
    stop_price: Krw
    target_price: Krw | None
    trailing_price: Krw | None
    opened_at: datetime
    zones: tuple[Zone, ...]
    level: Krw | None
    is_selling: bool
    held: HoldReason | None
    n_days: int | None = None  # of how many days the high among ``zones`` is


@dataclass(frozen=True, slots=True)
class KrxDayView:
    """The desk's day so far. ``realized`` and ``open_gain`` are after estimated costs."""

    day: date
    entries: int
    round_trips: int
    wins: int
    realized: Krw
    open_gain: Krw
    start_equity: Krw | None
    index_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class SmallView:
    """A small beginning: the largest entry order until ``of`` clean round trips were made."""

    max_order: Krw
    round_trips: int
    of: int


@dataclass(frozen=True, slots=True)
class KrxDeskView:
    """The KRX desk at one instant.

    ``guard_until``: when the guard's latch ends by itself. ``small`` None: orders of full size.
    """

    state: DeskState
    user_latch: DeskState
    guard_latch: DeskState
    guard_reason: str
    guard_until: datetime | None
    phase: Phase
    next_change: datetime | None
    next_phase: Phase
    positions: tuple[KrxPositionView, ...]
    orders: tuple[OrderView[Krw], ...]
    foreign: tuple[tuple[Symbol, str, Qty], ...]  # shares that are not the desk's, left alone
    today: KrxDayView
    guards: tuple[GuardView, ...]
    universe: int
    watched: int
    holdings_at: datetime | None
    last_event_at: datetime | None
    troubles: tuple[str, ...]
    small: SmallView | None = None
    mismatches: tuple[MismatchAsked, ...] = ()  # that wait for the trader


@dataclass(frozen=True, slots=True)
class ScanView:
    """The funnel. ``counts`` holds every bucket; ``top`` the best candidates, best first.

    ``quiet``: code and name of some that do not move, as examples.
    """

    at: datetime | None
    counts: tuple[tuple[Bucket, int], ...]
    unfit: tuple[tuple[str, int], ...]
    top: tuple[Candidate, ...]
    quiet: tuple[tuple[Symbol, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why a stock was bought, or why not. ``entered``: the score that was entered with."""

    symbol: Symbol
    name: str
    bucket: Bucket | None
    detail: str
    card: ScoreCard | None
    entered: ScoreCard | None
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class CallPurpose:
    """Calls for one purpose: at most as planned a minute, and what was spent today."""

    purpose: str
    planned_per_minute: Decimal
    used_today: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """The scan plan as arithmetic."""

    purposes: tuple[CallPurpose, ...]
    per_second: Decimal  # the desk's budget
    shared_per_second: Decimal
    given_up: tuple[str, ...]  # what does not fit the budget and is left out
