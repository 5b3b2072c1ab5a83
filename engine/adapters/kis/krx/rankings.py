"""What each ranking is asked with. Thirty rows a list, no next page, real server only.

Source: kis-rest-domestic notes section 7.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.kis.fields import Operation
from engine.model.market_events import Ranking

# Left out: risk, warning, caution; managed; liquidation; preferred; halted; ETF; ETN; SPAC. Not
# left out: unfaithful disclosure, no credit. The universe decides again on what comes.
_LEFT_OUT = "1110111101"
_ALL_MARGINS = "111111111"
_NEAR_PCT = "3"

_VOLUME = {
    "FID_COND_MRKT_DIV_CODE": "J",
    "FID_COND_SCR_DIV_CODE": "20171",
    "FID_INPUT_ISCD": "0000",
    "FID_DIV_CLS_CODE": "0",
    "FID_TRGT_CLS_CODE": _ALL_MARGINS,
    "FID_TRGT_EXLS_CLS_CODE": _LEFT_OUT,
    "FID_INPUT_PRICE_1": "",
    "FID_INPUT_PRICE_2": "",
    "FID_VOL_CNT": "",
    "FID_INPUT_DATE_1": "",
}
_COMMON = {
    "fid_cond_mrkt_div_code": "J",
    "fid_input_iscd": "0000",
    "fid_div_cls_code": "0",
    "fid_trgt_cls_code": "0",
    "fid_trgt_exls_cls_code": "0",
}
_PRICED = {"fid_input_price_1": "", "fid_input_price_2": "", "fid_vol_cnt": ""}

QUERIES: Mapping[Ranking, tuple[Operation, Mapping[str, str]]] = {
    Ranking.TRADED_VALUE: (Operation.KRX_RANK_VOLUME, {**_VOLUME, "FID_BLNG_CLS_CODE": "3"}),
    Ranking.VOLUME_GROWTH: (Operation.KRX_RANK_VOLUME, {**_VOLUME, "FID_BLNG_CLS_CODE": "1"}),
    Ranking.RISERS: (
        Operation.KRX_RANK_CHANGE,
        {
            **_COMMON,
            **_PRICED,
            "fid_cond_scr_div_code": "20170",
            "fid_rank_sort_cls_code": "0",
            "fid_input_cnt_1": "0",
            "fid_prc_cls_code": "1",  # by the day's change; 0 would rank by the way from the low
            "fid_rsfl_rate1": "",
            "fid_rsfl_rate2": "",
        },
    ),
    Ranking.STRENGTH: (
        Operation.KRX_RANK_STRENGTH,
        {**_COMMON, **_PRICED, "fid_cond_scr_div_code": "20168"},
    ),
    Ranking.NEAR_HIGH: (
        Operation.KRX_RANK_NEAR_HIGH,
        {
            **_COMMON,
            "fid_cond_scr_div_code": "20187",
            "fid_aply_rang_vol": "0",
            "fid_input_cnt_1": "0",
            "fid_input_cnt_2": _NEAR_PCT,
            "fid_prc_cls_code": "0",
            "fid_aply_rang_prc_1": "",
            "fid_aply_rang_prc_2": "",
        },
    ),
}
