"""Facts and orders as JSON text of the book and back, in the plain form of ``adapters.plain``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, cast, get_args, get_origin

from cattrs.errors import BaseValidationError

from engine.adapters.plain import CONVERTER
from engine.errors import JournalFailed
from engine.model.facts import AnyFact
from engine.model.money import Money
from engine.model.orders import OrderIntent

TAG = "type"
_UNREADABLE = (BaseValidationError, ValueError, TypeError, LookupError, ArithmeticError)
_ORDER: Any = OrderIntent[Money]
# Which currency a figure has stands with the figure, so one entry serves all desks.
_FACTS: dict[str, Any] = {(get_origin(kind) or kind).__name__: kind for kind in get_args(AnyFact)}
T = TypeVar("T")


def dump_fact(fact: AnyFact) -> str:
    """A fact as JSON, with the name of its class under ``type``.

    Raises:
        JournalFailed: the fact holds what cannot be written, such as a time without a zone.
    """
    return _dump(fact, {TAG: type(fact).__name__})


def load_fact(text: str) -> AnyFact:
    """The fact again.

    Raises:
        JournalFailed: the text is not a fact of this version.
    """
    return cast("AnyFact", _load(text, lambda plain: _FACTS[plain.pop(TAG)]))


def dump_order(order: OrderIntent[Money]) -> str:
    """A decided order as JSON. Raises JournalFailed as dump_fact."""
    return _dump(order, {})


def load_order(text: str) -> OrderIntent[Money]:
    """The decided order again. Raises JournalFailed as load_fact."""
    return cast("OrderIntent[Money]", _load(text, lambda _: _ORDER))


def stamp(moment: datetime) -> str:
    """An aware time as UTC text of one width: sorts and compares as times do.

    Raises:
        JournalFailed: the time has no zone.
    """
    if moment.tzinfo is None:
        raise JournalFailed(f"time without a zone: {moment}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read(kind: Callable[[Any], T], stored: object) -> T:
    """A stored column as a value, by an enum class or a ``fromisoformat``.

    Raises:
        JournalFailed: the column holds something else.
    """
    try:
        return kind(stored)
    except _UNREADABLE as error:
        raise JournalFailed(f"unreadable value {stored!r}") from error


def _dump(value: object, tag: dict[str, str]) -> str:
    try:
        plain = CONVERTER.unstructure(value)
        return json.dumps({**plain, **tag}, ensure_ascii=False, separators=(",", ":"))
    except _UNREADABLE as error:
        raise JournalFailed(f"cannot write {type(value).__name__}: {error}") from error


def _load(text: str, kind_of: Callable[[dict[str, Any]], Any]) -> object:
    try:
        plain = json.loads(text)
        return CONVERTER.structure(plain, kind_of(plain))
    except _UNREADABLE as error:
        raise JournalFailed(f"unreadable row: {error!r}") from error
