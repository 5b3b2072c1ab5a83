"""What the chat must remember over a restart: button nonces, small values, the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.ports.journal import NumberedFact


@dataclass(frozen=True, slots=True)
class OutboxKey:
    """Place of a fact: which book, which sequence number."""

    book: str
    seq: int


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A fact waiting to be told."""

    key: OutboxKey
    fact: NumberedFact
    tries: int


class NonceStore(Protocol):
    """Buttons: bound to user and message, expiring, single use. ``now`` is human time."""

    async def create(self, user_id: int, action: str, expires_at: datetime) -> str:
        """A fresh short nonce (at most 16 URL-safe characters)."""
        ...

    async def bind(self, nonces: tuple[str, ...], message_id: int) -> None:
        """Tie buttons to the message that shows them; until then nobody can use them."""
        ...

    async def take(self, nonce: str, user_id: int, message_id: int, now: datetime) -> str | None:
        """The action, once; taking one button of a message spends its other buttons too."""
        ...


class ChatValues(Protocol):
    """Small values: language, alert kinds, quiet hours."""

    async def get(self, key: str) -> str | None:
        """The value or None."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Store it."""
        ...


class Outbox(Protocol):
    """Alerts in order, kept until they were delivered."""

    async def put(self, book: str, fact: NumberedFact, priority: int) -> None:
        """Add once: the same (book, seq) again changes nothing."""
        ...

    async def next(self) -> OutboxItem | None:
        """The most urgent, then oldest item; None when there is none."""
        ...

    async def failed(self, key: OutboxKey) -> None:
        """Count a try that brought nothing."""
        ...

    async def done(self, key: OutboxKey) -> None:
        """Delivered (or dropped on purpose)."""
        ...
