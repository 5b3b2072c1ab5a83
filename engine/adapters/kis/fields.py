"""KIS vocabularies: transaction ids, exchange codes, flags.

The ids are a table because no rule holds: the paper sell is VTTT1001U, not V + TTT1006U.
Source: kis-rest-overseas notes sections 3 and 4 (portal workbook of 2026-09-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.adapters.kis.endpoint import Server
from engine.model.instrument import US_EXCHANGES, Exchange
from engine.model.orders import Side


class Operation(StrEnum):
    """Calls this client makes."""

    BUY = "buy"
    SELL = "sell"
    CANCEL = "cancel"
    HOLDINGS = "holdings"
    EXECUTIONS = "executions"
    CASH = "cash"
    BUYING_POWER = "buying_power"
    PRICE = "price"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Call:
    """Where a call goes and under which id."""

    path: str
    tr_id: str


_TRADING = "/uapi/overseas-stock/v1/trading/"
_QUOTES = "/uapi/overseas-price/v1/quotations/"

_TABLE: tuple[tuple[Operation, str, str, str], ...] = (
    (Operation.BUY, _TRADING + "order", "TTTT1002U", "VTTT1002U"),
    (Operation.SELL, _TRADING + "order", "TTTT1006U", "VTTT1001U"),
    (Operation.CANCEL, _TRADING + "order-rvsecncl", "TTTT1004U", "VTTT1004U"),
    (Operation.HOLDINGS, _TRADING + "inquire-balance", "TTTS3012R", "VTTS3012R"),
    (Operation.EXECUTIONS, _TRADING + "inquire-ccnl", "TTTS3035R", "VTTS3035R"),
    (Operation.CASH, _TRADING + "inquire-present-balance", "CTRP6504R", "VTRP6504R"),
    (Operation.BUYING_POWER, _TRADING + "inquire-psamount", "TTTS3007R", "VTTS3007R"),
    (Operation.PRICE, _QUOTES + "price", "HHDFS00000300", "HHDFS00000300"),
    (Operation.BOOK, _QUOTES + "inquire-asking-price", "HHDFS76200100", ""),
)

CALLS: Mapping[tuple[Operation, Server], Call] = {
    (operation, server): Call(path, tr_id)
    for operation, path, real, paper in _TABLE
    for server, tr_id in ((Server.REAL, real), (Server.PAPER, paper))
    if tr_id
}

ORDER_OPERATION: Mapping[Side, Operation] = {
    Side.BUY: Operation.BUY,
    Side.SELL: Operation.SELL,
}

LIMIT_ORDER = "00"
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
