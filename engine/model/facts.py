"""Everything a desk may tell. Journalled with a sequence number, then published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic

from engine.model.commands import Choice
from engine.model.digests import PeriodEnded
from engine.model.entry_facts import (
    DayPlanned,
    EntryDecided,
    EntryFilled,
    EntryRefused,
    HeldBack,
    PhaseChanged,
    PositionHeld,
    SmallEnded,
    SymbolHalted,
)
from engine.model.fills import Fill
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    CommandId,
    DeskState,
    Qty,
    QuestionId,
    Symbol,
)
from engine.model.mismatches import MismatchAsked, MismatchSettled
from engine.model.money import FxRate, M_co, Money, Usd
from engine.model.orders import OrderIntent
from engine.model.readiness import ReadinessChecked
from engine.model.realised import BrokerDiffers


@dataclass(frozen=True, slots=True)
class BuySeen:
    """A buy made elsewhere became a watched lot."""

    symbol: Symbol
    name: str
    qty: Qty
    avg_cost: Usd
    target_pct: Decimal
    target_price: Usd
    total_qty: Qty


@dataclass(frozen=True, slots=True)
class HoldingExcluded:
    """Shares the desk will leave alone, and why (trader's choice, setting)."""

    symbol: Symbol
    qty: Qty
    by_user: bool


@dataclass(frozen=True, slots=True)
class HoldingAdopted:
    """Shares from before the start that the trader (or the setting) gave to the desk."""

    symbol: Symbol
    qty: Qty
    avg_cost: Usd
    target_price: Usd


@dataclass(frozen=True, slots=True)
class OrderAccepted(Generic[M_co]):
    """The broker took an order of ours. Not a fill."""

    order: OrderIntent[M_co]
    broker_order_no: BrokerOrderNo


@dataclass(frozen=True, slots=True)
class OrderRejected(Generic[M_co]):
    """A definite no to an order of ours."""

    order: OrderIntent[M_co]
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderUnresolved(Generic[M_co]):
    """Sent, no answer: being looked up, never resent."""

    order: OrderIntent[M_co]
    reason: str


@dataclass(frozen=True, slots=True)
class OrderResolved(Generic[M_co]):
    """The doubt about an order ended: found at the broker, or certainly not there."""

    order: OrderIntent[M_co]
    broker_order_no: BrokerOrderNo | None


@dataclass(frozen=True, slots=True)
class OrderEnded(Generic[M_co]):
    """An order of ours ended with shares unfilled (cancelled, expired)."""

    order: OrderIntent[M_co]
    filled_qty: Qty
    will_reprice: bool


@dataclass(frozen=True, slots=True)
class OrderFilled(Generic[M_co]):
    """Shares of an own order were executed (part or all), from an execution record.

    ``gain`` is before costs and against ``avg_cost``, ``gain_pct`` in per cent; ``is_complete``
    speaks of the order. ``tax``: on a KRX sale, estimated as the fee is. ``entry_fee``: what buying
    these shares cost; None in books from before it was kept.
    """

    fill: Fill[M_co]
    order: OrderIntent[M_co]
    avg_cost: M_co
    gain: M_co
    gain_pct: Decimal
    fee: M_co
    fx: FxRate | None
    is_complete: bool
    left_qty: Qty
    tax: M_co | None = None
    entry_fee: M_co | None = None


@dataclass(frozen=True, slots=True)
class SoldElsewhere(Generic[M_co]):
    """A sale that was not ours (직접 매도), from an execution record or the balance.

    ``price`` None: only the balance told, the price is not known.
    """

    symbol: Symbol
    qty: Qty
    price: M_co | None
    avg_cost: M_co
    left_qty: Qty
    fx: FxRate | None


class QuestionKind(StrEnum):
    """Why the desk asks instead of acting."""

    EXISTING_HOLDING = "existing_holding"
    GAIN_TOO_HIGH = "gain_too_high"
    FAR_FROM_CLOSE = "far_from_close"
    COST_CHANGED = "cost_changed"
    WRONG_CURRENCY = "wrong_currency"


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """The desk waits for the trader. ``seen`` and ``expected`` are the two figures."""

    question: QuestionId
    kind: QuestionKind
    symbol: Symbol
    name: str
    qty: Qty
    avg_cost: Usd
    seen: Usd | None
    expected: Usd | None
    gain_pct: Decimal | None
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QuestionClosed:
    """Answered, or no longer of interest (``choice`` None)."""

    question: QuestionId
    symbol: Symbol
    choice: Choice | None


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """The price level jumped as a split would make it: nothing is sold, told once."""

    symbol: Symbol
    before: Usd
    after: Usd


class Window(StrEnum):
    """What the US desk does by the clock."""

    ASLEEP = "asleep"
    PREMARKET = "premarket"  # 04:00-09:30 ET, REST polling
    REGULAR = "regular"  # 09:30-12:00 ET, WebSocket
    FOLLOW_UP = "follow_up"  # after 12:00 ET with orders still open


@dataclass(frozen=True, slots=True)
class WindowChanged:
    """The desk moved to another part of its day."""

    window: Window
    until: datetime | None
    armed: int


@dataclass(frozen=True, slots=True)
class CalendarWarning:
    """The session table ends soon, or does not cover today."""

    last_date: date
    days_left: int


@dataclass(frozen=True, slots=True)
class QuoteStale:
    """A price source cannot be trusted today; ``interval_s`` is the honest new interval."""

    symbol: Symbol
    interval_s: Decimal


class Trouble(StrEnum):
    """Kinds of trouble, told once at the first failure and once at recovery."""

    ACCOUNT = "account"  # reads of the account fail
    STREAM = "stream"
    QUOTA = "quota"
    API = "api"  # calls of any kind fail in a row
    SILENCE = "silence"  # calls are made and none is answered
    SERVICE = "service"  # a part of the program keeps failing
    CONFLICT = "conflict"  # a second program listens to the chat
    REFUSALS = "refusals"  # KIS refuses calls for their rate, again and again
    CLOCK = "clock"  # this machine and KIS disagree about the time
    REJECTS = "rejects"  # orders of several stocks are refused
    DRIFT = "drift"  # executions are worse than what was decided
    MISMATCH = "mismatch"  # books and broker disagree for long
    TRADES = "trades"  # entries of the day are used up
    DAILY_LOSS = "daily_loss"
    LOSS_STREAK = "loss_streak"
    INDEX = "index"  # the market falls

    @property
    def is_limit(self) -> bool:
        """Whether it is no failure, but a limit of entries that was reached."""
        return self in {Trouble.TRADES, Trouble.DAILY_LOSS, Trouble.LOSS_STREAK, Trouble.INDEX}

    @property
    def is_vendor(self) -> bool:
        """Whether it is KIS or the way there: such troubles come together and end together."""
        return self in {
            *(Trouble.ACCOUNT, Trouble.STREAM, Trouble.API),
            *(Trouble.SILENCE, Trouble.REFUSALS, Trouble.CLOCK),
        }


@dataclass(frozen=True, slots=True)
class TroubleBegan:
    """First failure of its kind; ``measured`` and ``limit`` where there are such figures."""

    trouble: Trouble
    reason: str
    measured: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class TroubleEnded:
    """The same kind of trouble is over."""

    trouble: Trouble
    lasted_s: int


@dataclass(frozen=True, slots=True)
class QuotaWarning:
    """90 % of the safe daily cap are spent."""

    used: int
    cap: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The desk's state after a latch was set or released.

    ``until``: when a guard's latch ends by itself; None where it waits for the trader or for its
    cause. ``trouble``: the guard that set it just now.
    """

    state: DeskState
    user_latch: DeskState
    guard_latch: DeskState
    reason: str
    measured: str = ""
    limit: str = ""
    until: datetime | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class MismatchSeen:
    """Books and broker disagree in a way that needs the trader's eye.

    ``taken_back``: shares that were booked as sold by hand, and were not.
    """

    symbol: Symbol
    books: str
    broker: str
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class DaySummary(Generic[M_co]):
    """What the desk's day brought; told ten minutes after its window."""

    day: date
    sales: int
    gross_gain: M_co
    fees: M_co
    open_positions: int
    used_calls: int
    fx: FxRate | None
    tax: M_co | None = None
    entries: int = 0
    held_back: tuple[HeldBack, ...] = ()


class Refusal(StrEnum):
    """Why a command was not done."""

    UNKNOWN_SYMBOL = "unknown_symbol"
    NOTHING_TO_SELL = "nothing_to_sell"
    MARKET_CLOSED = "market_closed"
    ORDER_IN_DOUBT = "order_in_doubt"
    NO_PRICE = "no_price"
    UNKNOWN_ORDER = "unknown_order"
    QUESTION_GONE = "question_gone"
    CAUSE_HOLDS = "cause_holds"
    TRADING_HALTED = "trading_halted"
    DESK_DISABLED = "desk_disabled"
    NOT_LATCHED = "not_latched"


@dataclass(frozen=True, slots=True)
class CommandAnswered:
    """What became of a command. ``refusal`` None: done (for a sale: decided, not filled)."""

    command_id: CommandId
    refusal: Refusal | None
    client_order_ids: tuple[ClientOrderId, ...] = ()


Fact = (
    BuySeen
    | HoldingExcluded
    | HoldingAdopted
    | OrderAccepted[M_co]
    | OrderRejected[M_co]
    | OrderUnresolved[M_co]
    | OrderResolved[M_co]
    | OrderEnded[M_co]
    | OrderFilled[M_co]
    | SoldElsewhere[M_co]
    | QuestionAsked
    | QuestionClosed
    | PriceBreak
    | WindowChanged
    | CalendarWarning
    | QuoteStale
    | TroubleBegan
    | TroubleEnded
    | QuotaWarning
    | StateChanged
    | MismatchSeen
    | MismatchAsked
    | MismatchSettled
    | DaySummary[M_co]
    | PeriodEnded
    | BrokerDiffers[M_co]
    | CommandAnswered
    | EntryDecided
    | EntryRefused
    | EntryFilled
    | PhaseChanged
    | DayPlanned
    | SymbolHalted
    | PositionHeld
    | SmallEnded
    | ReadinessChecked
)
AnyFact = Fact[Money]
