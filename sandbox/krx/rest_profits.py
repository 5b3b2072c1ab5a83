"""What sales brought: inquire-period-trade-profit (a day's symbols), inquire-period-profit (days).

A row is a day's buys and sales together, of a symbol or of all. Real only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby

from sandbox.kis_codes import FOUND, NOTHING
from sandbox.kis_wire import KRX_PAGES, Answer, Call, Row
from sandbox.krx.account import KrxAccount
from sandbox.krx.orders import KrxExecution
from sandbox.krx.profit_rows import (
    Traded,
    day_of_execution,
    day_row,
    day_totals,
    trade_row,
    trade_totals,
)
from sandbox.krx.rest_codes import ACCOUNT_KEYS, PAGE_KEYS, input_refusal
from sandbox.world import World

DAY_KEYS = (
    *ACCOUNT_KEYS, "SORT_DVSN", "INQR_STRT_DT", "INQR_END_DT", "INQR_DVSN", "CBLC_DVSN", *PAGE_KEYS,
)  # fmt: skip
TRADE_KEYS = (
    *ACCOUNT_KEYS, "SORT_DVSN", "PDNO", "INQR_STRT_DT", "INQR_END_DT", "CBLC_DVSN", *PAGE_KEYS,
)  # fmt: skip
PAGE = 50
MORE = ("KIOK0500", "조회가 계속됩니다..다음버튼을 Click 하십시오.")
OLDEST_FIRST = "01"
ALL = "00"
STOCKS = "300"
_WIDTH = 12


def trade_profits(world: World, call: Call) -> Answer:
    """TTTC8715R. ``pdno`` in the long form; the latest day and the highest symbol first."""
    _check(call, "SORT_DVSN", {ALL, OLDEST_FIRST, "02"})
    side = world.krx
    account = side.books.accounts[call.server]
    asked = call["PDNO"].strip()
    rows = _grouped(
        _asked(account, call), lambda one: (day_of_execution(one), long_code(one.symbol))
    )
    rows = [row for row in rows if asked in {"", row.symbol, row.pdno}]
    return _paged(rows, call, lambda row: trade_row(side, account, row), trade_totals)


def day_profits(world: World, call: Call) -> Answer:
    """TTTC8708R: one row a day."""
    _check(call, "SORT_DVSN", {ALL, OLDEST_FIRST, "02"})
    _check(call, "INQR_DVSN", {ALL})
    account = world.krx.books.accounts[call.server]
    rows = _grouped(_asked(account, call), lambda one: (day_of_execution(one), ""))
    return _paged(rows, call, day_row, day_totals)


def long_code(symbol: str) -> str:
    """Twelve characters: shares have an A before their code."""
    return (symbol if symbol[:1].isalpha() else f"A{symbol}").rjust(_WIDTH, "0")


def _asked(account: KrxAccount, call: Call) -> list[KrxExecution]:
    _check(call, "CBLC_DVSN", {ALL})
    first, last = (day_of(call, key) for key in ("INQR_STRT_DT", "INQR_END_DT"))
    if first > last:
        raise input_refusal("INQR_STRT_DT")
    return [one for one in account.executions if first <= day_of_execution(one) <= last]


def day_of(call: Call, key: str) -> str:
    """A parameter that is a date. Raises KisRefusal OPSQ2001 with its name."""
    text = call[key]
    try:
        date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        raise input_refusal(key) from None
    return text


def _check(call: Call, key: str, allowed: set[str]) -> None:
    if call[key] not in allowed:
        raise input_refusal(key)


def _grouped(
    executions: Iterable[KrxExecution], key: Callable[[KrxExecution], tuple[str, str]]
) -> list[Traded]:
    """Rows, the oldest first."""
    return [
        Traded(day, pdno, (found := list(ones))[0].symbol, found)
        for (day, pdno), ones in groupby(sorted(executions, key=key), key=key)
    ]


def _paged(
    rows: list[Traded],
    call: Call,
    row: Callable[[Traded], Row],
    totals: Callable[[Sequence[Traded]], Row],
) -> Answer:
    """The next page is named by the last row of this one; the other key stays blank."""
    if call["SORT_DVSN"] != OLDEST_FIRST:
        rows.reverse()
    start = _start(rows, call)
    end = start + PAGE
    shown = rows[start:end]
    has_more = end < len(rows)
    key = "^".join((*shown[-1].key, STOCKS, "0", "0" * 8, "")) if has_more else ""
    cont = {True: "M" if start else "F", False: "E" if start else "D"}[has_more]
    head = MORE if has_more else FOUND if rows else NOTHING
    outputs: dict[str, Row | list[Row]] = {
        "output1": [row(one) for one in shown],
        "output2": totals(rows),
    }
    return Answer(*head, outputs, cont, "", key, page_keys=KRX_PAGES)


def _start(rows: Sequence[Traded], call: Call) -> int:
    name = PAGE_KEYS[1]
    token = call[name].strip()
    if not (call.continued and token):
        return 0
    for place, row in enumerate(rows):
        if token.split("^")[:2] == list(row.key):
            return place + 1
    raise input_refusal(name)
