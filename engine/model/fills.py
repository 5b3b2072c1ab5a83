"""Executions of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic

from engine.model.ids import BrokerOrderNo, ClientOrderId, Qty, Symbol
from engine.model.money import M_co
from engine.model.orders import Side


class FillSource(StrEnum):
    """Which record told of the execution first."""

    NOTICE = "notice"
    EXECUTIONS = "executions"


@dataclass(frozen=True, slots=True)
class Fill(Generic[M_co]):
    """Shares that changed hands, counted once whichever record told of them.

    Identity is (exchange date, broker order number, cumulative quantity after it): KIS gives no
    fill number. ``client_order_id`` is None for orders that were not ours.
    """

    broker_order_no: BrokerOrderNo
    client_order_id: ClientOrderId | None
    symbol: Symbol
    side: Side
    qty: Qty
    price: M_co
    cum_qty: Qty
    at: datetime
    source: FillSource


class NoticeKind(StrEnum):
    """Meaning of a stream notice, after the flags were read."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    FILL = "fill"
    REFUSED = "refused"
    AMENDED = "amended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderNotice(Generic[M_co]):
    """A stream message about an order of the account, ours or typed in the broker's app.

    A hint: may be lost, doubled, late. ``qty`` is this fill's own size. ``key`` tells equal
    notices apart as far as the wire allows (order, kind, time, quantity, price). ``branch``: as in
    a report.
    """

    kind: NoticeKind
    broker_order_no: BrokerOrderNo
    original_order_no: BrokerOrderNo | None
    symbol: Symbol
    side: Side
    qty: Qty
    price: M_co
    order_qty: Qty | None
    at: datetime
    key: str
    branch: str = ""
