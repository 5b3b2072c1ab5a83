"""Limits of orders: on a tick, inside the day's band, near enough to what the market shows.

The bounds of the day are the broker's where they were read; else they are reckoned from the
previous close, and without that there are none.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from engine.model.krx_settings import EntrySettings
from engine.model.listing import SecurityKind
from engine.model.money import Krw
from engine.model.orders import OrderKind
from engine.model.quotes import Tick
from engine.rules.krx.price_steps import band, round_down, step_down, step_up

_HUNDRED = Decimal(100)
# So far under the bid a sale takes what stands there, even when the bid gives way meanwhile.
TICKS_UNDER_BID = 3


def entry_limit(
    tick: Tick[Krw],
    upper_limit: int | None,
    settings: EntrySettings,
    day: date,
    kind: SecurityKind,
) -> Krw | None:
    """What a purchase may cost a share at most; None: no honest figure, so no order.

    A limit order lies at the ask, without a book one tick above the last price, and never further
    above the last price than the collar. A market order reserves the upper limit, and is not
    made where that is not known.
    """
    upper = Krw(Decimal(upper_limit)) if upper_limit is not None else _bounds(tick, day, kind)[1]
    if settings.kind is OrderKind.MARKET:
        return upper
    wanted = step_up(tick.price, 1, day, kind) if tick.ask is None else tick.ask
    collar = round_down(tick.price * (1 + settings.collar_pct / _HUNDRED), day, kind)
    limit = min(round_down(wanted, day, kind), collar)
    return limit if upper is None else min(limit, upper)


def exit_limit(
    tick: Tick[Krw],
    lower_limit: Krw | None,
    day: date,
    kind: SecurityKind,
    order: OrderKind = OrderKind.LIMIT,
) -> Krw:
    """The least a sale may bring a share.

    A limit order lies some ticks under the bid, or under the last price without a book, so that
    it executes at once. A market order can get the lower limit.
    """
    lower = _bounds(tick, day, kind)[0] if lower_limit is None else lower_limit
    if order is OrderKind.MARKET and lower is not None:
        return lower
    market = tick.price if tick.bid is None else tick.bid
    limit = step_down(market, TICKS_UNDER_BID, day, kind)
    return limit if lower is None else max(limit, lower)


def _bounds(tick: Tick[Krw], day: date, kind: SecurityKind) -> tuple[Krw | None, Krw | None]:
    return (None, None) if tick.prev_close is None else band(tick.prev_close, day, kind)
