"""Digests told unasked: after a close, on Saturday, on the first of a month."""

from __future__ import annotations

from bot.format import krx_words, report, us_tax, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from engine.model.money import Money
from engine.model.score import Gate
from reports.digest import Digest
from reports.periods import Span

_MOST_GATES = 4
_TITLES = {
    Span.WEEK: ("주간 결산", "week in review"),
    Span.MONTH: ("월간 결산", "month in review"),
}


def period(found: Digest[Money], lang: Lang) -> str:
    """A week or a month that is over."""
    told = found.report
    span = told.period.span
    title = lang.pick(*_TITLES.get(span, ("결산", "in review")))
    first, last = told.period.first, told.period.last
    return lines(
        f"🗓 {bold(f'{words.desk(told.desk, lang)} {title}')} {told.period.label}"
        f" ({first:%m-%d} – {last:%m-%d})",
        *report.result(told, lang),
        *more(found, lang),
        _calls(found.calls, lang),
        lang.pick("자세히: ", "In full: ") + f"/report {span} {told.desk} {last.isoformat()}",
    )


def more(found: Digest[Money], lang: Lang) -> tuple[str, ...]:
    """What a digest adds to the sums: how many trades, the best, the worst, what was missed."""
    told = found.report
    rows = (
        report.trades(told.quality, lang),
        *report.extremes(told, lang),
        _missed(found, lang),
        *report.missing(told.result, lang),
        None if found.tax is None else us_tax.short(found.tax, lang),
    )
    return tuple(row for row in rows if row is not None)


def _missed(found: Digest[Money], lang: Lang) -> str | None:
    if not found.missed:
        return None
    count = sum(found.missed.values())
    named = [
        f"{krx_words.gate(Gate(gate), lang)} {times}"
        for gate, times in list(found.missed.items())[:_MOST_GATES]
        if gate in set(Gate)
    ]
    others = "…" if len(found.missed) > _MOST_GATES else ""
    head = lang.pick(
        f"점수는 됐지만 사지 않음 {count}번: ", f"Held back in spite of score {count}×: "
    )
    return head + ", ".join(named) + others


def _calls(calls: tuple[int, ...], lang: Lang) -> str | None:
    if not calls:
        return None
    total, most, days = sum(calls), max(calls), len(calls)
    return lang.pick(
        f"호출 {total:,}회 ({days}일, 하루 최대 {most:,}회)",
        f"Calls {total:,} ({days} days, at most {most:,} a day)",
    )
