"""Questions before something is sold, stopped or loosened, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.format import numbers, reasons, times, words
from bot.format.desks import AnyPosition, DeskView
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import more, title
from engine.model.facts import QuestionAsked, Refusal
from engine.model.ids import DeskName, DeskState, Mode, Qty
from engine.model.views import LotState, PositionView, SettingView

_MAX_ROWS = 12
_IN_FORCE = ("target", "sell_price", "execution", "existing", "safe_per_day")
_MODE_REFUSALS = {
    "not_loopback": (
        "실전은 아직 모의 서버(이 컴퓨터)에서만 켤 수 있습니다. 주소가 실제 KIS입니다.",
        "LIVE is offered on loopback addresses only for now; these are the real KIS.",
    ),
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
}


def responsibility(lang: Lang) -> str:
    """The one line /start and every LIVE confirmation carry."""
    return lang.pick(
        "투자 판단과 손실의 책임은 본인에게 있습니다.",
        "Decisions and losses are your own.",
    )


def sell(row: AnyPosition, qty: Qty | None, lang: Lang) -> str:
    """One sale by hand; ``qty`` None is all that can be sold."""
    amount = lang.pick("전량", "all") if qty is None else numbers.shares(qty, lang)
    held = numbers.shares(row.qty, lang)
    gain = "-" if row.gain_pct is None else numbers.pct(row.gain_pct)
    last = "-" if row.last_price is None else numbers.price(row.last_price, lang)
    return lines(
        lang.pick(
            f"{title(row.symbol, row.name)} {bold(amount)} 팔까요?",
            f"Sell {bold(amount)} of {title(row.symbol, row.name)}?",
        ),
        lang.pick(f"보유 {held}, 현재가 {last}", f"Held {held}, last {last}"),
        f"{numbers.mark(row.gain_pct)} {gain}",
        lang.pick("지정가로 바로 팔리도록 냅니다.", "As a limit order that can trade at once."),
    )


def sell_after_all(question: QuestionAsked, row: PositionView, now: datetime, lang: Lang) -> str:
    """[팔기] under an old question: what was asked, and what is seen now."""
    last = lang.pick("모름", "unknown")
    if row.last_price is not None:
        last = f"{numbers.price(row.last_price, lang)} ({times.age(row.priced_at, now, lang)})"
    gain = "-" if row.gain_pct is None else numbers.pct(row.gain_pct)
    return lines(
        lang.pick(
            f"{title(row.symbol, row.name)} {bold('지금 팔까요?')}",
            f"{bold('Sell now?')} {title(row.symbol, row.name)}",
        ),
        words.question(question.kind, lang),
        lang.pick("물은 지 오래됐습니다. 지금 값:", "That was asked a while ago. Now:"),
        lang.pick(f"현재가 {last}", f"Last {last}"),
        lang.pick("평균 ", "Cost ")
        + f"{numbers.usd(row.avg_cost)} · {numbers.mark(row.gain_pct)} {gain}",
        lang.pick(
            "취소해도 질문은 /positions에 남습니다.", "Cancelled, it stays open in /positions."
        ),
    )


def sell_all(rows: Sequence[AnyPosition], excluded: int, lang: Lang) -> str:
    """Everything the desk does not leave alone."""
    left = None
    if excluded:
        left = lang.pick(
            f"제외된 {excluded}개 종목은 팔지 않습니다.", f"{excluded} excluded are left alone."
        )
    return lines(
        bold(lang.pick(f"{len(rows)}개 종목을 모두 팔까요?", f"Sell all {len(rows)} positions?")),
        *(
            f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)}"
            f" {numbers.shares(row.qty, lang)}"
            for row in rows[:_MAX_ROWS]
        ),
        more(len(rows), _MAX_ROWS, lang),
        left,
    )


def which_symbol(text: str, lang: Lang) -> str:
    """Several symbols fit what was typed."""
    return lang.pick("여러 종목이 있습니다: ", "Several match: ") + foreign(text)


def pick_to_sell(lang: Lang) -> str:
    """/sell without a symbol."""
    return lang.pick("어느 종목을 팔까요? (다시 한 번 묻습니다)", "Sell which? (asks once more)")


def pick_to_cancel(lang: Lang) -> str:
    """/cancel without an order."""
    return lang.pick("어느 주문을 취소할까요?", "Cancel which order?")


def mode_change(
    desk: DeskName,
    current: Mode,
    mode: Mode,
    settings: Sequence[SettingView],
    valid_s: int,
    lang: Lang,
) -> str:
    """What will be in force after the switch; LIVE carries the responsibility line."""
    is_live = mode is Mode.LIVE
    return lines(
        bold(
            lang.pick(
                f"{words.desk(desk, lang)} 모드를 바꿀까요?",
                f"Switch the {words.desk(desk, lang)} mode?",
            )
        ),
        f"{words.mode(current, lang)} → {bold(words.mode(mode, lang))}",
        lang.pick("⚠️ 실제 돈으로 주문합니다.", "⚠️ Orders will move real money.")
        if is_live
        else None,
        lang.pick("적용될 값:", "In force then:"),
        *(
            f"· {foreign(row.key)} = {foreign(row.value, 40)}"
            for row in settings
            if row.settable and row.key.rpartition(".")[2].startswith(_IN_FORCE)
        ),
        lang.pick("장부는 모드마다 따로입니다.", "Every mode has its own book."),
        lang.pick(f"{valid_s}초 안에 한 번만 누를 수 있습니다.", f"Valid for {valid_s} s, once."),
        responsibility(lang) if is_live else None,
    )


def mode_refused(reason: str, lang: Lang) -> str:
    """Why the mode may not be switched."""
    pair = _MODE_REFUSALS.get(reason)
    text = foreign(reason) if pair is None else lang.pick(*pair)
    return lang.pick("⚠️ 바꾸지 않았습니다: ", "⚠️ Not switched: ") + text


def mode_switched(desk: DeskName, mode: Mode, lang: Lang) -> str:
    """The new mode is in force."""
    return f"✅ {words.desk(desk, lang)}: {words.mode(mode, lang)}"


def resume(desks: Sequence[tuple[DeskName, DeskView]], lang: Lang) -> str:
    """Release the user's latch of these desks?"""
    blocks = (
        lines(
            f"{words.desk(name, lang)}: {lang.pick('직접 멈춤', 'stopped by you')}, "
            + words.state(desk.user_latch, lang),
            guard_still(desk, lang),
        )
        for name, desk in desks
    )
    return lines(bold(lang.pick("다시 시작할까요?", "Resume?")), *blocks)


