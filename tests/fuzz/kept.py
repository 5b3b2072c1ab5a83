"""What came out of a parser must be of use: written to a book, shown, compared with the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

from engine.adapters.plain import CONVERTER
from engine.model.ids import Qty
from engine.model.money import Money
from tests.fuzz.surface import Broken

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_MOST_TEXT = 10_000


def check_kept(value: object) -> None:
    """Raises what the book, the desk or the chat would raise; Broken for what they would swallow.

    A value without a datum of its own (None, a bool) is fine.
    """
    for leaf in leaves(value):
        _check_leaf(leaf)
    _write(value)


def _check_leaf(leaf: object) -> None:
    match leaf:
        case str():
            leaf.encode()
            if len(leaf) > _MOST_TEXT:
                raise Broken(f"a text of {len(leaf)} characters")
        case datetime():
            if leaf.tzinfo is None:
                raise Broken("a time without a zone")
            (leaf.astimezone(UTC) - NOW).total_seconds()
        case Money():
            _check_money(leaf)
        case Decimal():
            leaf.quantize(Decimal("0.0001"))
        case int():
            str(leaf)


def leaves(value: object) -> Iterator[object]:
    """Everything in a value of the model that is not made of parts."""
    if isinstance(value, Money | Enum):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from leaves(getattr(value, part.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(key)
            yield from leaves(inner)
    elif isinstance(value, tuple | list | frozenset | set):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def _check_money(money: Money) -> None:
    """A desk multiplies with shares, compares, and rounds to the smallest unit."""
    money.rounded(ROUND_HALF_UP)
    (money * Qty(1_000_000)).rounded(ROUND_HALF_UP)
    f"{money.amount:f} {money.amount:,.2f}".encode()


def _write(value: object) -> None:
    plain: Any = [CONVERTER.unstructure(one) for one in _parts(value)]
    json.dumps(plain, ensure_ascii=False, default=str).encode()


def _parts(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)
