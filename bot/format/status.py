"""/status, /quota and /version as text."""

from __future__ import annotations

from decimal import Decimal

from bot.format import reasons, times, words
from bot.format.bars import bar
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from engine.model.facts import Trouble, Window
from engine.model.ids import DeskName, DeskState
from engine.model.quota import Quota
from engine.model.views import LotState, StatusView, UsDeskView

_MAX_TROUBLES = 5
STATE_MARKS = {DeskState.RUNNING: "🟢", DeskState.EXITS_ONLY: "🟡", DeskState.HALTED: "⛔"}


def status(view: StatusView, lang: Lang) -> str:
    """The whole assistant at one instant."""
    us = view.us
    desk = (
        lang.pick("미국 데스크: 꺼져 있음", "US desk: disabled")
        if us is None
        else _desk(us, view, lang)
    )
    return lines(
        bold(lang.pick("상태", "Status")),
        desk,
        quota_line(view.quota, lang),
        _stream(view, lang),
        trouble_lines(view, lang),
        lang.pick("기준 ", "As of ") + times.both(view.now, lang),
    )


def quota(value: Quota, lang: Lang) -> str:
    """Calls spent and left, with what happens at each cap."""
    left = max(0, value.safe_per_day - value.used_today)
    return lines(
        bold(lang.pick("KIS 호출 한도 (미국)", "KIS call quota (US)")),
        bar(value.used_today, value.safe_per_day),
        lang.pick(
            f"오늘 {value.used_today:,} / {value.safe_per_day:,}회 · 남음 {left:,}회",
            f"Today {value.used_today:,} of {value.safe_per_day:,} · left {left:,}",
        ),
        lang.pick(
            f"최근 1시간 {value.used_last_hour:,} / {value.safe_per_hour:,}회",
            f"Last hour {value.used_last_hour:,} of {value.safe_per_hour:,}",
        ),
        lang.pick(
            f"그 뒤 {value.daily_limit:,}회까지는 청산·취소·확인에만 씁니다.",
            f"After that, up to {value.daily_limit:,}: exits, cancels and resolving only.",
        ),
    )


def quota_line(value: Quota, lang: Lang) -> str:
    """One line for /status."""
    return lang.pick(
        f"호출: 오늘 {value.used_today:,}/{value.safe_per_day:,}, "
        f"1시간 {value.used_last_hour:,}/{value.safe_per_hour:,}",
        f"Calls: today {value.used_today:,}/{value.safe_per_day:,}, "
        f"hour {value.used_last_hour:,}/{value.safe_per_hour:,}",
    )


def version(view: StatusView, lang: Lang) -> str:
    """Version and how long it runs."""
    return lines(
        bold(f"Dolpa {foreign(view.version)}"),
        lang.pick("켜진 지 ", "Up ") + times.span(view.now - view.started_at, lang),
    )


def latch_lines(us: UsDeskView, lang: Lang) -> str | None:
    """Which latches hold the desk back; None when none does."""
    parts: list[str] = []
    if us.user_latch is not DeskState.RUNNING:
        parts.append(
            lang.pick("직접 멈춤: ", "Stopped by you: ") + words.state(us.user_latch, lang)
        )
    if us.guard_latch is not DeskState.RUNNING:
        parts.append(
            lang.pick("가드: ", "Guard: ")
            + words.state(us.guard_latch, lang)
            + f"\n  {reasons.causes(us.guard_reason, lang)}"
        )
    return "\n".join(parts) or None


def _desk(us: UsDeskView, view: StatusView, lang: Lang) -> str:
    mode = words.mode(view.modes[DeskName.US], lang)
    return lines(
        f"{STATE_MARKS[us.state]} {lang.pick('미국', 'US')} {mode}: {words.state(us.state, lang)}",
        latch_lines(us, lang),
        f"{lang.pick('구간', 'Window')}: {words.window(us.window, lang)}",
        _next_change(us, lang),
        _poll(us, lang),
        _lots(us, lang),
        lang.pick("계좌 확인: ", "Account read: ") + times.age(us.holdings_at, view.now, lang),
    )


def _next_change(us: UsDeskView, lang: Lang) -> str | None:
    if us.next_change is None:
        return None
    following = words.window(us.next_window, lang)
    return lang.pick("다음: ", "Next: ") + f"{following}\n  {times.both(us.next_change, lang)}"


def _poll(us: UsDeskView, lang: Lang) -> str | None:
    if us.window is not Window.PREMARKET or us.poll_interval_s is None:
        return None
    seconds = f"{us.poll_interval_s.quantize(Decimal('0.1')):f}"
    return lang.pick(f"조회 간격: {seconds}초", f"Polling every {seconds} s")


def _lots(us: UsDeskView, lang: Lang) -> str:
    armed = sum(lot.state in {LotState.ARMED, LotState.SELLING} for lot in us.positions)
    orders = sum(not order.state.is_final for order in us.orders)
    asked = len(us.questions)
    return lang.pick(
        f"포지션 {len(us.positions)} (감시 {armed}), 열린 주문 {orders}, 질문 {asked}",
        f"Positions {len(us.positions)} (armed {armed}), orders {orders}, asked {asked}",
    )


def _stream(view: StatusView, lang: Lang) -> str:
    if not view.stream.connected:
        return lang.pick("실시간: 연결 없음", "Stream: not connected")
    frame = view.stream.last_frame_age_s
    shown = "-" if frame is None else f"{max(0.0, frame):.0f}"
    return lang.pick(
        f"실시간: 연결됨, 등록 {view.stream.registrations}, 수신 {shown}초 전",
        f"Stream: {view.stream.registrations} registered, heard {shown} s ago",
    )


def trouble_lines(view: StatusView, lang: Lang) -> str | None:
    """What is amiss; None when nothing is."""
    parts: list[str] = []
    if view.us is not None:
        parts += [f"⚠️ {_trouble(text, lang)}" for text in view.us.troubles[:_MAX_TROUBLES]]
    if not view.journal_ok:
        parts.append(lang.pick("🚨 장부에 쓸 수 없음", "🚨 the book cannot be written"))
    if view.unresolved_orders:
        parts.append(
            lang.pick(
                f"⚠️ 결과 확인 중인 주문 {view.unresolved_orders}",
                f"⚠️ orders in doubt: {view.unresolved_orders}",
            )
        )
    return "\n".join(parts) or None


def _trouble(text: str, lang: Lang) -> str:
    if text not in set(Trouble):
        return foreign(text)
    return words.trouble(Trouble(text), lang) + lang.pick(" 문제", " trouble")
