"""Figures as Korean traders read them: 1,234,500원, +3.02 %, red up and blue down."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from bot.format.lang import Lang
from engine.model.ids import Qty
from engine.model.money import FxRate, Krw, Money, Usd

_CENT = Decimal("0.01")


def usd(price: Usd) -> str:
    """$1,234.50; four decimals only under a dollar, where prices have them."""
    value = price.amount
    is_fine = abs(value) < 1 and value != value.quantize(_CENT, ROUND_HALF_UP)
    return _dollars(value, Decimal("0.0001") if is_fine else _CENT)


def cents(amount: Usd) -> str:
    """$0.13: a sum or a cost, which is never finer than a cent."""
    return _dollars(amount.amount, _CENT)


def signed_usd(amount: Usd) -> str:
    """+$1,234.50 or -$1,234.50, to the cent."""
    shown = amount.amount.quantize(_CENT, ROUND_HALF_UP)
    return f"{_sign(shown)}${abs(shown):,}"


def krw(amount: Krw, lang: Lang) -> str:
    """1,234,500원 (₩1,234,500 in English)."""
    return _won(amount.amount, lang, sign="-" if amount.amount < 0 else "")


def signed_krw(amount: Krw, lang: Lang) -> str:
    """+1,234,500원."""
    return _won(amount.amount, lang, sign=_sign(amount.amount))


def price(value: Money, lang: Lang) -> str:
    """A price per share in its own currency: $1,234.50 or 71,200원."""
    return krw(value, lang) if isinstance(value, Krw) else _in_dollars(value, usd)


def amount(value: Money, lang: Lang) -> str:
    """A sum in its own currency: $0.13 or 1,234원."""
    return krw(value, lang) if isinstance(value, Krw) else _in_dollars(value, cents)


def signed(value: Money, lang: Lang) -> str:
    """A gain or loss in its own currency: +$30.25 or -12,300원."""
    return signed_krw(value, lang) if isinstance(value, Krw) else _in_dollars(value, signed_usd)


def in_won(amount: Money, fx: FxRate | None, lang: Lang, *, signed: bool = False) -> str:
    """Dollars in won in brackets, or nothing without a rate."""
    if fx is None or not isinstance(amount, Usd):
        return ""
    won = fx.to_krw(amount)
    text = signed_krw(won, lang) if signed else krw(won, lang)
    return f" ({text})"


def pct(value: Decimal) -> str:
    """+3.02 %."""
    shown = value.quantize(_CENT, ROUND_HALF_UP)
    return f"{_sign(shown)}{abs(shown):,} %"


def shares(qty: Qty | int, lang: Lang) -> str:
    """12주."""
    return lang.pick(f"{qty:,}주", f"{qty:,} sh")


def mark(value: Decimal | Money | None) -> str:
    """Red for up, blue for down, as Korean screens colour them."""
    figure = value.amount if isinstance(value, Money) else value
    if not figure:
        return "⚪"
    return "🔴" if figure > 0 else "🔵"


def _in_dollars(value: Money, show: Callable[[Usd], str]) -> str:
    if not isinstance(value, Usd):
        raise TypeError(f"{type(value).__name__} is no currency")
    return show(value)


def _dollars(value: Decimal, places: Decimal) -> str:
    shown = value.quantize(places, ROUND_HALF_UP)
    return f"{'-' if shown < 0 else ''}${abs(shown):,}"


def _sign(value: Decimal) -> str:
    if value == 0:
        return ""
    return "+" if value > 0 else "-"


def _won(amount: Decimal, lang: Lang, *, sign: str) -> str:
    figure = f"{abs(amount.quantize(Decimal(1), ROUND_HALF_UP)):,}"
    return lang.pick(f"{sign}{figure}원", f"{sign}₩{figure}")


def share(pct: Decimal) -> str:
    """55 %, 99.7 %: with a decimal where there is one, so that only all of them are 100."""
    return f"{pct:.1f}".removesuffix(".0") + " %"
