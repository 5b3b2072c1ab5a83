"""US order calls: order (buy, sell) and order-rvsecncl (amend, cancel)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sandbox.acceptance import Refused
from sandbox.kis_codes import QUOTE_CODE, business_refusal
from sandbox.kis_wire import Answer, Call, KisRefusal, kst_time
from sandbox.model import Server, Side
from sandbox.orders import Division, Order, OrderRequest
from sandbox.trouble import strike
from sandbox.world import World

ORDER_KEYS = (
    "CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "PDNO", "ORD_QTY", "OVRS_ORD_UNPR",
    "ORD_SVR_DVSN_CD", "ORD_DVSN",
)  # fmt: skip
CHANGE_KEYS = (
    "CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "PDNO", "ORGN_ODNO", "RVSE_CNCL_DVSN_CD",
    "ORD_QTY", "OVRS_ORD_UNPR",
)  # fmt: skip
BRANCH = "01790"
QTY_WIDTH = 10
LOWEST = Decimal("0.01")
AMEND, CANCEL = "01", "02"
_SELLING = {Division.MOO, Division.MOC}


def buy(world: World, call: Call) -> Answer:
    """TTTT1002U, VTTT1002U."""
    return _order(world, call, Side.BUY)


def sell(world: World, call: Call) -> Answer:
    """TTTT1006U, VTTT1001U."""
    if call.get("SLL_TYPE") != "00":
        raise KisRefusal("OPSQ2001", "ERROR : INPUT FIELD NOT FOUND (SLL_TYPE)", rt_cd="2")
    return _order(world, call, Side.SELL)


def change(world: World, call: Call) -> Answer:
    """TTTT1004U, VTTT1004U: amend or cancel."""
    _exchange(world, call)
    kind = call["RVSE_CNCL_DVSN_CD"]
    if kind not in {AMEND, CANCEL}:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_RVSE_CNCL_DVSN_CD", rt_cd="2")
    qty = _quantity(call, zero_allowed=kind == CANCEL)
    number = call["ORGN_ODNO"].strip().zfill(QTY_WIDTH)
    original = world.books.accounts[call.server].orders.get(number)
    if original is not None and original.request.symbol != call["PDNO"]:
        original = None
    if kind == CANCEL:
        # Published clients send 0 for "all that is open".
        whole = 0 if original is None else original.open_qty
        result = world.books.cancel(call.server, number if original else "", qty or whole)
    else:
        limit = _limit(call, Division.LIMIT)
        result = world.books.amend(call.server, number if original else "", qty, limit)
    return _sent(world, call, result)


def _order(world: World, call: Call, side: Side) -> Answer:
    _exchange(world, call)
    division = _division(call, side)
    request = OrderRequest(
        server=call.server,
        side=side,
        symbol=call["PDNO"],
        qty=_quantity(call),
        limit=_limit(call, division),
        division=division,
    )
    later = strike(world.faults, call, "refuse_later")
    reason = "" if later is None else later.value or "주문거부"
    return _sent(world, call, world.books.place(request, refuse_later=reason))


def _sent(world: World, call: Call, result: Order | Refused) -> Answer:
    if isinstance(result, Refused):
        raise business_refusal(call.server, result.reason)
    if strike(world.faults, call, "notice_before_reply"):
        world.books.settle_now(result.no)
    output = {
        "KRX_FWDG_ORD_ORGNO": BRANCH,
        "ODNO": result.no,
        "ORD_TMD": kst_time(result.placed_at),
    }
    return Answer("APBK0013", "주문 전송 완료 되었습니다.", {"output": output}, order_no=result.no)


def _exchange(world: World, call: Call) -> None:
    code = call["OVRS_EXCG_CD"]
    if code not in QUOTE_CODE:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_OVRS_EXCG_CD", rt_cd="2")
    listing = world.market.listing(call["PDNO"])
    if listing is None or listing.exchange != code:
        if call.server is Server.PAPER:
            raise KisRefusal("40070000", "모의투자 주문처리가 안되었습니다(매매불가 종목)")
        raise KisRefusal("APBK0656", "해당종목정보가 없습니다.")


def _division(call: Call, side: Side) -> Division:
    code = call["ORD_DVSN"]
    allowed = set(Division) if side is Side.SELL else set(Division) - _SELLING
    if call.server is Server.PAPER:
        allowed = {Division.LIMIT}
    if code not in allowed:
        raise KisRefusal("APBK3013", "주문구분 입력오류입니다.")
    return Division(code)


def _quantity(call: Call, *, zero_allowed: bool = False) -> int:
    text = call["ORD_QTY"]
    whole = text.isascii() and text.isdigit() and len(text) <= QTY_WIDTH
    if not whole or (int(text) == 0 and not zero_allowed):
        raise KisRefusal("APBK0400", "주문수량을 확인 하십시오.")
    return int(text)


def _limit(call: Call, division: Division) -> Decimal:
    text = call["OVRS_ORD_UNPR"]
    try:
        limit = Decimal(text)
    except InvalidOperation:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_OVRS_ORD_UNPR", rt_cd="2") from None
    if not limit.is_finite() or limit < 0:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_OVRS_ORD_UNPR", rt_cd="2")
    if division in _SELLING:
        return Decimal(0)
    if limit < LOWEST:
        raise KisRefusal("APBK1507", "온라인 매매 시 0.01 USD 미만 주문은 불가합니다.")
    exponent = limit.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    if places > (2 if limit >= 1 else 4):
        raise KisRefusal("APTR0057", "주문단가의 소수점 자리수를 확인 하십시오.")
    return limit
