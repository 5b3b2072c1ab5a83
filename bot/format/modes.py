"""The way into another mode as text: the checklist, the questions, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.format import numbers, reasons, setting_words, words
from bot.format.asking import responsibility
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import more
from engine.model.ids import DeskName, Mode
from engine.model.live import CheckItem, Finding, LiveCheck, Verdict
from engine.model.views import SettingView

_UNSET = ("", "null")
_MAX_OWN = 20
_IN_FORCE: dict[DeskName, tuple[str, ...]] = {
    DeskName.US: (
        *("target", "include_costs", "sell_price", "execution", "existing"),
        *("max_gain", "max_day_move"),
        *("safe_per_day", "us_daily_limit"),
    ),
    DeskName.KRX: (
        *("max_order", "max_loss", "max_loss_krw", "max_positions", "max_trades"),
        "krx_daily_limit",
    ),
}
_MARKS = {Verdict.WELL: "🟢", Verdict.LACKING: "🟠", Verdict.FAILED: "🔴"}
_ITEMS: dict[CheckItem, tuple[str, str]] = {
    CheckItem.TOKEN: ("접근토큰", "access token"),
    CheckItem.ACCOUNT: ("계좌 조회", "account"),
    CheckItem.CLOCK: ("시계 차이", "clock skew"),
    CheckItem.CALENDAR: ("거래일 표 남은 날", "days left in the calendar"),
    CheckItem.DATABASE: ("데이터베이스", "databases"),
    CheckItem.DISK: ("디스크 여유", "free disk"),
    CheckItem.LIMITS: ("한도 설정", "limits set"),
    CheckItem.RECONCILED: ("장부와 계좌 일치", "books agree with the account"),
    CheckItem.NO_DOUBT: ("결과를 모르는 주문", "orders in doubt"),
    CheckItem.DAYS: ("모의로 돌린 날", "days of dry run or paper"),
    CheckItem.TRADES: ("모의 매도 체결", "sales in dry run or paper"),
}
_LEAST, _MOST = ("최소", "at least"), ("최대", "at most")
_BOUNDS: dict[CheckItem, tuple[str, str]] = {
    CheckItem.CLOCK: _MOST,
    CheckItem.CALENDAR: _LEAST,
    CheckItem.DISK: _LEAST,
    CheckItem.DAYS: _LEAST,
    CheckItem.TRADES: _LEAST,
}
_REFUSALS = {
    "no_keys": ("이 모드의 KIS 키가 없습니다.", "The KIS keys of this mode are missing."),
    "already": ("이미 그 모드입니다.", "Already in that mode."),
    "order_in_flight": (
        "열린 주문이 있습니다. 끝난 뒤에 다시 하세요.",
        "An order is open. Try again when it has ended.",
    ),
    "positions_held": (
        "국내 데스크에 산 종목이 있습니다. 바꾸면 손절을 맡을 곳이 없으니 먼저 파세요 (/sellall).",
        "The KRX desk holds positions; nobody would watch their stops. Sell them first (/sellall).",
    ),
    "book_unreadable": ("그 모드의 장부를 열 수 없습니다.", "That mode's book cannot be opened."),
    "disabled": ("그 데스크는 꺼져 있습니다.", "That desk is disabled."),
    "checklist": (
        "확인하는 사이에 점검 항목이 나빠졌습니다.",
        "The checklist failed at the confirmation.",
    ),
    "called_off": (
        "확인하는 사이에 낮은 모드를 골라 취소했습니다.",
        "Called off: a lower mode was chosen meanwhile.",
    ),
    "small": (
        "연습이 모자라 소액 시작을 한 번 더 확인해야 합니다. 다시 하세요.",
        "A small beginning must be confirmed by now. Ask again.",
    ),
}


def change(
    desk: DeskName,
    current: Mode,
    mode: Mode,
    settings: Sequence[SettingView],
    valid_s: int,
    lang: Lang,
) -> str:
    """What will be in force after a switch that moves no real money."""
    return lines(
        _question(desk, lang),
        _arrow(current, mode, lang),
        *_in_force(desk, settings, lang),
        _valid(valid_s, lang),
    )


def go_live(
    desk: DeskName,
    current: Mode,
    check: LiveCheck,
    settings: Sequence[SettingView],
    valid_s: int,
    lang: Lang,
) -> str:
    """The checklist, and what will be in force; asks, once or for the first time of two."""
    return lines(
        _question(desk, lang),
        _arrow(current, Mode.LIVE, lang),
        lang.pick("⚠️ 실제 돈으로 주문합니다.", "⚠️ Orders will move real money."),
        *(_line(finding, lang) for finding in check.findings),
        *_in_force(desk, settings, lang),
        _small(check, lang) if check.is_small else None,
        _valid(valid_s, lang),
        responsibility(lang),
    )


def go_live_small(desk: DeskName, check: LiveCheck, valid_s: int, lang: Lang) -> str:
    """The second confirmation, where the practice falls short."""
    lacking = [one for one in check.findings if one.verdict is Verdict.LACKING]
    return lines(
        bold(
            lang.pick(
                f"{words.desk(desk, lang)}: 연습이 모자란 채 실전을 켭니까?",
                f"{words.desk(desk, lang)}: go live with too little practice?",
            )
        ),
        *(_line(finding, lang) for finding in lacking),
        _small(check, lang),
        _valid(valid_s, lang),
        responsibility(lang),
    )


def blocked(desk: DeskName, check: LiveCheck, lang: Lang) -> str:
    """The checklist with what fails; there is no button."""
    return lines(
        bold(
            lang.pick(
                f"{words.desk(desk, lang)}: 지금은 실전을 켤 수 없습니다.",
                f"{words.desk(desk, lang)}: LIVE is not possible now.",
            )
        ),
        *(_line(finding, lang) for finding in check.findings),
        lang.pick(
            f"🔴 항목을 고친 뒤 /mode live {desk}", f"Mend what is 🔴, then /mode live {desk}"
        ),
    )


def refused(reason: str, lang: Lang) -> str:
    """Why the mode may not be switched."""
    pair = _REFUSALS.get(reason)
    text = foreign(reason) if pair is None else lang.pick(*pair)
    return lang.pick("⚠️ 바꾸지 않았습니다: ", "⚠️ Not switched: ") + text


def switched(desk: DeskName, mode: Mode, check: LiveCheck | None, lang: Lang) -> str:
    """The new mode is in force."""
    is_small = check is not None and check.is_small
    return lines(
        f"✅ {words.desk(desk, lang)}: {words.mode(mode, lang)}",
        _small(check, lang) if check is not None and is_small else None,
    )


def _question(desk: DeskName, lang: Lang) -> str:
    name = words.desk(desk, lang)
    return bold(lang.pick(f"{name} 모드를 바꿀까요?", f"Switch the {name} mode?"))


def _arrow(current: Mode, mode: Mode, lang: Lang) -> str:
    return f"{words.mode(current, lang)} → {bold(words.mode(mode, lang))}"


def _in_force(
    desk: DeskName, settings: Sequence[SettingView], lang: Lang
) -> tuple[str | None, ...]:
    shown = {row.key: row for row in settings if row.value not in _UNSET}
    return (
        lang.pick("적용될 값:", "In force then:"),
        *(_setting(shown[key], lang) for key in _IN_FORCE[desk] if key in shown),
        *_own_targets(settings if desk is DeskName.US else (), lang),
        lang.pick("장부는 모드마다 따로입니다.", "Every mode has its own book."),
    )


def _setting(row: SettingView, lang: Lang) -> str:
    key = row.file_key or row.key
    name = setting_words.meaning(key, lang) or row.key
    value = foreign(setting_words.value(key, row.value, lang), 40)
    return f"· {foreign(name)}: {bold(value)}"


def _own_targets(settings: Sequence[SettingView], lang: Lang) -> Iterator[str | None]:
    """Stocks that are not sold at the target of all."""
    own = [row for row in settings if setting_words.own_symbol(row.key)]
    for row in own[:_MAX_OWN]:
        symbol = foreign(setting_words.own_symbol(row.key) or "")
        value = bold(foreign(setting_words.value(row.key, row.value, lang), 40))
        held = lang.pick(" (지금 보유한 주식만)", " (shares held now only)")
        only = lang.pick(f"{symbol}만 목표", f"target of {symbol} only")
        yield f"· {only}: {value}{held if row.key.startswith('held_target:') else ''}"
    yield more(len(own), _MAX_OWN, lang)


def _valid(valid_s: int, lang: Lang) -> str:
    return lang.pick(f"{valid_s}초 안에 한 번만 누를 수 있습니다.", f"Valid for {valid_s} s, once.")


def _small(check: LiveCheck, lang: Lang) -> str:
    """How a desk begins that was practised too little."""
    if check.small_order is None:
        return lang.pick(
            "🟠 소액 한도는 없음: 이 데스크는 팔기만 하고, 매도는 줄이지 않습니다.",
            "🟠 No small orders: this desk only sells, and sales are never held back.",
        )
    if not check.small_round_trips:
        return lang.pick(
            "🟠 소액 기간 없음 (live.small_round_trips = 0)",
            "🟠 Full size at once (live.small_round_trips = 0)",
        )
    most = numbers.price(check.small_order, lang)
    return lang.pick(
        f"🟠 소액으로 시작: 주문당 {most}까지, 온전한 실전 매매 {check.small_round_trips}회 동안",
        f"🟠 Small at first: {most} an order for {check.small_round_trips} clean round trips",
    )


def _line(finding: Finding, lang: Lang) -> str:
    name = lang.pick(*_ITEMS[finding.item])
    told = ", ".join(reasons.figure(part, lang) for part in finding.measured.split(", ") if part)
    bound = _BOUNDS.get(finding.item)
    limit = ""
    if told and bound is not None:
        limit = f" ({lang.pick(*bound)} {reasons.figure(finding.limit, lang)})"
    return f"{_MARKS[finding.verdict]} {name}{': ' if told else ''}{told}{limit}"
