"""/stats: the short form of the reports, and the table of exits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.format import numbers, report, times, us_tax, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.table import table
from engine.model.ids import DeskName
from engine.model.money import Money
from engine.model.orders import OrderReason
from reports.periods import Span
from reports.report import Report
from reports.stats import Result
from reports.trades import total

_NOW = {
    Span.DAY: ("오늘", "Today"),
    Span.WEEK: ("이번 주", "This week"),
    Span.MONTH: ("이번 달", "This month"),
}


def stats(desk: DeskName, found: tuple[Report[Money], ...], lang: Lang) -> str:
    """One desk's day, week and month so far; nothing found: its book has no execution.

    A year in ``found`` is there for its tax alone.
    """
    if not found:
        return none(desk, lang)
    shown = [one for one in found if one.period.span in _NOW]
    sums = [one.result for one in shown]
    lacks = max((one.lacks_entry_fee for one in sums), default=0)
    basis = costs(lacks, lang, has_tax=any(one.tax for one in sums))
    tax = next((one.tax for one in found if one.tax is not None), None)
    return lines(
        f"📊 {bold(words.desk(desk, lang))} {lang.pick('순손익', 'Net')} ({basis})",
        *(_period(one, lang) for one in shown),
        *_missing(sums, lang),
        None if tax is None else us_tax.short(tax, lang),
    )


def reasons(found: Report[Money], lang: Lang) -> str:
    """One desk's exits by what led to them, best first."""
    title = f"📊 {bold(words.desk(found.desk, lang))} {lang.pick('청산 사유별', 'by exit')}"
    parts = list(found.by_reason.items())
    if not parts:
        return lines(title, lang.pick("끝난 거래 없음", "No trade closed"))
    net = total((part.net for _, part in parts), parts[0][1].net * 0)
    rows = [
        (
            numbers.mark(part.net),
            words.order_reason(OrderReason(name), lang),
            f"{part.wins}/{part.trades}",
            numbers.signed(part.net, lang),
        )
        for name, part in parts
    ]
    trades = sum(part.trades for _, part in parts)
    since = times.day(found.period.first)
    shown = lang.pick("사유 · 이익/거래 · 순손익", "Exit · wins/trades · net")
    return lines(
        title,
        lang.pick(f"{since}부터 거래 {trades:,}건 · ", f"{trades:,} trades since {since} · ")
        + numbers.signed(net, lang),
        f"{shown}\n{table(rows, '<<>>')}",
    )


def further(lang: Lang) -> str:
    """Where the rest is."""
    return lang.pick(
        "청산 사유별: /stats reasons · 자세히: /report month",
        "By exit: /stats reasons · In full: /report month",
    )


def costs(lacks: int, lang: Lang, *, has_tax: bool) -> str:
    """What a net figure is after; ``lacks``: sales whose buying cost nobody wrote down."""
    if lacks:
        return lang.pick("매수 비용 빼기 전", "before buying costs")
    if has_tax:
        return lang.pick("비용·세금 후", "after costs and tax")
    return lang.pick("비용 후", "after costs")


def none(desk: DeskName, lang: Lang) -> str:
    """A desk without an execution in its book."""
    return lines(
        f"📊 {bold(words.desk(desk, lang))}",
        lang.pick("장부에 아직 매매가 없습니다.", "No trades in the book yet."),
    )


def _missing(sums: Sequence[Result[Money]], lang: Lang) -> tuple[str | None, ...]:
    """What is in none of the sums: of the one in which most is missing."""
    if not sums:
        return ()
    most = replace(
        sums[0],
        lacks_entry_fee=max(one.lacks_entry_fee for one in sums),
        lacks_cost=max(one.lacks_cost for one in sums),
        apart=max(one.apart for one in sums),
    )
    return report.missing(most, lang)


def _period(found: Report[Money], lang: Lang) -> str:
    name = lang.pick(*_NOW[found.period.span])
    result, quality = found.result, found.quality
    if not result.sales:
        return f"⚪ {name} {lang.pick('매도 없음', 'no sale')}"
    closed = lang.pick("끝난 거래 없음", "none closed")
    if quality.win_rate is not None:
        rate = numbers.share(quality.win_rate)
        closed = lang.pick(
            f"거래 {quality.trades:,}건, 승률 {rate}", f"{quality.trades:,} trades, wins {rate}"
        )
    net = result.net
    return f"{numbers.mark(net)} {name} {bold(numbers.signed(net, lang))} · {closed}"
