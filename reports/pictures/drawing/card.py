"""The trade card: how one trade went, from its minute chart to what it brought."""

from __future__ import annotations

from datetime import datetime

from reports.periods import ZONES
from reports.pictures.drawing import words
from reports.pictures.drawing.card_chart import chart
from reports.pictures.drawing.card_legend import legend
from reports.pictures.drawing.page import BIG, EDGE, INNER, NAME, PLAIN, SMALL, WIDTH, Page
from reports.pictures.subjects import Picture, TradeCard

_DATE_ROOM = 330
_CODE_ROOM = 190
_FIGURE = 0.62  # of the width; the rest is for the amount


def draw(page: Page, card: TradeCard) -> Picture:
    """On a tall page."""
    _head(page, card)
    chart(page, card, end=legend(page, card))
    return page.picture("card", _alt(page, card))


def _head(page: Page, card: TradeCard) -> None:
    lang, muted = page.lang, page.palette.muted
    begin = page.badge(card.mode, 52)
    page.text(begin, 78, words.desk(card.desk, lang), size=PLAIN, is_bold=True, level="center")
    closed = closed_at(card)
    if closed is not None:
        page.text(
            *(WIDTH - EDGE, 78, f"{closed:%Y-%m-%d %H:%M}"),
            size=SMALL,
            colour=muted,
            side="right",
            level="center",
            within=_DATE_ROOM,
        )
    name = page.name_of(card.symbol, card.name)
    shown = page.text(EDGE, 172, name, size=NAME, is_bold=True, within=INNER - _CODE_ROOM)
    if name != card.symbol:
        after = page.ends_of(shown)[1] + 20
        page.text(after, 172, card.symbol, size=PLAIN, colour=muted, within=_CODE_ROOM - 20)
    colour = page.colour_of(float(card.net.amount))
    figure = page.text(
        *(EDGE, 286, f"{words.arrow(card.net.amount)} {words.pct(card.net_pct)}"),
        size=BIG,
        is_bold=True,
        colour=colour,
        within=INNER * _FIGURE,
    )
    after = page.ends_of(figure)[1] + 28
    page.text(
        *(after, 286, words.amount(card.net, lang)),
        size=NAME,
        is_bold=True,
        colour=colour,
        within=WIDTH - EDGE - after,
    )
    page.text(EDGE, 344, _note(page, card), size=PLAIN, within=INNER)


def closed_at(card: TradeCard) -> datetime | None:
    """When the last share went, by the exchange's clock."""
    last = max((fill.at for fill in card.fills), default=None)
    return None if last is None else last.astimezone(ZONES[card.desk])


def _note(page: Page, card: TradeCard) -> str:
    lang = page.lang
    parts = [page.known(card.reason)]
    if card.held_for is not None:
        parts.append(lang.pick("보유 ", "held ") + words.span(card.held_for, lang))
    parts += map(page.known, card.facts)
    return " · ".join(filter(None, parts))


def _alt(page: Page, card: TradeCard) -> str:
    lang = page.lang
    name = f"{card.name} {card.symbol}" if card.name else card.symbol
    net = f"{lang.pick('순손익', 'net')} {words.amount(card.net, lang)} ({words.pct(card.net_pct)})"
    return f"{name} {net} · {_note(page, card)}"
