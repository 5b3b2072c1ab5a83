"""Would this price have filled this sell order? Pessimistic on purpose.

A simulated fill needs a bid at or above the limit (without a book: a trade above it) on a tick
at least half a second after the order; it comes at the limit, never better, and takes at most a
tenth of the volume traded since. The rules are ours, not KIS's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.ids import Qty
from engine.model.money import Usd
from engine.model.quotes import Tick

LATENCY = timedelta(milliseconds=500)
VOLUME_SHARE = 10


@dataclass(frozen=True, slots=True)
class RestingSell:
    """An accepted simulated order. ``volume_at_start``: the day's volume when it came, if known."""

    limit: Usd
    open_qty: Qty
    placed_at: datetime
    volume_at_start: int | None
    taken: int = 0


def fillable(order: RestingSell, tick: Tick) -> Qty:
    """Shares that this tick would have taken from the order; only a later tick counts."""
    if tick.at < order.placed_at + LATENCY:
        return Qty(0)
    if not reaches(order.limit, tick):
        return Qty(0)
    if tick.cum_volume is None or order.volume_at_start is None:
        return order.open_qty
    traded = max(0, tick.cum_volume - order.volume_at_start)
    return Qty(min(order.open_qty, max(0, traded // VOLUME_SHARE - order.taken)))


def reaches(limit: Usd, tick: Tick) -> bool:
    """Whether somebody visibly pays the limit."""
    if tick.bid is not None:
        return tick.bid >= limit
    return tick.price > limit
