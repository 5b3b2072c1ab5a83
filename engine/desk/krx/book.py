"""The durable state of the KRX desk: plain mutable records, no decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from engine.desk.conduct import Conduct
from engine.desk.krx.counted import Count
from engine.desk.latches import Cause
from engine.desk.mismatches import Mismatch
from engine.desk.own_order import OwnOrder
from engine.model.entry_facts import HeldBack, HoldReason, Phase
from engine.model.ids import ClientOrderId, DeskState, Symbol
from engine.model.listing import Segment
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import OrderReason
from engine.model.score import ScoreCard, Zone
from engine.model.state_facts import Trouble


@dataclass(slots=True)
class KrxPosition:
    """Shares the desk bought and has not sold.

    ``cost``: what those shares cost without fees, exact, so that nothing is lost to rounding an
    average; ``entry_fees``: of the same shares. ``level``: the highest level that was broken;
    ``planned_qty``: the whole position, of which each broken zone allows a share.
    ``high_water``: the highest price since it was opened. ``scaled_out``: shares of the part sold
    first. ``rejects``: exits refused in a row, ``refused``: why the last of them was decided;
    ``told``: reasons told today. ``foreign_before``: the trader's shares of the stock when
    ``entry_at``, the entry was decided: it may be executed long before anybody hears of it.
    ``sold_by_hand``: shares of the desk that he sold. ``is_clean``: books and broker never
    disagreed about it.
    """

    symbol: Symbol
    name: str
    segment: Segment
    qty: int
    cost: Krw
    entry_fees: Krw
    opened_at: datetime
    level: Krw | None
    zones: list[Zone]
    planned_qty: int
    high_water: Krw
    card: ScoreCard | None
    has_scaled_out: bool = False
    scaled_out: int = 0
    held: HoldReason | None = None
    rejects: int = 0
    retry_at: datetime | None = None
    refused: OrderReason | None = None
    told: list[str] = field(default_factory=list)
    missing_since: datetime | None = None
    changed_at: datetime | None = None
    realized: Krw = ZERO_KRW  # of the part sold already, after costs
    entry_at: datetime | None = None  # None: in a book of before
    foreign_before: int = 0
    sold_by_hand: int = 0
    is_clean: bool = True

    @property
    def since(self) -> datetime:
        """From when on a sale may have been of these shares."""
        return self.entry_at or self.opened_at

    @property
    def avg_cost(self) -> Krw:
        """Per share, without fees; not rounded."""
        return Krw(self.cost.amount / self.qty) if self.qty else ZERO_KRW


@dataclass(slots=True)
class Gone:
    """Shares believed sold by hand, with what was booked for them: they may show up again.

    ``position``: what is left of it, perhaps nothing. ``since``: when they were missing first,
    ``seen_at``: when the account showed them again.
    """

    position: KrxPosition
    qty: int
    since: datetime
    cost: Krw
    entry_fees: Krw
    gross: Krw
    fees: Krw
    tax: Krw
    seen_at: datetime | None = None

    @property
    def net(self) -> Krw:
        """What the sale brought, after costs."""
        return self.gross - self.fees - self.tax - self.entry_fees


@dataclass(slots=True)
class Attempt:
    """An entry under way or left alone. ``blocked_until``: nothing is entered before.

    ``is_short``: an order ended unfilled, or in part, and is to be priced anew.
    """

    planned_qty: int
    card: ScoreCard
    reprices: int = 0
    blocked_until: datetime | None = None
    is_short: bool = False


@dataclass(slots=True)
class DayRecord:
    """What one KST date brought; counted from fills, so a restart changes nothing.

    ``opened``: symbols of which a position was opened, one entry each time. ``placed``: when the
    last entry orders were decided. ``held_back``: by guards, one entry a stock. ``streak``: losing
    round trips in a row, over days too.
    """

    day: date
    start_equity: Krw | None = None
    opened: list[Symbol] = field(default_factory=list)
    placed: list[datetime] = field(default_factory=list)
    round_trips: int = 0
    wins: int = 0
    realized: Krw = ZERO_KRW
    gross: Krw = ZERO_KRW
    fees: Krw = ZERO_KRW
    tax: Krw = ZERO_KRW
    cooldown: dict[Symbol, datetime] = field(default_factory=dict)
    has_traded: bool = False  # the exchange, whatever the calendar says
    refusals_told: list[str] = field(default_factory=list)
    held_back: dict[Symbol, HeldBack] = field(default_factory=dict)
    is_plan_told: bool = False
    is_summary_told: bool = False
    is_quota_warned: bool = False
    stream_failures: int = 0  # of the session


@dataclass(slots=True)
class KrxBook:
    """Everything that must survive a restart.

    ``closing``: positions without a share, of which an entry is still open. ``foreign``: shares
    that are not the desk's. ``counts``: of what is in the
    account, or traded today; None: unknown. What is missing was not there on ``counted_on``.
    ``clean_trips``: round trips without any doubt.
    """

    positions: dict[Symbol, KrxPosition] = field(default_factory=dict)
    closing: dict[Symbol, KrxPosition] = field(default_factory=dict)
    orders: dict[ClientOrderId, OwnOrder[Krw]] = field(default_factory=dict)
    attempts: dict[Symbol, Attempt] = field(default_factory=dict)
    foreign: dict[Symbol, int] = field(default_factory=dict)
    counts: dict[Symbol, Count | None] = field(default_factory=dict)
    counted_on: date | None = None
    gone: dict[Symbol, Gone] = field(default_factory=dict)
    entered: dict[Symbol, ScoreCard] = field(default_factory=dict)  # of the day, for /why
    mismatches: dict[str, Mismatch] = field(default_factory=dict)
    noted: dict[str, date] = field(default_factory=dict)  # see mismatches.Reconciled
    conduct: Conduct = field(default_factory=Conduct)
    user_latch: DeskState = DeskState.RUNNING
    causes: dict[Trouble, Cause] = field(default_factory=dict)
    troubles: dict[Trouble, datetime] = field(default_factory=dict)
    phase: Phase = Phase.CLOSED
    day: DayRecord | None = None
    streak: int = 0
    clean_trips: int = 0
    open_days: dict[str, bool] = field(default_factory=dict)  # chk-holiday, by ISO date
    open_days_on: date | None = None  # when it was read last
    calendar_told: int | None = None
    next_number: int = 1
    index_pct: dict[Segment, Decimal] = field(default_factory=dict)
    profiles: dict[Symbol, list[str]] = field(default_factory=dict)  # own days of volume
