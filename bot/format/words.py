"""The trader's words for the engine's states."""

from __future__ import annotations

from bot.format.lang import Lang
from engine.model.commands import Choice, Refusal
from engine.model.day_facts import Window
from engine.model.ids import DeskName, DeskState, Mode
from engine.model.mismatches import MismatchKind
from engine.model.orders import OrderReason, OrderState, Side
from engine.model.position_facts import QuestionKind
from engine.model.state_facts import Trouble
from engine.model.views import LotState

_Pairs = tuple[str, str]

_MODES: dict[Mode, _Pairs] = {
    Mode.DRY_RUN: ("모의실행", "DRY RUN"),
    Mode.PAPER: ("모의투자", "PAPER"),
    Mode.LIVE: ("실전", "LIVE"),
}
_DESKS: dict[DeskName, _Pairs] = {
    DeskName.US: ("미국", "US"),
    DeskName.KRX: ("국내", "KRX"),
}
_STATES: dict[DeskState, _Pairs] = {
    DeskState.RUNNING: ("가동", "running"),
    DeskState.EXITS_ONLY: ("청산만", "exits only"),
    DeskState.HALTED: ("정지", "halted"),
}
_WINDOWS: dict[Window, _Pairs] = {
    Window.ASLEEP: ("대기(휴식)", "asleep"),
    Window.PREMARKET: ("프리마켓 감시", "premarket watch"),
    Window.REGULAR: ("정규장 실시간 감시", "regular session watch"),
    Window.FOLLOW_UP: ("남은 주문 확인", "following open orders"),
}
_LOTS: dict[LotState, _Pairs] = {
    LotState.ARMED: ("감시 중", "armed"),
    LotState.SELLING: ("매도 주문 중", "selling"),
    LotState.ASKING: ("답 기다림", "waiting for you"),
    LotState.EXCLUDED: ("제외됨", "excluded"),
    LotState.HELD: ("보유만", "held only"),
    LotState.UNCONFIRMED: ("계좌 확인 대기, 감시 전", "not watched before an account read"),
}
_ORDERS: dict[OrderState, _Pairs] = {
    OrderState.INTENDED: ("보내는 중", "being sent"),
    OrderState.ACCEPTED: ("접수", "accepted"),
    OrderState.PARTIAL: ("일부 체결", "partly filled"),
    OrderState.UNRESOLVED: ("결과 확인 중", "outcome unknown"),
    OrderState.FILLED: ("전량 체결", "filled"),
    OrderState.CANCELLED: ("취소됨", "cancelled"),
    OrderState.REJECTED: ("거부됨", "rejected"),
    OrderState.NOT_PLACED: ("접수 안 됨", "not placed"),
}
_SIDES: dict[Side, _Pairs] = {Side.BUY: ("매수", "buy"), Side.SELL: ("매도", "sell")}
_REASONS: dict[OrderReason, _Pairs] = {
    OrderReason.TARGET: ("목표 도달", "target reached"),
    OrderReason.RESTING_TARGET: ("목표가 대기 주문", "resting at target"),
    OrderReason.MANUAL: ("직접 지시", "by your command"),
    OrderReason.REMAINDER: ("잔량 정리", "remainder"),
    OrderReason.BREAKOUT: ("돌파 진입", "breakout"),
    OrderReason.STOP_LOSS: ("손절", "stop-loss"),
    OrderReason.TAKE_PROFIT: ("익절", "take-profit"),
    OrderReason.SCALE_OUT: ("분할 익절", "scale-out"),
    OrderReason.TRAILING_STOP: ("추적손절", "trailing stop"),
    OrderReason.FAILED_BREAKOUT: ("돌파 실패", "failed breakout"),
    OrderReason.TIME_STOP: ("시간 청산", "time stop"),
    OrderReason.END_OF_DAY: ("장 마감 청산", "end of day"),
}
_TROUBLES: dict[Trouble, _Pairs] = {
    Trouble.ACCOUNT: ("계좌 조회", "account reads"),
    Trouble.STREAM: ("실시간 연결", "live stream"),
    Trouble.QUOTA: ("호출 한도", "call quota"),
    Trouble.API: ("KIS API", "KIS API"),
    Trouble.SILENCE: ("KIS 무응답", "no answer from KIS"),
    Trouble.SERVICE: ("프로그램 일부", "a part of the program"),
    Trouble.CONFLICT: ("텔레그램 중복 접속", "second program on the bot"),
    Trouble.REFUSALS: ("KIS 호출 거절", "refused calls"),
    Trouble.CLOCK: ("서버 시각", "the machine's clock"),
    Trouble.REJECTS: ("주문 거부", "refused orders"),
    Trouble.DRIFT: ("가격 이탈", "price drift"),
    Trouble.MISMATCH: ("장부 불일치", "books and broker"),
    Trouble.TRADES: ("하루 매매 횟수 한도", "trades of the day"),
    Trouble.DAILY_LOSS: ("하루 손실 한도", "daily loss"),
    Trouble.LOSS_STREAK: ("연속 손실 휴식", "loss streak"),
    Trouble.INDEX: ("지수 하락", "falling index"),
}
_CHOICES: dict[Choice, _Pairs] = {
    Choice.MANAGE: ("관리", "Manage"),
    Choice.EXCLUDE: ("제외", "Exclude"),
    Choice.SELL: ("팔기", "Sell"),
    Choice.WAIT: ("기다림", "Wait"),
    Choice.BOOK: ("봇 장부에 반영", "Take over"),
    Choice.IGNORE: ("무시", "Ignore"),
    Choice.NOT_PLACED: ("주문 없음으로 처리", "Not placed"),
    Choice.LINK: ("주문 있음", "It is there"),
}
_EFFECTS: dict[Choice, _Pairs] = {
    Choice.BOOK: ("장부를 계좌에 맞춥니다.", "The books take over the account's side."),
    Choice.IGNORE: (
        "장부는 그대로 둡니다. 계좌가 바뀌면 다시 묻습니다.",
        "The books stay. Asked again when the account changes.",
    ),
    Choice.NOT_PLACED: (
        "KIS에 없는 주문으로 끝냅니다. 다시 보내지 않습니다.",
        "Ended as not at KIS. It is never sent again.",
    ),
    Choice.LINK: ("그 번호를 봇의 주문으로 봅니다.", "That number is the bot's order."),
    Choice.SELL: (
        "장부를 맞추고 남은 수량을 팝니다.",
        "Taken over, and what is left is sold.",
    ),
}
_MISMATCHES: dict[MismatchKind, _Pairs] = {
    MismatchKind.UNKNOWN_HOLDING: ("장부에 없는 보유", "holding not in the books"),
    MismatchKind.MISSING_HOLDING: ("계좌에 없는 보유", "holding not in the account"),
    MismatchKind.DIFFERENT_QTY: ("수량이 다름", "quantities differ"),
    MismatchKind.DIFFERENT_COST: ("평균단가가 다름", "costs differ"),
    MismatchKind.UNKNOWN_ORDER: ("모르는 주문", "unknown open order"),
    MismatchKind.VANISHED_ORDER: ("주문이 목록에서 사라짐", "order vanished from the list"),
    MismatchKind.FILL_UNSEEN: ("놓친 체결", "fill not seen"),
    MismatchKind.ORDER_IN_DOUBT: ("결과를 모르는 주문", "order in doubt"),
}
_QUESTIONS: dict[QuestionKind, _Pairs] = {
    QuestionKind.EXISTING_HOLDING: (
        "시작 전부터 있던 보유입니다. 답이 있을 때까지 팔지 않습니다.",
        "Held from before the start. Not sold until you answer.",
    ),
    QuestionKind.GAIN_TOO_HIGH: (
        "평균단가보다 너무 많이 올랐습니다. 팔지 않고 묻습니다.",
        "The gain over the average cost is too high. Asking instead of selling.",
    ),
    QuestionKind.FAR_FROM_CLOSE: (
        "전일 종가와 너무 다릅니다. 팔지 않고 묻습니다.",
        "Too far from the previous close. Asking instead of selling.",
    ),
    QuestionKind.COST_CHANGED: (
        "거래 없이 평균단가가 바뀌었습니다. 팔지 않고 묻습니다.",
        "The average cost changed without a trade. Asking instead of selling.",
    ),
    QuestionKind.WRONG_CURRENCY: (
        "달러여야 할 값이 원화로 보입니다. 팔지 않고 묻습니다.",
        "Won where dollars are due. Asking instead of selling.",
    ),
}
_REFUSALS: dict[Refusal, _Pairs] = {
    Refusal.UNKNOWN_SYMBOL: ("모르는 종목입니다", "unknown symbol"),
    Refusal.NOTHING_TO_SELL: ("팔 수 있는 수량이 없습니다", "nothing to sell"),
    Refusal.MARKET_CLOSED: ("지금은 주문을 받지 않는 시간입니다", "the market takes no orders now"),
    Refusal.ORDER_IN_DOUBT: (
        "결과를 확인 중인 주문이 있어 기다려야 합니다",
        "an order is still in doubt",
    ),
    Refusal.NO_PRICE: ("믿을 수 있는 시세가 없습니다", "no price that can be trusted"),
    Refusal.UNKNOWN_ORDER: ("열려 있는 그런 주문이 없습니다", "no such open order"),
    Refusal.QUESTION_GONE: ("이미 끝난 질문입니다", "that question is closed"),
    Refusal.CAUSE_HOLDS: (
        "원인이 아직 남아 있어 풀 수 없습니다",
        "its cause still holds",
    ),
    Refusal.TRADING_HALTED: ("거래가 정지된 종목입니다", "trading in it is halted"),
    Refusal.DESK_DISABLED: ("꺼져 있는 데스크입니다", "that desk is disabled"),
    Refusal.NOT_LATCHED: ("풀 것이 없습니다", "nothing is latched"),
}


