"""KIS's names for domestic things, and the texts of its business refusals.

Two codes are our own choice because nobody published them: real orders outside the price limits,
and order types that an auction does not take.
"""

from __future__ import annotations

from sandbox.kis_wire import KRX_PAGES, KisRefusal
from sandbox.krx.acceptance import Reason
from sandbox.krx.divisions import Division
from sandbox.krx.listings import KOSPI, KrxListing
from sandbox.model import Server, Side
from sandbox.orders import Action

PAGE_KEYS = KRX_PAGES.asked
ACCOUNT_KEYS = ("CANO", "ACNT_PRDT_CD")
SIDE_NAME = {Side.SELL: "현금매도", Side.BUY: "현금매수"}
CHANGED_SIDE_NAME = {Side.SELL: "매도", Side.BUY: "매수"}
ACTION_NAME = {Action.NEW: "", Action.AMEND: "정정", Action.CANCEL: "취소"}
# Codes of ``excg_dvsn_cd``.
EXCHANGE = {"KOSPI": "02", "KOSDAQ": "03"}
BEFORE_HOURS_EXCHANGE = "61"
DIVISION_NAME = {
    Division.LIMIT: "지정가",
    Division.MARKET: "시장가",
    Division.CONDITIONAL: "조건부지정가",
    Division.BEST: "최유리지정가",
    Division.FIRST: "최우선지정가",
    Division.BEFORE_HOURS: "장전시간외",
    Division.AFTER_HOURS: "장후시간외",
    Division.LIMIT_IOC: "IOC지정가",
    Division.LIMIT_FOK: "FOK지정가",
    Division.MARKET_IOC: "IOC시장가",
    Division.MARKET_FOK: "FOK시장가",
    Division.BEST_IOC: "IOC최유리",
    Division.BEST_FOK: "FOK최유리",
    Division.STOP: "스톱지정가",
    Division.AFTER_LIMIT: "애프터지정가",
    Division.AFTER_LIMIT_IOC: "애프터IOC지정가",
    Division.AFTER_LIMIT_FOK: "애프터FOK지정가",
    Division.AFTER_BEST: "애프터최유리",
    Division.AFTER_BEST_IOC: "애프터IOC최유리",
    Division.AFTER_BEST_FOK: "애프터FOK최유리",
    Division.AFTER_FIRST: "애프터최우선",
}
# Won a customer needs per 100 won of an order when arrears are allowed (``marg_rate``).
MARGIN_PCT = 40
FULL_MARGIN_PCT = 100

_INPUT = {
    Reason.BAD_VENUE: "EXCG_ID_DVSN_CD",
    Reason.PRICE_NOT_WANTED: "ORD_UNPR",
    Reason.NO_TRIGGER: "CNDT_PRIC",
}
_BOTH = {
    Reason.BAD_DIVISION: ("APBK3013", "주문구분 입력오류입니다."),
    Reason.IN_AUCTION: ("APBK3013", "단일가매매 중에는 접수할 수 없는 주문구분입니다."),
    Reason.BAD_QTY: ("APBK0400", "주문수량을 확인 하십시오."),
}
_REAL = _BOTH | {
    Reason.UNKNOWN_SYMBOL: ("APBK0656", "해당종목정보가 없습니다."),
    Reason.NOT_TRADING_DAY: ("APBK0919", "장운영일자가 주문일과 상이합니다."),
    Reason.BEFORE_OPEN: ("APBK0918", "장운영시간이 아닙니다.(장시작전)"),
    Reason.AFTER_CLOSE: ("APBK0918", "장운영시간이 아닙니다.(장종료)"),
    Reason.HALTED: ("APBK0066", "거래정지 종목입니다."),
    Reason.OFF_TICK: ("APBK0506", "주식주문호가단위 오류입니다."),
    Reason.OUTSIDE_BAND: ("APBK0552", "주문단가가 상하한가 범위를 벗어났습니다."),
    Reason.NO_CASH: ("APBK0952", "주문가능금액을 초과 했습니다"),
    Reason.NO_SHARES: ("APBK0400", "주문 가능한 수량을 초과했습니다."),
    Reason.NO_SUCH_ORDER: ("APBK0344", "원주문번호가 존재하지 않습니다."),
    Reason.NOTHING_OPEN: ("APBK0344", "정정취소 가능수량이 없습니다."),
    Reason.TOO_MANY: ("APBK0400", "정정취소 가능수량을 초과했습니다."),
}
_PAPER = _BOTH | {
    Reason.UNKNOWN_SYMBOL: ("40070000", "모의투자 주문처리가 안되었습니다(매매불가 종목)"),
    Reason.NOT_TRADING_DAY: ("40100000", "모의투자 영업일이 아닙니다."),
    Reason.BEFORE_OPEN: ("40570000", "모의투자 장시작전 입니다."),
    Reason.AFTER_CLOSE: ("40580000", "모의투자 장종료 입니다."),
    Reason.HALTED: ("40070000", "모의투자 주문처리가 안되었습니다(매매불가 종목)"),
    Reason.OFF_TICK: ("40030000", "모의투자 호가단위가 맞지 않습니다."),
    Reason.OUTSIDE_BAND: ("40270000", "모의투자 상/하한가를 초과하였습니다."),
    Reason.NO_CASH: ("40250000", "모의투자 주문가능금액이 부족합니다."),
    Reason.NO_SHARES: ("40240000", "모의투자 잔고내역이 없습니다."),
    Reason.NO_SUCH_ORDER: ("40330000", "모의투자 정정/취소할 수량이 없습니다."),
    Reason.NOTHING_OPEN: ("40330000", "모의투자 정정/취소할 수량이 없습니다."),
    Reason.TOO_MANY: ("40330000", "모의투자 정정/취소할 수량이 없습니다."),
}


def business_refusal(server: Server, reason: Reason) -> KisRefusal:
    """How this server words the refusal of an order; HTTP 200."""
    if reason in _INPUT:
        return input_refusal(_INPUT[reason])
    msg_cd, msg1 = (_REAL if server is Server.REAL else _PAPER)[reason]
    return KisRefusal(msg_cd, msg1, rt_cd="7" if msg_cd == "APBK0952" else "1")


def input_refusal(key: str) -> KisRefusal:
    """A parameter whose value is not one of those documented."""
    return KisRefusal("OPSQ2001", f"ERROR : INPUT INVALID_{key}", rt_cd="2")


def not_offered_on_paper() -> KisRefusal:
    """What the paper server says to its own form of a TR that it does not serve."""
    return KisRefusal("90000000", "모의투자에서는 해당업무가 제공되지 않습니다.")


def margin_pct(listing: KrxListing) -> int:
    """Per cent of an order that must be there in cash, were arrears allowed."""
    return MARGIN_PCT if listing.is_ordinary else FULL_MARGIN_PCT


def sector(listing: KrxListing) -> str:
    """``rprs_mrkt_kor_name``."""
    if listing.segment == KOSPI:
        return "KOSPI200" if listing.large else "KOSPI"
    return "KSQ150" if listing.large else "KOSDAQ"
