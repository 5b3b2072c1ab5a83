"""Columns of a terminal, where a Korean letter is as wide as two others."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format.table import width


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """One line a row; the last column is as long as it is."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(padded(cell, wide) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def padded(cell: str, columns: int) -> str:
    """Filled up with blanks."""
    return cell + " " * max(0, columns - width(cell))
