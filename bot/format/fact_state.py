"""Alerts about a desk itself: its troubles and its state; start and farewell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.format import advice, desks, reasons, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import mode_line
from engine.model.ids import DeskName, DeskState
from engine.model.krx_views import KrxDeskView
from engine.model.state_facts import QuotaWarning, StateChanged, TroubleBegan, TroubleEnded
from engine.model.status import StatusView


def trouble_began(fact: TroubleBegan, lang: Lang) -> str:
    """First failure of its kind."""
    what = words.trouble(fact.trouble, lang)
    reason = lang.pick("이유: ", "Reason: ") + reasons.say(fact.reason, lang)
    return lines(
        f"🚨 {what} {lang.pick('문제', 'trouble')}",
        reason if fact.reason else None,
        _figures(fact.measured, fact.limit, lang),
        lang.pick("복구되면 알립니다.", "You will be told when it is over."),
    )


def trouble_ended(fact: TroubleEnded, lang: Lang) -> str:
    """The same trouble is over."""
    lasted = times.span(timedelta(seconds=fact.lasted_s), lang)
    what = words.trouble(fact.trouble, lang)
    return lang.pick(f"✅ {what} 복구 ({lasted} 만에)", f"✅ {what} recovered (after {lasted})")


def quota_warning(fact: QuotaWarning, lang: Lang) -> str:
    """90 % of the safe daily cap are spent."""
    return lines(
        lang.pick("⚠️ KIS 호출 한도에 가까움", "⚠️ Close to the KIS call cap"),
        lang.pick(
            f"오늘 {fact.used:,} / {fact.cap:,}회\n한도에 닿으면 청산만 합니다.",
            f"Today {fact.used:,} of {fact.cap:,}\nAt the cap: exits only.",
        ),
    )


def state_changed(fact: StateChanged, desk: DeskName, lang: Lang) -> str:
    """The desk's state after a latch was set or released."""
    reason = until = None
    if fact.reason:
        reason = lang.pick("이유: ", "Reason: ") + reasons.say(fact.reason, lang)
    if fact.until is not None:
        until = lang.pick("자동 해제 ", "Ends by itself ") + times.kst(fact.until)
    return lines(
        f"{desks.MARKS[fact.state]} {words.desk(desk, lang)}{lang.pick(' 데스크', ' desk')}: "
        + bold(words.state(fact.state, lang)),
        reason,
        _figures(fact.measured, fact.limit, lang),
        _latches(fact, lang),
        until,
        advice.of(fact.trouble, lang) if fact.trouble is not None else None,
    )


def started(view: StatusView, lang: Lang) -> str:
    """Told at every start, with what holds the desks back."""
    shown = desks.running(view)
    return lines(
        f"▶️ Dolpa {foreign(view.version, 24)} {lang.pick('시작', 'started')}",
        mode_line(view.modes, lang),
        *(_not_open(name, lang) for name in view.modes if desks.of(view, name) is None),
        *(_held_back(desk, _label(name, shown, lang), lang) for name, desk in shown),
        *(_upcoming(desk, _label(name, shown, lang), lang) for name, desk in shown),
    )


def stopping(view: StatusView, lang: Lang) -> str:
    """The farewell; names what nobody watches any more."""
    count = len(desks.held(view))
    return lines(
        f"⏹ Dolpa {lang.pick('종료', 'stopping')}",
        lang.pick(
            f"포지션 {count}개는 지금부터 감시되지 않습니다.",
            f"{count} positions are not watched from now on.",
        )
        if count
        else None,
    )


def _label(name: DeskName, shown: Sequence[object], lang: Lang) -> str:
    """Which desk, where there are two."""
    return f"{words.desk(name, lang)} " if len(shown) > 1 else ""


def _not_open(name: DeskName, lang: Lang) -> str:
    desk = words.desk(name, lang)
    return lang.pick(
        f"⏳ {desk} 데스크가 아직 열리지 않았습니다: /status",
        f"⏳ The {desk} desk is not open yet: /status",
    )


def _held_back(desk: desks.DeskView, label: str, lang: Lang) -> str | None:
    if desk.state is DeskState.RUNNING:
        return None
    return f"{desks.MARKS[desk.state]} {label}{words.state(desk.state, lang)}: " + lang.pick(
        "재개하려면 /resume", "release with /resume"
    )


def _upcoming(desk: desks.DeskView, label: str, lang: Lang) -> str | None:
    if desk.next_change is None:
        return None
    at = (
        times.kst(desk.next_change)
        if isinstance(desk, KrxDeskView)
        else times.both(desk.next_change, lang)
    )
    following = lang.pick("다음: ", "next: " if label else "Next: ")
    return f"{label}{following}{desks.doing_next(desk, lang)}\n  {at}"


def _figures(measured: str, limit: str, lang: Lang) -> str | None:
    seen, allowed = (reasons.figure(text, lang) for text in (measured, limit))
    return reasons.against(seen, allowed, lang)


def _latches(fact: StateChanged, lang: Lang) -> str | None:
    parts = []
    if fact.user_latch is not DeskState.RUNNING:
        parts.append(lang.pick("직접 멈춤", "your stop"))
    if fact.guard_latch is not DeskState.RUNNING:
        parts.append(lang.pick("가드", "guard"))
    if not parts:
        return None
    return lang.pick("잠금: ", "Latched by: ") + ", ".join(parts)
