"""Who gets what: pure matching of customer orders against the tape.

Resting orders trade only against prints at or through their limit, at their limit, at most the
size of the print, best price first, then the earlier one. An order that could trade on arrival
takes the book's other side at its price, at most the size shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.model import Side, Trade
from sandbox.orders import Order, OrderStatus


@dataclass(frozen=True, slots=True)
class Match:
    """A share of a print for an order."""

    order: Order
    qty: int
    price: Decimal


def on_arrival(order: Order, book: Trade, already_taken: int) -> Match | None:
    """What the standing book gives an order that has just been taken by the exchange."""
    if order.request.side is Side.SELL:
        price, size, crosses = book.bid, book.bid_size, book.bid >= order.request.limit
    else:
        price, size, crosses = book.ask, book.ask_size, book.ask <= order.request.limit
    qty = min(order.open_qty, size - already_taken)
    return Match(order, qty, price) if crosses and qty > 0 else None


def on_print(orders: Iterable[Order], trade: Trade) -> list[Match]:
    """Share a print among the resting orders of one account and symbol.

    A print has a buyer and a seller; each side of it can be taken over once.
    """
    eligible = [order for order in orders if _trades(order, trade)]
    matches = _share((o for o in eligible if o.request.side is Side.SELL), trade, lowest_first=True)
    matches += _share(
        (o for o in eligible if o.request.side is Side.BUY), trade, lowest_first=False
    )
    return matches


def _share(orders: Iterable[Order], trade: Trade, *, lowest_first: bool) -> list[Match]:
    def priority(order: Order) -> tuple[Decimal, datetime, str]:
        limit = order.request.limit
        return (limit if lowest_first else -limit, order.accept_at, order.no)

    matches: list[Match] = []
    left = trade.size
    for order in sorted(orders, key=priority):
        qty = min(left, order.open_qty)
        if qty > 0:
            at_print = order.request.division.at_open
            matches.append(Match(order, qty, trade.price if at_print else order.request.limit))
            left -= qty
    return matches


def _trades(order: Order, trade: Trade) -> bool:
    if order.status is not OrderStatus.OPEN or order.request.division.at_close:
        return False
    if order.active_from is not None and trade.at < order.active_from:
        return False
    if order.request.side is Side.SELL:
        return trade.price >= order.request.limit
    return trade.price <= order.request.limit
