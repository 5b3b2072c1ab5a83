"""/status and /version as text: a block for each desk, then what they share."""

from __future__ import annotations

from decimal import Decimal

from bot.format import desks, numbers, reasons, times, words
from bot.format.guards import guard_lines
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.quota import quota_line
from engine.model.day_facts import Window
from engine.model.ids import DeskName, DeskState
from engine.model.krx_views import KrxDeskView
from engine.model.state_facts import Trouble
from engine.model.status import StatusView
from engine.model.views import LotState, UsDeskView

_MAX_TROUBLES = 5


def status(view: StatusView, lang: Lang) -> str:
    """The whole assistant at one instant."""
    return lines(
        bold(lang.pick("상태", "Status")),
        *(_desk(name, view, lang) for name in (DeskName.KRX, DeskName.US)),
        "",
        quota_line(DeskName.US, view.quota, lang) if view.us is not None else None,
        quota_line(DeskName.KRX, view.krx_quota, lang) if view.krx_quota is not None else None,
        _stream(view, lang),
        trouble_lines(view, lang),
        lang.pick("기준 ", "As of ") + times.both(view.now, lang),
    )


def version(view: StatusView, lang: Lang) -> str:
    """Version and how long it runs."""
    return lines(
        bold(f"Dolpa {foreign(view.version)}"),
        lang.pick("켜진 지 ", "Up ") + times.span(view.now - view.started_at, lang),
    )


def latch_lines(desk: desks.DeskView, lang: Lang) -> str | None:
    """Which latches hold the desk back; None when none does."""
    parts: list[str] = []
    if desk.user_latch is not DeskState.RUNNING:
        parts.append(
            lang.pick("직접 멈춤: ", "Stopped by you: ") + words.state(desk.user_latch, lang)
        )
    if desk.guard_latch is not DeskState.RUNNING:
        parts.append(
            lang.pick("가드: ", "Guard: ")
            + words.state(desk.guard_latch, lang)
            + f"\n  {reasons.causes(desk.guard_reason, lang)}"
        )
        if isinstance(desk, KrxDeskView) and desk.guard_until is not None:
            parts.append(
                lang.pick("  자동 해제 ", "  ends by itself ") + times.kst(desk.guard_until)
            )
    return "\n".join(parts) or None


def trouble_lines(view: StatusView, lang: Lang) -> str | None:
    """What is amiss; None when nothing is."""
    told = dict.fromkeys(text for _name, desk in desks.running(view) for text in desk.troubles)
    parts = [f"⚠️ {_trouble(text, lang)}" for text in list(told)[:_MAX_TROUBLES]]
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


def _desk(name: DeskName, view: StatusView, lang: Lang) -> str:
    desk, label = desks.of(view, name), words.desk(name, lang)
    if desk is None:
        off = lang.pick(f"{label} 데스크: 꺼져 있음", f"{label} desk: disabled")
        return lines("", f"⚪ {off}")
    mode = words.mode(view.modes[name], lang)
    return lines(
        "",
        f"{desks.MARKS[desk.state]} {bold(label)} {mode}: {words.state(desk.state, lang)}",
        latch_lines(desk, lang),
        f"{lang.pick('지금', 'Now')}: {desks.doing(desk, lang)}",
        _next_change(desk, lang),
        *(_krx(desk, lang) if isinstance(desk, KrxDeskView) else _us(desk, lang)),
        lang.pick("계좌 확인: ", "Account read: ") + times.age(desk.holdings_at, view.now, lang),
    )


def _us(us: UsDeskView, lang: Lang) -> tuple[str | None, ...]:
    armed = sum(lot.state in {LotState.ARMED, LotState.SELLING} for lot in us.positions)
    orders = sum(not order.state.is_final for order in us.orders)
    asked = len(us.questions) + len(us.mismatches)
    return (
        _poll(us, lang),
        lang.pick(
            f"포지션 {len(us.positions)} (감시 {armed}), 열린 주문 {orders}, 질문 {asked}",
            f"Positions {len(us.positions)} (armed {armed}), orders {orders}, asked {asked}",
        ),
    )


def _krx(krx: KrxDeskView, lang: Lang) -> tuple[str | None, ...]:
    today = krx.today
    orders = sum(not order.state.is_final for order in krx.orders)
    net = today.realized + today.open_gain
    realized, open_gain = (numbers.signed(one, lang) for one in (today.realized, today.open_gain))
    index = None
    if today.index_pct is not None:
        index = lang.pick("지수 ", "Index ") + numbers.pct(today.index_pct)
    foreign_shares = None
    if krx.foreign:
        foreign_shares = lang.pick(
            f"직접 산 {len(krx.foreign)}종목은 건드리지 않음",
            f"{len(krx.foreign)} of your own left alone",
        )
    asked = len(krx.mismatches)
    question = lang.pick(f"❓ 장부와 계좌: 질문 {asked}", f"❓ Books and account: {asked} asked")
    return (
        question if asked else None,
        lang.pick(
            f"포지션 {len(krx.positions)}, 열린 주문 {orders}, "
            f"감시 {krx.watched}/{krx.universe:,}종목",
            f"Positions {len(krx.positions)}, orders {orders}, "
            f"watching {krx.watched} of {krx.universe:,}",
        ),
        lang.pick(
            f"오늘 진입 {today.entries} · 끝난 매매 {today.round_trips} (이익 {today.wins})",
            f"Today {today.entries} entries · {today.round_trips} closed ({today.wins} in profit)",
        ),
        f"{numbers.mark(net)} "
        + lang.pick(
            f"비용 후 실현 {realized} · 평가 {open_gain}",
            f"Net of costs: closed {realized} · open {open_gain}",
        ),
        index,
        foreign_shares,
        *guard_lines(krx.guards, lang),
        _small(krx, lang),
    )


def _small(krx: KrxDeskView, lang: Lang) -> str | None:
    if krx.small is None:
        return None
    most = numbers.price(krx.small.max_order, lang)
    done = f"{krx.small.round_trips}/{krx.small.of}"
    return lang.pick(
        f"소액 운용: 주문당 {most}까지, 온전한 매매 {done}",
        f"Small orders: {most} each at most, clean round trips {done}",
    )


def _next_change(desk: desks.DeskView, lang: Lang) -> str | None:
    if desk.next_change is None:
        return None
    at = (
        times.kst(desk.next_change)
        if isinstance(desk, KrxDeskView)
        else times.both(desk.next_change, lang)
    )
    return lang.pick("다음: ", "Next: ") + f"{desks.doing_next(desk, lang)}\n  {at}"


def _poll(us: UsDeskView, lang: Lang) -> str | None:
    if us.window is not Window.PREMARKET or us.poll_interval_s is None:
        return None
    seconds = f"{us.poll_interval_s.quantize(Decimal('0.1')):f}"
    return lang.pick(f"조회 간격: {seconds}초", f"Polling every {seconds} s")


def _stream(view: StatusView, lang: Lang) -> str:
    if not view.stream.connected:
        return lang.pick("실시간: 연결 없음", "Stream: not connected")
    frame = view.stream.last_frame_age_s
    shown = "-" if frame is None else f"{max(0.0, frame):.0f}"
    return lang.pick(
        f"실시간: 연결됨, 등록 {view.stream.registrations}, 수신 {shown}초 전",
        f"Stream: {view.stream.registrations} registered, heard {shown} s ago",
    )


def _trouble(text: str, lang: Lang) -> str:
    if text not in set(Trouble):
        return foreign(text)
    return words.trouble(Trouble(text), lang) + lang.pick(" 문제", " trouble")
