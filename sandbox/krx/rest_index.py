"""The two indices: inquire-index-price and inquire-daily-indexchartprice.

Volumes are told in thousand shares, values in million won.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.kis_wire import Answer, Call, Row, money
from sandbox.krx.listings import KOSDAQ, KOSPI, THOUSAND
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import DayBar, IndexState
from sandbox.krx.rest_codes import input_refusal
from sandbox.krx.rest_periods import asked_days, by_period
from sandbox.krx.rest_snapshot import LOWER, OK_QUOTE, UPPER, pct, sign_of, snapshot
from sandbox.world import World

INDEX_KEYS = ("FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD")
CHART_KEYS = (*INDEX_KEYS, "FID_INPUT_DATE_1", "FID_INPUT_DATE_2", "FID_PERIOD_DIV_CODE")
INDICES = {"0001": KOSPI, "1001": KOSDAQ}
NAMES = {KOSPI: "종합", KOSDAQ: "KOSDAQ"}
CHART_ROWS = 50
INDEX_MARKET = "U"
MILLION = 1_000_000


def index_price(world: World, call: Call) -> Answer:
    """FHPUP02100000, real only."""
    market, segment = world.krx.market, _segment(call)
    state, yesterday = market.index(segment), _yesterday(market, segment)
    output = _now_fields(state, yesterday) | _range_fields(state) | _counts(market, segment)
    return Answer(*OK_QUOTE, {"output": output})


def index_chart(world: World, call: Call) -> Answer:
    """FHKUP03500100: at most 50 rows, newest first."""
    market, segment = world.krx.market, _segment(call)
    bars = by_period(market.index_bars(segment, market.day, 10_000), call)
    shown = asked_days(bars, call)[-CHART_ROWS:]
    state, yesterday = market.index(segment), _yesterday(market, segment)
    head = _now_fields(state, yesterday) | {
        "prdy_nmix": money(state.prev_close, 2),
        "hts_kor_isnm": NAMES[segment],
        "bstp_cls_code": call["FID_INPUT_ISCD"],
        "bstp_nmix_oprc": money(state.open, 2),
        "bstp_nmix_hgpr": money(state.high, 2),
        "bstp_nmix_lwpr": money(state.low, 2),
    }
    outputs: dict[str, Row | list[Row]] = {
        "output1": head,
        "output2": [_row(bar) for bar in reversed(shown)],
    }
    return Answer(*OK_QUOTE, outputs)


def _segment(call: Call) -> str:
    if call["FID_COND_MRKT_DIV_CODE"] != INDEX_MARKET:
        raise input_refusal("FID_COND_MRKT_DIV_CODE")
    segment = INDICES.get(call["FID_INPUT_ISCD"])
    if segment is None:
        raise input_refusal("FID_INPUT_ISCD")
    return segment


def _yesterday(market: KrxMarket, segment: str) -> DayBar | None:
    bars = market.index_bars(segment, market.day, 2)
    past = [bar for bar in bars if bar.day < market.day]
    return past[-1] if past else None


def _now_fields(state: IndexState, yesterday: DayBar | None) -> Row:
    change = state.price - state.prev_close
    volume, value = (0, Decimal(0)) if yesterday is None else (yesterday.volume, yesterday.value)
    return {
        "bstp_nmix_prpr": money(state.price, 2),
        "bstp_nmix_prdy_vrss": money(change, 2),
        "prdy_vrss_sign": sign_of(change),
        "bstp_nmix_prdy_ctrt": money(state.change_pct, 2),
        "acml_vol": str(state.volume // THOUSAND),
        "prdy_vol": str(volume // THOUSAND),
        "acml_tr_pbmn": str(int(state.value / MILLION)),
        "prdy_tr_pbmn": str(int(value / MILLION)),
    }


def _range_fields(state: IndexState) -> Row:
    fields: Row = {}
    for name, level in (("oprc", state.open), ("hgpr", state.high), ("lwpr", state.low)):
        change = state.price - level
        fields[f"bstp_nmix_{name}"] = money(level, 2)
        fields[f"prdy_nmix_vrss_nmix_{name}"] = money(level - state.prev_close, 2)
        fields[f"{name}_vrss_prpr_sign"] = sign_of(change)
        fields[f"bstp_nmix_{name}_prdy_ctrt"] = money(pct(level, state.prev_close), 2)
    return fields


def _counts(market: KrxMarket, segment: str) -> Row:
    """How many shares rise, stand and fall, those at a limit counted there as well."""
    mine = [each for each in market.listings() if each.segment == segment and each.group == "ST"]
    shots = [snapshot(market, listing) for listing in mine]
    return {
        "ascn_issu_cnt": str(sum(shot.change > 0 for shot in shots)),
        "uplm_issu_cnt": str(sum(shot.sign == UPPER for shot in shots)),
        "stnr_issu_cnt": str(sum(shot.change == 0 for shot in shots)),
        "down_issu_cnt": str(sum(shot.change < 0 for shot in shots)),
        "lslm_issu_cnt": str(sum(shot.sign == LOWER for shot in shots)),
    }


def _row(bar: DayBar) -> Row:
    return {
        "stck_bsop_date": f"{bar.day:%Y%m%d}",
        "bstp_nmix_prpr": money(bar.close, 2),
        "bstp_nmix_oprc": money(bar.open, 2),
        "bstp_nmix_hgpr": money(bar.high, 2),
        "bstp_nmix_lwpr": money(bar.low, 2),
        "acml_vol": str(bar.volume // THOUSAND),
        "acml_tr_pbmn": str(int(bar.value / MILLION)),
        "mod_yn": "N",
    }
