"""Small bars of text: how much of something is used or reached."""

from __future__ import annotations

from decimal import Decimal

_CELLS = 10


def bar(part: int | Decimal, whole: int | Decimal) -> str:
    """▓▓▓░░░░░░░: empty below zero, full from the whole on."""
    full = int(max(0, part) * _CELLS / whole) if whole > 0 else _CELLS
    return "▓" * min(_CELLS, full) + "░" * (_CELLS - min(_CELLS, full))
