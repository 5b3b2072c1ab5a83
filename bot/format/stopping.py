"""/stop and /pause as text: what would be stopped, and what is in force after it."""

from __future__ import annotations

from bot.format import numbers, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.positions import more, title
from bot.format.status import latch_lines
from engine.model.ids import DeskState
from engine.model.views import UsDeskView

_MAX_ROWS = 12
_WISHED = {"entries": DeskState.EXITS_ONLY, "engines": DeskState.HALTED}


def menu(us: UsDeskView | None, lang: Lang) -> str:
    """What /stop can stop; state and positions are named first."""
    entries = lang.pick("· 신규만: 청산은 계속 (청산만)", "· Entries: exits go on (exits only)")
    if _is_halted(us):
        entries = lang.pick(
            "· 신규만: 이미 정지라 바뀌지 않음", "· Entries: halted already, changes nothing"
        )
    return lines(
        bold(lang.pick("무엇을 멈출까요?", "Stop what?")),
        _now(us, lang),
        _held(us, lang),
        entries,
        lang.pick(
            "· 엔진: 매도 감시도 멈춤 (정지)", "· Engines: exits are not watched either (halted)"
        ),
        lang.pick("· 프로그램: 종료", "· Program: ends"),
        f"  {_next_start(us, lang)}",
    )


def ask_program(us: UsDeskView | None, lang: Lang) -> str:
    """One confirmation before the process ends."""
    return lines(
        bold(lang.pick("프로그램을 끝낼까요?", "End the program?")),
        _held(us, lang),
        lang.pick("끝나면 아무것도 감시하지 않습니다.", "Nothing is watched then."),
        _next_start(us, lang),
    )


def stopped(kind: str, us: UsDeskView | None, lang: Lang) -> str:
    """What is in force after a stop of entries, engines or program.

    ``us`` may not show it yet, but a stop only tightens.
    """
    wished = _WISHED.get(kind)
    if wished is None:
        return lang.pick("⏹ 프로그램을 끝내는 중입니다.", "⏹ The program is ending.")
    if us is None:
        return _in_force(wished, lang, is_seen=False)
    return _in_force(max(wished, us.state, key=lambda state: state.rank), lang)


def paused(us: UsDeskView | None, lang: Lang) -> str:
    """After /pause, from the state that came of it."""
    if us is None:
        return _in_force(DeskState.EXITS_ONLY, lang, is_seen=False)
    return lines(_in_force(us.state, lang), latch_lines(us, lang))


def _in_force(state: DeskState, lang: Lang, *, is_seen: bool = True) -> str:
    """The state with its consequence; without the latter where the desk is not seen."""
    resume = lang.pick("재개: /resume", "Resume: /resume")
    if state is DeskState.HALTED:
        halted = lang.pick(
            "⛔ 엔진 정지. 청산도 하지 않습니다.", "⛔ Engines halted. No exits either."
        )
        return lines(halted, resume)
    exits = lang.pick("감시 중인 포지션의 청산은 계속합니다.", "Exits of armed positions go on.")
    entries = lang.pick("🟡 신규 중단.", "🟡 Entries stopped.")
    return lines(entries, exits if is_seen else None, resume)


def _is_halted(us: UsDeskView | None) -> bool:
    return us is not None and us.state is DeskState.HALTED


def _now(us: UsDeskView | None, lang: Lang) -> str | None:
    if us is None:
        return None
    return lang.pick("지금: ", "Now: ") + words.state(us.state, lang)


def _next_start(us: UsDeskView | None, lang: Lang) -> str:
    """The user's latch survives the end of the process."""
    if us is not None and us.user_latch is DeskState.HALTED:
        return lang.pick(
            "다음 시작도 /resume까지 정지입니다.", "The next start is halted too, until /resume."
        )
    return lang.pick(
        "다음 시작은 /resume까지 청산만 합니다.", "The next start makes exits only until /resume."
    )


def _held(us: UsDeskView | None, lang: Lang) -> str | None:
    if us is None:
        return None
    rows = us.positions
    if not rows:
        return lang.pick("포지션 없음", "No positions")
    return lines(
        lang.pick(f"포지션 {len(rows)}개", f"Positions: {len(rows)}"),
        *(
            f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)}"
            f" {numbers.shares(row.qty, lang)}"
            for row in rows[:_MAX_ROWS]
        ),
        more(len(rows), _MAX_ROWS, lang),
    )
