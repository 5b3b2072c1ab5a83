"""Books and executions: inquire-asking-price-exp-ccn, inquire-ccnl, intstock-multprice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.kis_wire import Answer, Call, Row, kst_time, money
from sandbox.krx.hours import KrxPhase, phase
from sandbox.krx.listings import KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import BookLevels, KrxTrade, Level
from sandbox.krx.rest_codes import input_refusal
from sandbox.krx.rest_snapshot import (
    KRX_MARKET,
    OK_QUOTE,
    Snapshot,
    asked_listing,
    change_fields,
    pct,
    range_fields,
    sign_of,
    snapshot,
)
from sandbox.world import World

QUOTE_KEYS = ("FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD")
MANY_KEYS = ("FID_COND_MRKT_DIV_CODE_1", "FID_INPUT_ISCD_1")
LEVELS = 10
EXECUTIONS = 30
SYMBOLS = 30
NOBODY = Level(Decimal(0), 0)
# ``new_mkop_cls_code``: what the market was doing.
PHASE_CODE = {
    KrxPhase.OPENING_AUCTION: "10",
    KrxPhase.CONTINUOUS: "20",
    KrxPhase.CLOSING_AUCTION: "21",
    KrxPhase.AFTER: "30",
    KrxPhase.CLOSED: "31",
}
EXPECTED_PRICES = "311"  # ``antc_mkop_cls_code`` while an auction runs


def asking_price(world: World, call: Call) -> Answer:
    """FHKST01010200: ten levels, and what a running auction would trade. A limit empties a side."""
    market = world.krx.market
    listing = asked_listing(market, call)
    if listing is None:
        # A published client knows an unknown symbol by the missing levels.
        return Answer(*OK_QUOTE, {"output1": {}, "output2": {}})
    shot = snapshot(market, listing)
    book = market.book(listing.symbol)
    output1 = _level_fields(book) | {
        "aspr_acpt_hour": kst_time(book.at),
        "new_mkop_cls_code": PHASE_CODE[phase(call.now)],
    }
    outputs: dict[str, Row | list[Row]] = {
        "output1": output1,
        "output2": _expected_fields(market, shot),
    }
    return Answer(*OK_QUOTE, outputs)


def executions(world: World, call: Call) -> Answer:
    """FHKST01010300: the newest 30 trades, those of the after-market too."""
    market = world.krx.market
    listing = asked_listing(market, call)
    trades = () if listing is None else market.recent(listing.symbol)
    rows = [
        _execution_row(listing, trade)
        for trade in list(reversed(trades))[:EXECUTIONS]
        if listing is not None
    ]
    return Answer(*OK_QUOTE, {"output": rows})


def many_prices(world: World, call: Call) -> Answer:
    """FHKST11300006: up to 30 symbols in numbered pairs from 1; what comes after is ignored."""
    rows: list[Row] = []
    for number in range(1, SYMBOLS + 1):
        venue = call.get(f"FID_COND_MRKT_DIV_CODE_{number}")
        symbol = call.get(f"FID_INPUT_ISCD_{number}")
        if not venue or not symbol:
            break
        if venue not in {KRX_MARKET, "NX"}:
            raise input_refusal(f"FID_COND_MRKT_DIV_CODE_{number}")
        listing = world.krx.market.listing(symbol) if venue == KRX_MARKET else None
        rows.append(_UNKNOWN_ROW if listing is None else _watch_row(world.krx.market, listing))
    return Answer(*OK_QUOTE, {"output": rows})


def _level_fields(book: BookLevels) -> Row:
    fields: Row = {}
    sides = (("askp", _ten(book.asks)), ("bidp", _ten(book.bids)))
    for name, levels in sides:
        for number, level in enumerate(levels, 1):
            fields[f"{name}{number}"] = money(level.price, 0)
            fields[f"{name}_rsqn{number}"] = str(level.size)
            fields[f"{name}_rsqn_icdc{number}"] = "0"
    asks, bids = (sum(level.size for level in levels) for _, levels in sides)
    return fields | {
        "total_askp_rsqn": str(asks),
        "total_bidp_rsqn": str(bids),
        "total_askp_rsqn_icdc": "0",
        "total_bidp_rsqn_icdc": "0",
        "ovtm_total_askp_rsqn": "0",
        "ovtm_total_bidp_rsqn": "0",
        "ovtm_total_askp_icdc": "0",
        "ovtm_total_bidp_icdc": "0",
        "ntby_aspr_rsqn": str(bids - asks),
    }


def _expected_fields(market: KrxMarket, shot: Snapshot) -> Row:
    expected = market.expected(shot.listing.symbol)
    price = Decimal(0) if expected is None else expected.price
    change = Decimal(0) if expected is None else price - shot.base
    return {
        "antc_mkop_cls_code": "" if expected is None else EXPECTED_PRICES,
        "stck_prpr": money(shot.price, 0),
        **range_fields(shot),
        "stck_sdpr": money(shot.base, 0),
        "antc_cnpr": money(price, 0),
        "antc_cntg_vrss_sign": sign_of(change),
        "antc_cntg_vrss": money(change, 0),
        "antc_cntg_prdy_ctrt": money(pct(price, shot.base) if price else change, 2),
        "antc_vol": "0" if expected is None else str(expected.size),
        "stck_shrn_iscd": shot.listing.symbol,
        "vi_cls_code": "N" if market.state(shot.listing.symbol).vi_since is None else "Y",
    }


def _execution_row(listing: KrxListing, trade: KrxTrade) -> Row:
    change = trade.price - listing.base_price
    return {
        "stck_cntg_hour": kst_time(trade.at),
        "stck_prpr": money(trade.price, 0),
        "prdy_vrss": money(change, 0),
        "prdy_vrss_sign": sign_of(change),
        "cntg_vol": str(trade.size),
        "tday_rltv": money(trade.strength, 2),
        "prdy_ctrt": money(pct(trade.price, listing.base_price), 2),
    }


def _watch_row(market: KrxMarket, listing: KrxListing) -> Row:
    shot = snapshot(market, listing)
    opened, high, low = shot.range
    lower, upper = shot.limits
    changes = change_fields(shot)
    known = {
        "kospi_kosdaq_cls_name": listing.segment,
        "hour_cls_code": "0",
        "inter_shrn_iscd": listing.symbol,
        "inter_kor_isnm": listing.name,
        "inter2_prpr": money(shot.price, 0),
        # Here the difference is told without its sign.
        "inter2_prdy_vrss": money(abs(shot.change), 0),
        "prdy_vrss_sign": changes["prdy_vrss_sign"],
        "prdy_ctrt": changes["prdy_ctrt"],
        "acml_vol": str(shot.volume),
        "acml_tr_pbmn": money(shot.value, 0),
        "inter2_oprc": money(opened, 0),
        "inter2_hgpr": money(high, 0),
        "inter2_lwpr": money(low, 0),
        "inter2_llam": money(lower, 0),
        "inter2_mxpr": money(upper, 0),
        "inter2_prdy_clpr": money(shot.base, 0),
        "oprc_vrss_hgpr_rate": money(pct(high, opened), 2),
        "inter2_sdpr": money(shot.base, 0),
    }
    known |= _watch_book(market.book(listing.symbol)) | _watch_expected(market, shot)
    return _UNKNOWN_ROW | known


def _watch_book(book: BookLevels) -> Row:
    ask, bid = _ten(book.asks), _ten(book.bids)
    return {
        "inter2_askp": money(ask[0].price, 0),
        "inter2_bidp": money(bid[0].price, 0),
        "seln_rsqn": str(ask[0].size),
        "shnu_rsqn": str(bid[0].size),
        "total_askp_rsqn": str(sum(level.size for level in ask)),
        "total_bidp_rsqn": str(sum(level.size for level in bid)),
    }


def _watch_expected(market: KrxMarket, shot: Snapshot) -> Row:
    expected = market.expected(shot.listing.symbol)
    would = Decimal(0) if expected is None else expected.price - shot.base
    return {
        "intr_antc_cntg_vrss": money(abs(would), 0),
        "intr_antc_cntg_vrss_sign": sign_of(would),
        "intr_antc_cntg_prdy_ctrt": money(would / shot.base * 100, 2),
        "intr_antc_vol": "0" if expected is None else str(expected.size),
    }


_WATCH_TEXTS = (
    "kospi_kosdaq_cls_name mrkt_trtm_cls_name hour_cls_code inter_shrn_iscd inter_kor_isnm"
)
_WATCH_NUMBERS = (
    "inter2_prpr inter2_prdy_vrss prdy_vrss_sign prdy_ctrt acml_vol inter2_oprc inter2_hgpr "
    "inter2_lwpr inter2_llam inter2_mxpr inter2_askp inter2_bidp seln_rsqn shnu_rsqn "
    "total_askp_rsqn total_bidp_rsqn acml_tr_pbmn inter2_prdy_clpr oprc_vrss_hgpr_rate "
    "intr_antc_cntg_vrss intr_antc_cntg_vrss_sign intr_antc_cntg_prdy_ctrt intr_antc_vol "
    "inter2_sdpr"
)
_UNKNOWN_ROW = dict.fromkeys(_WATCH_TEXTS.split(), "") | dict.fromkeys(_WATCH_NUMBERS.split(), "0")


def _ten(levels: Sequence[Level]) -> list[Level]:
    return [*levels[:LEVELS], *[NOBODY] * (LEVELS - len(levels))]
