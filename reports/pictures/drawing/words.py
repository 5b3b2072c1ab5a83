"""Words and figures on pictures: short enough for a phone, with a sign that needs no colour."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from engine.model.ids import DeskName, Mode
from engine.model.money import Krw, Money, Usd
from reports.pictures.subjects import Lang

# As the chat's badge has them; a test compares.
_MODES = {
    Mode.DRY_RUN: ("모의실행", "DRY RUN"),
    Mode.PAPER: ("모의투자", "PAPER"),
    Mode.LIVE: ("실전", "LIVE"),
}
_DESKS = {DeskName.US: ("미국", "US"), DeskName.KRX: ("국내", "KRX")}
_KOREAN_UNITS = (
    (Decimal(10) ** 12, "조"),
    (Decimal(10) ** 8, "억"),
    (Decimal(10) ** 4, "만"),
)
_WESTERN_UNITS = (
    (Decimal(10) ** 12, "T"),
    (Decimal(10) ** 9, "B"),
    (Decimal(10) ** 6, "M"),
    (Decimal(10) ** 3, "K"),
)
_FINEST = Decimal("0.0001")
_FINE, _COARSE = 10, 100  # under these a short figure has two decimals, one decimal


def mode(value: Mode, lang: Lang) -> str:
    """Whose money moved."""
    return lang.pick(*_MODES[value])


def desk(value: DeskName, lang: Lang) -> str:
    """Which market."""
    return lang.pick(*_DESKS[value])


def amount(value: Money, lang: Lang) -> str:
    """In full, with a sign: +1,234,500원."""
    shown = value.rounded(ROUND_HALF_UP).amount
    return _sign(shown) + _with_currency(f"{abs(shown):,}", lang, is_won=isinstance(value, Krw))


def price(value: Money, lang: Lang) -> str:
    """Per share, in full: 71,200원, $12.50; under a dollar with the four decimals prices have."""
    shown = value.rounded(ROUND_HALF_UP).amount
    if isinstance(value, Usd) and abs(value.amount) < 1 and shown != value.amount:
        shown = value.amount.quantize(_FINEST, ROUND_HALF_UP)
    return _with_currency(f"{shown:,}", lang, is_won=isinstance(value, Krw))


def short(figure: Decimal | float, lang: Lang, *, is_won: bool) -> str:
    """At most about four digits: +12.3만, +$1.23K."""
    value = Decimal(str(figure))
    size = abs(value)
    units = _KOREAN_UNITS if is_won and lang is Lang.KO else _WESTERN_UNITS
    for unit, name in units:
        if round(size / unit, 3) >= 1:  # 9,999.6 is 1만, not 10,000
            text = _trimmed(size / unit) + name
            break
    else:
        text = _trimmed(size) if is_won else f"{size:.2f}".removesuffix(".00")
    sign = _sign(value) if text.strip("0.") else ""
    if is_won:
        return sign + (text if lang is Lang.KO else f"₩{text}")
    return f"{sign}${text}"


def pct(value: Decimal) -> str:
    """+3.02 %."""
    shown = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{_sign(shown)}{abs(shown):,} %"


def arrow(value: Decimal | float) -> str:
    """▲ up, ▼ down."""
    if not value:
        return "■"
    return "▲" if value > 0 else "▼"


def span(length: timedelta, lang: Lang) -> str:
    """Two units at most: 2시간 5분."""
    total = max(0, int(length.total_seconds()))
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    units = (
        (days, lang.pick("일", " d")),
        (hours, lang.pick("시간", " h")),
        (minutes, lang.pick("분", " min")),
        (seconds, lang.pick("초", " s")),
    )
    named = [f"{count}{unit}" for count, unit in units if count][:2]
    return " ".join(named) or lang.pick("0초", "0 s")


def trades(count: int, win_rate: Decimal | None, lang: Lang) -> str:
    """거래 12건 · 승률 55 %."""
    counted = lang.pick(f"거래 {count:,}건", f"{count:,} trade{'' if count == 1 else 's'}")
    if win_rate is None:
        return counted
    rate = f"{win_rate:.1f}".removesuffix(".0") + " %"
    return counted + lang.pick(f" · 승률 {rate}", f" · {rate} wins")


def nothing(lang: Lang) -> str:
    """In place of a chart."""
    return lang.pick("이 기간에는 매매가 없습니다", "No trades in this period")


def _trimmed(size: Decimal) -> str:
    places = 2 if size < _FINE else 1 if size < _COARSE else 0
    text = f"{size:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sign(value: Decimal) -> str:
    if not value:
        return ""
    return "+" if value > 0 else "-"


def _with_currency(figure: str, lang: Lang, *, is_won: bool) -> str:
    if not is_won:
        return f"${figure}"
    return lang.pick(f"{figure}원", f"₩{figure}")
