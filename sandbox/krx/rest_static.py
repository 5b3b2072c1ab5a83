"""What does not move with each trade: chk-holiday, search-stock-info, search-info, VI list."""

from __future__ import annotations

from datetime import date, timedelta

from sandbox import kis_quotes
from sandbox.kis_codes import NOTHING
from sandbox.kis_wire import (
    CALENDAR_PAGES,
    Answer,
    Call,
    KisRefusal,
    Row,
    kst_date,
    kst_time,
    money,
)
from sandbox.krx.hours import is_trading_day
from sandbox.krx.listings import KOSPI, KrxListing
from sandbox.krx.master import standard_code
from sandbox.krx.model import Vi, ViKind
from sandbox.krx.rest_codes import EXCHANGE, input_refusal
from sandbox.krx.rest_snapshot import OK_QUOTE, blank, pct
from sandbox.names import Naming
from sandbox.world import World

HOLIDAY_KEYS = ("BASS_DT", *CALENDAR_PAGES.asked)
INFO_KEYS = ("PRDT_TYPE_CD", "PDNO")
VI_KEYS = (
    "FID_DIV_CLS_CODE", "FID_COND_SCR_DIV_CODE", "FID_MRKT_CLS_CODE", "FID_INPUT_ISCD",
    "FID_RANK_SORT_CLS_CODE", "FID_INPUT_DATE_1", "FID_TRGT_CLS_CODE", "FID_TRGT_EXLS_CLS_CODE",
)  # fmt: skip
DOMESTIC = "300"
CALENDAR_PAGE = 24
LAST_KNOWN = date(2027, 12, 31)
VI_ROWS = 30
DECEMBER, LAST_DAY, SATURDAY = 12, 31, 5
INQUIRED = ("KIOK0530", "조회되었습니다")


def holidays(world: World, call: Call) -> Answer:  # noqa: ARG001 - every handler takes a world
    """CTCA0903R, real only: calendar days from a date on, ``opnd_yn`` says whether to trade."""
    key = CALENDAR_PAGES.asked[1]
    token = call[key].strip()
    first = _date(token, key) if call.continued and token else _date(call["BASS_DT"], "BASS_DT")
    days = [first + timedelta(days=n) for n in range(CALENDAR_PAGE)]
    rows = [_calendar_row(day) for day in days if day <= LAST_KNOWN]
    upcoming = days[-1] + timedelta(days=1)
    goes_on = upcoming <= LAST_KNOWN
    more, done = ("M", "E") if call.continued else ("F", "D")
    next_key = f"{upcoming:%Y%m%d}" if goes_on else ""
    return Answer(
        *INQUIRED, {"output": rows}, more if goes_on else done, f"{first:%Y%m%d}", next_key,
        page_keys=CALENDAR_PAGES,
    )  # fmt: skip


def stock_info(world: World, call: Call) -> Answer:
    """CTPF1002R, real only: 67 fields of a share or a fund."""
    listing = _of_product(world, call)
    state = world.krx.market.state(listing.symbol)
    known = (
        _kind_fields(listing)
        | _name_fields(listing)
        | {
            "tr_stop_yn": _yes(state.halted),
            "admn_item_yn": _yes(listing.managed),
            "nxt_tr_stop_yn": "N",
            "cptt_trad_tr_psbl_yn": "N",
            "lstg_stqt": str(listing.shares),
            "lstg_cptl_amt": str(listing.shares * listing.par),
            "cpta": str(listing.shares * listing.par),
            "papr": str(listing.par),
            "issu_pric": "0",
            "thdt_clpr": money(world.krx.market.price(listing.symbol), 0),
            "bfdy_clpr": money(listing.base_price, 0),
            "clpr_chng_dt": kst_date(world.krx.market.hours.open),
            "setl_mmdd": "1231",
            "oilf_fund_yn": "N",
            "crfd_item_yn": "N",
            "elec_scty_yn": "Y",
        }
    )
    return Answer(*INQUIRED, {"output": blank(_INFO_FIELDS) | known})


def product_info(world: World, call: Call) -> Answer:
    """CTPF1604R, real only: basic facts of any product, Korean or foreign."""
    if call["PRDT_TYPE_CD"] != DOMESTIC:
        return kis_quotes.product_info(world, call)
    listing = _of_product(world, call)
    name = Naming(listing.name, listing.symbol)
    fields = kis_quotes.product_fields(listing.symbol, DOMESTIC, name, standard_code(listing))
    return Answer(*INQUIRED, {"output": fields | {"pdno": _long_code(listing)}})


def interruptions(world: World, call: Call) -> Answer:
    """FHPST01390000, real only: the newest 30 volatility interruptions of a day."""
    if call["FID_COND_SCR_DIV_CODE"] != "20139":
        raise input_refusal("FID_COND_SCR_DIV_CODE")
    market = world.krx.market
    day = _date(call["FID_INPUT_DATE_1"], "FID_INPUT_DATE_1")
    rows = []
    for vi in reversed(market.vis(day)):
        listing = market.listing(vi.symbol)
        if listing is not None and _wanted(vi, listing, call):
            rows.append(_vi_row(vi, listing))
    return Answer(*(OK_QUOTE if rows else NOTHING), {"output": rows[:VI_ROWS]})


def _calendar_row(day: date) -> Row:
    is_open = is_trading_day(day)
    # Banks work on the last day of the year, when the exchange does not.
    last_of_year = (day.month, day.day) == (DECEMBER, LAST_DAY) and day.weekday() < SATURDAY
    return {
        "bass_dt": f"{day:%Y%m%d}",
        "wday_dvsn_cd": f"{day.isoweekday() % 7 + 1:02d}",
        "bzdy_yn": _yes(is_open or last_of_year),
        "tr_day_yn": _yes(is_open or last_of_year),
        "opnd_yn": _yes(is_open),
        "sttl_day_yn": _yes(is_open or last_of_year),
    }


