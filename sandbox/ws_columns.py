"""Columns of the US records in today's order and width, before any older layout is applied.

Source: kis-websocket.md 8.1 to 8.4; signs, decimals and MTYP as in the captured frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal

from sandbox.frames import KST
from sandbox.model import Credentials, Listing, Notice, NoticeKind, Trade
from sandbox.ws_ticks import EASTERN, Tick

LEVELS = 10

# Order code of the exchange: quote code by night (Korean time), by day, code in notices.
_EXCHANGES: Mapping[str, tuple[str, str, str]] = {
    "NASD": ("NAS", "BAQ", "6"),
    "NYSE": ("NYS", "BAY", "7"),
    "AMEX": ("AMS", "BAA", "8"),
}
_DAYTIME = (time(10), time(16))  # KST
_REGULAR = (time(9, 30), time(16))  # ET
_CENT = Decimal("0.01")
_BELOW_A_DOLLAR = Decimal("0.0001")
_IMPLIED = Decimal(10_000)  # US prices in notices: four decimals without the point

_LIMIT_ORDER = "2"
_BRANCH = "06010"
_CASH = "10"

# RCTF_CLS, RFUS_YN, CNTG_YN, ACPT_YN
_FLAGS: Mapping[NoticeKind, tuple[str, str, str, str]] = {
    NoticeKind.RECEIVED: ("0", "0", "1", "1"),
    NoticeKind.CONFIRMED: ("0", "0", "1", "2"),
    NoticeKind.FILL: ("0", "0", "2", "2"),
    NoticeKind.REFUSED: ("0", "1", "1", "1"),
    NoticeKind.AMENDED: ("1", "0", "1", "2"),
    NoticeKind.CANCELLED: ("2", "0", "1", "2"),
}


def quote_key(listing: Listing, at: datetime) -> str | None:
    """The tr_key under which this listing is quoted at that moment; None if it never is."""
    codes = _EXCHANGES.get(listing.exchange)
    if codes is None:
        return None
    opens, closes = _DAYTIME
    if opens <= at.astimezone(KST).time() < closes:
        return f"R{codes[1]}{listing.symbol}"
    return f"D{codes[0]}{listing.symbol}"


def trade_columns(tr_key: str, tick: Tick) -> tuple[str, ...]:
    """HDFSCNT0, 26 columns. DIFF carries no sign, RATE does."""
    trade = tick.trade
    eastern, korean = trade.at.astimezone(EASTERN), trade.at.astimezone(KST)
    sign, diff, rate = _change(trade.price, tick.listing.prev_close)
    prices = (trade.open, trade.high, trade.low, trade.price)
    return (
        *(tr_key, trade.symbol, "4"),
        *(f"{eastern:%Y%m%d}", f"{eastern:%Y%m%d}", f"{eastern:%H%M%S}"),
        *(f"{korean:%Y%m%d}", f"{korean:%H%M%S}"),
        *(_price(price) for price in prices),
        *(sign, diff, rate, _price(trade.bid), _price(trade.ask)),
        *(str(trade.bid_size), str(trade.ask_size), str(trade.size)),
        *(str(trade.cum_volume), str(int(trade.cum_value))),
        *(str(tick.sold), str(tick.bought), _strength(tick), _session(eastern)),
    )


def book_columns(tr_key: str, tick: Tick) -> tuple[str, ...]:
    """HDFSASP0, 71 columns: eleven, then ten levels of six."""
    trade = tick.trade
    eastern, korean = trade.at.astimezone(EASTERN), trade.at.astimezone(KST)
    now, before = _depth(trade), _depth(tick.before or trade)
    totals = [sum(level[side] for level in now) for side in (1, 3)]
    earlier = [sum(level[side] for level in before) for side in (1, 3)]
    levels: list[str] = []
    for (bid, bids, ask, asks), (_, old_bids, _, old_asks) in zip(now, before, strict=True):
        levels += [_price(bid), _price(ask), str(bids), str(asks)]
        levels += [str(bids - old_bids), str(asks - old_asks)]
    return (
        *(tr_key, trade.symbol, "4", f"{eastern:%Y%m%d}", f"{eastern:%H%M%S}"),
        *(f"{korean:%Y%m%d}", f"{korean:%H%M%S}", str(totals[0]), str(totals[1])),
        *(str(totals[0] - earlier[0]), str(totals[1] - earlier[1]), *levels),
    )


def notice_columns(
    notice: Notice, customer: Credentials, listing: Listing | None
) -> tuple[str, ...]:
    """H0GSCNI0 and H0GSCNI9, 25 columns. ODER_QTY is empty on receipts, the time always."""
    amended, refused, filled, accepted = _FLAGS[notice.kind]
    if notice.kind is NoticeKind.RECEIVED and notice.original_no:
        amended = "1"  # a change on its way, not a new order; a notice does not say which change
    quantity = f"{notice.order_qty:010d}" if notice.kind is NoticeKind.FILL else ""
    price = int((notice.price * _IMPLIED).to_integral_value())
    return (
        *(customer.hts_id, notice.account, notice.order_no, notice.original_no),
        *(notice.side.value, amended, _LIMIT_ORDER, notice.symbol),
        *(f"{notice.qty:010d}", f"{price:09d}", ""),
        *(refused, filled, accepted, _BRANCH, quantity),
        *(customer.holder, listing.name if listing is not None else notice.symbol),
        *(_EXCHANGES[notice.exchange][2], _CASH, "", "", "", "", f"{price:012d}"),
    )


def _price(value: Decimal) -> str:
    return f"{value:.4f}"


def _change(price: Decimal, prev_close: Decimal) -> tuple[str, str, str]:
    if not prev_close or price == prev_close:
        return "3", "0.0000", "0.00"
    diff = price - prev_close
    return "2" if diff > 0 else "5", _price(abs(diff)), f"{diff / prev_close * 100:+.2f}"


def _strength(tick: Tick) -> str:
    return f"{100 * tick.bought / tick.sold:.2f}" if tick.sold else "0.00"


def _session(eastern: datetime) -> str:
    opens, closes = _REGULAR
    # As captured: 1 before the regular session, 2 in it; the documents name them otherwise.
    if eastern.time() < opens:
        return "1"
    return "2" if eastern.time() < closes else "3"


def _depth(trade: Trade) -> list[tuple[Decimal, int, Decimal, int]]:
    """Ten levels (bid, size, ask, size): the first as traded, the others derived from price."""
    step = _CENT if trade.price >= 1 else _BELOW_A_DOLLAR
    levels = [(trade.bid, trade.bid_size, trade.ask, trade.ask_size)]
    for index in range(1, LEVELS):
        bid = max(trade.bid - index * step, Decimal(0))
        ask = trade.ask + index * step if trade.ask else Decimal(0)
        levels.append((bid, _resting(bid, step), ask, _resting(ask, step)))
    return levels


def _resting(price: Decimal, step: Decimal) -> int:
    """An invented size that stays the same while the price level exists."""
    return 10 * (1 + int(price / step) * 7919 % 97) if price else 0
