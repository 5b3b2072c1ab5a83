"""Would this tick have filled this order? Pessimistic on purpose; the rules are ours, not KRX's.

An order is half a second on its way. Then it meets the book of the last trade, and each later tick.
A buy takes the ask, a sale the bid, as far as the limit allows: at first at most what is shown
there (a tenth of the last trade where nobody says), later a tenth of all that was traded since the
order came. A limit order never gets better than what stood there when it came, or than its limit
if it had to wait. Without a book it needs a later trade beyond the limit and executes at the limit.
A market order without a book, as in an auction, has the price of the trade; where the book has no
other side it finds nobody.
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
    """An accepted simulated order. ``volume_at_start``: the day's volume when it came, if known.

    ``best``: the best price a limit order can get, known once it arrived.
    """

    side: Side
    kind: OrderKind
    limit: Krw
    open_qty: Qty
    placed_at: datetime
    volume_at_start: int | None
    taken: int = 0
    best: Krw | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Shares and what they change hands at."""

    qty: Qty
    price: Krw


def best_price(order: Resting, last: Tick[Krw] | None) -> Krw:
    """What a limit order gets at best: the ``last`` book as far as it crosses it, or its limit."""
    shown = None if last is None else _shown(order, last)
    if shown is None or not _reaches(order, shown):
        return order.limit
    return shown


def meet(order: Resting, last: Tick[Krw], size: int) -> Match | None:
    """What stands in the book when the order arrives: that of the ``last`` trade of ``size``."""
    shown = _shown(order, last)
    if shown is None or not _is_trading(last) or not _reaches(order, shown):
        return None
    shares = last.ask_size if order.side is Side.BUY else last.bid_size
    qty = min(order.open_qty, size // VOLUME_SHARE if shares is None else shares)
    return Match(Qty(qty), shown) if qty > 0 else None


def match(order: Resting, tick: Tick[Krw]) -> Match | None:
    """What this tick gives an order that has arrived; None for nothing."""
    # Trades are told in whole seconds.
    if tick.at < order.placed_at.replace(microsecond=0) or not _is_trading(tick):
        return None
    price = _price(order, tick)
    if price is None:
        return None
    qty = int(order.open_qty)
    if tick.cum_volume is not None and order.volume_at_start is not None:
        traded = max(0, tick.cum_volume - order.volume_at_start)
        qty = min(qty, traded // VOLUME_SHARE - order.taken)
    return Match(Qty(qty), price) if qty > 0 else None


def _is_trading(tick: Tick[Krw]) -> bool:
    day = tick.day
    return day is None or (day.is_regular and not day.is_halted and not day.has_vi)


def _price(order: Resting, tick: Tick[Krw]) -> Krw | None:
    is_buy = order.side is Side.BUY
    shown = _shown(order, tick)
    if order.kind is OrderKind.MARKET:
        has_book = tick.bid is not None or tick.ask is not None
        return shown if has_book else tick.price
    if shown is not None:
        if not _reaches(order, shown):
            return None
        best = order.best or order.limit
        return max(shown, best) if is_buy else min(shown, best)
    beyond = tick.price < order.limit if is_buy else tick.price > order.limit
    return order.limit if beyond else None


def _shown(order: Resting, tick: Tick[Krw]) -> Krw | None:
    return tick.ask if order.side is Side.BUY else tick.bid


def _reaches(order: Resting, shown: Krw) -> bool:
    if order.kind is OrderKind.MARKET:
        return True
    return shown <= order.limit if order.side is Side.BUY else shown >= order.limit
