"""The durable state as JSON-ready primitives, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cattrs import Converter

from engine.desk.us.book import UsBook
from engine.model.money import Usd

VERSION = 1


def _converter() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook(Usd, lambda usd: str(usd.amount))
    converter.register_structure_hook(Usd, lambda text, _: Usd(Decimal(text)))
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    return converter


_CONVERTER = _converter()


def to_snapshot(book: UsBook) -> dict[str, object]:
    """A copy of the book in lists, dictionaries and text."""
    plain: dict[str, Any] = _CONVERTER.unstructure(book)
    return {"version": VERSION, "book": plain}


def from_snapshot(snapshot: Mapping[str, object]) -> UsBook:
    """The book again. Raises ValueError for a snapshot of another version."""
    if snapshot.get("version") != VERSION:
        raise ValueError(f"desk snapshot of version {snapshot.get('version')!r}, not {VERSION}")
    return _CONVERTER.structure(snapshot["book"], UsBook)
