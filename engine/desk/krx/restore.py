"""The durable state as JSON-ready primitives, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.desk.krx.book import KrxBook, KrxPosition
from engine.desk.own_order import OwnOrder
from engine.desk.snapshot import converter
from engine.model.money import Krw

VERSION = 1
_CONVERTER = converter(KrxPosition, OwnOrder[Krw])


def to_snapshot(book: KrxBook) -> dict[str, object]:
    """A copy of the book in lists, dictionaries and text."""
    plain: dict[str, Any] = _CONVERTER.unstructure(book)
    return {"version": VERSION, "book": plain}


def from_snapshot(snapshot: Mapping[str, object]) -> KrxBook:
    """The book again. Raises ValueError for a snapshot of another version."""
    if snapshot.get("version") != VERSION:
        raise ValueError(f"desk snapshot of version {snapshot.get('version')!r}, not {VERSION}")
    return _CONVERTER.structure(snapshot["book"], KrxBook)
