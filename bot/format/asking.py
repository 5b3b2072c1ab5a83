"""Questions before something is sold, stopped or loosened, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.format import numbers, reasons, times, words
from bot.format.desks import AnyPosition, DeskView
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import more, title
from engine.model.commands import Refusal
from engine.model.ids import DeskName, DeskState, Qty
from engine.model.position_facts import QuestionAsked
from engine.model.views import LotState, PositionView

_MAX_ROWS = 12


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
