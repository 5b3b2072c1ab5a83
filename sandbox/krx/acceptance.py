"""Whether the broker takes a KRX order: pure checks and their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from sandbox.krx.account import KrxAccount
from sandbox.krx.divisions import PAPER, Division, Pricing, Window, taken_between
from sandbox.krx.divisions import SOR as SOR_DIVISIONS
from sandbox.krx.floor import Floor, trades_now
from sandbox.krx.hours import is_trading_day, krx_day, kst_date
from sandbox.krx.listings import KrxListing
from sandbox.krx.orders import KRX, SOR, KrxOrderRequest
from sandbox.krx.prices import FUND_GROUPS, is_on_tick
from sandbox.model import Server, Side


class Reason(Enum):
    """Why the broker does not take an order, an amendment or a cancellation."""

    UNKNOWN_SYMBOL = "unknown symbol"
    BAD_VENUE = "venue not offered to this account"
    BAD_DIVISION = "order type not offered on this server, venue or symbol"
    NOT_TRADING_DAY = "not a trading day"
    BEFORE_OPEN = "before this order type's session"
    AFTER_CLOSE = "after this order type's session"
    IN_AUCTION = "order type not taken while the symbol is in an auction"
    HALTED = "symbol halted"
    BAD_QTY = "not a quantity that can be ordered"
    PRICE_NOT_WANTED = "this order type has no price"
    NO_TRIGGER = "stop-limit without a trigger price, or a trigger without a stop-limit"
    OFF_TICK = "off tick"
    OUTSIDE_BAND = "outside the price limits"
    NO_CASH = "buying power exceeded"
    NO_SHARES = "not enough sellable shares"
    NO_SUCH_ORDER = "no such order"
    NOTHING_OPEN = "nothing left to amend or cancel"
    TOO_MANY = "more than is left to amend or cancel"


@dataclass(frozen=True, slots=True)
class Refused:
    """A business refusal."""

    reason: Reason


def division_reason(request: KrxOrderRequest, listing: KrxListing) -> Reason | None:
    """Whether server, venue and symbol take this type at all. There is no NXT book here."""
    paper = request.server is Server.PAPER
    if request.venue != KRX and (paper or request.venue != SOR):
        return Reason.BAD_VENUE
    allowed = SOR_DIVISIONS if request.venue == SOR else frozenset(Division)
    if request.division not in (allowed & PAPER if paper else allowed):
        return Reason.BAD_DIVISION
    after = Division(request.division).terms.window is Window.AFTER_MARKET
    return Reason.BAD_DIVISION if after and listing.group in FUND_GROUPS else None


def closed_reason(division: Division, now: datetime) -> Reason | None:
    """Why no order of this type is taken at ``now``; None within its stretch of the day."""
    day = kst_date(now)
    if not is_trading_day(day):
        return Reason.NOT_TRADING_DAY
    stretch = taken_between(division.terms.window, krx_day(day))
    if stretch is None:
        return Reason.BAD_DIVISION
    if now < stretch[0]:
        return Reason.BEFORE_OPEN
    return None if now < stretch[1] else Reason.AFTER_CLOSE


def market_reason(request: KrxOrderRequest, floor: Floor, now: datetime) -> Reason | None:
    """What the symbol's state forbids."""
    if floor.state(request.symbol).halted:
        return Reason.HALTED
    continuous_only = Division(request.division).terms.window is Window.CONTINUOUS
    if continuous_only and not trades_now(floor, request.symbol, now):
        return Reason.IN_AUCTION
    return None


def price_reason(
    request: KrxOrderRequest, listing: KrxListing, band: tuple[Decimal, Decimal]
) -> Reason | None:
    """What is wrong with quantity, limit or trigger."""
    if request.qty <= 0:
        return Reason.BAD_QTY
    division = Division(request.division)
    if (division.pricing is Pricing.STOP) != bool(request.trigger):
        return Reason.NO_TRIGGER
    if not division.has_limit and request.limit:
        return Reason.PRICE_NOT_WANTED
    prices = [request.limit] if division.has_limit else []
    prices += [request.trigger] if request.trigger else []
    if not all(is_on_tick(price, listing.group) for price in prices):
        return Reason.OFF_TICK
    lower, upper = band
    return None if all(lower <= price <= upper for price in prices) else Reason.OUTSIDE_BAND


def shortage(
    account: KrxAccount, side: Side, symbol: str, qty: int, reserve: Decimal
) -> Reason | None:
    """What the account lacks for it: shares, or the cash for ``reserve`` won a share."""
    if side is Side.SELL:
        return Reason.NO_SHARES if qty > account.sellable(symbol) else None
    cost = account.with_fee(reserve * qty)
    return Reason.NO_CASH if cost > account.buying_power() else None
