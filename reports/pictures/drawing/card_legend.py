"""What the marks of a trade card mean, each with its price, in two columns under the chart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from engine.model.money import Money
from engine.model.orders import Side
from reports.pictures.drawing import words
from reports.pictures.drawing.card_chart import MOST_ZONES, STOP_STYLE, TARGET_STYLE
from reports.pictures.drawing.page import EDGE, INNER, SMALL, Page
from reports.pictures.subjects import TradeCard, Zone

_END, _ROW, _MOST = 1298, 54, 8  # pixels, pixels, entries
_ABOVE = 46  # pixels from the chart to the middle of the first row
_SIGN, _GAP = 64, 24  # pixels
_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    sign: dict[str, Any]


def legend(page: Page, card: TradeCard) -> float:
    """Executions first, at most eight; answers down to where there is room for the chart."""
    width = (INNER - _GAP) / _COLUMNS
    entries = _entries(page, card)[:_MOST]
    top = _END - ceil(len(entries) / _COLUMNS) * _ROW
    for number, entry in enumerate(entries):
        row, column = divmod(number, _COLUMNS)
        left, y = EDGE + column * (width + _GAP), top + row * _ROW
        _sign(page, left, y, entry.sign)
        page.text(left + _SIGN, y, entry.text, size=SMALL, level="center", within=width - _SIGN)
    return top - _ABOVE


def _sign(page: Page, left: float, y: float, how: dict[str, Any]) -> None:
    height = page.height - y
    is_mark = "marker" in how
    xs = [left + _SIGN / 2 - 10] if is_mark else [left, left + _SIGN - 16]
    line = Line2D(
        xs, [height] * len(xs), transform=IdentityTransform(), solid_capstyle="butt", **how
    )
    page.figure.add_artist(line)


def _entries(page: Page, card: TradeCard) -> list[_Entry]:
    lang, palette = page.lang, page.palette
    found = []
    for side, name, marker in (
        (Side.BUY, lang.pick("매수", "Bought"), "^"),
        (Side.SELL, lang.pick("매도", "Sold"), "v"),
    ):
        told = _average(page, card, side)
        if told:
            sign = {"marker": marker, "markersize": 22, "color": palette.text}
            found.append(_Entry(f"{name} {told}", sign))
    if card.stops:
        first, last = card.stops[0].price, card.stops[-1].price
        path = words.price(first, lang)
        if last != first:
            path += f" → {words.price(last, lang)}"
        sign = {"linestyle": STOP_STYLE, "linewidth": 4, "color": palette.stop}
        found.append(_Entry(lang.pick("손절선 ", "Stop ") + path, sign))
    if card.target is not None:
        text = lang.pick("목표 ", "Target ") + words.price(card.target, lang)
        sign = {"linestyle": TARGET_STYLE, "linewidth": 4, "color": palette.target}
        found.append(_Entry(text, sign))
    for zone in card.zones[:MOST_ZONES]:
        sign = {"linewidth": 3 if zone.low == zone.high else 16, "color": palette.zone}
        label = page.known(zone.label) or lang.pick("구간", "Zone")
        found.append(_Entry(f"{label} {_range(page, zone)}", sign))
    return found


def _average(page: Page, card: TradeCard, side: Side) -> str:
    """71,200원 × 30, the average of several."""
    fills = [fill for fill in card.fills if fill.side is side]
    qty = sum(fill.qty for fill in fills)
    if not qty:
        return ""
    whole: Money = sum((fill.price * fill.qty for fill in fills), card.net * 0)
    return f"{words.price(whole * (Decimal(1) / qty), page.lang)} × {qty:,}"


def _range(page: Page, zone: Zone) -> str:
    low, high = (words.price(price, page.lang) for price in (zone.low, zone.high))
    return low if low == high else f"{low}–{high}"
