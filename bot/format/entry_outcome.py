"""What became of a press on the [취소] of an entry."""

from __future__ import annotations

from bot.format import words
from bot.format.lang import Lang
from bot.format.positions import title
from engine.model.commands import Refusal
from engine.model.ids import Symbol


def entry_outcome(symbol: Symbol, name: str, refusal: Refusal | None, lang: Lang) -> str:
    """Whether the order is being taken back; only the broker's answer ends it."""
    stock = title(symbol, name)
    if refusal is None:
        return f"✅ {stock} {lang.pick('매수 취소 요청', 'cancel of the entry requested')}"
    if refusal is Refusal.UNKNOWN_ORDER:
        return f"⚪ {stock} {lang.pick('매수 주문은 이미 끝났습니다.', 'the entry has ended.')}"
    return f"⚠️ {stock}: {words.refusal(refusal, lang)}"
