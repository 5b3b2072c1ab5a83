"""Would this tick have filled this order? Pessimistic on purpose; the rules are ours, not KRX's.

Only a tick at least half a second after the order counts. A buy takes the ask, a sale the bid, as
far as the limit allows, and at most a tenth of the volume traded since the order came. Without a
book it needs a trade beyond the limit and executes at the limit. In an auction and for a market
order without a book the price of the trade stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.ids import Qty
from engine.model.money import Krw
from engine.model.orders import OrderKind, Side
from engine.model.quotes import Tick

LATENCY = timedelta(milliseconds=500)
VOLUME_SHARE = 10


@dataclass(frozen=True, slots=True)
class Resting:
    """An accepted simulated order. ``volume_at_start``: the day's volume when it came, if known."""

    side: Side
    kind: OrderKind
    limit: Krw
    open_qty: Qty
    placed_at: datetime
    volume_at_start: int | None
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """Shares and what they change hands at."""

    qty: Qty
    price: Krw


def match(order: Resting, tick: Tick[Krw]) -> Match | None:
    """What this tick gives the order; None for nothing."""
    if tick.at < order.placed_at + LATENCY:
        return None
    if tick.day is not None and (not tick.day.is_regular or tick.day.is_halted):
        return None
    price = _price(order, tick)
    if price is None:
        return None
    qty = int(order.open_qty)
    if tick.cum_volume is not None and order.volume_at_start is not None:
        traded = max(0, tick.cum_volume - order.volume_at_start)
        qty = min(qty, traded // VOLUME_SHARE - order.taken)
    return Match(Qty(qty), price) if qty > 0 else None


def _price(order: Resting, tick: Tick[Krw]) -> Krw | None:
    is_buy = order.side is Side.BUY
    shown = tick.ask if is_buy else tick.bid
    if order.kind is OrderKind.MARKET:
        return shown or tick.price
    if shown is not None:
        reaches = shown <= order.limit if is_buy else shown >= order.limit
        return shown if reaches else None
    beyond = tick.price < order.limit if is_buy else tick.price > order.limit
    return order.limit if beyond else None
