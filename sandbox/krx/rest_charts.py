"""Bars of one symbol: by day (100 a call), by minute of today (30) and of past days (120).

All newest first and without next-page keys: one pages by asking for an earlier end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from sandbox.kis_wire import Answer, Call, Row, kst_date, kst_time, money
from sandbox.krx.hours import at, is_trading_day, krx_day, previous_trading_day
from sandbox.krx.hours import kst_date as kst_day
from sandbox.krx.listings import HUNDRED_MILLION, KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import DayBar, MinuteBar
from sandbox.krx.rest_codes import input_refusal
from sandbox.krx.rest_periods import asked_days, by_period
from sandbox.krx.rest_snapshot import (
    OK_QUOTE,
    Snapshot,
    asked_listing,
    change_fields,
    range_fields,
    sign_of,
    snapshot,
    volume_fields,
)
from sandbox.trouble import strike
from sandbox.world import World

DAILY_KEYS = (
    "FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD", "FID_INPUT_DATE_1", "FID_INPUT_DATE_2",
    "FID_PERIOD_DIV_CODE", "FID_ORG_ADJ_PRC",
)  # fmt: skip
MINUTE_KEYS = (
    "FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD", "FID_INPUT_HOUR_1", "FID_PW_DATA_INCU_YN",
    "FID_ETC_CLS_CODE",
)  # fmt: skip
PAST_KEYS = (
    "FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD", "FID_INPUT_HOUR_1", "FID_INPUT_DATE_1",
    "FID_PW_DATA_INCU_YN", "FID_FAKE_TICK_INCU_YN",
)  # fmt: skip
DAYS, MINUTES, PAST_MINUTES = 100, 30, 120
HOUR_WIDTH = 6
MINUTE = timedelta(minutes=1)
# How many days back a minute chart goes to fill its rows.
DAYS_BACK = 5
ADJUSTED, AS_TRADED = "0", "1"
# A published client asks for "now" by midnight.
NOW = frozenset({"", "000000"})


def daily(world: World, call: Call) -> Answer:
    """FHKST03010100. Nothing here was ever split, so adjusted and traded prices agree."""
    market = world.krx.market
    listing = asked_listing(market, call)
    if call["FID_ORG_ADJ_PRC"] not in {ADJUSTED, AS_TRADED}:
        raise input_refusal("FID_ORG_ADJ_PRC")
    if listing is None:
        return Answer(*OK_QUOTE, {"output1": _NOTHING, "output2": []})
    bars = by_period(market.day_bars(listing.symbol, market.day, 10_000), call)
    shown = asked_days(bars, call)[-DAYS:]
    closes = {later.day: earlier.close for earlier, later in pairwise(bars)}
    rows = [_day_row(bar, closes.get(bar.day, bar.close)) for bar in reversed(shown)]
    if rows and strike(world.faults, call, "blank_rows"):
        rows.append({})
    outputs: dict[str, Row | list[Row]] = {
        "output1": _daily_head(market, listing),
        "output2": rows,
    }
    return Answer(*OK_QUOTE, outputs)


def minutes(world: World, call: Call) -> Answer:
    """FHKST03010200: today up to an hour. A future hour is filled from the current price."""
    market = world.krx.market
    listing = asked_listing(market, call)
    if listing is None:
        return Answer(*OK_QUOTE, {"output1": _NOTHING, "output2": []})
    until = call.now
    if call["FID_INPUT_HOUR_1"] not in NOW:
        until = _moment(kst_day(call.now), call["FID_INPUT_HOUR_1"])
    shot = snapshot(market, listing)
    ahead = _ahead(shot, call.now, until)
    found = [*_with_closing_auction(market, shot, min(until, call.now)), *ahead]
    return _minute_answer(market, shot, found, MINUTES, call)


def past_minutes(world: World, call: Call) -> Answer:
    """FHKST03010230, real only: a past day up to an hour."""
    market = world.krx.market
    listing = asked_listing(market, call)
    if listing is None:
        return Answer(*OK_QUOTE, {"output1": _NOTHING, "output2": []})
    day = _date(call["FID_INPUT_DATE_1"])
    until = min(call.now, _moment(day, call["FID_INPUT_HOUR_1"] or "235959"))
    shot = snapshot(market, listing)
    found = market.minute_bars(listing.symbol, until) if kst_day(until) == day else ()
    return _minute_answer(market, shot, found, PAST_MINUTES, call)


def _minute_answer(
    market: KrxMarket, shot: Snapshot, found: Sequence[MinuteBar], size: int, call: Call
) -> Answer:
    bars = list(found)
    if call["FID_PW_DATA_INCU_YN"] == "Y":
        bars = _with_past(market, shot, bars, size)
    rows = [_minute_row(bar) for bar in reversed(bars[-size:])]
    head = {
        **change_fields(shot),
        "stck_prdy_clpr": money(shot.base, 0),
        **volume_fields(shot),
        "hts_kor_isnm": shot.listing.name,
        "stck_prpr": money(shot.price, 0),
    }
    outputs: dict[str, Row | list[Row]] = {"output1": head, "output2": rows}
    return Answer(*OK_QUOTE, outputs)


def _with_past(
    market: KrxMarket, shot: Snapshot, bars: list[MinuteBar], size: int
) -> list[MinuteBar]:
    day = kst_day(bars[0].start) if bars else market.day
    for _ in range(DAYS_BACK):
        if len(bars) >= size:
            break
        day = previous_trading_day(day)
        close = krx_day(day).close
        bars = [*market.minute_bars(shot.listing.symbol, close), *bars]
    return bars


def _with_closing_auction(market: KrxMarket, shot: Snapshot, until: datetime) -> list[MinuteBar]:
    """Today's minutes; asked the same day, the closing auction's stand there without volume."""
    bars = list(market.minute_bars(shot.listing.symbol, until))
    day = kst_day(until)
    if not bars or not is_trading_day(day):
        return bars
    hours = krx_day(day)
    before = [bar for bar in bars if bar.start < hours.close_auction]
    after = [bar for bar in bars if bar.start >= hours.close_auction]
    if not before:
        return bars
    end = min(until, hours.close - 2 * MINUTE)
    return [*before, *_still(before[-1], hours.close_auction, end), *after]


def _ahead(shot: Snapshot, now: datetime, until: datetime) -> list[MinuteBar]:
    start = now.replace(second=0, microsecond=0)
    price = shot.price
    last = MinuteBar(start, price, price, price, price, 0, shot.value)
    return _still(last, max(start + MINUTE, until - MINUTES * MINUTE), until)


def _still(last: MinuteBar, start: datetime, end: datetime) -> list[MinuteBar]:
    """Minutes from ``start`` to ``end`` in which nothing trades."""
    count = max(0, (end - start) // MINUTE + 1)
    price = last.close
    return [
        MinuteBar(start + n * MINUTE, price, price, price, price, 0, last.cum_value)
        for n in range(count)
    ]


def _minute_row(bar: MinuteBar) -> Row:
    return {
        "stck_bsop_date": kst_date(bar.start),
        "stck_cntg_hour": kst_time(bar.start),
        "stck_prpr": money(bar.close, 0),
        "stck_oprc": money(bar.open, 0),
        "stck_hgpr": money(bar.high, 0),
        "stck_lwpr": money(bar.low, 0),
        "cntg_vol": str(bar.volume),
        "acml_tr_pbmn": money(bar.cum_value, 0),
    }


def _day_row(bar: DayBar, before: Decimal) -> Row:
    change = bar.close - before
    return {
        "stck_bsop_date": f"{bar.day:%Y%m%d}",
        "stck_clpr": money(bar.close, 0),
        "stck_oprc": money(bar.open, 0),
        "stck_hgpr": money(bar.high, 0),
        "stck_lwpr": money(bar.low, 0),
        "acml_vol": str(bar.volume),
        "acml_tr_pbmn": money(bar.value, 0),
        "flng_cls_code": "00",
        "prtt_rate": "0.00",
        "mod_yn": "N",
        "prdy_vrss_sign": sign_of(change),
        "prdy_vrss": money(change, 0),
        "revl_issu_reas": "",
    }


def _daily_head(market: KrxMarket, listing: KrxListing) -> Row:
    shot = snapshot(market, listing)
    book = market.book(listing.symbol)
    past = [bar for bar in market.day_bars(listing.symbol, market.day, 2) if bar.day < market.day]
    opened, high, low = (past[-1].open, past[-1].high, past[-1].low) if past else shot.range
    lower, upper = shot.limits
    capital = Decimal(listing.shares * listing.par)
    return {
        **change_fields(shot),
        "stck_prdy_clpr": money(shot.base, 0),
        **volume_fields(shot),
        "hts_kor_isnm": listing.name,
        "stck_prpr": money(shot.price, 0),
        "stck_shrn_iscd": listing.symbol,
        "prdy_vol": str(listing.prev_volume),
        "stck_mxpr": money(upper, 0),
        "stck_llam": money(lower, 0),
        **range_fields(shot),
        "stck_prdy_oprc": money(opened, 0),
        "stck_prdy_hgpr": money(high, 0),
        "stck_prdy_lwpr": money(low, 0),
        "askp": money(book.asks[0].price, 0) if book.asks else "0",
        "bidp": money(book.bids[0].price, 0) if book.bids else "0",
        "prdy_vrss_vol": str(shot.volume - listing.prev_volume),
        "vol_tnrt": money(shot.turnover_pct, 2),
        "stck_fcam": str(listing.par),
        "lstn_stcn": str(listing.shares),
        "cpfn": money(capital / HUNDRED_MILLION, 0),
        "hts_avls": str(int(shot.price * listing.shares / HUNDRED_MILLION)),
        "per": "0.00",
        "eps": "0.00",
        "pbr": "0.00",
        "itewhol_loan_rmnd_ratem": "0.00",
    }


_NOTHING: Row = {
    "prdy_vrss": "0",
    "prdy_vrss_sign": "3",
    "prdy_ctrt": "0.00",
    "stck_prdy_clpr": "0",
    "acml_vol": "0",
    "acml_tr_pbmn": "0",
    "hts_kor_isnm": "",
    "stck_prpr": "0",
}


def _moment(day: date, text: str) -> datetime:
    whole = text if text.isdigit() and len(text) == HOUR_WIDTH else ""
    try:
        return at(day, time.fromisoformat(whole))
    except ValueError:
        raise input_refusal("FID_INPUT_HOUR_1") from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        raise input_refusal("FID_INPUT_DATE_1") from None