def mode(value: Mode, lang: Lang) -> str:
    """[모의실행] without the brackets."""
    return lang.pick(*_MODES[value])


def desk(value: DeskName, lang: Lang) -> str:
    """Market of a desk."""
    return lang.pick(*_DESKS[value])


def state(value: DeskState, lang: Lang) -> str:
    """What the desk may do."""
    return lang.pick(*_STATES[value])


def window(value: Window, lang: Lang) -> str:
    """What the desk does by the clock."""
    return lang.pick(*_WINDOWS[value])


def lot(value: LotState, lang: Lang) -> str:
    """What the desk does with a holding."""
    return lang.pick(*_LOTS[value])


def order_state(value: OrderState, lang: Lang) -> str:
    """Where an order stands."""
    return lang.pick(*_ORDERS[value])


def side(value: Side, lang: Lang) -> str:
    """매수 or 매도."""
    return lang.pick(*_SIDES[value])


def order_reason(value: OrderReason, lang: Lang) -> str:
    """Why an order was decided."""
    return lang.pick(*_REASONS[value])


def trouble(value: Trouble, lang: Lang) -> str:
    """What is in trouble."""
    return lang.pick(*_TROUBLES[value])


def choice(value: Choice, lang: Lang) -> str:
    """Text of a question's button."""
    return lang.pick(*_CHOICES[value])


def question(value: QuestionKind, lang: Lang) -> str:
    """Why the desk asks."""
    return lang.pick(*_QUESTIONS[value])


def refusal(value: Refusal, lang: Lang) -> str:
    """Why a command was not done."""
    return lang.pick(*_REFUSALS[value])


def effect(value: Choice, lang: Lang) -> str:
    """What the button of a disagreement does."""
    return lang.pick(*_EFFECTS[value])


def mismatch(value: MismatchKind, lang: Lang) -> str:
    """How books and account disagree."""
    return lang.pick(*_MISMATCHES[value])
