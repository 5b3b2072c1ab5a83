"""Rankings, real only: at most 30 rows and no next page, whatever ``tr_cont`` asks for.

Only what traded today is ranked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from sandbox.kis_wire import Answer, Call, Row, kst_date, kst_time, money
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import DayBar
from sandbox.krx.rest_codes import input_refusal
from sandbox.krx.rest_ranked import Ranked, decimal_of, ranked, sifted
from sandbox.krx.rest_snapshot import OK_QUOTE, change_fields, pct, pct_of, sign_of
from sandbox.world import World

ROWS = 30
MEAN_DAYS = 20
_COMMON = ("FID_COND_MRKT_DIV_CODE", "FID_COND_SCR_DIV_CODE", "FID_INPUT_ISCD")
VOLUME_KEYS = (
    *_COMMON, "FID_DIV_CLS_CODE", "FID_BLNG_CLS_CODE", "FID_TRGT_CLS_CODE",
    "FID_TRGT_EXLS_CLS_CODE", "FID_INPUT_PRICE_1", "FID_INPUT_PRICE_2", "FID_VOL_CNT",
    "FID_INPUT_DATE_1",
)  # fmt: skip
CHANGE_KEYS = (
    *_COMMON, "FID_RANK_SORT_CLS_CODE", "FID_INPUT_CNT_1", "FID_PRC_CLS_CODE",
    "FID_INPUT_PRICE_1", "FID_INPUT_PRICE_2", "FID_VOL_CNT", "FID_TRGT_CLS_CODE",
    "FID_TRGT_EXLS_CLS_CODE", "FID_DIV_CLS_CODE", "FID_RSFL_RATE1", "FID_RSFL_RATE2",
)  # fmt: skip
POWER_KEYS = (
    *_COMMON, "FID_TRGT_EXLS_CLS_CODE", "FID_DIV_CLS_CODE", "FID_INPUT_PRICE_1",
    "FID_INPUT_PRICE_2", "FID_VOL_CNT", "FID_TRGT_CLS_CODE",
)  # fmt: skip
NEAR_KEYS = (
    *_COMMON, "FID_APLY_RANG_VOL", "FID_DIV_CLS_CODE", "FID_INPUT_CNT_1", "FID_INPUT_CNT_2",
    "FID_PRC_CLS_CODE", "FID_TRGT_CLS_CODE", "FID_TRGT_EXLS_CLS_CODE", "FID_APLY_RANG_PRC_1",
    "FID_APLY_RANG_PRC_2",
)  # fmt: skip
Key = Callable[[Ranked], Decimal]


def volume_rank(world: World, call: Call) -> Answer:
    """FHPST01710000."""
    _screen(call, "20171")
    market = world.krx.market
    keys: dict[str, Key] = {
        "0": lambda one: Decimal(one.shot.volume),
        "1": lambda one: one.shot.volume_pct,
        "2": lambda one: one.shot.turnover_pct,
        "3": lambda one: one.shot.value,
        "4": lambda one: pct_of(one.shot.value, one.market_value),
    }
    key = keys.get(call["FID_BLNG_CLS_CODE"])
    if key is None:
        raise input_refusal("FID_BLNG_CLS_CODE")
    found = sorted(sifted(ranked(market, call), call), key=key, reverse=True)
    return _answer(found, lambda one: _volume_row(market, one))


def fluctuation(world: World, call: Call) -> Answer:
    """FHPST01700000. With ``fid_prc_cls_code`` 0 risers are ranked from the day's low."""
    _screen(call, "20170")
    market = world.krx.market
    order = _order(call)
    low, high = decimal_of(call, "FID_RSFL_RATE1"), decimal_of(call, "FID_RSFL_RATE2")
    found = [
        one
        for one in sifted(ranked(market, call), call)
        if order.fits(one)
        and (low is None or one.shot.change_pct >= low)
        and (high is None or one.shot.change_pct <= high)
    ]
    found.sort(key=order.key, reverse=True)
    days = int(decimal_of(call, "FID_INPUT_CNT_1") or 0)
    return _answer(found, lambda one: _change_row(market, one, days))


def volume_power(world: World, call: Call) -> Answer:
    """FHPST01680000: by execution strength."""
    _screen(call, "20168")
    found = sifted(ranked(world.krx.market, call), call)
    return _answer(sorted(found, key=lambda one: one.strength, reverse=True), _power_row)