def guard_still(desk: DeskView, lang: Lang) -> str | None:
    """The guard's latch with its cause; None when it is not set."""
    if desk.guard_latch is DeskState.RUNNING:
        return None
    return lines(
        lang.pick("🛡 가드가 걸려 있습니다: ", "🛡 A guard holds: ")
        + words.state(desk.guard_latch, lang),
        lang.pick("원인: ", "Cause: ") + reasons.causes(desk.guard_reason, lang),
        lang.pick(
            "/resume은 직접 멈춤만 풉니다.\n가드는 따로 풉니다.",
            "/resume releases your own stop only.\nThe guard has its own button.",
        ),
    )


def release_guard(name: DeskName, desk: DeskView, lang: Lang) -> str:
    """Release the guard's latch?"""
    return lines(
        bold(
            lang.pick(
                f"{words.desk(name, lang)} 가드를 풀까요?",
                f"Release the {words.desk(name, lang)} guard?",
            )
        ),
        lang.pick("원인: ", "Cause: ") + reasons.causes(desk.guard_reason, lang),
        lang.pick("원인이 남아 있으면 풀리지 않습니다.", "Refused while the cause still holds."),
    )


def which_desk(lang: Lang) -> str:
    """Both desks could be meant."""
    return lang.pick("어느 데스크인가요?", "Which desk?")


def outcome(what: str, refusal: Refusal | None, lang: Lang) -> str:
    """What became of a command; ``what`` is already escaped."""
    if refusal is None:
        return f"✅ {what}"
    return f"⚠️ {what}: {words.refusal(refusal, lang)}"


def is_left_alone(row: AnyPosition) -> bool:
    """Whether /sellall leaves the position alone."""
    return isinstance(row, PositionView) and row.state is LotState.EXCLUDED
