"""What the chat and /health may see: copies, never the desk's own state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.facts import QuestionAsked, Trouble, Window
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    DeskName,
    DeskState,
    Mode,
    Qty,
    Symbol,
)
from engine.model.instrument import Exchange
from engine.model.money import FxRate, Usd
from engine.model.orders import OrderState, Side
from engine.model.quota import Quota


class LotState(StrEnum):
    """What the desk does with a holding."""

    ARMED = "armed"  # watched, will be sold at the target
    SELLING = "selling"  # an order of ours is open or in doubt
    ASKING = "asking"  # waits for an answer of the trader
    EXCLUDED = "excluded"  # left alone
    HELD = "held"  # known, not armed (no session table, exits only)
    UNCONFIRMED = "unconfirmed"  # bought, but not yet read from the account: not watched yet


@dataclass(frozen=True, slots=True)
class PositionView:
    """One holding. ``gain_pct`` in per cent; prices with their age at ``priced_at``."""

    symbol: Symbol
    name: str
    exchange: Exchange
    qty: Qty
    avg_cost: Usd
    target_pct: Decimal
    target_price: Usd
    last_price: Usd | None
    priced_at: datetime | None
    gain_pct: Decimal | None
    state: LotState
    is_shadow: bool  # dry run: a copy of real shares


@dataclass(frozen=True, slots=True)
class OrderView:
    """One own order that is open, in doubt, or ended today."""

    client_order_id: ClientOrderId
    broker_order_no: BrokerOrderNo | None
    symbol: Symbol
    side: Side
    qty: Qty
    filled_qty: Qty
    limit: Usd
    state: OrderState
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class GuardView:
    """How near a guard is to holding the desk back: it trips when ``used`` reaches ``limit``."""

    trouble: Trouble
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class UsDeskView:
    """The US desk at one instant."""

    state: DeskState
    user_latch: DeskState
    guard_latch: DeskState
    guard_reason: str
    window: Window
    next_change: datetime | None  # aware: when the window changes next
    next_window: Window
    next_poll: datetime | None
    poll_interval_s: Decimal | None
    positions: tuple[PositionView, ...]
    orders: tuple[OrderView, ...]
    questions: tuple[QuestionAsked, ...]
    holdings_at: datetime | None  # when the account was last read
    last_event_at: datetime | None
    troubles: tuple[str, ...]
    fx: FxRate | None
    guards: tuple[GuardView, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamView:
    """The socket session."""

    connected: bool
    last_frame_age_s: float | None
    registrations: int


@dataclass(frozen=True, slots=True)
class StatusView:
    """Everything /status and /health show. ``us`` None: the desk is disabled."""

    version: str
    now: datetime
    started_at: datetime
    modes: dict[DeskName, Mode]
    us: UsDeskView | None
    quota: Quota
    stream: StreamView
    journal_ok: bool
    unresolved_orders: int
    inbox_depth: int
    loop_lag_ms_p99: float
    badge_note: str  # where quotes and fills come from when that is not the obvious


@dataclass(frozen=True, slots=True)
class BalanceView:
    """Dollars as last read, with their age.

    ``is_outdated``: something was bought or sold since, so that cash and shares do not add up.
    """

    at: datetime | None
    deposit: Usd | None
    orderable: Usd | None
    market_value: Usd
    fx: FxRate | None
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class DayView:
    """What the bot's own sales of one exchange date brought, from the book of the mode in force.

    ``gross`` is before costs. ``apart``: sales by hand, in no sum because nobody told their costs.
    """

    day: date
    sales: int
    gross: Usd
    fees: Usd
    apart: int

    @property
    def net(self) -> Usd:
        """After costs."""
        return self.gross - self.fees


@dataclass(frozen=True, slots=True)
class SaleView:
    """One finished or partial sale from the book."""

    at: datetime
    exchange_date: date
    symbol: Symbol
    qty: Qty
    price: Usd | None
    avg_cost: Usd
    gain: Usd | None
    gain_pct: Decimal | None
    fee: Usd
    by_bot: bool
    fx: FxRate | None


@dataclass(frozen=True, slots=True)
class StatsView:
    """Sums over the book of the mode in force. ``by_symbol``: (symbol, sales, gain)."""

    sales: int
    wins: int
    gross_gain: Usd
    fees: Usd
    best_pct: Decimal | None
    worst_pct: Decimal | None
    since: date | None
    by_symbol: tuple[tuple[Symbol, int, Usd], ...]


@dataclass(frozen=True, slots=True)
class SettingView:
    """One effective setting: where it came from is default, file or chat."""

    key: str
    value: str
    source: str
    allowed: str
    example: str
    settable: bool


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What a /set would do. ``qualifying``: positions at or over the new, lower target."""

    key: str
    old: str
    new: str
    loosens: bool
    qualifying: tuple[PositionView, ...]
