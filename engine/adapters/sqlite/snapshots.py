"""A desk's durable state in parts, so that only what changed is written (docs/adr/0020). Pure.

A part is known by the way to it, as in a JSON pointer: ``/book/positions/AAPL``. It holds either
``{"value": ...}`` or, for a dictionary that is split further, ``{"keys": [...]}`` in their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import cast

from engine.errors import JournalFailed

# The snapshot, its book, the fields of that, and what is in them: a position, an order.
_DEPTH = 3
SNAPSHOT = "SELECT part, json FROM snapshot_parts WHERE desk = ?"
_KEYS, _VALUE = "keys", "value"
Parts = Mapping[str, Mapping[str, object]]


def split(snapshot: Mapping[str, object]) -> Parts:
    """The parts of a snapshot."""
    found: dict[str, Mapping[str, object]] = {}
    _split(found, "", dict(snapshot), _DEPTH)
    return found


def join(parts: Iterable[tuple[str, str]]) -> Mapping[str, object]:
    """The snapshot again, of ways and texts.

    Raises:
        JournalFailed: a part is missing or unreadable.
    """
    try:
        found = {way: json.loads(text) for way, text in parts}
        return cast("Mapping[str, object]", _join(found, ""))
    except (ValueError, LookupError, TypeError) as error:
        raise JournalFailed(f"unreadable snapshot: {error!r}") from error


def changed(before: Parts | None, after: Parts) -> list[tuple[str, str]]:
    """Ways and texts of the parts that are new or different.

    Raises:
        JournalFailed: one holds what JSON cannot carry.
    """
    known = before or {}
    return [(way, _text(part)) for way, part in after.items() if known.get(way) != part]


def dropped(before: Parts, after: Parts) -> list[str]:
    """Ways of the parts that are no more."""
    return [way for way in before if way not in after]


def _split(found: dict[str, Mapping[str, object]], way: str, value: object, depth: int) -> None:
    if not depth or not isinstance(value, dict) or not _is_splittable(value):
        found[way] = {_VALUE: value}
        return
    found[way] = {_KEYS: list(value)}
    for key, inner in value.items():
        if depth == 1:
            found[_step(way, key)] = {_VALUE: inner}
        else:
            _split(found, _step(way, key), inner, depth - 1)


def _is_splittable(value: dict[object, object]) -> bool:
    return bool(value) and all(isinstance(key, str) for key in value)


def _join(found: Mapping[str, Mapping[str, object]], way: str) -> object:
    part = found[way]
    if _KEYS not in part:
        return part[_VALUE]
    keys = cast("list[str]", part[_KEYS])
    return {key: _join(found, _step(way, key)) for key in keys}


def _step(way: str, key: str) -> str:
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"{way}/{key}"


def _text(part: Mapping[str, object]) -> str:
    try:
        return json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise JournalFailed(f"cannot write the snapshot: {error}") from error
