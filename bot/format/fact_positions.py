"""Alerts about holdings: buys seen, questions, breaks, mismatches."""

from __future__ import annotations

from bot.format import numbers, reasons, words
from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines
from bot.format.positions import title
from engine.model.mismatches import MismatchAsked, MismatchSeen
from engine.model.position_facts import (
    BuySeen,
    HoldingAdopted,
    HoldingExcluded,
    PriceBreak,
    QuestionAsked,
    QuestionClosed,
    QuestionKind,
    QuoteStale,
)


def buy_seen(fact: BuySeen, lang: Lang) -> str:
    """A buy made elsewhere is watched now."""
    return lines(
        f"🛒 {title(fact.symbol, fact.name)} {numbers.shares(fact.qty, lang)}"
        + lang.pick(" 매수 확인", " bought"),
        lang.pick("평균 ", "Cost ")
        + numbers.usd(fact.avg_cost)
        + lang.pick(" · 보유 ", " · held ")
        + numbers.shares(fact.total_qty, lang),
        lang.pick("목표 ", "Target ")
        + f"{numbers.usd(fact.target_price)} ({numbers.pct(fact.target_pct)})",
    )


def excluded(fact: HoldingExcluded, name: str, lang: Lang) -> str:
    """Shares that are left alone."""
    why = (
        lang.pick("선택하신 대로 팔지 않습니다.", "Not sold, as you chose.")
        if fact.by_user
        else lang.pick(
            "팔지 않습니다 (설정, 또는 원가·거래소 미확인).",
            "Not sold (the setting, or cost or exchange unknown).",
        )
    )
    what = f"{title(fact.symbol, name)} {numbers.shares(fact.qty, lang)}"
    return lines(f"➖ {what} {lang.pick('제외', 'excluded')}", why)


def adopted(fact: HoldingAdopted, name: str, lang: Lang) -> str:
    """Shares from before the start that are watched now."""
    return lines(
        f"➕ {title(fact.symbol, name)} {numbers.shares(fact.qty, lang)}"
        + lang.pick(" 관리 시작", " is managed now"),
        lang.pick("평균 ", "Cost ")
        + numbers.usd(fact.avg_cost)
        + lang.pick(" · 목표 ", " · target ")
        + numbers.usd(fact.target_price),
    )


def question(fact: QuestionAsked, lang: Lang) -> str:
    """The desk waits for the trader; both figures are shown."""
    gain = None
    if fact.gain_pct is not None:
        gain = f"{numbers.mark(fact.gain_pct)} {numbers.pct(fact.gain_pct)}"
    return lines(
        f"❓ {title(fact.symbol, fact.name)} {numbers.shares(fact.qty, lang)}",
        words.question(fact.kind, lang),
        lang.pick("평균 ", "Cost ") + numbers.usd(fact.avg_cost),
        _figures(fact, lang),
        gain,
    )


def question_closed(fact: QuestionClosed, name: str, lang: Lang) -> str:
    """Answered, or no longer of interest."""
    symbol = title(fact.symbol, name)
    if fact.choice is None:
        return f"✔️ {symbol} " + lang.pick(
            "질문이 필요 없어졌습니다.", "the question is no longer needed."
        )
    return f"✔️ {symbol} " + lang.pick("답: ", "answer: ") + words.choice(fact.choice, lang)


def price_break(fact: PriceBreak, name: str, lang: Lang) -> str:
    """The price level jumped as a split would make it."""
    return lines(
        f"🚨 {title(fact.symbol, name)} {lang.pick('가격 단절', 'price break')}",
        f"{numbers.usd(fact.before)} → {numbers.usd(fact.after)}",
        lang.pick(
            "액면분할 같은 변화로 보여 팔지 않습니다.\n수량과 단가를 확인하세요.",
            "It looks like a split: nothing is sold.\nCheck quantity and cost.",
        ),
    )


def quote_stale(fact: QuoteStale, name: str, lang: Lang) -> str:
    """A price source cannot be trusted today."""
    seconds = f"{fact.interval_s.normalize():f}"
    return lines(
        f"🕸 {title(fact.symbol, name)} {lang.pick('시세가 멈춰 있음', 'stale quotes')}",
        lang.pick(
            f"오늘은 다른 조회로 봅니다. 간격 약 {seconds}초.",
            f"Another call is used today, about every {seconds} s.",
        ),
    )


def mismatch(fact: MismatchSeen, name: str, lang: Lang) -> str:
    """Books and broker disagree."""
    return lines(
        f"🚨 {title(fact.symbol, name)}"
        + lang.pick(" 장부와 계좌가 다름", " books and account disagree"),
        lang.pick("장부: ", "Books: ") + reasons.say(fact.books, lang),
        lang.pick("계좌: ", "Account: ") + reasons.say(fact.broker, lang),
    )


def mismatch_asked(fact: MismatchAsked, lang: Lang) -> str:
    """Both sides, and what each answer would do."""
    listed = None
    if fact.candidates:
        found = ", ".join(f"#{number}" for number in fact.candidates)
        listed = lang.pick("주문 목록: ", "Listed: ") + code(foreign(found, 80))
    return lines(
        f"❓ {title(fact.symbol, fact.name)} {words.mismatch(fact.kind, lang)}",
        lang.pick("장부: ", "Books: ") + reasons.say(fact.books, lang),
        lang.pick("계좌: ", "Account: ") + reasons.say(fact.broker, lang),
        listed,
        *(f"[{words.choice(one, lang)}] {words.effect(one, lang)}" for one in fact.choices),
    )


def _figures(fact: QuestionAsked, lang: Lang) -> str | None:
    if fact.seen is None and fact.expected is None:
        return None
    seen = "-" if fact.seen is None else numbers.usd(fact.seen)
    expected = "-" if fact.expected is None else numbers.usd(fact.expected)
    if fact.kind is QuestionKind.EXISTING_HOLDING:
        return lang.pick(f"현재가 {seen} · 목표 {expected}", f"Last {seen} · target {expected}")
    return lang.pick(f"보이는 값 {seen} · 기준 {expected}", f"Seen {seen} · expected {expected}")
