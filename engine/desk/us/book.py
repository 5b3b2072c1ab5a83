"""The durable state of the US desk: plain mutable records, no decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.desk.conduct import Conduct
from engine.desk.latches import Cause
from engine.desk.mismatches import Mismatch
from engine.desk.own_order import OwnOrder
from engine.model.day_facts import Window
from engine.model.ids import ClientOrderId, DeskState, QuestionId, Symbol
from engine.model.instrument import Exchange
from engine.model.money import FxRate, Usd
from engine.model.position_facts import QuestionAsked, QuestionKind
from engine.model.state_facts import Trouble


class Standing(StrEnum):
    """What the desk may do with a position."""

    ARMED = "armed"
    ASKING = "asking"  # from before the start: waits for the trader
    EXCLUDED = "excluded"
    HELD = "held"  # seen, not armed: no session table, or a latch


@dataclass(frozen=True, slots=True)
class Asked:
    """The last objection to a sale and the gain it was told with."""

    kind: QuestionKind
    gain_pct: Decimal
    day: date


@dataclass(slots=True)
class Position:
    """One symbol. ``armed_qty`` is the part that may be sold by the rules.

    ``is_confirmed``: cost and exchange were read from the account, not guessed from a notice.
    ``blocked_qty``: tied by somebody else's orders. ``paused_on``: a New York date on which the
    desk sells nothing of it by itself (price break, order taken back by the trader).
    ``rejects``: orders refused in a row; ``refusals_told``: their reasons told today.
    """

    symbol: Symbol
    exchange: Exchange | None
    name: str
    qty: int
    avg_cost: Usd
    standing: Standing
    armed_qty: int
    target_pct: Decimal
    is_confirmed: bool
    changed_at: datetime
    untold_qty: int = 0
    untold_since: datetime | None = None
    blocked_qty: int = 0
    reprices: int = 0
    rejects: int = 0
    refusals_told: list[str] = field(default_factory=list)
    retry_at: datetime | None = None
    paused_on: date | None = None
    approved_pct: Decimal | None = None
    asked: Asked | None = None
    broken_on: date | None = None
    missing_since: datetime | None = None


@dataclass(slots=True)
class Counted:
    """How many shares of somebody else's order are in the books already."""

    day: date
    qty: int = 0
    notice_qty: int = 0
    notice_keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Unattributed:
    """Shares that came or went in the balance before any execution record told why.

    ``sold_unarmed``: of ``sold``, those taken from shares the desk may not sell by itself.
    """

    day: date
    bought: int = 0
    sold: int = 0
    sold_unarmed: int = 0


@dataclass(slots=True)
class DayRecord:
    """What was told or learnt on one New York date."""

    day: date
    is_summary_told: bool = False
    is_quota_warned: bool = False
    is_ready_asked: bool = False
    stream_failures: int = 0  # of the regular session
    stale: list[Symbol] = field(default_factory=list)


@dataclass(slots=True)
class UsBook:
    """Everything that must survive a restart."""

    positions: dict[Symbol, Position] = field(default_factory=dict)
    gone: dict[Symbol, datetime] = field(default_factory=dict)
    orders: dict[ClientOrderId, OwnOrder[Usd]] = field(default_factory=dict)
    counted: dict[str, Counted] = field(default_factory=dict)
    unattributed: dict[Symbol, list[Unattributed]] = field(default_factory=dict)
    questions: dict[QuestionId, QuestionAsked] = field(default_factory=dict)
    mismatches: dict[str, Mismatch] = field(default_factory=dict)
    noted: dict[str, date] = field(default_factory=dict)  # see mismatches.Reconciled
    conduct: Conduct = field(default_factory=Conduct)
    user_latch: DeskState = DeskState.RUNNING
    causes: dict[Trouble, Cause] = field(default_factory=dict)
    troubles: dict[Trouble, datetime] = field(default_factory=dict)
    window: Window = Window.ASLEEP
    day: DayRecord | None = None
    calendar_told: int | None = None
    next_number: int = 1
    fx: FxRate | None = None
    is_opened: bool = False  # the account was read once: what was there then is "existing"
    has_baseline: bool = False  # executions were read once: what was there then is counted
