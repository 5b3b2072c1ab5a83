"""Domestic quotation replies to values of the model. Pure; raises PayloadError and nothing else.

Source: kis-rest-domestic notes sections 6 to 8, recorded replies. In scans and charts a row that
cannot be read is left out; a reply of which no row can be read is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from engine.adapters.kis.values import (
    KST,
    Best,
    Body,
    Row,
    moment,
    number,
    one_row,
    rows,
    text,
    won,
)
from engine.errors import PayloadError
from engine.model.candles import DayCandle, MinuteCandle
from engine.model.ids import Symbol
from engine.model.listing import Segment
from engine.model.market_events import IndexSeen, MarketRow, StateSeen
from engine.model.money import Krw
from engine.model.quotes import DayFigures, QuoteSource, Tick

T = TypeVar("T")

_FALLING = frozenset("45")
_UNCHANGED = "3"
_HALTED_STATUS = "58"
_NO_HALT = frozenset({"", "N", "0"})
_MIDNIGHT = "000000"
_MINUTE = timedelta(minutes=1)


def parse_price(symbol: Symbol, body: Body, at: datetime) -> Tick[Krw] | None:
    """A reply of inquire-price; None while KIS shows no price.

    Before the first trade of a day KIS shows yesterday's: such a price is not a regular one.
    """
    row = one_row(body, "output")
    price = won(number(row, "stck_prpr"))
    if price is None:
        return None
    volume = _count(row, "acml_vol")
    return Tick(
        symbol=symbol,
        at=at,
        price=price,
        source=QuoteSource.PRICE,
        cum_volume=volume,
        prev_close=won(number(row, "stck_sdpr")),
        day=DayFigures(
            open=won(number(row, "stck_oprc")),
            high=won(number(row, "stck_hgpr")),
            low=won(number(row, "stck_lwpr")),
            cum_value=won(number(row, "acml_tr_pbmn")),
            strength=None,
            is_regular=bool(volume),
            is_halted=_is_halted(row),
            has_vi=_has_vi(row),
        ),
    )


def parse_book(body: Body) -> Best[Krw]:
    """The first level of inquire-asking-price-exp-ccn; a side is empty at a price limit."""
    row = one_row(body, "output1")
    return Best(
        won(number(row, "bidp1")),
        won(number(row, "askp1")),
        _count(row, "bidp_rsqn1"),
        _count(row, "askp_rsqn1"),
    )


def parse_state(symbol: Symbol, body: Body, at: datetime) -> StateSeen:
    """Limits and halts out of a reply of inquire-price.

    Raises:
        PayloadError: no limits (an unknown code shows blanks).
    """
    row = one_row(body, "output")
    base, upper = won(number(row, "stck_sdpr")), won(number(row, "stck_mxpr"))
    lower = won(number(row, "stck_llam"))
    if base is None or upper is None or lower is None:
        raise PayloadError("a price without limits")
    return StateSeen(
        symbol, base, upper, lower, is_halted=_is_halted(row), has_vi=_has_vi(row), at=at
    )


def parse_price_row(symbol: Symbol, body: Body) -> MarketRow | None:
    """A reply of inquire-price as a row of a scan: without book and strength."""
    row = one_row(body, "output")
    return _market_row({**row, "stck_shrn_iscd": symbol})


def parse_rows(body: Body) -> tuple[MarketRow, ...]:
    """Rows of a ranking or of intstock-multprice, in their order; those without a price lack."""
    return _readable(rows(body, "output"), _market_row)


def parse_day_candles(body: Body, before: date) -> tuple[DayCandle, ...]:
    """Rows of inquire-daily-itemchartprice before a day, oldest first; days without trade lack."""
    found = _readable(rows(body, "output2"), _day_candle)
    days = {candle.day: candle for candle in found if candle.day < before}
    return tuple(days[day] for day in sorted(days))


def parse_minutes(body: Body, day: date) -> tuple[MinuteCandle[Krw], ...]:
    """Rows of inquire-time-itemchartprice of that day, newest first, also those without trades."""
    found = _readable(rows(body, "output2"), _minute_candle)
    return tuple(candle for candle in found if candle.at.astimezone(KST).date() == day)


def parse_index(segment: Segment, body: Body, at: datetime) -> IndexSeen:
    """A reply of inquire-index-price, or the head of the index chart.

    Raises:
        PayloadError: no value.
    """
    row = one_row(body, "output", "output1")
    value, before = number(row, "bstp_nmix_prpr"), number(row, "prdy_nmix")
    if before is None and value is not None:
        before = _before(row, value, "bstp_nmix_prdy_vrss")
    if value is None or before is None or value <= 0 or before <= 0:
        raise PayloadError("an index without value")
    return IndexSeen(segment, value, before, at)


def parse_open_days(body: Body) -> tuple[tuple[date, bool], ...]:
    """Rows of chk-holiday: open for orders or not."""
    return _readable(rows(body, "output"), _open_day)


def _market_row(row: Row) -> MarketRow | None:
    symbol = Symbol(text(row, "inter_shrn_iscd", "mksc_shrn_iscd", "stck_shrn_iscd"))
    value = _first(row, "inter2_prpr", "stck_prpr")
    price = won(value)
    if not symbol or value is None or price is None:
        return None
    base = won(_first(row, "inter2_sdpr", "stck_sdpr", "inter2_prdy_clpr"))
    before = None if base is not None else _before(row, value, "inter2_prdy_vrss", "prdy_vrss")
    return MarketRow(
        symbol=symbol,
        price=price,
        change_pct=_signed(row, number(row, "prdy_ctrt")),
        prev_close=base or won(before),
        open=won(_first(row, "inter2_oprc", "stck_oprc")),
        high=won(_first(row, "inter2_hgpr", "stck_hgpr")),
        low=won(_first(row, "inter2_lwpr", "stck_lwpr")),
        bid=won(_first(row, "inter2_bidp", "bidp")),
        ask=won(_first(row, "inter2_askp", "askp")),
        cum_volume=_count(row, "acml_vol"),
        cum_value=won(number(row, "acml_tr_pbmn")),
        strength=number(row, "tday_rltv"),
    )


def _day_candle(row: Row) -> DayCandle | None:
    at = moment(text(row, "stck_bsop_date"), _MIDNIGHT, KST)
    prices = _prices(row, "stck_clpr")
    volume = _count(row, "acml_vol")
    if at is None or prices is None or not volume:
        return None
    return DayCandle(at.date(), *prices, volume, won(number(row, "acml_tr_pbmn")))


def _minute_candle(row: Row) -> MinuteCandle[Krw] | None:
    at = moment(text(row, "stck_bsop_date"), text(row, "stck_cntg_hour"), KST)
    prices = _prices(row, "stck_prpr")
    volume = _count(row, "cntg_vol")
    if at is None or prices is None or volume is None:
        return None
    return MinuteCandle(at, *prices, volume)


def _open_day(row: Row) -> tuple[date, bool] | None:
    at = moment(text(row, "bass_dt"), _MIDNIGHT, KST)
    is_open = {"Y": True, "N": False}.get(text(row, "opnd_yn"))
    return None if at is None or is_open is None else (at.date(), is_open)


def _prices(row: Row, close: str) -> tuple[Krw, Krw, Krw, Krw] | None:
    found = [won(number(row, name)) for name in ("stck_oprc", "stck_hgpr", "stck_lwpr", close)]
    opened, high, low, closed = found
    if opened is None or high is None or low is None or closed is None:
        return None
    return opened, high, low, closed


def _readable(found: Iterable[Row], parse: Callable[[Row], T | None]) -> tuple[T, ...]:
    """What can be read; rows of blanks say nothing and are no fault."""
    values: list[T] = []
    broken: Sequence[PayloadError] = ()
    for row in found:
        try:
            value = parse(row)
        except PayloadError as error:
            broken = (*broken, error)
            continue
        if value is not None:
            values.append(value)
    if broken and not values:
        raise broken[0]
    return tuple(values)


def _is_halted(row: Row) -> bool:
    return text(row, "iscd_stat_cls_code") == _HALTED_STATUS or text(row, "temp_stop_yn") == "Y"


def _has_vi(row: Row) -> bool:
    return text(row, "vi_cls_code") not in _NO_HALT


def _first(row: Row, *names: str) -> Decimal | None:
    for name in names:
        value = number(row, name)
        if value is not None:
            return value
    return None


def _count(row: Row, name: str) -> int | None:
    value = number(row, name)
    return None if value is None or value < 0 else int(value)


def _before(row: Row, value: Decimal, *names: str) -> Decimal | None:
    """The previous close: value less its change, whose direction the sign code tells."""
    change = _signed(row, _first(row, *names))
    return None if change is None else value - change


def _signed(row: Row, change: Decimal | None) -> Decimal | None:
    """A change carries a minus in some replies and not in others; the sign code always tells."""
    if change is None:
        return None
    sign = text(row, "prdy_vrss_sign")
    if not sign or sign == "0":
        return change
    if sign == _UNCHANGED:
        return Decimal(0)
    return -abs(change) if sign in _FALLING else abs(change)
