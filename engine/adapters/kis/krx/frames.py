"""KRX trades, market operation and order notices: records to values. Pure.

Raises PayloadError and nothing else. Source: kis-websocket notes section 7; captured frames.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum
from functools import lru_cache

from engine.adapters.kis.fields import KRX_OPERATIONS_TR, KRX_TRADES_TR, SIDES
from engine.adapters.kis.frames import notice_kind, quantity
from engine.adapters.kis.values import KST, clean, moment, order_no, parse_number, won
from engine.errors import PayloadError
from engine.model.fills import OrderNotice
from engine.model.ids import Symbol
from engine.model.market_events import OperationSeen
from engine.model.money import Krw
from engine.model.quotes import DayFigures, QuoteSource, Tick


class _Trade(IntEnum):
    STCK_CNTG_HOUR = 1
    STCK_PRPR = 2
    PRDY_VRSS_SIGN = 3
    PRDY_VRSS = 4
    STCK_OPRC = 7
    STCK_HGPR = 8
    STCK_LWPR = 9
    ASKP1 = 10
    BIDP1 = 11
    ACML_VOL = 13
    ACML_TR_PBMN = 14
    CTTR = 18
    BSOP_DATE = 33
    NEW_MKOP_CLS_CODE = 34
    TRHT_YN = 35
    ASKP_RSQN1 = 36
    BIDP_RSQN1 = 37
    HOUR_CLS_CODE = 43
    MARKET_CLS_CODE = 46  # since 2026-09-14


class _Operation(IntEnum):
    MKSC_SHRN_ISCD = 0
    TRHT_YN = 1
    MKOP_CLS_CODE = 3
    ISCD_STAT_CLS_CODE = 7
    VI_CLS_CODE = 8


class _Notice(IntEnum):
    ACNT_NO = 1
    ODER_NO = 2
    OODER_NO = 3
    SELN_BYOV_CLS = 4
    RCTF_CLS = 5
    STCK_SHRN_ISCD = 8
    CNTG_QTY = 9
    CNTG_UNPR = 10
    STCK_CNTG_HOUR = 11
    RFUS_YN = 12
    CNTG_YN = 13
    ACPT_YN = 14
    BRNC_NO = 15
    ODER_QTY = 16


_LONGEST_STAMP = 28
_ABSENT = frozenset({"", "(null)"})
_UP, _DOWN = frozenset("12"), frozenset("45")
# NEW_MKOP_CLS_CODE of the regular session: ordinary trades and those of the closing auction; not
# blocks, baskets, liquidations.
_REGULAR_OPERATIONS = frozenset({"20", "21"})
_REGULAR_HOURS = _ABSENT | {"0"}
_REGULAR_MARKETS = _ABSENT | {"2", "5"}
_AUCTION_HOUR = "C"  # an expected price after 9: of a volatility halt, or of the closing auction
_CLOSING_OPERATION = "21"
_HALTED_STATUS = "58"
_HALTING_OPERATIONS = frozenset({"164", "174"})  # temporary halt, circuit breaker
_NO_HALT = _ABSENT | {"N", "0"}


def parse_krx_trade(record: list[str], symbol: Symbol) -> Tick[Krw]:
    """One record of H0STCNT0 (46 columns before 2026-09-14, 47 since).

    Raises:
        PayloadError: of another symbol, without a price or a time.
    """
    if record[0] != symbol:
        raise PayloadError("a trade of something else", tr_id=KRX_TRADES_TR)
    price = _price(record[_Trade.STCK_PRPR])
    day, clock_time = record[_Trade.BSOP_DATE], record[_Trade.STCK_CNTG_HOUR]
    # Only what is as long as it should be is remembered: the socket is not encrypted.
    is_short = len(day) + len(clock_time) <= _LONGEST_STAMP
    at = _moment(day, clock_time) if is_short else None
    if price is None or at is None:
        raise PayloadError("a trade without price or time", tr_id=KRX_TRADES_TR)
    return Tick(
        symbol,
        at,
        price,
        QuoteSource.STREAM,
        _price(record[_Trade.BIDP1]),
        _price(record[_Trade.ASKP1]),
        _count(record[_Trade.ACML_VOL]),
        _prev_close(
            record[_Trade.STCK_PRPR], record[_Trade.PRDY_VRSS_SIGN][:1], record[_Trade.PRDY_VRSS]
        ),
        _day(record),
        _shown(record[_Trade.BIDP_RSQN1]),
        _shown(record[_Trade.ASKP_RSQN1]),
    )


def parse_operation(record: list[str], symbol: Symbol, seen_at: datetime) -> OperationSeen:
    """One record of H0STMKO0; it carries no time, so ``at`` is when it was seen.

    Raises:
        PayloadError: of another symbol.
    """
    fields = [field.strip() for field in record]
    if fields[_Operation.MKSC_SHRN_ISCD] != symbol:
        raise PayloadError("an operation of something else", tr_id=KRX_OPERATIONS_TR)
    is_halted = (
        fields[_Operation.TRHT_YN] == "Y"
        or fields[_Operation.ISCD_STAT_CLS_CODE] == _HALTED_STATUS
        or fields[_Operation.MKOP_CLS_CODE] in _HALTING_OPERATIONS
    )
    has_vi = fields[_Operation.VI_CLS_CODE] not in _NO_HALT
    return OperationSeen(symbol, is_halted=is_halted, has_vi=has_vi, at=seen_at)


def parse_krx_notice(record: list[str], account: str, seen_at: datetime) -> OrderNotice[Krw] | None:
    """One record of H0STCNI0/9; None for another account of the same HTS ID.

    Order numbers come again every day and in each branch, hence both in the key. ``at`` is when it
    was seen: the wire tells whole seconds only.

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
    price = parse_number(record[_Notice.CNTG_UNPR], "CNTG_UNPR")
    if qty is None or price is None or price < 0:
        raise PayloadError("a notice without quantity or price")
    hour, branch = clean(record[_Notice.STCK_CNTG_HOUR]), clean(record[_Notice.BRNC_NO])
    return OrderNotice(
        kind=kind,
        broker_order_no=number,
        original_order_no=order_no(record[_Notice.OODER_NO]),
        symbol=symbol,
        side=side,
        qty=qty,
        price=Krw(price),
        order_qty=quantity(record[_Notice.ODER_QTY], "ODER_QTY") or None,
        at=seen_at,
        key=f"{_kst_date(seen_at)}:{branch}:{number}:{kind}:{hour}:{qty}:{price}",
        branch=branch,
    )


