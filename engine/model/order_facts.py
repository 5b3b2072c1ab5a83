"""What a desk tells of orders and executions: its own, and sales made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Generic

from engine.model.fills import Fill
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.money import FxRate, M_co
from engine.model.orders import OrderIntent


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
