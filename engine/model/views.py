"""What the chat and /health may see: copies, never the desk's own state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic

from engine.model.day_facts import Window
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    DeskState,
    Qty,
    Symbol,
)
from engine.model.instrument import Exchange
from engine.model.mismatches import MismatchAsked
from engine.model.money import FxRate, M_co, Usd
from engine.model.orders import OrderReason, OrderState, Side
from engine.model.position_facts import QuestionAsked
from engine.model.state_facts import Trouble


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
class OrderView(Generic[M_co]):
    """One own order that is open, in doubt, or ended today."""

    client_order_id: ClientOrderId
    broker_order_no: BrokerOrderNo | None
    symbol: Symbol
    side: Side
    qty: Qty
    filled_qty: Qty
    limit: M_co
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
    mismatches: tuple[MismatchAsked, ...] = ()  # that wait for the trader


@dataclass(frozen=True, slots=True)
class BalanceView(Generic[M_co]):
    """Cash as last read, with its age.

    ``is_outdated``: something was bought or sold since, so that cash and shares do not add up.
    """

    at: datetime | None
    deposit: M_co | None
    orderable: M_co | None
    market_value: M_co
    fx: FxRate | None
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class DayView(Generic[M_co]):
    """What the bot's own sales of one exchange date brought, from the book of the mode in force.

    ``gross`` is before costs, ``fees`` of both ways. ``apart``: sales by hand, in no sum because
    nobody told their costs, and ``lacks_cost``, of shares whose price nobody told.
    ``lacks_entry_fee``: sales of a time when buying costs were not kept.
    """

    day: date
    sales: int
    gross: M_co
    fees: M_co
    apart: int
    tax: M_co | None = None
    lacks_entry_fee: int = 0
    lacks_cost: int = 0

    @property
    def net(self) -> M_co:
        """After costs, as far as they are known."""
        net = self.gross - self.fees
        return net if self.tax is None else net - self.tax


@dataclass(frozen=True, slots=True)
class SaleView(Generic[M_co]):
    """One finished or partial sale from the book. ``entry_fee``: None where it was not kept."""

    at: datetime
    exchange_date: date
    symbol: Symbol
    qty: Qty
    price: M_co | None
    avg_cost: M_co
    gain: M_co | None
    gain_pct: Decimal | None
    fee: M_co
    by_bot: bool
    fx: FxRate | None
    tax: M_co | None = None
    reason: OrderReason | None = None
    entry_fee: M_co | None = None


@dataclass(frozen=True, slots=True)
class SettingView:
    """One effective setting: where it came from is default, file or chat."""

    key: str
    value: str
    source: str
    allowed: str
    example: str
    settable: bool
    group: str = ""  # menu of /set; empty where it cannot be set
    file_key: str = ""  # its name in config.yaml
    names: tuple[str, ...] = ()  # other names that may be typed


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What a /set would do. ``qualifying``: positions at or over the new, lower target.

    ``symbol``: the one stock whose target it is. ``was_own``: it had one before, which is ``old``.
    ``is_back``: its own target is taken back, and ``new`` is what holds without it.
    """

    key: str
    old: str
    new: str
    loosens: bool
    qualifying: tuple[PositionView, ...]
    symbol: Symbol | None = None
    was_own: bool = False
    is_back: bool = False
