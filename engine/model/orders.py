"""Orders: what was decided, what the broker said, what it reports later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic

from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import M_co


class Side(StrEnum):
    """Direction of an order."""

    BUY = "buy"
    SELL = "sell"


class OrderKind(StrEnum):
    """How an order is priced."""

    LIMIT = "limit"
    MARKET = "market"


class OrderReason(StrEnum):
    """Why an order was decided; kept with it for later questions."""

    TARGET = "target"
    RESTING_TARGET = "resting_target"
    MANUAL = "manual"
    REMAINDER = "remainder"
    BREAKOUT = "breakout"  # an entry, or a further step of one
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    SCALE_OUT = "scale_out"  # a part at the first profit target
    TRAILING_STOP = "trailing_stop"
    FAILED_BREAKOUT = "failed_breakout"  # back under the level that was broken
    TIME_STOP = "time_stop"
    END_OF_DAY = "end_of_day"


@dataclass(frozen=True, slots=True)
class OrderIntent(Generic[M_co]):
    """A decided order; journalled before it is sent, sent at most once.

    ``decision_price`` and ``decided_at`` are what the desk saw when it decided, ``score`` the
    points of an entry. ``limit`` of a market order is the worst price it can get.
    """

    client_order_id: ClientOrderId
    desk: DeskName
    symbol: Symbol
    exchange: Exchange
    side: Side
    qty: Qty
    limit: M_co
    reason: OrderReason
    decision_price: M_co
    decided_at: datetime
    kind: OrderKind = OrderKind.LIMIT
    score: int | None = None

    def __post_init__(self) -> None:
        if self.qty <= 0 or self.limit.amount <= 0:
            raise ValueError(f"order for {self.qty} at {self.limit}")


@dataclass(frozen=True, slots=True)
class CancelIntent:
    """A wish to take an open order back. ``branch``: as in a report."""

    client_order_id: ClientOrderId
    broker_order_no: BrokerOrderNo
    symbol: Symbol
    exchange: Exchange
    qty: Qty
    branch: str = ""


class OrderState(StrEnum):
    """Life of an own order; the allowed changes are a table in ``desk/blotter``."""

    INTENDED = "intended"  # journalled; may or may not have reached the broker
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    UNRESOLVED = "unresolved"
    FILLED = "filled"
    CANCELLED = "cancelled"  # also expired at the session's end
    REJECTED = "rejected"
    NOT_PLACED = "not_placed"  # unresolved, then found absent at the broker

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to the order."""
        return self in _FINAL


_FINAL = frozenset(
    {OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.NOT_PLACED}
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The broker took the order. Nothing is filled yet. ``branch``: as in a report."""

    broker_order_no: BrokerOrderNo
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A definite no; the order does not exist.

    ``is_about_order`` False: it never came as far as the order (not sent, refused at the gateway),
    so a cancel refused like this says nothing of what it was for.
    """

    code: str
    text: str
    is_about_order: bool = True


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """Sent without a definite answer: the order may be live. Never resend; ask."""

    reason: str


PlaceAnswer = Accepted | Rejected | OutcomeUnknown


@dataclass(frozen=True, slots=True)
class OrderReport(Generic[M_co]):
    """One row of the broker's order and execution list: the truth about an order.

    ``filled_qty`` is cumulative, ``avg_price`` the average over it. ``by_api`` tells orders placed
    through the API from those typed into the broker's app. ``limit`` is None where not shown,
    ``exchange`` where it is not one of ours. ``branch``: which office numbered the order, where
    numbers come again in each; blank where not shown.
    """

    broker_order_no: BrokerOrderNo
    original_order_no: BrokerOrderNo | None
    symbol: Symbol
    exchange: Exchange | None
    side: Side
    order_qty: Qty
    filled_qty: Qty
    open_qty: Qty
    avg_price: M_co | None
    limit: M_co | None
    ordered_at: datetime | None
    is_rejected: bool
    reject_reason: str
    by_api: bool
    is_cancel: bool = False  # the row of a cancel request itself, not of an order
    branch: str = ""

    @property
    def is_open(self) -> bool:
        """Whether more can still be filled."""
        return self.open_qty > 0 and not self.is_rejected
