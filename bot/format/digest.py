"""Digests told unasked: after a close, on Saturday, on the first of a month."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.format import krx_words, numbers, report, us_tax, words
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
        held_back(found.held_back, lang),
        _calls(found.calls, lang),
        lang.pick("자세히: ", "In full: ") + f"/report {span} {told.desk} {last.isoformat()}",
    )


def more(found: Digest[Money], lang: Lang) -> tuple[str, ...]:
    """What a digest adds to the sums: how many trades, the best, the worst, what was missed."""
    told = found.report
    rows = (
        report.trades(told.quality, lang),
        *report.extremes(told, lang),
        missed(found, lang),
        *report.missing(told.result, lang),
        None if found.tax is None else us_tax.short(found.tax, lang),
    )
    return tuple(row for row in rows if row is not None)


def held_back(entries: Sequence[tuple[Gate, Decimal | None]], lang: Lang) -> str | None:
    """What guards held back, and what buying it would have brought in per cent, by guard."""
    if not entries:
        return None
    by_gate: dict[Gate, list[Decimal | None]] = {}
    for gate, pct in entries:
        by_gate.setdefault(gate, []).append(pct)
    head = lang.pick(
        f"🛡 가드가 막은 {len(entries)}건, 사서 마감 무렵 팔았다면 (추정, 비용 후):",
        f"🛡 {len(entries)} held back by guards; bought, and sold near the close (estimate, net):",
    )
    return lines(head, *(_would_be(gate, pcts, lang) for gate, pcts in by_gate.items()))


def _would_be(gate: Gate, pcts: Sequence[Decimal | None], lang: Lang) -> str:
    known = [pct for pct in pcts if pct is not None]
    head = f" {krx_words.gate(gate, lang)} " + lang.pick(f"{len(pcts)}건: ", f"{len(pcts)}×: ")
    if not known:
        return head + lang.pick("가격 모름", "prices not known")
    up = sum(pct > 0 for pct in known)
    average = numbers.pct(sum(known, Decimal()) / len(known))
    return head + lang.pick(
        f"평균 {average} ({len(known)}건 중 {up}건 이익)",
        f"{average} on average ({up} of {len(known)} up)",
    )


def missed(found: Digest[Money], lang: Lang) -> str | None:
    """What scored and was not bought, by the gate that said no."""
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
