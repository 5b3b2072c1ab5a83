"""Domestic order calls: order-cash (buy, sell) and order-rvsecncl (amend, cancel)."""

from __future__ import annotations

from decimal import Decimal

from sandbox.kis_wire import Answer, Call, kst_time
from sandbox.krx.acceptance import Reason, Refused
from sandbox.krx.account import KrxAccount
from sandbox.krx.divisions import Division
from sandbox.krx.hours import kst_date
from sandbox.krx.orders import KRX, NXT, SOR, KrxOrder, KrxOrderRequest
from sandbox.krx.rest_codes import (
    ACCOUNT_KEYS,
    ACTION_NAME,
    CHANGED_SIDE_NAME,
    business_refusal,
    input_refusal,
)
from sandbox.model import Server, Side
from sandbox.orders import Action
from sandbox.trouble import strike
from sandbox.world import World

ORDER_KEYS = (*ACCOUNT_KEYS, "PDNO", "ORD_DVSN", "ORD_QTY", "ORD_UNPR")
CHANGE_KEYS = (
    *ACCOUNT_KEYS, "KRX_FWDG_ORD_ORGNO", "ORGN_ODNO", "ORD_DVSN", "RVSE_CNCL_DVSN_CD",
    "ORD_QTY", "ORD_UNPR", "QTY_ALL_ORD_YN",
)  # fmt: skip
NUMBER_WIDTH = 10
ORDINARY_SALE = frozenset({"", "01"})
AMEND, CANCEL = "01", "02"


def buy(world: World, call: Call) -> Answer:
    """TTTC0012U, VTTC0012U."""
    return _order(world, call, Side.BUY)


def sell(world: World, call: Call) -> Answer:
    """TTTC0011U, VTTC0011U."""
    if call.get("SLL_TYPE") not in ORDINARY_SALE:
        raise input_refusal("SLL_TYPE")
    return _order(world, call, Side.SELL)


def change(world: World, call: Call) -> Answer:
    """TTTC0013U, VTTC0013U: a new number that points to the old one."""
    kind = call["RVSE_CNCL_DVSN_CD"]
    if kind not in {AMEND, CANCEL}:
        raise input_refusal("RVSE_CNCL_DVSN_CD")
    if call["QTY_ALL_ORD_YN"] not in {"Y", "N"}:
        raise input_refusal("QTY_ALL_ORD_YN")
    qty = None if call["QTY_ALL_ORD_YN"] == "Y" else _whole(call, "ORD_QTY")
    books = world.krx.books
    old = _original(call, books.accounts[call.server])
    if kind == CANCEL:
        return _sent(world, call, books.cancel(call.server, old.no, qty, branch=old.branch))
    division = call["ORD_DVSN"]
    trigger: Decimal | None = _trigger(call)
    if not trigger and division == old.division == Division.STOP:
        # An amendment may leave the trigger as it is.
        trigger = None
    limit = Decimal(_whole(call, "ORD_UNPR"))
    amended = books.amend(call.server, old.no, qty, limit, division, trigger, branch=old.branch)
    return _sent(world, call, amended)


def _order(world: World, call: Call, side: Side) -> Answer:
    request = KrxOrderRequest(
        server=call.server,
        side=side,
        symbol=call["PDNO"],
        qty=_whole(call, "ORD_QTY"),
        limit=Decimal(_whole(call, "ORD_UNPR")),
        division=call["ORD_DVSN"],
        trigger=_trigger(call),
        venue=_venue(call) or KRX,
    )
    later = strike(world.faults, call, "refuse_later")
    reason = "" if later is None else later.value or "주문거부"
    return _sent(world, call, world.krx.books.place(request, refuse_later=reason))


def _sent(world: World, call: Call, result: KrxOrder | Refused) -> Answer:
    if isinstance(result, Refused):
        raise business_refusal(call.server, result.reason)
    if strike(world.faults, call, "notice_before_reply"):
        world.krx.books.settle_now(result.no)
    paper = call.server is Server.PAPER
    output = {
        "KRX_FWDG_ORD_ORGNO": result.branch,
        # Seen on paper: no leading zeros here, though everywhere else.
        "ODNO": result.no.lstrip("0") if paper else result.no,
        "ORD_TMD": kst_time(result.placed_at),
    }
    head = ("40600000", _paper_text(result)) if paper else _REAL_HEAD
    return Answer(*head, {"output": output}, order_no=result.no)


_REAL_HEAD = ("APBK0013", "주문 전송 완료 되었습니다.")


def _paper_text(order: KrxOrder) -> str:
    what = ACTION_NAME[order.action]
    if order.action is Action.NEW:
        what = CHANGED_SIDE_NAME[order.request.side]
    return f"모의투자 {what}주문이 완료 되었습니다."


def _original(call: Call, account: KrxAccount) -> KrxOrder:
    number, branch = call["ORGN_ODNO"].strip(), call["KRX_FWDG_ORD_ORGNO"].strip()
    order = account.order(kst_date(call.now), number.zfill(NUMBER_WIDTH), branch)
    if order is None:
        raise business_refusal(call.server, Reason.NO_SUCH_ORDER)
    if _venue(call) not in {"", order.request.venue}:
        raise input_refusal("EXCG_ID_DVSN_CD")
    return order


def _venue(call: Call) -> str:
    venue = call.get("EXCG_ID_DVSN_CD")
    if venue not in {"", KRX, NXT, SOR}:
        raise input_refusal("EXCG_ID_DVSN_CD")
    return venue


def _whole(call: Call, key: str) -> int:
    """A number without sign or decimals; everything else is an input error."""
    text = call.get(key)
    if not (text.isascii() and text.isdigit() and len(text) <= NUMBER_WIDTH):
        raise input_refusal(key)
    return int(text)


def _trigger(call: Call) -> Decimal:
    return Decimal(_whole(call, "CNDT_PRIC")) if call.get("CNDT_PRIC") else Decimal(0)
