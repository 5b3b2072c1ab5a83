"""KIS vocabularies: transaction ids, exchange codes, flags.

The ids are a table because no rule holds: the paper sell is VTTT1001U, not V + TTT1006U.
Source: kis-rest-overseas notes sections 3 and 4, kis-rest-domestic notes section 13 (portal
workbooks of 2026-09-11 and 2026-09-20). What lacks a paper id does not exist on paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.adapters.kis.endpoint import Server
from engine.model.instrument import US_EXCHANGES, Exchange
from engine.model.orders import Side
from engine.model.quota import Purpose


class Operation(StrEnum):
    """Calls this client makes; those of the Korean market begin with its name."""

    BUY = "buy"
    SELL = "sell"
    CANCEL = "cancel"
    HOLDINGS = "holdings"
    EXECUTIONS = "executions"
    CASH = "cash"
    BUYING_POWER = "buying_power"
    PROFITS = "profits"
    PRICE = "price"
    BOOK = "book"
    KRX_BUY = "krx_buy"
    KRX_SELL = "krx_sell"
    KRX_CANCEL = "krx_cancel"
    KRX_HOLDINGS = "krx_holdings"
    KRX_EXECUTIONS = "krx_executions"
    KRX_BUYING_POWER = "krx_buying_power"
    KRX_PROFITS = "krx_profits"
    KRX_PRICE = "krx_price"
    KRX_BOOK = "krx_book"
    KRX_ROWS = "krx_rows"
    KRX_RANK_VOLUME = "krx_rank_volume"
    KRX_RANK_CHANGE = "krx_rank_change"
    KRX_RANK_STRENGTH = "krx_rank_strength"
    KRX_RANK_NEAR_HIGH = "krx_rank_near_high"
    KRX_OPEN_DAYS = "krx_open_days"
    KRX_INDEX = "krx_index"
    KRX_INDEX_CHART = "krx_index_chart"
    KRX_DAY_CHART = "krx_day_chart"
    KRX_MINUTE_CHART = "krx_minute_chart"


@dataclass(frozen=True, slots=True)
class Call:
    """Where a call goes, under which id, and what it is spent on."""

    path: str
    tr_id: str
    purpose: Purpose


_TRADING = "/uapi/overseas-stock/v1/trading/"
_QUOTES = "/uapi/overseas-price/v1/quotations/"
_KRX_TRADING = "/uapi/domestic-stock/v1/trading/"
_KRX_QUOTES = "/uapi/domestic-stock/v1/quotations/"
_KRX_RANKING = "/uapi/domestic-stock/v1/ranking/"

_US_TABLE: tuple[tuple[Operation, str, str, str], ...] = (
    (Operation.BUY, _TRADING + "order", "TTTT1002U", "VTTT1002U"),
    (Operation.SELL, _TRADING + "order", "TTTT1006U", "VTTT1001U"),
    (Operation.CANCEL, _TRADING + "order-rvsecncl", "TTTT1004U", "VTTT1004U"),
    (Operation.HOLDINGS, _TRADING + "inquire-balance", "TTTS3012R", "VTTS3012R"),
    (Operation.EXECUTIONS, _TRADING + "inquire-ccnl", "TTTS3035R", "VTTS3035R"),
    (Operation.CASH, _TRADING + "inquire-present-balance", "CTRP6504R", "VTRP6504R"),
    (Operation.BUYING_POWER, _TRADING + "inquire-psamount", "TTTS3007R", "VTTS3007R"),
    (Operation.PROFITS, _TRADING + "inquire-period-profit", "TTTS3039R", ""),
    (Operation.PRICE, _QUOTES + "price", "HHDFS00000300", "HHDFS00000300"),
    (Operation.BOOK, _QUOTES + "inquire-asking-price", "HHDFS76200100", ""),
)

_KRX_TABLE: tuple[tuple[Operation, str, str, str], ...] = (
    (Operation.KRX_BUY, _KRX_TRADING + "order-cash", "TTTC0012U", "VTTC0012U"),
    (Operation.KRX_SELL, _KRX_TRADING + "order-cash", "TTTC0011U", "VTTC0011U"),
    (Operation.KRX_CANCEL, _KRX_TRADING + "order-rvsecncl", "TTTC0013U", "VTTC0013U"),
    (Operation.KRX_HOLDINGS, _KRX_TRADING + "inquire-balance", "TTTC8434R", "VTTC8434R"),
    (Operation.KRX_EXECUTIONS, _KRX_TRADING + "inquire-daily-ccld", "TTTC0081R", "VTTC0081R"),
    (Operation.KRX_BUYING_POWER, _KRX_TRADING + "inquire-psbl-order", "TTTC8908R", "VTTC8908R"),
    (Operation.KRX_PROFITS, _KRX_TRADING + "inquire-period-trade-profit", "TTTC8715R", ""),
    (Operation.KRX_PRICE, _KRX_QUOTES + "inquire-price", "FHKST01010100", "FHKST01010100"),
    (
        Operation.KRX_BOOK,
        _KRX_QUOTES + "inquire-asking-price-exp-ccn",
        "FHKST01010200",
        "FHKST01010200",
    ),
    (Operation.KRX_ROWS, _KRX_QUOTES + "intstock-multprice", "FHKST11300006", ""),
    (Operation.KRX_RANK_VOLUME, _KRX_QUOTES + "volume-rank", "FHPST01710000", ""),
    (Operation.KRX_RANK_CHANGE, _KRX_RANKING + "fluctuation", "FHPST01700000", ""),
    (Operation.KRX_RANK_STRENGTH, _KRX_RANKING + "volume-power", "FHPST01680000", ""),
    (Operation.KRX_RANK_NEAR_HIGH, _KRX_RANKING + "near-new-highlow", "FHPST01870000", ""),
    (Operation.KRX_OPEN_DAYS, _KRX_QUOTES + "chk-holiday", "CTCA0903R", ""),
    (Operation.KRX_INDEX, _KRX_QUOTES + "inquire-index-price", "FHPUP02100000", ""),
    (
        Operation.KRX_INDEX_CHART,
        _KRX_QUOTES + "inquire-daily-indexchartprice",
        "FHKUP03500100",
        "FHKUP03500100",
    ),
    (
        Operation.KRX_DAY_CHART,
        _KRX_QUOTES + "inquire-daily-itemchartprice",
        "FHKST03010100",
        "FHKST03010100",
    ),
    (
        Operation.KRX_MINUTE_CHART,
        _KRX_QUOTES + "inquire-time-itemchartprice",
        "FHKST03010200",
        "FHKST03010200",
    ),
)

_PURPOSES: Mapping[Purpose, tuple[Operation, ...]] = {
    Purpose.ORDER: (
        *(Operation.BUY, Operation.SELL, Operation.CANCEL),
        *(Operation.KRX_BUY, Operation.KRX_SELL, Operation.KRX_CANCEL),
    ),
    Purpose.ACCOUNT: (
        *(Operation.HOLDINGS, Operation.EXECUTIONS, Operation.CASH, Operation.BUYING_POWER),
        *(Operation.KRX_HOLDINGS, Operation.KRX_EXECUTIONS, Operation.KRX_BUYING_POWER),
        *(Operation.PROFITS, Operation.KRX_PROFITS),
    ),
    Purpose.QUOTE: (Operation.PRICE, Operation.BOOK, Operation.KRX_PRICE, Operation.KRX_BOOK),
    Purpose.SCAN: (
        *(Operation.KRX_ROWS, Operation.KRX_RANK_VOLUME, Operation.KRX_RANK_CHANGE),
        *(Operation.KRX_RANK_STRENGTH, Operation.KRX_RANK_NEAR_HIGH, Operation.KRX_OPEN_DAYS),
        *(Operation.KRX_INDEX, Operation.KRX_INDEX_CHART),
    ),
    Purpose.CHART: (Operation.KRX_DAY_CHART, Operation.KRX_MINUTE_CHART),
}
_PURPOSE_OF: Mapping[Operation, Purpose] = {
    operation: purpose for purpose, operations in _PURPOSES.items() for operation in operations
}

CALLS: Mapping[tuple[Operation, Server], Call] = {
    (operation, server): Call(path, tr_id, _PURPOSE_OF[operation])
    for operation, path, real, paper in (*_US_TABLE, *_KRX_TABLE)
    for server, tr_id in ((Server.REAL, real), (Server.PAPER, paper))
    if tr_id
}

ORDER_OPERATION: Mapping[Side, Operation] = {
    Side.BUY: Operation.BUY,
    Side.SELL: Operation.SELL,
}
KRX_ORDER_OPERATION: Mapping[Side, Operation] = {
    Side.BUY: Operation.KRX_BUY,
    Side.SELL: Operation.KRX_SELL,
}

LIMIT_ORDER = "00"
MARKET_ORDER = "01"
CANCEL_FLAG = "02"
SIDES: Mapping[str, Side] = {"01": Side.SELL, "02": Side.BUY}

QUOTE_CODES: Mapping[Exchange, str] = {
    Exchange.NASD: "NAS",
    Exchange.NYSE: "NYS",
    Exchange.AMEX: "AMS",
}

# Every spelling under which a reply may name an exchange, and the product type beside it.
EXCHANGES: Mapping[str, Exchange] = {
    **{exchange.value: exchange for exchange in US_EXCHANGES},
    **{code: exchange for exchange, code in QUOTE_CODES.items()},
    "512": Exchange.NASD,
    "513": Exchange.NYSE,
    "529": Exchange.AMEX,
}

# Exchanges of other countries: their rows are not ours to report.
FOREIGN_EXCHANGES = frozenset({"SEHK", "SHAA", "SZAA", "TKSE", "HASE", "VNSE"})

TRADES_TR = "HDFSCNT0"
NOTICES_TR: Mapping[Server, str] = {Server.REAL: "H0GSCNI0", Server.PAPER: "H0GSCNI9"}
KRX_TRADES_TR = "H0STCNT0"
KRX_OPERATIONS_TR = "H0STMKO0"  # real only
KRX_NOTICES_TR: Mapping[Server, str] = {Server.REAL: "H0STCNI0", Server.PAPER: "H0STCNI9"}
