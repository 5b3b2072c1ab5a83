"""Who gets what on the KRX: pure matching of customer orders against book, prints and auctions.

A customer's orders do not move the invented market. An arriving order takes the book's other
side, level by level, at each level's price; what it leaves rests and trades against later prints
at or through its limit, at its limit. In an auction every order that accepts the price trades at
it. Sizes shown and printed bound what one customer gets of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sandbox.krx.model import KrxTrade, Level
from sandbox.krx.orders import KrxOrder
from sandbox.model import Side


@dataclass(frozen=True, slots=True)
class Match:
    """A share of a print or of a level of the book for an order."""

    order: KrxOrder
    qty: int
    price: Decimal


def on_arrival(
    order: KrxOrder, levels: Iterable[Level], taken: Mapping[Decimal, int]
) -> list[Match]:
    """What the book's other side, best level first, gives; ``taken`` of it is gone already."""
    matches: list[Match] = []
    left = order.open_qty
    for level in levels:
        if left <= 0 or not accepts(order, level.price):
            break
        qty = min(left, level.size - taken.get(level.price, 0))
        if qty > 0:
            matches.append(Match(order, qty, level.price))
            left -= qty
    return matches


def on_print(orders: Iterable[KrxOrder], trade: KrxTrade) -> list[Match]:
    """Share a print of continuous trading among resting orders, each at its own limit."""
    return [
        match if match.order.limit is None else replace(match, price=match.order.limit)
        for match in on_auction(orders, trade)
    ]


def on_auction(orders: Iterable[KrxOrder], trade: KrxTrade) -> list[Match]:
    """Share an auction's print, all at its price; each side of it can be taken over once.

    Market orders go first, then the best price, then the earlier order.
    """
    eligible = [order for order in orders if accepts(order, trade.price)]
    matches: list[Match] = []
    for side in Side:
        left = trade.size
        for order in sorted((o for o in eligible if o.request.side is side), key=_priority):
            qty = min(left, order.open_qty)
            if qty > 0:
                matches.append(Match(order, qty, trade.price))
                left -= qty
    return matches


def accepts(order: KrxOrder, price: Decimal) -> bool:
    """Whether the order would trade at a price."""
    if order.limit is None:
        return True
    if order.request.side is Side.SELL:
        return price >= order.limit
    return price <= order.limit


def triggers(order: KrxOrder, price: Decimal) -> bool:
    """Whether a trade at ``price`` sets off a stop-limit order: buys rising, sells falling."""
    if order.request.side is Side.SELL:
        return price <= order.request.trigger
    return price >= order.request.trigger


def _priority(order: KrxOrder) -> tuple[Decimal, datetime, str]:
    if order.limit is None:
        return Decimal("-Infinity"), order.accept_at, order.no
    limit = order.limit if order.request.side is Side.SELL else -order.limit
    return limit, order.accept_at, order.no
