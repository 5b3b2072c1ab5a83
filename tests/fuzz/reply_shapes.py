"""Replies as KIS gives them, one for each parser, to be bent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.adapters.kis import payloads as us
from engine.adapters.kis import profits
from engine.adapters.kis.krx import market_payloads as market
from engine.adapters.kis.krx import payloads as krx
from engine.desk.krx.branches import told_apart
from engine.model.ids import Symbol
from engine.model.listing import Segment
from tests.fuzz.kept import NOW

Body = dict[str, Any]
_AAPL, _SAMSUNG = Symbol("AAPL"), Symbol("005930")
_HEAD = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다."}


def _body(**outputs: Any) -> Body:
    return {**_HEAD, **outputs}


_US_HOLDING = {
    "ovrs_pdno": "AAPL", "ovrs_item_name": "애플", "ovrs_cblc_qty": "12", "ord_psbl_qty": "12",
    "pchs_avg_pric": "201.2500", "now_pric2": "206.5500", "ovrs_excg_cd": "NASD",
    "prdt_type_cd": "512", "frcr_evlu_pfls_amt": "63.60",
}  # fmt: skip
_US_REPORT = {
    "ord_dt": "20261120", "dmst_ord_dt": "20261121", "ord_tmd": "000001", "odno": "0030112345",
    "orgn_odno": "", "pdno": "AAPL", "sll_buy_dvsn_cd": "01", "ft_ord_qty": "12",
    "ft_ccld_qty": "5", "nccs_qty": "7", "ft_ccld_unpr3": "206.5500", "ft_ord_unpr3": "206.5500",
    "ovrs_excg_cd": "NASD", "prcs_stat_name": "완료", "rjct_rson_name": "", "rvse_cncl_dvsn": "00",
    "mdia_dvsn_name": "OpenAPI",
}  # fmt: skip
_KRX_HOLDING = {
    "pdno": "005930", "prdt_name": "삼성전자", "hldg_qty": "10", "ord_psbl_qty": "10",
    "pchs_avg_pric": "71000.0000", "prpr": "71900", "loan_dt": "", "evlu_pfls_amt": "9000",
}  # fmt: skip
_KRX_REPORT = {
    "ord_dt": "20261120", "ord_gno_brno": "06010", "odno": "0000037508", "orgn_odno": "",
    "pdno": "005930", "sll_buy_dvsn_cd": "02", "sll_buy_dvsn_cd_name": "현금매수", "ord_qty": "10",
    "tot_ccld_qty": "4", "rmn_qty": "6", "rjct_qty": "0", "cncl_cfrm_qty": "0",
    "ord_unpr": "71900", "avg_prvs": "71900", "ord_tmd": "093354", "excg_id_dvsn_cd": "KRX",
}  # fmt: skip
_PRICE = {
    "stck_prpr": "71900", "stck_sdpr": "72000", "stck_mxpr": "93600", "stck_llam": "50400",
    "stck_oprc": "72100", "stck_hgpr": "72400", "stck_lwpr": "71700", "acml_vol": "3052507",
    "acml_tr_pbmn": "219853241700", "prdy_vrss": "-100", "prdy_vrss_sign": "5",
    "prdy_ctrt": "-0.14", "iscd_stat_cls_code": "55", "temp_stop_yn": "N", "vi_cls_code": "N",
}  # fmt: skip
_ROW = {
    "mksc_shrn_iscd": "005930", "hts_kor_isnm": "삼성전자", "stck_prpr": "71900",
    "prdy_vrss": "-100", "prdy_vrss_sign": "5", "prdy_ctrt": "-0.14", "acml_vol": "3052507",
    "acml_tr_pbmn": "219853241700", "tday_rltv": "84.90", "stck_oprc": "72100",
    "stck_hgpr": "72400", "stck_lwpr": "71700", "bidp": "71800", "askp": "71900",
}  # fmt: skip
_MULTI = {
    "inter_shrn_iscd": "000660", "inter2_prpr": "1996000", "inter2_sdpr": "2180000",
    "inter2_prdy_vrss": "-184000", "prdy_vrss_sign": "5", "inter2_oprc": "2113000",
    "inter2_hgpr": "2142000", "inter2_lwpr": "1985000", "inter2_bidp": "1996000",
    "inter2_askp": "1997000", "acml_vol": "2388396", "acml_tr_pbmn": "4895117363500",
}  # fmt: skip
_DAY = {
    "stck_bsop_date": "20261119", "stck_clpr": "71900", "stck_oprc": "72100", "stck_hgpr": "72400",
    "stck_lwpr": "71700", "acml_vol": "3052507", "acml_tr_pbmn": "219853241700",
}  # fmt: skip
_MINUTE = {
    "stck_bsop_date": "20261120", "stck_cntg_hour": "093300", "stck_prpr": "71900",
    "stck_oprc": "72100", "stck_hgpr": "72400", "stck_lwpr": "71700", "cntg_vol": "3052",
}  # fmt: skip
_KRX_SOLD = {
    "trad_dt": "20261120", "pdno": "00000A005930", "prdt_name": "삼성전자", "sll_qty": "10",
    "sll_amt": "719000", "rlzt_pfls": "7000", "fee": "100", "tl_tax": "1438", "loan_int": "0",
}  # fmt: skip
_US_SOLD = {
    "trad_day": "20261120", "ovrs_pdno": "AAPL", "slcl_qty": "12", "frcr_pchs_amt1": "2415.00",
    "frcr_sll_amt_smtl1": "2478.60", "stck_sll_tlex": "6.20", "ovrs_rlzt_pfls_amt": "57.40",
    "exrt": "1390.50", "ovrs_excg_cd": "NASD",
}  # fmt: skip
_DOLLARS = {
    "crcy_cd": "USD", "frcr_dncl_amt_2": "1200.55", "frcr_drwg_psbl_amt_1": "1200.55",
    "frst_bltn_exrt": "1390.50",
}  # fmt: skip
_POWER = {"ord_psbl_frcr_amt": "1200.55", "ovrs_ord_psbl_amt": "1190.00", "exrt": "1390.50"}
_ORDER = {"KRX_FWDG_ORD_ORGNO": "06010", "ODNO": "0000037508", "ORD_TMD": "093354"}
_INDEX = {
    "bstp_nmix_prpr": "4012.55", "prdy_nmix": "4001.10", "bstp_nmix_prdy_vrss": "11.45",
    "prdy_vrss_sign": "2",
}  # fmt: skip
_BALANCE = {"prvs_rcdl_excc_amt": "1000000", "dnca_tot_amt": "1000000", "pchs_amt_smtl_amt": "0"}
_BEST = {"bidp1": "71800", "askp1": "71900", "bidp_rsqn1": "1200", "askp_rsqn1": "800"}

SHAPES: Mapping[str, Body] = {
    "us_holdings": _body(output1=[_US_HOLDING, {**_US_HOLDING, "ovrs_pdno": "KO"}], output2={}),
    "us_reports": _body(output=[_US_REPORT, {**_US_REPORT, "odno": "0030112346"}]),
    "us_price": _body(output={"last": "206.55", "base": "205.10", "tvol": "1200345"}),
    "us_book": _body(output1={}, output2={"pbid1": "206.54", "pask1": "206.56"}),
    "us_cash": _body(output1=[], output2=[_DOLLARS], output3={}),
    "us_power": _body(output=_POWER),
    "us_order": _body(output=_ORDER),
    "krx_holdings": _body(
        output1=[_KRX_HOLDING, {**_KRX_HOLDING, "loan_dt": "20261101"}], output2=[_BALANCE]
    ),
    "krx_reports": _body(
        output1=[_KRX_REPORT, {**_KRX_REPORT, "odno": "0000037509"}], output2={"tot_ord_qty": "20"}
    ),
    "krx_order": _body(output=_ORDER),
    "krx_cash": _body(output2=[_BALANCE], output={"nrcvb_buy_amt": "900000"}),
    "krx_price": _body(output=_PRICE),
    "krx_book": _body(output1=_BEST),
    "krx_rows": _body(output=[_ROW, _MULTI, _ROW]),
    "krx_days": _body(output1={}, output2=[_DAY, {**_DAY, "stck_bsop_date": "20261118"}]),
    "krx_minutes": _body(output1={}, output2=[_MINUTE, _MINUTE]),
    "krx_index": _body(output=_INDEX),
    "krx_open_days": _body(output=[{"bass_dt": "20261120", "opnd_yn": "Y"}]),
    "krx_profits": _body(output1=[_KRX_SOLD, _KRX_SOLD], output2={"tot_qty": "10"}),
    "us_profits": _body(output1=[_US_SOLD], output2={}),
}
PARSERS: Mapping[str, tuple[Callable[[Body], object], ...]] = {
    "us_holdings": (lambda body: us.parse_holdings([body, body]),),
    "us_reports": (lambda body: us.parse_reports([body]),),
    "us_price": (lambda body: us.parse_price(_AAPL, body, NOW),),
    "us_book": (us.parse_book,),
    "us_cash": (lambda body: us.parse_cash(body, NOW),),
    "us_power": (lambda body: us.parse_buying_power(body, NOW),),
    "us_order": (us.parse_order_no,),
    "krx_holdings": (lambda body: krx.parse_holdings([body]),),
    "krx_reports": (lambda body: told_apart({}, krx.parse_reports([body, body])),),
    "krx_order": (krx.parse_answer,),
    "krx_cash": (lambda body: krx.parse_cash(body, body, NOW),),
    "krx_price": (
        lambda body: market.parse_price(_SAMSUNG, body, NOW),
        lambda body: market.parse_state(_SAMSUNG, body, NOW),
        lambda body: market.parse_price_row(_SAMSUNG, body),
    ),
    "krx_book": (market.parse_book,),
    "krx_rows": (market.parse_rows,),
    "krx_days": (lambda body: market.parse_day_candles(body, NOW.date()),),
    "krx_minutes": (lambda body: market.parse_minutes(body, NOW.date()),),
    "krx_index": (lambda body: market.parse_index(Segment.KOSPI, body, NOW),),
    "krx_open_days": (market.parse_open_days,),
    "krx_profits": (lambda body: profits.parse_krx([body]),),
    "us_profits": (lambda body: profits.parse_us([body, body]),),
}
TOKEN: Body = {
    "access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.abc", "token_type": "Bearer",
    "expires_in": 86400, "access_token_token_expired": "2026-11-22 00:00:00",
}  # fmt: skip
