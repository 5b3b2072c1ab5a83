"""/stop and /pause as text: what would be stopped, and what is in force after it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format import desks, numbers, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.positions import more, title
from bot.format.status import latch_lines
from engine.model.ids import DeskName, DeskState
from engine.model.status import StatusView

_MAX_ROWS = 12
_WISHED = {"entries": DeskState.EXITS_ONLY, "engines": DeskState.HALTED}


def menu(view: StatusView, lang: Lang) -> str:
    """What /stop can stop; state and positions are named first."""
    entries = lang.pick("· 신규만: 청산은 계속 (청산만)", "· Entries: exits go on (exits only)")
    if _are_halted(view):
        entries = lang.pick(
            "· 신규만: 이미 정지라 바뀌지 않음", "· Entries: halted already, changes nothing"
        )
    return lines(
        bold(lang.pick("무엇을 멈출까요?", "Stop what?")),
        *_now(view, lang),
        _held(view, lang),
        entries,
        lang.pick(
            "· 엔진: 매도 감시도 멈춤 (정지)", "· Engines: exits are not watched either (halted)"
        ),
        lang.pick("· 프로그램: 종료", "· Program: ends"),
        f"  {_next_start(view, lang)}",
        bold(lang.pick("누를 때까지는 멈추지 않습니다.", "Nothing stops until you press.")),
    )


def ask_program(view: StatusView, lang: Lang) -> str:
    """One confirmation before the process ends."""
    return lines(
        bold(lang.pick("프로그램을 끝낼까요?", "End the program?")),
        _held(view, lang),
        lang.pick("끝나면 아무것도 감시하지 않습니다.", "Nothing is watched then."),
        _next_start(view, lang),
    )


def stopped(kind: str, view: StatusView, lang: Lang) -> str:
    """What is in force after a stop of entries, engines or program.

    ``view`` may not show it yet, but a stop only tightens.
    """
    wished = _WISHED.get(kind)
    if wished is None:
        return lang.pick("⏹ 프로그램을 끝내는 중입니다.", "⏹ The program is ending.")
    running = desks.running(view)
    if not running:
        return _in_force(wished, lang, is_seen=False)
    states = {name: max(wished, desk.state, key=_rank) for name, desk in running}
    if len(set(states.values())) == 1:
        return _in_force(next(iter(states.values())), lang)
    return lines(
        *(f"{words.desk(name, lang)}: {_in_force(one, lang)}" for name, one in states.items())
    )


def paused(view: StatusView, names: Sequence[DeskName], lang: Lang) -> str:
    """After /pause of these desks, from the states that came of it."""
    told = [(name, desk) for name, desk in desks.running(view) if name in names]
    if not told:
        return _in_force(DeskState.EXITS_ONLY, lang, is_seen=False)
    by_text: dict[str, list[str]] = {}
    for name, desk in told:
        text = lines(_in_force(desk.state, lang), latch_lines(desk, lang))
        by_text.setdefault(text, []).append(words.desk(name, lang))
    if len(desks.running(view)) == 1:
        return lines(*by_text)
    return lines(*(f"{'·'.join(labels)}: {text}" for text, labels in by_text.items()))


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


def _rank(state: DeskState) -> int:
    return state.rank


def _are_halted(view: StatusView) -> bool:
    running = desks.running(view)
    return bool(running) and all(desk.state is DeskState.HALTED for _name, desk in running)


def _now(view: StatusView, lang: Lang) -> tuple[str, ...]:
    running = desks.running(view)
    if len(running) == 1:
        return (lang.pick("지금: ", "Now: ") + words.state(running[0][1].state, lang),)
    return tuple(
        f"{words.desk(name, lang)}: {words.state(desk.state, lang)}" for name, desk in running
    )


def _next_start(view: StatusView, lang: Lang) -> str:
    """The user's latch survives the end of the process."""
    if any(desk.user_latch is DeskState.HALTED for _name, desk in desks.running(view)):
        return lang.pick(
            "다음 시작도 /resume까지 정지입니다.", "The next start is halted too, until /resume."
        )
    return lang.pick(
        "다음 시작은 /resume까지 청산만 합니다.", "The next start makes exits only until /resume."
    )


def _held(view: StatusView, lang: Lang) -> str | None:
    if not desks.running(view):
        return None
    rows = desks.held(view)
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
