"""Whether the broker takes an order: pure checks and their reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sandbox.accounts import Account
from sandbox.model import Side
from sandbox.orders import Order, OrderRequest
from sandbox.session import Phase, phase, session_day, us_date


class Reason(Enum):
    """Why the broker does not take an order."""

    UNKNOWN_SYMBOL = "unknown symbol"
    NOT_TRADING_DAY = "not a trading day"
    BEFORE_OPEN = "before the session"
    AFTER_CLOSE = "after the session"
    NO_CASH = "buying power exceeded"
    NO_SHARES = "not enough sellable shares"
    SELF_TRADE = "would trade against one's own order"
    NO_SUCH_ORDER = "no such order"
    NOTHING_OPEN = "nothing left to amend or cancel"


@dataclass(frozen=True, slots=True)
class Refused:
    """A business refusal."""

    reason: Reason


def shortage(account: Account, request: OrderRequest, live: Iterable[Order]) -> Reason | None:
    """What the account lacks for it, or which of its ``live`` orders it would meet."""
    if request.qty <= 0:
        return Reason.NO_SHARES
    if any(_cross(request, order.request) for order in live):
        return Reason.SELF_TRADE
    if request.side is Side.SELL:
        return Reason.NO_SHARES if request.qty > account.sellable(request.symbol) else None
    cost = account.with_fee(request.limit * request.qty)
    return Reason.NO_CASH if cost > account.buying_power() else None


def closed_reason(now: datetime) -> Reason | None:
    """Why no order is taken at ``now``; None within a session."""
    if phase(now) is not Phase.CLOSED:
        return None
    day = us_date(now)
    try:
        hours = session_day(day)
    except ValueError:
        return Reason.NOT_TRADING_DAY
    return Reason.BEFORE_OPEN if now < hours.premarket_open else Reason.AFTER_CLOSE


def _cross(one: OrderRequest, other: OrderRequest) -> bool:
    if other.server is not one.server or other.side is one.side:
        return False
    buy, sell = (one, other) if one.side is Side.BUY else (other, one)
    return buy.limit >= sell.limit
