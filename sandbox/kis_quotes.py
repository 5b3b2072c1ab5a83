"""US quotes: price, price-detail, inquire-asking-price, search-info."""

from __future__ import annotations

from decimal import Decimal

from sandbox.kis_codes import MARKET_NAME, ORDER_CODE, PRODUCT_TYPE
from sandbox.kis_wire import Answer, Call, KisRefusal, Row, money
from sandbox.market import tick_size
from sandbox.model import Listing, Trade
from sandbox.names import Naming, naming
from sandbox.rates import usd_krw
from sandbox.session import ET, KST
from sandbox.world import World

QUOTE_KEYS = ("AUTH", "EXCD", "SYMB")
INFO_KEYS = ("PRDT_TYPE_CD", "PDNO")
OK_QUOTE = ("MCA00000", "정상처리 되었습니다.")
PRICE_PLACES = 4
SHARES = 1_000_000_000

_PRICE_FIELDS = "rsym zdiv base pvol last sign diff rate tvol tamt ordy"
_DETAIL_FIELDS = (
    "rsym pvol open high low last base tomv pamt uplp dnlp h52p h52d l52p l52d perx pbrx epsx bpsx "
    "shar mcap curr zdiv vnit t_xprc t_xdif t_xrat p_xprc p_xdif p_xrat t_rate p_rate t_xsgn "
    "p_xsng e_ordyn e_hogau e_icod e_parp tvol tamt etyp_nm"
)
_ASK_FIELDS = (
    "rsym zdiv curr base open high low last dymd dhms bvol avol bdvl advl code ropen rhigh rlow "
    "rclose"
)
_PRODUCT_FIELDS = (
    "pdno prdt_type_cd prdt_name prdt_name120 prdt_abrv_name prdt_eng_name prdt_eng_name120 "
    "prdt_eng_abrv_name std_pdno shtn_pdno prdt_sale_stat_cd prdt_risk_grad_cd prdt_clsf_cd "
    "prdt_clsf_name sale_strt_dt sale_end_dt wrap_asst_type_cd ivst_prdt_type_cd "
    "ivst_prdt_type_cd_name frst_erlm_dt"
)
_DEPTH_FIELDS = "pbid1 pask1 vbid1 vask1 dbid1 dask1"


def price(world: World, call: Call) -> Answer:
    """HHDFS00000300. An unknown symbol or a wrong EXCD is no error: all fields blank."""
    listing = _listed(world, call)
    if listing is None:
        return Answer(*OK_QUOTE, {"output": _blank(_PRICE_FIELDS)})
    trade = world.market.last(listing.symbol)
    sign, diff, rate = change(listing.prev_close, trade)
    output = {
        "rsym": f"D{call['EXCD']}{listing.symbol}",
        "zdiv": str(PRICE_PLACES),
        "base": _price(listing.prev_close),
        "pvol": str(listing.prev_volume),
        "last": "" if trade is None else _price(trade.price),
        "sign": sign,
        "diff": diff,
        "rate": rate,
        "tvol": "0" if trade is None else str(trade.cum_volume),
        "tamt": "0" if trade is None else money(trade.cum_value, 0),
        "ordy": "매도불가" if trade is None else "매수가능",
    }
    return Answer(*OK_QUOTE, {"output": output})


def price_detail(world: World, call: Call) -> Answer:
    """HHDFS76200200, real only."""
    listing = _listed(world, call)
    if listing is None:
        return Answer(*OK_QUOTE, {"output": _blank(_DETAIL_FIELDS)})
    trade = world.market.last(listing.symbol)
    sign, diff, rate = change(listing.prev_close, trade)
    last = listing.prev_close if trade is None else trade.price
    fx = usd_krw(call.now)
    output = _blank(_DETAIL_FIELDS) | _day_range(trade) | _company(listing, last)
    output |= {
        "rsym": f"D{call['EXCD']}{listing.symbol}",
        "last": "" if trade is None else _price(trade.price),
        "t_xprc": money(last * fx, 0),
        "t_xdif": money(Decimal(diff) * fx, 0),
        "t_xrat": rate,
        "p_xprc": money(listing.prev_close * fx, 0),
        "p_xdif": "0",
        "p_xrat": " 0.00",
        "t_rate": money(fx, 2),
        "p_rate": money(fx, 2),
        "t_xsgn": "3" if sign == "0" else sign,
        "p_xsng": "3",
        "e_ordyn": "매매 가능",
        "e_hogau": _price(tick_size(last)),
        "tvol": "0" if trade is None else str(trade.cum_volume),
        "tamt": "0" if trade is None else money(trade.cum_value, 0),
    }
    return Answer(*OK_QUOTE, {"output": output})


def _company(listing: Listing, last: Decimal) -> dict[str, str]:
    """What does not change with each trade; invented, but of the right shape."""
    return {
        "pvol": str(listing.prev_volume),
        "base": _price(listing.prev_close),
        "pamt": money(listing.prev_close * listing.prev_volume, 0),
        "tomv": money(last * SHARES, 0),
        "uplp": _price(Decimal(0)),
        "dnlp": _price(Decimal(0)),
        "h52p": _price(max(last, listing.prev_close) * Decimal("1.3")),
        "h52d": "20250102",
        "l52p": _price(min(last, listing.prev_close) * Decimal("0.7")),
        "l52d": "20250102",
        "perx": "20.00",
        "pbrx": "3.00",
        "epsx": _price(listing.prev_close / 20),
        "bpsx": _price(listing.prev_close / 3),
        "shar": str(SHARES),
        "mcap": "0",
        "curr": "USD",
        "zdiv": str(PRICE_PLACES),
        "vnit": "1",
    }


