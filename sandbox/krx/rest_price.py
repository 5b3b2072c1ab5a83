"""inquire-price: everything about one symbol but its name.

What the sandbox does not play (foreigners, programs, earnings) is invented or zero, in the right
shape. An unknown symbol is no error: numbers are 0, flags N.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.kis_wire import Answer, Call, money
from sandbox.krx.listings import HUNDRED_MILLION, KrxListing
from sandbox.krx.model import DayBar, SymbolState
from sandbox.krx.prices import tick_size
from sandbox.krx.rest_codes import margin_pct, sector
from sandbox.krx.rest_snapshot import (
    OK_QUOTE,
    Snapshot,
    asked_listing,
    change_fields,
    pct,
    range_fields,
    snapshot,
    volume_fields,
)
from sandbox.krx.ws_columns import status_code
from sandbox.world import World

PRICE_KEYS = ("FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD")
# A year of sessions; the sandbox's history is shorter.
YEAR = 250
SUBSTITUTE_PCT = 70
EARNINGS, BOOK = 12, 2  # price over earnings and over book value, invented
# All 82 in the order of KIS's own example, the three younger ones last.
_FIELDS = (
    "iscd_stat_cls_code marg_rate rprs_mrkt_kor_name bstp_kor_isnm temp_stop_yn "
    "oprc_rang_cont_yn clpr_rang_cont_yn crdt_able_yn grmn_rate_cls_code elw_pblc_yn stck_prpr "
    "prdy_vrss prdy_vrss_sign prdy_ctrt acml_tr_pbmn acml_vol prdy_vrss_vol_rate stck_oprc "
    "stck_hgpr stck_lwpr stck_mxpr stck_llam stck_sdpr wghn_avrg_stck_prc hts_frgn_ehrt "
    "frgn_ntby_qty pgtr_ntby_qty pvt_scnd_dmrs_prc pvt_frst_dmrs_prc pvt_pont_val "
    "pvt_frst_dmsp_prc pvt_scnd_dmsp_prc dmrs_val dmsp_val cpfn rstc_wdth_prc stck_fcam "
    "stck_sspr aspr_unit hts_deal_qty_unit_val lstn_stcn hts_avls per pbr stac_month vol_tnrt "
    "eps bps d250_hgpr d250_hgpr_date d250_hgpr_vrss_prpr_rate d250_lwpr d250_lwpr_date "
    "d250_lwpr_vrss_prpr_rate stck_dryy_hgpr dryy_hgpr_vrss_prpr_rate dryy_hgpr_date "
    "stck_dryy_lwpr dryy_lwpr_vrss_prpr_rate dryy_lwpr_date w52_hgpr w52_hgpr_vrss_prpr_ctrt "
    "w52_hgpr_date w52_lwpr w52_lwpr_vrss_prpr_ctrt w52_lwpr_date whol_loan_rmnd_rate ssts_yn "
    "stck_shrn_iscd fcam_cnnm cpfn_cnnm frgn_hldn_qty vi_cls_code ovtm_vi_cls_code "
    "last_ssts_cntg_qty invt_caful_yn mrkt_warn_cls_code short_over_yn sltr_yn "
    "new_hgpr_lwpr_cls_code apprch_rate mang_issu_cls_code"
)
_FLAGS = (
    "temp_stop_yn oprc_rang_cont_yn clpr_rang_cont_yn crdt_able_yn elw_pblc_yn ssts_yn "
    "vi_cls_code ovtm_vi_cls_code invt_caful_yn short_over_yn sltr_yn mang_issu_cls_code"
)
_TEXTS = (
    "rprs_mrkt_kor_name bstp_kor_isnm stck_shrn_iscd fcam_cnnm cpfn_cnnm new_hgpr_lwpr_cls_code "
    "d250_hgpr_date d250_lwpr_date dryy_hgpr_date dryy_lwpr_date w52_hgpr_date w52_lwpr_date"
)
_UNKNOWN = (
    dict.fromkeys(_FIELDS.split(), "0")
    | dict.fromkeys(_FLAGS.split(), "N")
    | dict.fromkeys(_TEXTS.split(), "")
    | {"iscd_stat_cls_code": "00", "mrkt_warn_cls_code": "00", "prdy_vrss_sign": "3"}
)


def price(world: World, call: Call) -> Answer:
    """FHKST01010100."""
    market = world.krx.market
    listing = asked_listing(market, call)
    if listing is None:
        return Answer(*OK_QUOTE, {"output": _UNKNOWN})
    shot = snapshot(market, listing)
    state = market.state(listing.symbol)
    bars = market.day_bars(listing.symbol, market.day, YEAR)
    past = [bar for bar in bars if bar.day < market.day]
    known = (
        _state_fields(listing, state)
        | _price_fields(shot)
        | _size_fields(shot)
        | _range_fields(shot, [bar for bar in past if bar.volume])
        | _FLOW
        | _pivot_fields(past[-1] if past else None)
    )
    return Answer(*OK_QUOTE, {"output": {name: known[name] for name in _FIELDS.split()}})


def _state_fields(listing: KrxListing, state: SymbolState) -> dict[str, str]:
    sound = listing.is_ordinary
    return {
        "iscd_stat_cls_code": status_code(listing, state),
        "marg_rate": money(Decimal(margin_pct(listing)), 2),
        "rprs_mrkt_kor_name": sector(listing),
        "bstp_kor_isnm": "일반전기전자" if listing.group == "ST" else "",
        "temp_stop_yn": _yes(state.halted),
        "oprc_rang_cont_yn": "N",
        "clpr_rang_cont_yn": "N",
        "crdt_able_yn": _yes(sound),
        "grmn_rate_cls_code": "40" if sound else "100",
        "elw_pblc_yn": "N",
        "ssts_yn": _yes(sound),
        "stck_shrn_iscd": listing.symbol,
        "vi_cls_code": "N" if state.vi_since is None else "Y",
        "ovtm_vi_cls_code": "N",
        "invt_caful_yn": _yes(listing.caution),
        "mrkt_warn_cls_code": listing.warning,
        "short_over_yn": _yes(listing.overheated > 1),
        "sltr_yn": _yes(listing.liquidation),
        "mang_issu_cls_code": _yes(listing.managed),
    }


def _price_fields(shot: Snapshot) -> dict[str, str]:
    lower, upper = shot.limits
    group = shot.listing.group
    average = shot.value / shot.volume if shot.volume else Decimal(0)
    return {
        "stck_prpr": money(shot.price, 0),
        **change_fields(shot),
        **volume_fields(shot),
        "prdy_vrss_vol_rate": money(shot.volume_pct, 2),
        **range_fields(shot),
        "stck_mxpr": money(upper, 0),
        "stck_llam": money(lower, 0),
        "stck_sdpr": money(shot.base, 0),
        "wghn_avrg_stck_prc": money(average, 2),
        "rstc_wdth_prc": money(upper - shot.base, 0),
        "stck_sspr": money(shot.base * SUBSTITUTE_PCT / 100, 0),
        "aspr_unit": str(tick_size(shot.price, group)),
        "hts_deal_qty_unit_val": "1",
    }


def _size_fields(shot: Snapshot) -> dict[str, str]:
    listing = shot.listing
    capital = Decimal(listing.shares * listing.par)
    earned, owned = shot.base / EARNINGS, shot.base / BOOK
    return {
        "cpfn": money(capital / HUNDRED_MILLION, 0),
        "stck_fcam": str(listing.par),
        "fcam_cnnm": f"{listing.par:,}",
        "cpfn_cnnm": f"{int(capital / HUNDRED_MILLION):,} 억",
        "lstn_stcn": str(listing.shares),
        "hts_avls": str(int(shot.price * listing.shares / HUNDRED_MILLION)),
        "per": money(shot.price / earned, 2),
        "pbr": money(shot.price / owned, 2),
        "eps": money(earned, 2),
        "bps": money(owned, 2),
        "stac_month": "12",
        "vol_tnrt": money(shot.turnover_pct, 2),
    }


def _range_fields(shot: Snapshot, past: Sequence[DayBar]) -> dict[str, str]:
    """Highs and lows of 250 days, of the year and of 52 weeks, as far as the history goes."""
    bars = [*past, shot.day] if shot.day else past
    this_year = [bar for bar in bars if bar.day.year == bars[-1].day.year]
    fields = {"new_hgpr_lwpr_cls_code": _new_extreme(shot, past)}
    for known, head, rate, date_head in (
        (bars, "d250", "d250_{}_vrss_prpr_rate", "d250"),
        (this_year, "stck_dryy", "dryy_{}_vrss_prpr_rate", "dryy"),
        (bars, "w52", "w52_{}_vrss_prpr_ctrt", "w52"),
    ):
        for end, best in (("hgpr", _highest), ("lwpr", _lowest)):
            bar = best(known) if known else None
            value = Decimal(0) if bar is None else bar.high if end == "hgpr" else bar.low
            fields[f"{head}_{end}"] = money(value, 0)
            fields[rate.format(end)] = money(pct(shot.price, value), 2)
            fields[f"{date_head}_{end}_date"] = "" if bar is None else f"{bar.day:%Y%m%d}"
    return fields


def _highest(bars: Sequence[DayBar]) -> DayBar:
    return max(bars, key=lambda bar: bar.high)


def _lowest(bars: Sequence[DayBar]) -> DayBar:
    return min(bars, key=lambda bar: bar.low)


def _new_extreme(shot: Snapshot, past: Sequence[DayBar]) -> str:
    """1 a new high, 2 a new low, blank for neither."""
    if shot.day is None or not past:
        return ""
    if shot.day.high > _highest(past).high:
        return "1"
    return "2" if shot.day.low < _lowest(past).low else ""


_FLOW = {
    "hts_frgn_ehrt": "0.00",
    "frgn_ntby_qty": "0",
    "pgtr_ntby_qty": "0",
    "frgn_hldn_qty": "0",
    "whol_loan_rmnd_rate": "0.00",
    "last_ssts_cntg_qty": "0",
    "apprch_rate": "0.00",
}


def _pivot_fields(yesterday: DayBar | None) -> dict[str, str]:
    """Lines of resistance and support from yesterday's range; fractions cut off."""
    if yesterday is None:
        return dict.fromkeys(_PIVOTS, "0")
    high, low, close = yesterday.high, yesterday.low, yesterday.close
    middle = (high + low + close) / 3
    demark = (high + low + 2 * close) / 2
    values = (
        middle + high - low, 2 * middle - low, middle, 2 * middle - high, middle - high + low,
        demark - low, demark - high,
    )  # fmt: skip
    return {name: str(int(value)) for name, value in zip(_PIVOTS, values, strict=True)}


_PIVOTS = (
    "pvt_scnd_dmrs_prc", "pvt_frst_dmrs_prc", "pvt_pont_val", "pvt_frst_dmsp_prc",
    "pvt_scnd_dmsp_prc", "dmrs_val", "dmsp_val",
)  # fmt: skip


def _yes(flag: object) -> str:
    return "Y" if flag else "N"
