"""How a desk's book becomes JSON-ready primitives, and values again.

Every durable decision takes the book along, on the way of an order. So of the records that are
many, only those that changed are made plain again; what comes out must not be changed by anybody.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from cattrs import Converter

from engine.model.money import Krw, Usd

_VALUES = (str, int, Decimal, date, Enum, NoneType)
_MOST_KEPT = 500


def converter(*many: Any) -> Converter:
    """One for a desk's book; each desk has one currency, so amounts stand alone.

    ``many``: record types of which a book holds many. Their fields must be values, or lists of
    values: TypeError otherwise, as a change within a field would not be noticed.
    """
    made = Converter()
    made.register_unstructure_hook(Usd, lambda usd: str(usd.amount))
    made.register_structure_hook(Usd, lambda text, _: Usd(Decimal(text)))
    made.register_unstructure_hook(Krw, lambda krw: str(krw.amount))
    made.register_structure_hook(Krw, lambda text, _: Krw(Decimal(text)))
    made.register_unstructure_hook(Decimal, str)
    made.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    made.register_unstructure_hook(datetime, datetime.isoformat)
    made.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    made.register_unstructure_hook(date, date.isoformat)
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    for kind in many:
        _remember(made, kind)
    return made


def _remember(made: Converter, kind: Any) -> None:
    records = _Records(kind, made)
    made.register_unstructure_hook_func(lambda asked: asked == kind, records.plain)


class _Records:
    """The plain form of records, kept with the fields it was made of."""

    def __init__(self, kind: Any, made: Converter) -> None:
        owner = get_origin(kind) or kind
        hints = get_type_hints(owner)
        names = [each.name for each in fields(owner)]
        self._lists = [name for name in names if get_origin(hints[name]) is list]
        for name in names:
            inner = get_args(hints[name]) if name in self._lists else (hints[name],)
            if not all(map(_is_value, inner)):
                raise TypeError(f"{owner.__name__}.{name} may change unseen")
        self._values = attrgetter(*(name for name in names if name not in self._lists))
        self._make = made.get_unstructure_hook(kind)
        # The record is kept as well: its id is given to no other while it lives.
        self._kept: dict[int, tuple[object, object, object]] = {}

    def plain(self, record: object) -> object:
        """As cattrs has it; the same object as last time where nothing changed."""
        now = self._values(record), [tuple(getattr(record, name)) for name in self._lists]
        kept = self._kept.get(id(record))
        if kept is not None and kept[1] == now:
            return kept[2]
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        found = self._make(record)
        self._kept[id(record)] = record, now, found
        return found


def _is_value(hint: Any) -> bool:
    """Whether what a field of this type holds can only be replaced, not changed."""
    kind = get_origin(hint) or hint
    if isinstance(kind, NewType):
        return _is_value(kind.__supertype__)
    if isinstance(kind, TypeVar):
        return True  # a currency
    if isinstance(kind, type) and is_dataclass(kind):
        is_frozen = bool(kind.__dataclass_params__.frozen)  # type: ignore[attr-defined]
        hints = get_type_hints(kind)
        return is_frozen and all(_is_value(hints[each.name]) for each in fields(kind))
    if isinstance(kind, type) and issubclass(kind, _VALUES):
        return True
    arguments = [each for each in get_args(hint) if each is not Ellipsis]
    return kind in (Union, UnionType, tuple) and all(map(_is_value, arguments))
