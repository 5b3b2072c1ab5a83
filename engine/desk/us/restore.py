"""The durable state as JSON-ready primitives, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.desk.own_order import OwnOrder
from engine.desk.snapshot import converter
from engine.desk.us.book import Position, UsBook
from engine.model.money import Usd

VERSION = 1


_CONVERTER = converter(Position, OwnOrder[Usd])


def to_snapshot(book: UsBook) -> dict[str, object]:
    """A copy of the book in lists, dictionaries and text."""
    plain: dict[str, Any] = _CONVERTER.unstructure(book)
    return {"version": VERSION, "book": plain}


def from_snapshot(snapshot: Mapping[str, object]) -> UsBook:
    """The book again. Raises ValueError for a snapshot of another version."""
    if snapshot.get("version") != VERSION:
        raise ValueError(f"desk snapshot of version {snapshot.get('version')!r}, not {VERSION}")
    return _CONVERTER.structure(snapshot["book"], UsBook)
