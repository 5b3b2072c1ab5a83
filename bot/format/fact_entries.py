"""Alerts of the KRX desk about single stocks: why it buys, what it bought, what it holds back."""

from __future__ import annotations

from bot.format import krx_words, numbers, words
from bot.format.fact_orders import extent, terms, when
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.positions import title
from bot.format.score import in_short, points, refusal, zones
from engine.model.entry_facts import (
    EntryDecided,
    EntryFilled,
    EntryRefused,
    PositionHeld,
    SmallEnded,
    SymbolHalted,
)

_RESUMED = ("거래 재개", "trading again")


def decided(fact: EntryDecided, lang: Lang) -> str:
    """An entry was decided; what the score is made of."""
    step = lang.pick(f" · {fact.step}단계", f" · step {fact.step}")
    return lines(
        f"🎯 {title(fact.order.symbol, fact.name)} {lang.pick('매수 결정', 'entry decided')}"
        f" · {bold(points(fact.card.total, lang))}",
        terms(fact.order, lang) + step,
        zones(fact.card, lang),
        in_short(fact.card, lang),
    )


def refused(fact: EntryRefused, lang: Lang) -> str:
    """A stock reached the score and was not entered."""
    return lines(
        f"✋ {title(fact.symbol, fact.name)} {points(fact.score, lang)}"
        + lang.pick(", 사지 않음", ", not entered"),
        refusal(fact.refused, lang),
    )


def filled(fact: EntryFilled, lang: Lang) -> str:
    """Shares of an entry were executed."""
    return lines(
        f"🛒 {title(fact.order.symbol, fact.name)} {words.side(fact.order.side, lang)}"
        f" {extent(lang, is_complete=fact.is_complete)}"
        f" · {words.order_reason(fact.order.reason, lang)}",
        f"{numbers.shares(fact.fill.qty, lang)} × {numbers.price(fact.fill.price, lang)}"
        f" · {lang.pick('비용(추정)', 'costs (estimated)')} {numbers.amount(fact.fee, lang)}",
        f"{lang.pick('보유', 'Held')} {numbers.shares(fact.held_qty, lang)}"
        f" · {lang.pick('평균', 'cost')} {numbers.price(fact.avg_cost, lang)}",
        _exits(fact, lang),
        when(fact.fill.at, fact.fill.price, lang),
    )


def _exits(fact: EntryFilled, lang: Lang) -> str:
    stop = f"{lang.pick('손절', 'Stop')} {numbers.price(fact.stop_price, lang)}"
    if fact.target_price is None:
        return stop
    return f"{stop} · {lang.pick('익절', 'target')} {numbers.price(fact.target_price, lang)}"


def held(fact: PositionHeld, lang: Lang) -> str:
    """A position that the clock's rule does not sell."""
    return lines(
        f"⏸ {title(fact.symbol, fact.name)} {numbers.shares(fact.qty, lang)}"
        + lang.pick(" 계속 보유", " kept"),
        krx_words.hold(fact.reason, lang),
    )


def small_ended(fact: SmallEnded, lang: Lang) -> str:
    """Entries are of their full size from here on."""
    most = numbers.price(fact.max_order, lang)
    return lines(
        lang.pick("🟢 소액 운용 끝", "🟢 Small orders are over"),
        lang.pick(
            f"온전한 실전 매매 {fact.round_trips}회. 이제 주문당 {most}까지 삽니다.",
            f"{fact.round_trips} clean round trips. Orders are up to {most} now.",
        ),
    )


def halted(fact: SymbolHalted, lang: Lang) -> str:
    """Trading in a held stock stopped, or goes on."""
    stock = title(fact.symbol, fact.name)
    if fact.is_over:
        ended = ("VI 해제", "volatility halt over") if fact.is_volatility else _RESUMED
        return f"✅ {stock} {lang.pick(*ended)}"
    if fact.is_volatility:
        return lines(
            f"⚡ {stock} {lang.pick('VI 발동', 'volatility halt')}",
            lang.pick("2분 동안 단일가로 거래됩니다.", "Two minutes of auction."),
        )
    return lines(
        f"⛔ {stock} {lang.pick('거래 정지', 'trading halt')}",
        lang.pick("풀릴 때까지 주문하지 않습니다.", "No orders until it is over."),
    )