def _day(record: list[str]) -> DayFigures[Krw]:
    operation = record[_Trade.NEW_MKOP_CLS_CODE]
    hour = record[_Trade.HOUR_CLS_CODE]
    market = record[_Trade.MARKET_CLS_CODE] if len(record) > _Trade.MARKET_CLS_CODE else ""
    return DayFigures(
        _price(record[_Trade.STCK_OPRC]),
        _price(record[_Trade.STCK_HGPR]),
        _price(record[_Trade.STCK_LWPR]),
        won(parse_number(record[_Trade.ACML_TR_PBMN], "ACML_TR_PBMN")),
        parse_number(record[_Trade.CTTR], "CTTR"),
        operation in _REGULAR_OPERATIONS and hour in _REGULAR_HOURS and market in _REGULAR_MARKETS,
        record[_Trade.TRHT_YN] == "Y",
        hour == _AUCTION_HOUR and operation != _CLOSING_OPERATION,
    )


# Prices and times repeat all day: most are looked up, not parsed.
@lru_cache(maxsize=32_768)
def _price(raw: str) -> Krw | None:
    return won(parse_number(raw, "a price"))


@lru_cache(maxsize=1_024)
def _moment(day: str, clock_time: str) -> datetime | None:
    return moment(day, clock_time, KST)


def _count(raw: str) -> int | None:
    value = quantity(raw, "ACML_VOL")
    return None if value is None else int(value)


@lru_cache(maxsize=32_768)
def _shown(raw: str) -> int | None:
    value = quantity(raw, "shares at the best price")
    return None if value is None else int(value)


@lru_cache(maxsize=32_768)
def _prev_close(price: str, sign: str, difference: str) -> Krw | None:
    """The sign field tells the direction; the difference itself may be signed or not."""
    last, change = parse_number(price, "STCK_PRPR"), parse_number(difference, "PRDY_VRSS")
    if last is None or change is None:
        return None
    if sign in _UP:
        return won(last - abs(change))
    return won(last + abs(change)) if sign in _DOWN else won(last)


def _kst_date(moment_seen: datetime) -> date:
    return moment_seen.astimezone(KST).date()
