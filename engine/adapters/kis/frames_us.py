"""US trades and order notices: records to values. Pure; raises PayloadError and nothing else.

Source: kis-websocket notes section 8; captured frames.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from engine.adapters.kis.fields import SIDES, TRADES_TR
from engine.adapters.kis.frames import KNOWN_WIDTH, notice_kind, quantity
from engine.adapters.kis.values import EASTERN, clean, moment, order_no, parse_number, positive
from engine.errors import PayloadError
from engine.model.fills import OrderNotice
from engine.model.ids import Symbol
from engine.model.money import Usd
from engine.model.quotes import QuoteSource, Tick

_IMPLIED_DECIMALS = Decimal("0.0001")
_UP, _DOWN = frozenset("12"), frozenset("45")


class _Trade(IntEnum):
    RSYM = 0
    SYMB = 1
    XYMD = 4
    XHMS = 5
    LAST = 11
    SIGN = 12
    DIFF = 13
    PBID = 15
    PASK = 16
    TVOL = 20


class _Notice(IntEnum):
    ACNT_NO = 1
    ODER_NO = 2
    OODER_NO = 3
    SELN_BYOV_CLS = 4
    RCTF_CLS = 5
    STCK_SHRN_ISCD = 7
    CNTG_QTY = 8
    CNTG_UNPR = 9
    STCK_CNTG_HOUR = 10
    RFUS_YN = 11
    CNTG_YN = 12
    ACPT_YN = 13
    ODER_QTY = 15


def parse_trade(record: list[str], tr_key: str, symbol: Symbol) -> Tick:
    """One record of HDFSCNT0 for the subscription it belongs to.

    Raises:
        PayloadError: of another subscription, without a price or a time.
    """
    if record[0] == symbol and record[1] != symbol:
        record = [tr_key, *record]
    if record[_Trade.RSYM] != tr_key or record[_Trade.SYMB] != symbol:
        raise PayloadError("a trade of something else", tr_id=TRADES_TR)
    if len(record) < KNOWN_WIDTH[TRADES_TR]:
        raise PayloadError("a trade with columns missing", tr_id=TRADES_TR)
    price = positive(parse_number(record[_Trade.LAST], "LAST"))
    at = moment(record[_Trade.XYMD], record[_Trade.XHMS], EASTERN)
    if price is None or at is None:
        raise PayloadError("a trade without price or time", tr_id=TRADES_TR)
    volume = parse_number(record[_Trade.TVOL], "TVOL")
    return Tick(
        symbol=symbol,
        at=at,
        price=price,
        source=QuoteSource.STREAM,
        bid=positive(parse_number(record[_Trade.PBID], "PBID")),
        ask=positive(parse_number(record[_Trade.PASK], "PASK")),
        cum_volume=None if volume is None else int(volume),
        prev_close=_prev_close(price, record[_Trade.SIGN], record[_Trade.DIFF]),
    )


def parse_notice(record: list[str], account: str, seen_at: datetime) -> OrderNotice | None:
    """One record of H0GSCNI0/9; None for another account of the same HTS ID.

    The time on the wire is often empty, so ``at`` is when it was seen. The price has four implied
    decimals (001480100 is 148.01).

    Raises:
        PayloadError: flags or numbers that the tables do not know.
    """
    if record[_Notice.ACNT_NO].strip() != account:
        return None
    number = order_no(record[_Notice.ODER_NO])
    side = SIDES.get(record[_Notice.SELN_BYOV_CLS].strip())
    symbol = Symbol(clean(record[_Notice.STCK_SHRN_ISCD]))
    if number is None or side is None or not symbol:
        raise PayloadError("a notice without order, side or symbol")
    kind = notice_kind(
        record[_Notice.RFUS_YN],
        record[_Notice.CNTG_YN],
        record[_Notice.ACPT_YN],
        record[_Notice.RCTF_CLS],
    )
    qty = quantity(record[_Notice.CNTG_QTY], "CNTG_QTY")
    price = _implied_price(record[_Notice.CNTG_UNPR])
    if qty is None or price is None:
        raise PayloadError("a notice without quantity or price")
    hour = clean(record[_Notice.STCK_CNTG_HOUR])
    return OrderNotice(
        kind=kind,
        broker_order_no=number,
        original_order_no=order_no(record[_Notice.OODER_NO]),
        symbol=symbol,
        side=side,
        qty=qty,
        price=price,
        order_qty=quantity(record[_Notice.ODER_QTY], "ODER_QTY") or None,
        at=seen_at,
        key=f"{number}:{kind}:{hour}:{qty}:{price.amount}",
    )


def _prev_close(price: Usd, sign: str, diff: str) -> Usd | None:
    """The difference carries no reliable sign of its own: the sign field tells."""
    change = parse_number(diff, "DIFF")
    if change is None:
        return None
    if sign.strip() in _UP:
        return positive(price.amount - abs(change))
    return positive(price.amount + abs(change)) if sign.strip() in _DOWN else price


def _implied_price(raw: str) -> Usd | None:
    value = parse_number(raw, "CNTG_UNPR")
    if value is None:
        return None
    # A point on the wire would mean that the layout is another one.
    if value < 0 or "." in raw:
        raise PayloadError("CNTG_UNPR is not a price")
    return Usd(value * _IMPLIED_DECIMALS)
