"""/scan, /why and /locks as text: the funnel, the best candidates, and the reasons of one stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.format import krx_words, numbers, times
from bot.format.bars import bar
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.positions import more, title
from bot.format.score import figure, in_full, points, why_not
from bot.format.table import table
from engine.model.ids import Symbol
from engine.model.krx_views import ScanView, WhyView
from engine.model.score import Bucket, Candidate

_MAX_TOP, _MAX_UNFIT, _MAX_LOCKS = 12, 6, 40
_FULL = 100
_BOUGHT = {Bucket.ORDERED, Bucket.HELD, Bucket.DONE}


def scan(view: ScanView, now: datetime, lang: Lang) -> str:
    """Where every scanned name stands, and the best candidates with their scores."""
    return lines(
        bold(lang.pick("스캔", "Scan")),
        _funnel(view, lang),
        _unfit(view, lang),
        *(_candidate(one, lang) for one in view.top[:_MAX_TOP]),
        more(len(view.top), _MAX_TOP, lang),
        _read(view, now, lang),
    )


def why_nothing(view: ScanView, now: datetime, lang: Lang) -> str:
    """/why alone: the funnel, and the last failed gate of each name that came far."""
    told = [_last_gate(one, lang) for one in view.top[:_MAX_TOP]]
    return lines(
        bold(lang.pick("왜 사지 않았나", "Why nothing was bought")),
        _funnel(view, lang),
        *(told or [lang.pick("아직 후보가 없습니다.", "No candidates yet.")]),
        more(len(view.top), _MAX_TOP, lang),
        _read(view, now, lang),
        lang.pick("한 종목: /why 종목", "One stock: /why STOCK"),
    )


def why(view: WhyView, lang: Lang) -> str:
    """Points of every stage with the values behind them; what held the stock back."""
    entered = view.entered
    card = entered or view.card
    return lines(
        f"{bold(lang.pick('왜', 'Why'))} {title(view.symbol, view.name)}",
        _standing(view, lang),
        None
        if view.refused is None
        else lang.pick("✋ 마지막 판단: ", "✋ Held back last by: ") + why_not(view.refused, lang),
        lang.pick("아직 점수가 없습니다.", "No score yet.")
        if card is None
        else lines(
            (
                lang.pick("진입 때 ", "When entered: ")
                if entered is not None
                else lang.pick("점수 ", "Score ")
            )
            + f"{bold(points(card.total, lang))} · {numbers.price(card.price, lang)}"
            + f" · {times.kst(card.at)}",
            in_full(card, lang),
        ),
        _now(view, lang),
    )


def never_seen(symbol: Symbol, name: str, lang: Lang) -> str:
    """The desk has not looked at the stock."""
    return lines(
        title(symbol, name),
        lang.pick("아직 살펴본 적이 없습니다. 목록: /scan", "Not looked at yet. List: /scan"),
    )


def locks(rows: Sequence[tuple[Symbol, str]], lang: Lang) -> str:
    """Stocks that are never entered."""
    head = bold(lang.pick("진입 금지 종목", "Locked stocks"))
    if not rows:
        return lines(head, lang.pick("없음. 예: /lock 005930", "None. Example: /lock 005930"))
    shown = (f"🔒 {title(symbol, name)}" for symbol, name in rows[:_MAX_LOCKS])
    return lines(head, *shown, more(len(rows), _MAX_LOCKS, lang))


def locked(symbol: Symbol, name: str, lang: Lang, *, is_new: bool) -> str:
    """After /lock."""
    what = title(symbol, name)
    if not is_new:
        return f"🔒 {what} " + lang.pick("이미 금지되어 있습니다.", "was locked already.")
    return lines(
        f"🔒 {what} {lang.pick('진입 금지', 'locked')}",
        lang.pick("새로 사지 않습니다. 청산은 계속합니다.", "Never entered. Exits go on."),
    )


def ask_unlock(symbol: Symbol, name: str, lang: Lang) -> str:
    """Lifting a lock loosens, so it asks."""
    what = title(symbol, name)
    return lang.pick(f"{what} 진입 금지를 풀까요?", f"Unlock {what}?")


def unlocked(symbol: Symbol, name: str, lang: Lang, *, was_locked: bool) -> str:
    """After /unlock."""
    what = title(symbol, name)
    if was_locked:
        return f"🔓 {what} {lang.pick('진입 금지 해제', 'unlocked')}"
    return f"{what} " + lang.pick("금지되어 있지 않습니다.", "is not locked.")


def _funnel(view: ScanView, lang: Lang) -> str | None:
    rows = [(krx_words.bucket(bucket, lang), f"{count:,}") for bucket, count in view.counts]
    return table(rows, "<>") if rows else None


def _unfit(view: ScanView, lang: Lang) -> str | None:
    if not view.unfit:
        return None
    most = sorted(view.unfit, key=lambda row: -row[1])[:_MAX_UNFIT]
    shown = ", ".join(f"{_detail(code, lang)} {count:,}" for code, count in most)
    return lang.pick("대상 아님: ", "Unfit: ") + shown


def _candidate(one: Candidate, lang: Lang) -> str:
    moved = "" if one.change_pct is None else f" {numbers.pct(one.change_pct)}"
    price = "" if one.price is None else f" {numbers.price(one.price, lang)}"
    total = "-" if one.card is None else figure(one.card.total)
    way = bar(0 if one.card is None else one.card.total, _FULL)
    return lines(
        f"{title(one.symbol, one.name)}{price}{moved}", f"{way} {total} · {_where(one, lang)}"
    )


def _last_gate(one: Candidate, lang: Lang) -> str:
    total = "-" if one.card is None else points(one.card.total, lang)
    return f"{title(one.symbol, one.name)} {total} · {_where(one, lang)}"


def _where(one: Candidate, lang: Lang) -> str:
    bucket = krx_words.bucket(one.bucket, lang)
    # Of a stock that was bought the gate says why there is no more of it, not why it was.
    if one.detail and one.bucket in _BOUGHT:
        return f"{bucket} · {_detail(one.detail, lang)}"
    return f"{bucket}: {_detail(one.detail, lang)}" if one.detail else bucket


def _standing(view: WhyView, lang: Lang) -> str | None:
    if view.bucket is None:
        return None
    bucket = krx_words.bucket(view.bucket, lang)
    # The refusal says it in full.
    is_told = view.refused is not None or not view.detail
    shown = bucket if is_told else f"{bucket}: {_detail(view.detail, lang)}"
    return lang.pick("지금: ", "Now: ") + shown


def _now(view: WhyView, lang: Lang) -> str | None:
    """The score of this moment beside the one that was entered with."""
    if view.entered is None or view.card is None:
        return None
    return lang.pick("지금 점수 ", "Score now ") + points(view.card.total, lang)


def _detail(code: str, lang: Lang) -> str:
    return krx_words.detail(code, lang) or foreign(code, 40)


def _read(view: ScanView, now: datetime, lang: Lang) -> str:
    return lang.pick("스캔 ", "Scanned ") + times.age(view.at, now, lang)
