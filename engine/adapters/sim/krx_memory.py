"""The simulated won account as text, and back."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.adapters.sim.krx_account import SimBooks, SimOrder
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.money import Krw
from engine.model.orders import OrderKind, Side
from engine.rules.krx.matching import Resting


def to_text(books: SimBooks) -> str:
    """Everything, as JSON."""
    return json.dumps(
        {
            "cash": str(books.cash.amount),
            "qty": books.qty,
            "cost": {symbol: str(cost.amount) for symbol, cost in books.cost.items()},
            "counter": books.counter,
            "orders": [_order_to(order) for order in books.orders.values()],
        }
    )


def from_text(text: str) -> SimBooks:
    """What ``to_text`` wrote."""
    stored = json.loads(text)
    orders = [_order_from(row) for row in stored["orders"]]
    return SimBooks(
        cash=Krw(Decimal(stored["cash"])),
        qty={Symbol(symbol): int(qty) for symbol, qty in stored["qty"].items()},
        cost={Symbol(symbol): Krw(Decimal(cost)) for symbol, cost in stored["cost"].items()},
        orders={order.number: order for order in orders},
        counter=int(stored["counter"]),
    )


def _order_to(order: SimOrder) -> dict[str, object]:
    resting = order.resting
    return {
        "number": order.number,
        "symbol": order.symbol,
        "qty": order.qty,
        "spent": str(order.spent.amount),
        "cancelled": order.is_cancelled,
        "met": order.has_met,
        "side": resting.side,
        "kind": resting.kind,
        "limit": str(resting.limit.amount),
        "open": resting.open_qty,
        "placed_at": resting.placed_at.isoformat(),
        "volume": resting.volume_at_start,
        "taken": resting.taken,
        "best": None if resting.best is None else str(resting.best.amount),
    }


def _order_from(row: dict[str, Any]) -> SimOrder:
    resting = Resting(
        Side(row["side"]),
        OrderKind(row["kind"]),
        Krw(Decimal(row["limit"])),
        Qty(int(row["open"])),
        datetime.fromisoformat(row["placed_at"]),
        row["volume"],
        int(row["taken"]),
        None if row["best"] is None else Krw(Decimal(row["best"])),
    )
    return SimOrder(
        BrokerOrderNo(row["number"]),
        Symbol(row["symbol"]),
        resting,
        Qty(int(row["qty"])),
        Krw(Decimal(row["spent"])),
        bool(row["cancelled"]),
        bool(row["met"]),
    )
