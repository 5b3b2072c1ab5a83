"""Alerts about the desks' days: windows and phases, the plan in the morning, the sum at the end."""

from __future__ import annotations

from datetime import datetime

from bot.format import account, digest, krx_words, numbers, report, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from engine.model.day_facts import CalendarWarning, DaySummary, Window, WindowChanged
from engine.model.digests import PeriodEnded, Stretch
from engine.model.entry_facts import DayPlanned, Phase, PhaseChanged
from engine.model.ids import DeskName
from engine.model.money import Krw, Money
from reports.digest import Digest


def window_changed(fact: WindowChanged, lang: Lang) -> str:
    """The US desk moved to another part of its day."""
    icon, desk = "🌙" if fact.window is Window.ASLEEP else "🕘", words.desk(DeskName.US, lang)
    until = None
    if fact.until is not None:
        until = lang.pick("다음 변화", "Until") + f"\n  {times.both(fact.until, lang)}"
    armed = None
    if fact.window is not Window.ASLEEP:
        armed = lang.pick(f"감시 중 {fact.armed}종목", f"{fact.armed} armed")
    return lines(f"{icon} {desk}: {words.window(fact.window, lang)}", armed, until)


def phase_changed(fact: PhaseChanged, lang: Lang) -> str:
    """The KRX desk moved to another part of its day."""
    icon = "🌙" if fact.phase is Phase.CLOSED else "🕘"
    until = None
    if fact.until is not None:
        until = lang.pick("다음 변화 ", "Until ") + times.kst(fact.until)
    desk = words.desk(DeskName.KRX, lang)
    return lines(f"{icon} {desk}: {krx_words.phase(fact.phase, lang)}", until)


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


def day_planned(fact: DayPlanned, lang: Lang) -> str:
    """Before the open: what the KRX desk will do today, and its limits."""
    hours = f"{_clock(fact.opens_at)}-{_clock(fact.closes_at)}"
    special = lang.pick(" ⚠️ 평소와 다름", " ⚠️ not the usual hours") if fact.is_special else ""
    loss = (
        lang.pick("하루 손실 한도 없음", "no daily loss limit")
        if fact.max_daily_loss is None
        else lang.pick("하루 손실 ", "daily loss ") + numbers.amount(fact.max_daily_loss, lang)
    )
    return lines(
        f"📋 {bold(lang.pick('오늘의 국내 계획', 'KRX plan of the day'))} {times.day(fact.day)}",
        lang.pick("장 ", "Session ") + f"{hours} KST{special}",
        lang.pick(
            f"진입 마감 {_clock(fact.last_entry_at)} · 전량 청산 {_clock(fact.flatten_at)}",
            f"Last entry {_clock(fact.last_entry_at)} · all sold from {_clock(fact.flatten_at)}",
        ),
        lang.pick(
            f"대상 {fact.universe:,}종목 · {fact.threshold}점부터 진입",
            f"{fact.universe:,} stocks · entries from {fact.threshold} points",
        ),
        lang.pick(
            f"한도: 매매 {fact.max_trades}회 · 보유 {fact.max_positions}종목",
            f"Limits: {fact.max_trades} trades · {fact.max_positions} positions",
        ),
        lang.pick("주문 ", "order ") + f"{numbers.amount(fact.max_order, lang)} · {loss}",
    )


def day_summary(fact: DaySummary[Money], lang: Lang, found: Digest[Money] | None = None) -> str:
    """What the day brought; ``found``: as the book has it, None where that cannot be read."""
    is_krx = isinstance(fact.gross_gain, Krw)
    desk = words.desk(DeskName.KRX if is_krx else DeskName.US, lang)
    traded = lang.pick(f"매도 {fact.sales}건", f"{fact.sales} sales")
    if is_krx:
        traded = lang.pick(f"진입 {fact.entries}건 · ", f"{fact.entries} entries · ") + traded
    if found is None:
        sums = _sums(fact, lang)
    elif found.report.executions:
        sums = _counted(found, fact, lang)
    else:
        sums = (*_sums(fact, lang), digest.missed(found, lang))
    return lines(
        f"📊 {bold(desk + lang.pick(' 하루 요약', ' day summary'))} {fact.day:%m-%d}"
        f" ({'KST' if is_krx else 'ET'})",
        traded,
        *sums,
        digest.held_back([(one.gate, one.pct) for one in fact.held_back], lang),
        None if is_krx else account.rate(fact.fx, lang),
        lang.pick(
            f"남은 포지션 {fact.open_positions}, 호출 {fact.used_calls:,}회",
            f"Positions left {fact.open_positions}, calls {fact.used_calls:,}",
        ),
    )


def period_ended(fact: PeriodEnded, lang: Lang) -> str:
    """A week or month whose book cannot be read any more."""
    name = (
        lang.pick("한 주", "Week") if fact.stretch is Stretch.WEEK else lang.pick("한 달", "Month")
    )
    return lang.pick(
        f"🗓 {name} 결산 {times.day(fact.first)} – {times.day(fact.last)}: 장부를 읽지 못했습니다.",
        f"🗓 {name} {times.day(fact.first)} – {times.day(fact.last)}: the book cannot be read.",
    )


def _sums(fact: DaySummary[Money], lang: Lang) -> tuple[str | None, ...]:
    """The desk's own figures: it knows what selling cost."""
    net, tax = fact.gross_gain - fact.fees, None
    name = lang.pick("순손익(매도 비용 후)", "Net of sale costs")
    if fact.tax is not None:
        net -= fact.tax
        name = lang.pick("순손익(매도 비용·세금 후)", "Net of sale costs and tax")
        tax = lang.pick("세금(추정) ", "Tax (estimated) ") + numbers.amount(fact.tax, lang)
    return (
        f"{numbers.mark(net)} {name} {numbers.signed(net, lang)}"
        + numbers.in_won(net, fact.fx, lang, signed=True),
        lang.pick("비용 전 ", "Gross ")
        + numbers.signed(fact.gross_gain, lang)
        + lang.pick(", 비용(추정) ", ", costs (estimated) ")
        + numbers.amount(fact.fees, lang),
        tax,
    )


def _counted(found: Digest[Money], fact: DaySummary[Money], lang: Lang) -> tuple[str | None, ...]:
    """The report's figures, net of both ways, and what a digest adds."""
    net, *others = report.result(found.report, lang)
    won = numbers.in_won(found.report.result.net, fact.fx, lang, signed=True)
    return (f"{net}{won}", *others, *digest.more(found, lang))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(times.KST):%H:%M}"
