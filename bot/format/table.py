"""Tables in fixed width, narrow enough for a phone held upright."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from bot.format.markup import one_line, pre

MAX_COLUMNS = 34
_NARROWEST = 4  # a text column is not cut below this while another one can give way
_MARKS = {"Mn", "Me", "Cf"}


def table(rows: Sequence[Sequence[str]], aligned: str, limit: int = MAX_COLUMNS) -> str:
    """Rows of raw cells as ``<pre>``; ``aligned`` has one ``<`` or ``>`` a column.

    Where the natural width is too much, text columns (``<``) give way first; what is cut ends
    with an ellipsis, so that no figure is taken for another one.
    """
    cells = [[one_line(cell) for cell in row] for row in rows]
    natural = [max(width(cell) for cell in column) for column in zip(*cells, strict=True)]
    widths = _narrowed(natural, aligned, limit)
    shown = (
        " ".join(
            _padded(cut(cell, size), size, side)
            for cell, size, side in zip(row, widths, aligned, strict=True)
        ).rstrip()
        for row in cells
    )
    return pre("\n".join(shown))


def width(text: str) -> int:
    """Columns in fixed width: a Hangul syllable or an emoji takes two, an accent none."""
    return sum(_columns(char) for char in text)


def cut(text: str, columns: int) -> str:
    """At most so many columns, with an ellipsis where something is missing."""
    if width(text) <= columns:
        return text
    kept, left = "", columns - 1
    for char in text:
        left -= _columns(char)
        if left < 0:
            break
        kept += char
    return kept + "…"


def _columns(char: str) -> int:
    if unicodedata.category(char) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _narrowed(natural: Sequence[int], aligned: str, limit: int) -> list[int]:
    widths = list(natural)
    while sum(widths) + len(widths) - 1 > limit:
        texts = [
            place
            for place, side in enumerate(aligned)
            if side == "<" and widths[place] > _NARROWEST
        ]
        widest = max(texts or range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _padded(cell: str, columns: int, side: str) -> str:
    space = " " * (columns - width(cell))
    return space + cell if side == ">" else cell + space