def near_extremes(world: World, call: Call) -> Answer:
    """FHPST01870000: those closest to the highest (or lowest) price of the known history."""
    _screen(call, "20187")
    market = world.krx.market
    first = decimal_of(call, "FID_INPUT_CNT_1") or Decimal(0)
    last = decimal_of(call, "FID_INPUT_CNT_2")
    kinds = {"0": _near_high, "1": _near_low}
    gap = kinds.get(call["FID_PRC_CLS_CODE"])
    if gap is None:
        raise input_refusal("FID_PRC_CLS_CODE")
    flagged = {"1": "managed", "2": "caution", "3": "warned"}.get(call["FID_DIV_CLS_CODE"], "")
    found = []
    for one in sifted(ranked(market, call), call, division=False):
        extremes = _extremes(market, one)
        away = gap(one, extremes)
        inside = away >= first and (last is None or away <= last)
        if inside and (not flagged or flagged in one.flags):
            found.append((away, one, extremes))
    found.sort(key=lambda entry: entry[0])
    rows = [_near_row(one, extremes) for _, one, extremes in found[:ROWS]]
    return Answer(*OK_QUOTE, {"output": rows})


@dataclass(frozen=True, slots=True)
class _Order:
    """Which names a fluctuation ranking takes, and by what."""

    fits: Callable[[Ranked], bool]
    key: Key


def _order(call: Call) -> _Order:
    kind = decimal_of(call, "FID_RANK_SORT_CLS_CODE") or Decimal(0)
    from_close = call["FID_PRC_CLS_CODE"] == "1"
    orders = {
        0: _Order(
            lambda one: one.shot.change > 0 if from_close else one.from_low > 0,
            lambda one: one.shot.change_pct if from_close else one.from_low,
        ),
        1: _Order(
            lambda one: one.shot.change < 0 if from_close else one.from_high < 0,
            lambda one: -one.shot.change_pct if from_close else -one.from_high,
        ),
        2: _Order(lambda one: one.from_open > 0, lambda one: one.from_open),
        3: _Order(lambda one: one.from_open < 0, lambda one: -one.from_open),
        4: _Order(lambda _: True, lambda one: one.spread),
    }
    if kind not in orders:
        raise input_refusal("FID_RANK_SORT_CLS_CODE")
    return orders[int(kind)]


def _screen(call: Call, code: str) -> None:
    if call["FID_COND_SCR_DIV_CODE"] != code:
        raise input_refusal("FID_COND_SCR_DIV_CODE")


def _answer(found: Iterable[Ranked], row: Callable[[Ranked], Row]) -> Answer:
    rows = []
    for rank, one in enumerate(list(found)[:ROWS], 1):
        rows.append(row(one) | {"data_rank": str(rank)})
    return Answer(*OK_QUOTE, {"output": rows})


def _head(one: Ranked) -> Row:
    changes = change_fields(one.shot)
    return {
        "hts_kor_isnm": one.listing.name,
        "data_rank": "",
        "stck_prpr": money(one.shot.price, 0),
        "prdy_vrss_sign": changes["prdy_vrss_sign"],
        "prdy_vrss": changes["prdy_vrss"],
        "prdy_ctrt": changes["prdy_ctrt"],
        "acml_vol": str(one.shot.volume),
    }


def _volume_row(market: KrxMarket, one: Ranked) -> Row:
    shot = one.shot
    past = _past(market, one, MEAN_DAYS)
    days = max(1, len(past))
    volume = sum(bar.volume for bar in past) // days
    value = sum((bar.value for bar in past), Decimal(0)) / days
    then = past[0].close if past else shot.base
    return _head(one) | {
        "mksc_shrn_iscd": one.listing.symbol,
        "prdy_vol": str(one.listing.prev_volume),
        "lstn_stcn": str(one.listing.shares),
        "avrg_vol": str(volume),
        "n_befr_clpr_vrss_prpr_rate": money(pct(shot.price, then), 2),
        "vol_inrt": money(shot.volume_pct, 2),
        "vol_tnrt": money(shot.turnover_pct, 2),
        "nday_vol_tnrt": money(pct_of(Decimal(volume), Decimal(one.listing.shares)), 2),
        "avrg_tr_pbmn": money(value, 0),
        "tr_pbmn_tnrt": money(pct_of(shot.value, one.market_value), 2),
        "nday_tr_pbmn_tnrt": money(pct_of(value, one.market_value), 2),
        "acml_tr_pbmn": money(shot.value, 0),
    }


