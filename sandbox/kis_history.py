"""US orders and fills: inquire-nccs (open) and inquire-ccnl (all of some days)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.accounts import Account
from sandbox.kis_codes import ACTION_NAME, ALL_US, FOUND, MARKET_NAME, NOTHING, PAGE_KEYS, SIDE_NAME
from sandbox.kis_wire import Answer, Call, KisRefusal, Row, kst_date, kst_time, money, page_of
from sandbox.model import Server
from sandbox.orders import Order, OrderStatus
from sandbox.session import us_date
from sandbox.trouble import strike
from sandbox.world import World

# A published client leaves SORT_SQN and the page keys out on its first page, and is served.
NCCS_KEYS = ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD")
CCNL_KEYS = (
    "CANO", "ACNT_PRDT_CD", "PDNO", "ORD_STRT_DT", "ORD_END_DT", "SLL_BUY_DVSN",
    "CCLD_NCCS_DVSN", "OVRS_EXCG_CD", "SORT_SQN", "ORD_DT", "ORD_GNO_BRNO", "ODNO", *PAGE_KEYS,
)  # fmt: skip
NCCS_PAGE = 40
CCNL_PAGE = {Server.REAL: 20, Server.PAPER: 15}
DEFAULT_HIDDEN_S = "5"
_STATE = {OrderStatus.SENT: "전송", OrderStatus.OPEN: "전송", OrderStatus.REFUSED: "거부"}


def open_orders(world: World, call: Call) -> Answer:
    """TTTS3018R; the paper server does not offer it."""
    if call.server is Server.PAPER:
        raise KisRefusal("90000000", "모의투자에서는 해당업무가 제공되지 않습니다.")
    code = call["OVRS_EXCG_CD"]
    account = world.books.accounts[call.server]
    orders = [
        order
        for order in account.orders.values()
        if order.open_qty > 0 and code in {"", ALL_US, order.exchange}
    ]
    if call.get("SORT_SQN") not in {"", "DS"}:
        orders.reverse()
    horizon = _horizon(world, call)
    page = page_of(
        len(orders),
        NCCS_PAGE,
        call,
        ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "SORT_SQN"),
        lambda index: _open_row(world, account, orders[index], horizon),
    )
    head = FOUND if orders else NOTHING
    return Answer(*head, {"output": page.rows}, page.tr_cont, page.ctx_fk, page.ctx_nk)


def executions(world: World, call: Call) -> Answer:
    """TTTS3035R, VTTS3035R: one row per order or amendment, US dates, ``odno`` unpadded."""
    account = world.books.accounts[call.server]
    first, last = call["ORD_STRT_DT"], call["ORD_END_DT"]
    orders = [o for o in account.orders.values() if first <= _us_day(o.placed_at) <= last]
    if call.server is Server.REAL:
        orders = [order for order in orders if _wanted(order, call)]
    if call.server is Server.REAL and call["SORT_SQN"] == "AS":
        orders.reverse()
    horizon = _horizon(world, call)
    page = page_of(
        len(orders),
        CCNL_PAGE[call.server],
        call,
        ("CANO", "ACNT_PRDT_CD", "PDNO", "ORD_STRT_DT", "ORD_END_DT"),
        lambda index: _order_row(world, account, orders[index], horizon),
    )
    rows = page.rows
    if rows and strike(world.faults, call, "blank_rows"):
        rows = [*rows, {key: _blank_like(value) for key, value in rows[0].items()}]
    head = FOUND if orders else NOTHING
    return Answer(*head, {"output": rows}, page.tr_cont, page.ctx_fk, page.ctx_nk)


def _open_row(world: World, account: Account, order: Order, horizon: datetime | None) -> Row:
    row = _order_row(world, account, order, horizon)
    kept = {key: value for key, value in row.items() if key not in _NOT_IN_NCCS}
    return kept | {
        "odno": order.no,
        "orgn_odno": order.original_no,
        "rvse_cncl_dvsn_cd": order.action.value,
        "rvse_cncl_dvsn_cd_name": ACTION_NAME[order.action.value],
        "natn_cd": "840",
        "natn_kor_name": "미국",
    }


# What an order row has in inquire-ccnl under other names or not in inquire-nccs.
_NOT_IN_NCCS = frozenset(
    {"rvse_cncl_dvsn", "rvse_cncl_dvsn_name", "tr_natn", "tr_natn_name", "dmst_ord_dt"}
    | {"thco_ord_tmd", "mdia_dvsn_name"}
)


def _order_row(world: World, account: Account, order: Order, horizon: datetime | None) -> Row:
    listing = world.market.listing(order.request.symbol)
    qty, value = _visible_fill(account, order, horizon)
    average = value / qty if qty else Decimal(0)
    side = order.request.side.value
    return {
        "ord_dt": _us_day(order.placed_at),
        "ord_gno_brno": "01790",
        "odno": order.no.lstrip("0"),
        "orgn_odno": order.original_no.lstrip("0"),
        "sll_buy_dvsn_cd": side,
        "sll_buy_dvsn_cd_name": SIDE_NAME[side],
        "rvse_cncl_dvsn": order.action.value,
        "rvse_cncl_dvsn_name": ACTION_NAME[order.action.value],
        "pdno": order.request.symbol,
        "prdt_name": order.request.symbol if listing is None else listing.name,
        "ft_ord_qty": str(order.request.qty),
        "ft_ord_unpr3": money(order.request.limit, 8),
        "ft_ccld_qty": str(qty),
        "ft_ccld_unpr3": money(average, 8),
        "ft_ccld_amt3": money(value, 5),
        "nccs_qty": str(order.open_qty + order.filled - qty),
        "prcs_stat_name": _STATE.get(order.status, "완료"),
        "rjct_rson": "9999" if order.reject_reason else "",
        "rjct_rson_name": order.reject_reason,
        "ord_tmd": kst_time(order.placed_at),
        "tr_mket_name": MARKET_NAME[order.exchange],
        "tr_crcy_cd": "USD",
        "tr_natn": "840",
        "tr_natn_name": "미국",
        "ovrs_excg_cd": order.exchange,
        "dmst_ord_dt": kst_date(order.placed_at),
        "thco_ord_tmd": kst_time(order.placed_at),
        "loan_type_cd": "10",
        "loan_dt": "",
        "mdia_dvsn_name": order.request.media,
        "usa_amk_exts_rqst_yn": "N",
        "splt_buy_attr_name": "",
    }


def _horizon(world: World, call: Call) -> datetime | None:
    """Fills after this moment are hidden from this inquiry; None hides nothing."""
    fault = strike(world.faults, call, "fill_hidden")
    if fault is None:
        return None
    return call.now - timedelta(seconds=float(fault.value or DEFAULT_HIDDEN_S))


def _visible_fill(account: Account, order: Order, horizon: datetime | None) -> tuple[int, Decimal]:
    if horizon is None or not order.filled:
        return order.filled, order.filled_value
    seen = [e for e in account.executions if e.order_no == order.no and e.at <= horizon]
    return sum(e.qty for e in seen), sum((e.qty * e.price for e in seen), Decimal(0))


def _wanted(order: Order, call: Call) -> bool:
    by_fill = {"01": order.filled > 0, "02": order.open_qty > 0}
    return (
        call["PDNO"] in {"", "%", order.request.symbol}
        and call["SLL_BUY_DVSN"] in {"", "00", order.request.side.value}
        and by_fill.get(call["CCLD_NCCS_DVSN"], True)
        and call["OVRS_EXCG_CD"] in {"", "%", ALL_US, order.exchange}
    )


def _us_day(moment: datetime) -> str:
    return us_date(moment).strftime("%Y%m%d")


def _blank_like(value: str) -> str:
    return "0" if value.replace(".", "", 1).isdigit() and "." in value else ""
