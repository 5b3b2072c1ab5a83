"""The book: append-only, one per mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from engine.model.facts import AnyFact
from engine.model.ids import ClientOrderId, DeskName
from engine.model.money import Money
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import CancelIntent, OrderIntent, PlaceAnswer


@dataclass(frozen=True, slots=True)
class Entry:
    """One outcome of a desk, as it is written in one transaction.

    ``snapshot`` is the desk's whole durable state after it (JSON-ready).
    """

    desk: DeskName
    at: datetime
    exchange_date: date
    orders: tuple[OrderIntent[Money], ...]
    cancels: tuple[CancelIntent, ...]
    facts: tuple[AnyFact, ...]
    snapshot: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NumberedFact:
    """A fact with its place in the book."""

    seq: int
    at: datetime
    desk: DeskName
    fact: AnyFact


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An order as it was written down, and the broker's last answer to it."""

    order: OrderIntent[Money]
    answer: PlaceAnswer | None


class Journal(Protocol):
    """Raises JournalFailed when it cannot write or read."""

    async def append(self, entry: Entry) -> tuple[NumberedFact, ...]:
        """Commit durably; returns the facts with their sequence numbers."""
        ...

    async def record_answer(
        self, client_order_id: ClientOrderId, answer: PlaceAnswer, at: datetime
    ) -> None:
        """Write the broker's answer to an order before anything else happens with it."""
        ...

    async def load_snapshot(self, desk: DeskName) -> Mapping[str, object] | None:
        """The desk's last durable state, None in a new book."""
        ...

    async def unsettled(self, desk: DeskName) -> tuple[Unsettled, ...]:
        """Orders without a fact that tells what became of them, oldest first.

        After a restart the outcome of one without an answer is unknown; of another the desk may
        not have heard.
        """
        ...

    async def last_seq(self) -> int:
        """Sequence number of the last fact, 0 in a new book."""
        ...

    async def facts_after(
        self, seq: int, since: datetime | None = None
    ) -> tuple[NumberedFact, ...]:
        """Facts numbered above ``seq`` and not older than ``since``, oldest first.

        For telling only: what cannot be read any more is left out.
        """
        ...

    async def sales(
        self, desk: DeskName, since: date | None, limit: int
    ) -> tuple[NumberedSale, ...]:
        """A desk's latest sales first, ours and others'."""
        ...


@dataclass(frozen=True, slots=True)
class NumberedSale:
    """A sale as the book has it."""

    seq: int
    at: datetime
    exchange_date: date
    sale: OrderFilled[Money] | SoldElsewhere[Money]
