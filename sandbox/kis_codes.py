"""KIS's names for things, and the texts of its business refusals."""

from __future__ import annotations

from sandbox.acceptance import Reason
from sandbox.kis_wire import KisRefusal
from sandbox.model import Server

# Keyed by order code, unless the name says otherwise.
QUOTE_CODE = {"NASD": "NAS", "NYSE": "NYS", "AMEX": "AMS"}
ORDER_CODE = {quote: order for order, quote in QUOTE_CODE.items()}
PRODUCT_TYPE = {"NASD": "512", "NYSE": "513", "AMEX": "529"}
MARKET_NAME = {"NASD": "나스닥", "NYSE": "뉴욕거래소", "AMEX": "아멕스"}
TRADE_MARKET = {"01": "NASD", "02": "NYSE", "05": "AMEX"}
SIDE_NAME = {"01": "매도", "02": "매수"}
# In a query NASD means all US exchanges; real only (kis-rest-overseas 6.3).
ALL_US = "NASD"
PAGE_KEYS = ("CTX_AREA_FK200", "CTX_AREA_NK200")
FOUND = ("KIOK0510", "조회가 완료되었습니다")
NOTHING = ("KIOK0560", "조회할 내용이 없습니다")
ACTION_NAME = {"00": "", "01": "정정", "02": "취소"}

_REAL = {
    Reason.UNKNOWN_SYMBOL: ("APBK0656", "해당종목정보가 없습니다."),
    Reason.NOT_TRADING_DAY: ("APBK1664", "해외증시 휴장일입니다. 장 운영시간이 아닙니다."),
    Reason.BEFORE_OPEN: ("APBK1664", "주문가능시간이 아닙니다. 장 운영시간이 아닙니다."),
    Reason.AFTER_CLOSE: ("APBK1664", "장이 종료되었습니다. 장 운영시간이 아닙니다."),
    Reason.NO_CASH: ("APBK0952", "주문가능금액을 초과 했습니다"),
    Reason.NO_SHARES: ("APBK1234", "주문가능수량을 초과 했습니다"),
    Reason.SELF_TRADE: ("APBK1943", "자전거래의심주문입니다. 반대 주문을 확인하십시오."),
    Reason.NO_SUCH_ORDER: ("APBK0344", "원주문번호가 존재하지 않습니다."),
    Reason.NOTHING_OPEN: ("APBK0344", "정정취소 가능수량이 없습니다."),
}
_PAPER = {
    Reason.UNKNOWN_SYMBOL: ("40070000", "모의투자 주문처리가 안되었습니다(매매불가 종목)"),
    Reason.NOT_TRADING_DAY: ("40100000", "모의투자 영업일이 아닙니다."),
    Reason.BEFORE_OPEN: ("40570000", "모의투자 장시작전 입니다."),
    Reason.AFTER_CLOSE: ("40580000", "모의투자 장종료 입니다."),
    Reason.NO_CASH: ("40250000", "모의투자 주문가능금액이 부족합니다."),
    Reason.NO_SHARES: ("40240000", "모의투자 잔고내역이 없습니다."),
    Reason.SELF_TRADE: _REAL[Reason.SELF_TRADE],
    Reason.NO_SUCH_ORDER: ("40330000", "모의투자 정정/취소할 수량이 없습니다."),
    Reason.NOTHING_OPEN: ("40330000", "모의투자 정정/취소할 수량이 없습니다."),
}


def business_refusal(server: Server, reason: Reason) -> KisRefusal:
    """How this server words the refusal; HTTP 200."""
    msg_cd, msg1 = (_REAL if server is Server.REAL else _PAPER)[reason]
    return KisRefusal(msg_cd, msg1, rt_cd="7" if msg_cd == "APBK0952" else "1")
