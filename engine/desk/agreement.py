"""Whether the books and the broker's account agree, as far as a desk knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from engine.desk import mismatches
from engine.desk.mismatches import Reconciled
from engine.desk.own_order import OwnOrder
from engine.rules.live import NOT_READ

DISAGREE = "books and broker disagree"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What stands between the two, as reasons; ``doubtful``: own orders of unknown outcome."""

    unsettled: tuple[str, ...]
    doubtful: int


class _Position(Protocol):
    @property
    def missing_since(self) -> datetime | None: ...


class _Book(Reconciled, Protocol):
    @property
    def positions(self) -> Mapping[Any, _Position]: ...
    @property
    def orders(self) -> Mapping[Any, OwnOrder[Any]]: ...


class _Run(Protocol):
    @property
    def holdings_at(self) -> datetime | None: ...
    @property
    def failing(self) -> Sized: ...


def in_force(book: _Book, run: _Run) -> Agreement:
    """Of a desk that runs; nothing unsettled: they were compared, and agree."""
    found = {
        NOT_READ: run.holdings_at is None,
        "account reads fail": bool(run.failing),
        DISAGREE: bool(mismatches.waiting(book)),
        "shares are missing": any(p.missing_since is not None for p in book.positions.values()),
    }
    unsettled = tuple(reason for reason, is_so in found.items() if is_so)
    return Agreement(unsettled, sum(order.is_doubtful for order in book.orders.values()))


def resting(book: _Book, today: date, date_of: Callable[[datetime], date]) -> Agreement:
    """Of a book whose mode is not in force: what of ``today`` nobody may have settled yet.

    What is older the first list settles or asks about, which is read before anything is decided.
    """
    asked = (known for known in book.mismatches.values() if not known.is_ignored)
    is_open = any(date_of(known.since) >= today for known in asked)
    doubtful = sum(o.is_doubtful and o.day >= today for o in book.orders.values())
    return Agreement((DISAGREE,) if is_open else (), doubtful)
