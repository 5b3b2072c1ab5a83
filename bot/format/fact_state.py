"""Alerts about the desk itself: its day, its troubles, its state."""

from __future__ import annotations

from datetime import timedelta

from bot.format import account, numbers, reasons, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import mode_line
from engine.model.facts import (
    CalendarWarning,
    DaySummary,
    QuotaWarning,
    StateChanged,
    TroubleBegan,
    TroubleEnded,
    Window,
    WindowChanged,
)
from engine.model.ids import DeskState
from engine.model.views import StatusView

_MARKS = {DeskState.RUNNING: "🟢", DeskState.EXITS_ONLY: "🟡", DeskState.HALTED: "⛔"}


def window_changed(fact: WindowChanged, lang: Lang) -> str:
    """The desk moved to another part of its day."""
    icon = "🌙" if fact.window is Window.ASLEEP else "🕘"
    until = None
    if fact.until is not None:
        until = lang.pick("다음 변화", "Until") + f"\n  {times.both(fact.until, lang)}"
    armed = None
    if fact.window is not Window.ASLEEP:
        armed = lang.pick(f"감시 중 {fact.armed}종목", f"{fact.armed} armed")
    return lines(f"{icon} {words.window(fact.window, lang)}", armed, until)


def calendar_warning(fact: CalendarWarning, lang: Lang) -> str:
    """The session table ends soon, or does not cover today."""
    last = times.day(fact.last_date)
    if fact.days_left <= 0:
        return lang.pick(
            f"🚨 거래일 표가 끝났습니다 ({last})\n새 감시는 하지 않습니다. 업데이트하세요.",
            f"🚨 The session table ended ({last})\nNothing new is armed. Update.",
        )
    return lang.pick(
        f"📅 거래일 표 {fact.days_left}일 남음 ({last})\n끝나기 전에 업데이트하세요.",
        f"📅 The session table ends in {fact.days_left} days\nUpdate before {last}.",
    )


def trouble_began(fact: TroubleBegan, lang: Lang) -> str:
    """First failure of its kind."""
    return lines(
        f"🚨 {words.trouble(fact.trouble, lang)} {lang.pick('문제', 'trouble')}",
        lang.pick("이유: ", "Reason: ") + reasons.say(fact.reason, lang),
        figures(fact.measured, fact.limit, lang),
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


def state_changed(fact: StateChanged, lang: Lang) -> str:
    """The desk's state after a latch was set or released."""
    reason = None
    if fact.reason:
        reason = lang.pick("이유: ", "Reason: ") + reasons.say(fact.reason, lang)
    return lines(
        f"{_MARKS[fact.state]} {lang.pick('미국 데스크', 'US desk')}: "
        + bold(words.state(fact.state, lang)),
        reason,
        figures(fact.measured, fact.limit, lang),
        _latches(fact, lang),
    )


def day_summary(fact: DaySummary, lang: Lang) -> str:
    """What the day brought."""
    net = fact.gross_gain - fact.fees
    return lines(
        f"📊 {bold(lang.pick('하루 요약', 'Day summary'))} {times.day(fact.day)} (ET)",
        lang.pick(f"매도 {fact.sales}건", f"{fact.sales} sales"),
        f"{numbers.mark(net)} {lang.pick('순손익(매도 비용 후)', 'Net of sale costs')}"
        f" {numbers.signed_usd(net)}" + numbers.in_won(net, fact.fx, lang, signed=True),
        lang.pick("비용 전 ", "Gross ")
        + numbers.signed_usd(fact.gross_gain)
        + lang.pick(", 비용(추정) ", ", costs (estimated) ")
        + numbers.cents(fact.fees),
        account.rate(fact.fx, lang),
        lang.pick(
            f"남은 포지션 {fact.open_positions}, 호출 {fact.used_calls:,}회",
            f"Positions left {fact.open_positions}, calls {fact.used_calls:,}",
        ),
    )


def started(view: StatusView, lang: Lang) -> str:
    """Told at every start, with what holds the desk back."""
    us = view.us
    held_back = None
    if us is not None and us.state is not DeskState.RUNNING:
        held_back = f"{_MARKS[us.state]} {words.state(us.state, lang)}: " + lang.pick(
            "재개하려면 /resume", "release with /resume"
        )
    upcoming = None
    if us is not None and us.next_change is not None:
        upcoming = (
            lang.pick("다음: ", "Next: ")
            + f"{words.window(us.next_window, lang)}\n  {times.both(us.next_change, lang)}"
        )
    return lines(
        f"▶️ Dolpa {foreign(view.version, 24)} {lang.pick('시작', 'started')}",
        mode_line(view.modes, lang),
        held_back,
        upcoming,
    )


def stopping(view: StatusView, lang: Lang) -> str:
    """The farewell; names what nobody watches any more."""
    count = 0 if view.us is None else len(view.us.positions)
    return lines(
        f"⏹ Dolpa {lang.pick('종료', 'stopping')}",
        lang.pick(
            f"포지션 {count}개는 지금부터 감시되지 않습니다.",
            f"{count} positions are not watched from now on.",
        )
        if count
        else None,
    )


def figures(measured: str, limit: str, lang: Lang) -> str | None:
    """Measured value against its limit, where there are such figures."""
    if not measured and not limit:
        return None
    seen, allowed = (reasons.figure(text, lang) or "-" for text in (measured, limit))
    return lang.pick(f"측정 {seen} · 한도 {allowed}", f"Measured {seen} · limit {allowed}")


def _latches(fact: StateChanged, lang: Lang) -> str | None:
    parts = []
    if fact.user_latch is not DeskState.RUNNING:
        parts.append(lang.pick("직접 멈춤", "your stop"))
    if fact.guard_latch is not DeskState.RUNNING:
        parts.append(lang.pick("가드", "guard"))
    if not parts:
        return None
    return lang.pick("잠금: ", "Latched by: ") + ", ".join(parts)