def _of_product(world: World, call: Call) -> KrxListing:
    listing = world.krx.market.listing(call["PDNO"])
    if listing is None or call["PRDT_TYPE_CD"] != DOMESTIC:
        raise KisRefusal("KIOK0560", "조회할 내용이 없습니다", rt_cd="7")
    return listing


def _kind_fields(listing: KrxListing) -> Row:
    on_kospi = listing.segment == KOSPI
    since = f"{listing.listed_on:%Y%m%d}"
    return {
        "mket_id_cd": "STK" if on_kospi else "KSQ",
        "scty_grp_id_cd": listing.group,
        "excg_dvsn_cd": EXCHANGE[listing.segment],
        "stck_kind_cd": "201" if listing.preferred else "101",
        "kospi200_item_yn": _yes(on_kospi and listing.large),
        "scts_mket_lstg_dt": since if on_kospi else "",
        "kosdaq_mket_lstg_dt": "" if on_kospi else since,
    }


def _name_fields(listing: KrxListing) -> Row:
    return {
        "pdno": _long_code(listing),
        "prdt_type_cd": DOMESTIC,
        "prdt_name": listing.name,
        "prdt_name120": listing.name,
        "prdt_abrv_name": listing.name,
        "prdt_eng_name": listing.symbol,
        "prdt_eng_name120": listing.symbol,
        "prdt_eng_abrv_name": listing.symbol,
        "std_pdno": standard_code(listing),
    }


def _long_code(listing: KrxListing) -> str:
    return f"A{listing.symbol}".zfill(12)


def _wanted(vi: Vi, listing: KrxListing, call: Call) -> bool:
    up = vi.price >= vi.reference
    market = {"K": "KOSPI", "Q": "KOSDAQ"}.get(call["FID_MRKT_CLS_CODE"])
    return (
        call["FID_DIV_CLS_CODE"] in {"", "0", "1" if up else "2"}
        and market in {None, listing.segment}
        and call["FID_INPUT_ISCD"] in {"", listing.symbol}
        and call["FID_RANK_SORT_CLS_CODE"] in {"", "0", vi.kind.value}
    )


def _vi_row(vi: Vi, listing: KrxListing) -> Row:
    gap = money(pct(vi.price, vi.reference), 2)
    base, none = money(vi.reference, 0), ("0", "0.00")
    static = (base, gap) if vi.kind is ViKind.STATIC else none
    dynamic = (base, gap) if vi.kind is ViKind.DYNAMIC else none
    return {
        "hts_kor_isnm": listing.name,
        "mksc_shrn_iscd": listing.symbol,
        "vi_cls_code": "Y" if vi.ended_at is None else "N",
        "bsop_date": kst_date(vi.started_at),
        "cntg_vi_hour": kst_time(vi.started_at),
        "vi_cncl_hour": "000000" if vi.ended_at is None else kst_time(vi.ended_at),
        "vi_kind_code": vi.kind.value,
        "vi_prc": money(vi.price, 0),
        "vi_stnd_prc": static[0],
        "vi_dprt": static[1],
        "vi_dmc_stnd_prc": dynamic[0],
        "vi_dmc_dprt": dynamic[1],
        "vi_count": str(vi.count),
    }


def _date(text: str, key: str) -> date:
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        raise input_refusal(key) from None


def _yes(flag: object) -> str:
    return "Y" if flag else "N"


_INFO_FIELDS = (
    "pdno prdt_type_cd mket_id_cd scty_grp_id_cd excg_dvsn_cd setl_mmdd lstg_stqt lstg_cptl_amt "
    "cpta papr issu_pric kospi200_item_yn scts_mket_lstg_dt scts_mket_lstg_abol_dt "
    "kosdaq_mket_lstg_dt kosdaq_mket_lstg_abol_dt frbd_mket_lstg_dt frbd_mket_lstg_abol_dt "
    "reits_kind_cd etf_dvsn_cd oilf_fund_yn idx_bztp_lcls_cd idx_bztp_mcls_cd idx_bztp_scls_cd "
    "stck_kind_cd mfnd_opng_dt mfnd_end_dt dpsi_erlm_cncl_dt etf_cu_qty prdt_name prdt_name120 "
    "prdt_abrv_name std_pdno prdt_eng_name prdt_eng_name120 prdt_eng_abrv_name dpsi_aptm_erlm_yn "
    "etf_txtn_type_cd etf_type_cd lstg_abol_dt nwst_odst_dvsn_cd sbst_pric thco_sbst_pric "
    "thco_sbst_pric_chng_dt tr_stop_yn admn_item_yn thdt_clpr bfdy_clpr clpr_chng_dt "
    "std_idst_clsf_cd std_idst_clsf_cd_name idx_bztp_lcls_cd_name idx_bztp_mcls_cd_name "
    "idx_bztp_scls_cd_name ocr_no crfd_item_yn elec_scty_yn issu_istt_cd etf_chas_erng_rt_dbnb "
    "etf_etn_ivst_heed_item_yn stln_int_rt_dvsn_cd frnr_psnl_lmt_rt lstg_rqsr_issu_istt_cd "
    "lstg_rqsr_item_cd trst_istt_issu_istt_cd cptt_trad_tr_psbl_yn nxt_tr_stop_yn"
)