def asking_price(world: World, call: Call) -> Answer:
    """HHDFS76200100, real only. Blank depth before the day's first trade."""
    listing = _listed(world, call)
    trade = None if listing is None else world.market.last(listing.symbol)
    head, depth = _blank(_ASK_FIELDS), _blank(_DEPTH_FIELDS)
    if listing is not None:
        head |= {
            "rsym": f"D{call['EXCD']}{listing.symbol}",
            "zdiv": str(PRICE_PLACES),
            "curr": "USD",
            "base": _price(listing.prev_close),
        }
    if trade is not None:
        here = trade.at.astimezone(ET)
        head |= _day_range(trade) | {
            "last": _price(trade.price),
            "dymd": here.strftime("%Y%m%d"),
            "dhms": here.strftime("%H%M%S"),
            "bvol": str(trade.bid_size),
            "avol": str(trade.ask_size),
            "bdvl": "0",
            "advl": "0",
        }
        depth = {
            "pbid1": _price(trade.bid),
            "pask1": _price(trade.ask),
            "vbid1": str(trade.bid_size),
            "vask1": str(trade.ask_size),
            "dbid1": "0",
            "dask1": "0",
        }
    return Answer(*OK_QUOTE, {"output1": head, "output2": depth, "output3": {}})


def product_info(world: World, call: Call) -> Answer:
    """CTPF1604R, real only: basic facts of a US product."""
    listing = _of_product(world, call)
    output = product_fields(
        listing.symbol,
        PRODUCT_TYPE[listing.exchange],
        naming(listing),
        f"US{listing.symbol:0>10}",
    )
    return Answer("KIOK0530", "조회되었습니다", {"output": output})


def product_fields(symbol: str, product_type: str, name: Naming, standard: str) -> Row:
    """What CTPF1604R tells of any product."""
    return _blank(_PRODUCT_FIELDS) | {
        "pdno": symbol,
        "prdt_type_cd": product_type,
        "prdt_name": name.korean,
        "prdt_name120": name.korean,
        "prdt_abrv_name": name.korean,
        "prdt_eng_name": name.english,
        "prdt_eng_name120": name.english,
        "prdt_eng_abrv_name": name.english,
        "std_pdno": standard,
        "shtn_pdno": symbol,
    }


def overseas_info(world: World, call: Call) -> Answer:
    """CTPF1702R, real only: what an overseas stock is and whether it trades."""
    listing = _of_product(world, call)
    name = naming(listing)
    halted = world.market.halted(listing.symbol, call.now)
    output = {
        "std_pdno": f"US{listing.symbol:0>10}",
        "prdt_eng_name": name.english,
        "prdt_name": name.korean,
        "natn_cd": "840",
        "natn_name": "미국",
        "tr_mket_cd": "01",
        "tr_mket_name": MARKET_NAME[listing.exchange],
        "ovrs_excg_cd": listing.exchange,
        "ovrs_excg_name": MARKET_NAME[listing.exchange],
        "tr_crcy_cd": "USD",
        "ovrs_papr": "0.00000",
        "crcy_name": "미국 달러",
        "ovrs_stck_dvsn_cd": "01",
        "sll_unit_qty": "1",
        "buy_unit_qty": "1",
        "ovrs_stck_tr_stop_dvsn_cd": "02" if halted else "01",
        "lstg_yn": "Y",
        "dtm_tr_psbl_yn": "N",
        "ovrs_now_pric1": money(world.market.price(listing.symbol), 5),
        "last_rcvg_dtime": call.now.astimezone(KST).strftime("%Y%m%d%H%M%S"),
    }
    return Answer("KIOK0530", "조회되었습니다", {"output": output})


def change(prev_close: Decimal, trade: Trade | None) -> tuple[str, str, str]:
    """(sign, unsigned diff, signed rate); the rate keeps a leading blank at zero."""
    if trade is None:
        return "0", _price(Decimal(0)), " 0.00"
    diff = trade.price - prev_close
    rate = (diff / prev_close * 100).quantize(Decimal("0.01"))
    sign = "3" if diff == 0 else "2" if diff > 0 else "5"
    return sign, _price(abs(diff)), " 0.00" if rate == 0 else f"{rate:+}"


def _listed(world: World, call: Call) -> Listing | None:
    listing = world.market.listing(call["SYMB"])
    fits = listing is not None and ORDER_CODE.get(call["EXCD"]) == listing.exchange
    return listing if fits else None


def _of_product(world: World, call: Call) -> Listing:
    listing = world.market.listing(call["PDNO"])
    if listing is None or PRODUCT_TYPE[listing.exchange] != call["PRDT_TYPE_CD"]:
        raise KisRefusal("KIOK0560", "조회할 내용이 없습니다", rt_cd="7")
    return listing


def _day_range(trade: Trade | None) -> dict[str, str]:
    if trade is None:
        return {"open": "", "high": "", "low": ""}
    return {"open": _price(trade.open), "high": _price(trade.high), "low": _price(trade.low)}


def _price(value: Decimal) -> str:
    return money(value, PRICE_PLACES)


def _blank(fields: str) -> dict[str, str]:
    return dict.fromkeys(fields.split(), "")
