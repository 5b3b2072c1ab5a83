"""Words on the picture of a trade."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.format import krx_words, score, words
from bot.format.lang import Lang
from engine.model.orders import OrderReason
from engine.model.score import Zone


def reason(value: OrderReason | None, lang: Lang) -> str:
    """Why the last of it was sold."""
    return (
        lang.pick("이유 없음", "no reason kept")
        if value is None
        else words.order_reason(value, lang)
    )


def level(zones: Sequence[Zone], days: int | None, lang: Lang) -> str:
    """What the line is that was broken."""
    shown = "" if days is None else str(days)
    return ", ".join(krx_words.zone(zone, lang, shown) for zone in zones)


def bought(lang: Lang) -> str:
    """What the line is at the average cost."""
    return lang.pick("평균 매수가", "average cost")


def facts(points: int | None, by_hand: int, lang: Lang) -> tuple[str, ...]:
    """Remarks beside the reason: the score of the entry, shares that are in no figure."""
    found = []
    if points is not None:
        found.append(lang.pick("진입 점수 ", "entry score ") + score.points(Decimal(points), lang))
    if by_hand:
        found.append(
            lang.pick(f"직접 매도 {by_hand:,}주 제외", f"without {by_hand:,} sold by hand")
        )
    return tuple(found)
