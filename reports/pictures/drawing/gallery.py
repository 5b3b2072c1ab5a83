"""All pictures of a request, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reports.pictures.drawing import bars, card, equity, heat, symbols
from reports.pictures.drawing.fonts import Face, face
from reports.pictures.drawing.page import TALL, WIDE, Page
from reports.pictures.drawing.palette import palette
from reports.pictures.subjects import Kind, Look, Picture, ReportView, Request

_Draw = Callable[[Page, ReportView], Picture]
_DRAWS: dict[Kind, tuple[Callable[[ReportView], int], _Draw]] = {
    Kind.EQUITY: (lambda _: TALL, equity.draw),
    Kind.BARS: (lambda _: WIDE, bars.draw),
    Kind.HEAT: (lambda _: TALL, heat.draw),
    Kind.SYMBOLS: (symbols.height, symbols.draw),
}


def drawn(request: Request) -> Iterator[Picture]:
    """Reports first."""
    return (picture for _, picture in pages(request, face()))


def pages(request: Request, letters: Face) -> Iterator[tuple[Page, Picture]]:
    """Each picture with the page it was made from, for whoever checks what is on it."""
    for view in request.reports:
        for kind in view.kinds:
            height, draw = _DRAWS[kind]
            page = blank(height(view), request.look, letters)
            yield page, draw(page, view)
    for trade in request.cards:
        page = blank(TALL, request.look, letters)
        yield page, card.draw(page, trade)


def blank(height: int, look: Look, letters: Face) -> Page:
    """A page in the trader's colours."""
    return Page(height, palette(look.theme, look.colours), letters, look.lang)
