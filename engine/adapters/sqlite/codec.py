"""Model values as JSON text and back: nothing is rounded, nothing loses its currency or zone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast, get_args, get_origin

from cattrs import Converter
from cattrs.errors import BaseValidationError

from engine.errors import JournalFailed
from engine.model.facts import AnyFact
from engine.model.money import Krw, Money, Usd
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


def _time_text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {moment}")
    return moment.isoformat()


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time without a zone: {text}")
    return moment


def _decimal(text: object) -> Decimal:
    if not isinstance(text, str):
        raise TypeError(f"a figure is kept as text, not as {text!r}")
    return Decimal(text)


def _money(plain: dict[str, object]) -> Money:
    if "usd" in plain:
        return Usd(_decimal(plain["usd"]))
    return Krw(_decimal(plain["krw"]))


def _money_text(money: Money) -> dict[str, str]:
    return {money.currency.lower(): str(money.amount)}


def _converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: _decimal(text))
    # A generic field may be declared in dollars (the default) and hold won: the value decides.
    for currency in (Usd, Krw, Money):
        converter.register_unstructure_hook(currency, _money_text)
    converter.register_structure_hook(Usd, lambda plain, _: Usd(_decimal(plain["usd"])))
    converter.register_structure_hook(Krw, lambda plain, _: Krw(_decimal(plain["krw"])))
    converter.register_structure_hook(Money, lambda plain, _: _money(plain))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_unstructure_hook(datetime, _time_text)
    converter.register_structure_hook(datetime, lambda text, _: _time(text))
    return converter


CONVERTER = _converter()
