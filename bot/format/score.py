"""The score of a stock: points by stage, broken zones, and the gate that held it back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from bot.format import krx_words, numbers, reasons, times, words
from bot.format.bars import bar
from bot.format.lang import Lang
from bot.format.markup import foreign, lines
from engine.model.entry_facts import Phase
from engine.model.ids import DeskState
from engine.model.score import DAYS, Refused, ScoreCard, Stage, StageScore, Zone

_FULL = 100
_TENTH = Decimal("0.1")
_EOK = Decimal(100_000_000)  # 억, how Korean screens count traded value


def points(total: Decimal, lang: Lang) -> str:
    """78.5점."""
    return lang.pick(f"{figure(total)}점", f"{figure(total)} points")


def figure(value: Decimal) -> str:
    """Without needless zeros: 8, 12.5."""
    return f"{value.normalize():f}"


def zones(card: ScoreCard, lang: Lang) -> str:
    """Which levels are broken, with the highest of them."""
    if not card.broken:
        return lang.pick("돌파한 구간 없음", "No zone broken")
    days = _days(card)
    named = ", ".join(krx_words.zone(zone, lang, days) for zone in card.broken)
    level = "" if card.level is None else f" ({numbers.price(card.level, lang)})"
    return lang.pick("돌파 구간: ", "Broken: ") + named + level


def in_short(card: ScoreCard, lang: Lang) -> str | None:
    """Every stage with its points in one line."""
    shown = (f"{krx_words.stage(one.stage, lang)} {_points(one)}" for one in card.stages)
    return " · ".join(shown) or None


def in_full(card: ScoreCard, lang: Lang) -> str:
    """Every stage with a bar, its points, and the values behind them."""
    present = lang.pick(
        f"자료가 있는 배점 {card.present_weight}/100",
        f"data for {card.present_weight} of 100 points",
    )
    stages = (_stage(one, card, lang) for one in card.stages)
    return lines(*stages, zones(card, lang), present)


def refusal(refused: Refused, lang: Lang) -> str:
    """The gate that holds, with what was measured and what is allowed."""
    seen, limit = (_of_gate(refused, text, lang) for text in (refused.measured, refused.limit))
    until = None
    if refused.until is not None:
        until = lang.pick("풀리는 시각 ", "Until ") + times.kst(refused.until)
    return lines(
        lang.pick("이유: ", "Reason: ") + krx_words.gate(refused.gate, lang),
        reasons.against(seen, limit, lang),
        until,
    )


def why_not(refused: Refused, lang: Lang) -> str:
    """The gate in one short line."""
    seen, limit = (_of_gate(refused, text, lang) for text in (refused.measured, refused.limit))
    figures = " / ".join(text for text in (seen, limit) if text)
    shown = krx_words.gate(refused.gate, lang) + (f" ({figures})" if figures else "")
    return shown if refused.until is None else f"{shown} · ~{times.kst(refused.until)}"


def _stage(one: StageScore, card: ScoreCard, lang: Lang) -> str:
    """What is absent left its weight to the others: their full points are more than the weight."""
    name = krx_words.stage(one.stage, lang)
    if one.points is None:
        return f"{name} n/a"
    told = " · ".join(part for part in _told(one, card, lang) if part)
    full = (Decimal(one.weight * _FULL) / max(card.present_weight, 1)).quantize(
        _TENTH, ROUND_HALF_UP
    )
    way = bar(one.points, full)
    return lines(f"{way} {name} {_points(one)}/{figure(full)}", f"  {told}" if told else None)


def _told(one: StageScore, card: ScoreCard, lang: Lang) -> tuple[str, ...]:
    """What it found, and the values behind that."""
    why = krx_words.finding(one.reason, lang) or foreign(one.reason, 40)
    if one.stage is Stage.ZONES:
        return why, *_levels(one, card, lang)
    raw = ", ".join(_value(label, text, lang) for label, text in one.raw)
    if one.stage is Stage.STRENGTH:
        measured = dict(one.raw).get("strength", "")
        if measured.replace(".", "", 1).isdecimal():
            return raw, krx_words.lead(Decimal(measured), lang), why
    return why, raw


def _levels(one: StageScore, card: ScoreCard, lang: Lang) -> tuple[str, ...]:
    """The levels above which the price is, then those it has not reached."""
    parts: dict[bool, list[str]] = {True: [], False: []}
    for name, text in one.raw:
        if name == DAYS:
            continue
        shown = _value(name, text, lang)
        if name == Zone.N_DAY_HIGH:
            label = krx_words.zone(Zone.N_DAY_HIGH, lang, _days(card))
            shown = f"{label} {reasons.figure(text, lang)}{krx_words.unit(name, lang)}"
        parts[name in card.broken].append(shown)
    above, below = (", ".join(parts[is_broken]) for is_broken in (True, False))
    return (
        lang.pick("넘음: ", "above: ") + above if above else "",
        lang.pick("못 넘음: ", "not above: ") + below if below else "",
    )


def _days(card: ScoreCard) -> str:
    """Of how many days a high is; empty in books from before that was kept."""
    told = (text for one in card.stages for name, text in one.raw if name == DAYS)
    return next((text for text in told if text.isdecimal()), "")


def _value(name: str, text: str, lang: Lang) -> str:
    label = krx_words.value_name(name, lang) or foreign(name, 24)
    if lang is Lang.KO and text.isdecimal() and Decimal(text) >= _EOK:
        return f"{label} {Decimal(text) / _EOK:,.1f}억{krx_words.unit(name, lang)}"
    return f"{label} {reasons.figure(text, lang)}{krx_words.unit(name, lang)}"


def _of_gate(refused: Refused, text: str, lang: Lang) -> str:
    """One of its two figures: a bare number gets its unit, a phase its name."""
    if not text:
        return ""
    if text in set(Phase):
        return krx_words.phase(Phase(text), lang)
    if text in set(DeskState):
        return words.state(DeskState(text), lang)
    is_bare = text.replace(".", "", 1).lstrip("-").isdecimal()
    unit = krx_words.unit(refused.gate, lang) if is_bare else ""
    return reasons.figure(text, lang) + unit


def _points(one: StageScore) -> str:
    return "n/a" if one.points is None else figure(one.points)