def _change_row(market: KrxMarket, one: Ranked, days: int) -> Row:
    shot = one.shot
    opened, high, low = shot.range
    past = _past(market, one, MEAN_DAYS)
    closes = [bar.close for bar in past] + [shot.price]
    then = past[-days].close if 0 < days <= len(past) else shot.base
    last, today = shot.last, kst_date(market.hours.open)
    return _head(one) | {
        "stck_shrn_iscd": one.listing.symbol,
        "stck_hgpr": money(high, 0),
        "hgpr_hour": "" if last is None else kst_time(last.high_at),
        "acml_hgpr_date": today,
        "stck_lwpr": money(low, 0),
        "lwpr_hour": "" if last is None else kst_time(last.low_at),
        "acml_lwpr_date": today,
        "lwpr_vrss_prpr_rate": money(one.from_low, 2),
        "dsgt_date_clpr_vrss_prpr_rate": money(pct(shot.price, then), 2),
        "cnnt_ascn_dynu": str(_run(closes, 1)),
        "hgpr_vrss_prpr_rate": money(one.from_high, 2),
        "cnnt_down_dynu": str(_run(closes, -1)),
        "oprc_vrss_prpr_sign": sign_of(shot.price - opened),
        "oprc_vrss_prpr": money(shot.price - opened, 0),
        "oprc_vrss_prpr_rate": money(one.from_open, 2),
        "prd_rsfl": money(shot.price - then, 0),
        "prd_rsfl_rate": money(pct(shot.price, then), 2),
    }


def _power_row(one: Ranked) -> Row:
    last = one.shot.last
    return _head(one) | {
        "stck_shrn_iscd": one.listing.symbol,
        "tday_rltv": money(one.strength, 2),
        "seln_cnqn_smtn": "0" if last is None else str(last.sold_volume),
        "shnu_cnqn_smtn": "0" if last is None else str(last.bought_volume),
    }


def _near_row(one: Ranked, extremes: tuple[Decimal, Decimal]) -> Row:
    low, high = extremes
    last = one.shot.last
    row = _head(one) | {
        "mksc_shrn_iscd": one.listing.symbol,
        "askp": "0" if last is None else money(last.ask, 0),
        "askp_rsqn1": "0" if last is None else str(last.ask_size),
        "bidp": "0" if last is None else money(last.bid, 0),
        "bidp_rsqn1": "0" if last is None else str(last.bid_size),
        "new_hgpr": money(high, 0),
        "hprc_near_rate": money(_near_high(one, extremes), 2),
        "new_lwpr": money(low, 0),
        "lwpr_near_rate": money(_near_low(one, extremes), 2),
        "stck_sdpr": money(one.shot.base, 0),
    }
    del row["data_rank"]
    return row


def _near_high(one: Ranked, extremes: tuple[Decimal, Decimal]) -> Decimal:
    return pct(extremes[1], one.shot.price)


def _near_low(one: Ranked, extremes: tuple[Decimal, Decimal]) -> Decimal:
    return -pct(extremes[0], one.shot.price)


def _extremes(market: KrxMarket, one: Ranked) -> tuple[Decimal, Decimal]:
    """Lowest and highest price of the known history, today included."""
    bars = [bar for bar in market.day_bars(one.listing.symbol, market.day, 250) if bar.volume]
    return min(bar.low for bar in bars), max(bar.high for bar in bars)


def _past(market: KrxMarket, one: Ranked, count: int) -> list[DayBar]:
    bars = market.day_bars(one.listing.symbol, market.day, count + 1)
    return [bar for bar in bars if bar.day < market.day][-count:]


def _run(closes: list[Decimal], direction: int) -> int:
    """How many days in a row, today the last, closed higher (1) or lower (-1)."""
    days = 0
    for before, after in zip(reversed(closes[:-1]), reversed(closes[1:]), strict=True):
        if (after - before) * direction <= 0:
            break
        days += 1
    return days
