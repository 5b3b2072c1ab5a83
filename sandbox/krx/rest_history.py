"""Domestic orders and fills: inquire-psbl-rvsecncl (open) and inquire-daily-ccld (some days').

Orders are one row each: amendments and cancellations too, and they point to the order they
changed. Fills are told per order only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.kis_codes import FOUND, NOTHING
from sandbox.kis_wire import KRX_PAGES, Answer, Call, Row, kst_time, money, page_of
from sandbox.krx.account import KrxAccount
from sandbox.krx.divisions import Division, Lasts
from sandbox.krx.hours import kst_date
from sandbox.krx.market import KrxMarket
from sandbox.krx.orders import KRX, NXT, SOR, KrxOrder
from sandbox.krx.rest_codes import (
    ACCOUNT_KEYS,
    ACTION_NAME,
    BEFORE_HOURS_EXCHANGE,
    CHANGED_SIDE_NAME,
    DIVISION_NAME,
    EXCHANGE,
    PAGE_KEYS,
    SIDE_NAME,
    input_refusal,
    not_offered_on_paper,
)
from sandbox.model import Server
from sandbox.orders import Action
from sandbox.trouble import strike
from sandbox.world import World

OPEN_KEYS = (*ACCOUNT_KEYS, *PAGE_KEYS, "INQR_DVSN_1", "INQR_DVSN_2")
# A published client leaves EXCG_ID_DVSN_CD out, and is served.
DAILY_KEYS = (
    *ACCOUNT_KEYS, "INQR_STRT_DT", "INQR_END_DT", "SLL_BUY_DVSN_CD", "PDNO", "ORD_GNO_BRNO",
    "ODNO", "CCLD_DVSN", "INQR_DVSN", "INQR_DVSN_1", "INQR_DVSN_3", *PAGE_KEYS,
)  # fmt: skip
OPEN_PAGE = 50
DAILY_PAGE = {Server.REAL: 100, Server.PAPER: 15}
RECENT = timedelta(days=92)
OLDEST_FIRST = "01"
BY_SYMBOL = "1"
ALL = "ALL"
DEFAULT_HIDDEN_S = "5"
NUMBER_WIDTH = 10
VENUE_CODE = {KRX: "01", NXT: "02", SOR: "03"}


def open_orders(world: World, call: Call) -> Answer:
    """TTTC0084R: what may still be changed. The paper server does not offer it."""
    if call.server is Server.PAPER:
        raise not_offered_on_paper()
    side = world.krx
    wanted = {"0": {"01", "02"}, "1": {"01"}, "2": {"02"}}.get(call["INQR_DVSN_2"])
    if wanted is None or call["INQR_DVSN_1"] not in {"0", BY_SYMBOL}:
        raise input_refusal("INQR_DVSN_1" if wanted else "INQR_DVSN_2")
    account = side.books.accounts[call.server]
    orders = [o for o in account.orders.values() if o.open_qty > 0 and o.request.side in wanted]
    if call["INQR_DVSN_1"] == BY_SYMBOL:
        orders.sort(key=lambda order: order.request.symbol)
    filled = _fill_reader(world, account, call)
    page = page_of(
        len(orders),
        OPEN_PAGE,
        call,
        (*ACCOUNT_KEYS, "INQR_DVSN_1", "INQR_DVSN_2"),
        lambda index: _open_row(side.market, orders[index], filled(orders[index])),
        KRX_PAGES,
    )
    head = FOUND if orders else NOTHING
    outputs = {"output": page.rows}
    return Answer(*head, outputs, page.tr_cont, page.ctx_fk, page.ctx_nk, page_keys=KRX_PAGES)


def recent_orders(world: World, call: Call) -> Answer:
    """TTTC0081R, VTTC0081R: orders of the last three months."""
    since = kst_date(call.now - RECENT).strftime("%Y%m%d")
    return _daily(world, call, lambda day: day >= since)


def older_orders(world: World, call: Call) -> Answer:
    """CTSC9215R, VTSC9215R: orders from before that."""
    since = kst_date(call.now - RECENT).strftime("%Y%m%d")
    return _daily(world, call, lambda day: day < since)


@dataclass(frozen=True, slots=True)
class Filled:
    """What of an order this inquiry shows as filled."""

    qty: int
    value: Decimal

    @property
    def average(self) -> Decimal:
        """Won a share; 0 without fills."""
        return self.value / self.qty if self.qty else Decimal(0)


FillReader = Callable[[KrxOrder], Filled]


def _daily(world: World, call: Call, in_span: Callable[[str], bool]) -> Answer:
    side = world.krx
    _check_venue(call)
    account = side.books.accounts[call.server]
    filled = _fill_reader(world, account, call)
    orders = [
        order
        for order in account.orders.values()
        if in_span(_day(order)) and _wanted(order, call, filled(order))
    ]
    if call["INQR_DVSN"] != OLDEST_FIRST:
        orders.reverse()
    page = page_of(
        len(orders),
        DAILY_PAGE[call.server],
        call,
        (*ACCOUNT_KEYS, "INQR_STRT_DT", "INQR_END_DT", "SLL_BUY_DVSN_CD", "PDNO"),
        lambda index: _daily_row(side.market, orders[index], filled(orders[index])),
        KRX_PAGES,
    )
    rows = list(page.rows)
    if rows and strike(world.faults, call, "blank_rows"):
        rows.append(dict.fromkeys(rows[0], ""))
    totals = _totals(account, orders, filled)
    outputs: dict[str, Row | list[Row]] = {"output1": rows, "output2": totals}
    head = FOUND if orders else NOTHING
    return Answer(*head, outputs, page.tr_cont, page.ctx_fk, page.ctx_nk, page_keys=KRX_PAGES)


def _check_venue(call: Call) -> None:
    venue = call.get("EXCG_ID_DVSN_CD")
    allowed = {"", KRX} if call.server is Server.PAPER else {"", KRX, NXT, SOR, ALL}
    if venue not in allowed:
        raise input_refusal("EXCG_ID_DVSN_CD")


def _wanted(order: KrxOrder, call: Call, filled: Filled) -> bool:
    number, branch = call["ODNO"].strip(), call["ORD_GNO_BRNO"].strip()
    by_fill = {"01": filled.qty > 0, "02": filled.qty < order.request.qty}
    return (
        call["INQR_STRT_DT"] <= _day(order) <= call["INQR_END_DT"]
        and call["SLL_BUY_DVSN_CD"] in {"", "00", order.request.side}
        and call["PDNO"] in {"", order.request.symbol}
        and number.zfill(NUMBER_WIDTH) in {"0" * NUMBER_WIDTH, order.no}
        and branch in {"", order.branch}
        and by_fill.get(call["CCLD_DVSN"], True)
        and call["INQR_DVSN_3"] in {"", "00", "01"}
        and call["INQR_DVSN_1"] == ""
        and call.get("EXCG_ID_DVSN_CD") in {"", ALL, order.request.venue}
    )


def _open_row(market: KrxMarket, order: KrxOrder, filled: Filled) -> Row:
    request = order.request
    return {
        "ord_gno_brno": order.branch,
        "odno": order.no,
        "orgn_odno": order.original_no,
        "ord_dvsn_name": DIVISION_NAME[order.division],
        "pdno": request.symbol,
        "prdt_name": _name(market, order),
        "rvse_cncl_dvsn_name": ACTION_NAME[order.action],
        "ord_qty": str(request.qty),
        "ord_unpr": money(request.limit, 0),
        "ord_tmd": kst_time(order.placed_at),
        "tot_ccld_qty": str(filled.qty),
        "tot_ccld_amt": money(filled.value, 0),
        "psbl_qty": str(order.open_qty),
        "sll_buy_dvsn_cd": request.side.value,
        "ord_dvsn_cd": order.division.value,
        "mgco_aptm_odno": "",
        "excg_dvsn_cd": _exchange(market, order),
        "excg_id_dvsn_cd": request.venue,
        "excg_id_dvsn_name": request.venue,
        "stpm_cndt_pric": money(request.trigger, 0),
        "stpm_efct_occr_yn": "N" if order.triggered_at is None else "Y",
    }


def _daily_row(market: KrxMarket, order: KrxOrder, filled: Filled) -> Row:
    known = _wish_fields(market, order) | _outcome_fields(order, filled)
    return {name: known.get(name, "") for name in _DAILY_FIELDS.split()}


def _wish_fields(market: KrxMarket, order: KrxOrder) -> Row:
    """What was ordered."""
    request = order.request
    return {
        "ord_dt": _day(order),
        "ord_tmd": kst_time(order.placed_at),
        "ord_gno_brno": order.branch,
        "ord_orgno": order.branch,
        "odno": order.no,
        "orgn_odno": order.original_no,
        "ord_dvsn_cd": order.division.value,
        "ord_dvsn_name": DIVISION_NAME[order.division],
        "sll_buy_dvsn_cd": request.side.value,
        "sll_buy_dvsn_cd_name": _side_name(order),
        "pdno": request.symbol,
        "prdt_name": _name(market, order),
        "prdt_type_cd": "300",
        "ord_qty": str(request.qty),
        "ord_unpr": money(request.limit, 0),
        "ordr_empno": request.media,
        "ccld_cndt_name": "" if order.lasts is Lasts.DAY else order.lasts.name,
        "excg_dvsn_cd": _exchange(market, order),
        "excg_id_dvsn_Cd": request.venue,
        "stpm_cndt_pric": money(request.trigger, 0),
    }


def _outcome_fields(order: KrxOrder, filled: Filled) -> Row:
    """What came of it so far."""
    cancels = order.action is Action.CANCEL
    cancelled = (order.request.qty - order.rejected) if cancels else order.cancelled
    return {
        "tot_ccld_qty": str(filled.qty),
        "avg_prvs": money(filled.average, 4 if filled.average % 1 else 0),
        "tot_ccld_amt": money(filled.value, 0),
        "cncl_yn": "Y" if cancelled else "N",
        "cnc_cfrm_qty": str(cancelled),
        "rmn_qty": str(order.open_qty + order.filled - filled.qty),
        "rjct_qty": str(order.rejected),
        "stpm_efct_occr_dtmd": "" if order.triggered_at is None else kst_time(order.triggered_at),
    }


_DAILY_FIELDS = (
    "ord_dt ord_gno_brno odno orgn_odno ord_dvsn_name sll_buy_dvsn_cd sll_buy_dvsn_cd_name pdno "
    "prdt_name ord_qty ord_unpr ord_tmd tot_ccld_qty avg_prvs cncl_yn tot_ccld_amt loan_dt "
    "ordr_empno ord_dvsn_cd cnc_cfrm_qty rmn_qty rjct_qty ccld_cndt_name inqr_ip_addr "
    "cpbc_ordp_ord_rcit_dvsn_cd cpbc_ordp_infm_mthd_dvsn_cd infm_tmd ctac_tlno prdt_type_cd "
    "excg_dvsn_cd cpbc_ordp_mtrl_dvsn_cd ord_orgno rsvn_ord_end_dt excg_id_dvsn_Cd "
    "stpm_cndt_pric stpm_efct_occr_dtmd"
)


def _totals(account: KrxAccount, orders: Sequence[KrxOrder], filled: FillReader) -> Row:
    fills = [filled(order) for order in orders]
    qty = sum(fill.qty for fill in fills)
    value = sum((fill.value for fill in fills), Decimal(0))
    keys = {order.key for order in orders}
    costs = sum((e.fee + e.tax for e in account.executions if e.order_key in keys), Decimal(0))
    return {
        "tot_ord_qty": str(sum(order.request.qty for order in orders)),
        "tot_ccld_qty": str(qty),
        "tot_ccld_amt": money(value, 0),
        "prsm_tlex_smtl": money(costs, 0),
        "pchs_avg_pric": money(value / qty if qty else Decimal(0), 4),
    }


def _fill_reader(world: World, account: KrxAccount, call: Call) -> FillReader:
    """Fills as they stand, or without the youngest while that fault lasts."""
    fault = strike(world.faults, call, "fill_hidden")
    if fault is None:
        return lambda order: Filled(order.filled, order.filled_value)
    horizon = call.now - timedelta(seconds=float(fault.value or DEFAULT_HIDDEN_S))
    return lambda order: _seen_until(account, order, horizon)


def _seen_until(account: KrxAccount, order: KrxOrder, horizon: datetime) -> Filled:
    seen = [e for e in account.executions if e.order_key == order.key and e.at <= horizon]
    return Filled(sum(e.qty for e in seen), sum((e.amount for e in seen), Decimal(0)))


def _side_name(order: KrxOrder) -> str:
    if order.action is Action.NEW:
        return SIDE_NAME[order.request.side]
    return f"{CHANGED_SIDE_NAME[order.request.side]}{ACTION_NAME[order.action]}*"


def _name(market: KrxMarket, order: KrxOrder) -> str:
    listing = market.listing(order.request.symbol)
    return order.request.symbol if listing is None else listing.name


def _exchange(market: KrxMarket, order: KrxOrder) -> str:
    if order.division is Division.BEFORE_HOURS:
        return BEFORE_HOURS_EXCHANGE
    listing = market.listing(order.request.symbol)
    return EXCHANGE["KOSPI" if listing is None else listing.segment]


def _day(order: KrxOrder) -> str:
    return order.day.strftime("%Y%m%d")
