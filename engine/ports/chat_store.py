"""What the chat must remember over a restart: button nonces, small values, the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.ports.journal import NumberedFact


@dataclass(frozen=True, slots=True)
class Alert:
    """How a fact is told.

    ``priority``: 0 is told first. ``topic``: a newer fact of the same topic ends the reminders of
    the older ones, and with ``replaces`` also those that were not told yet. ``must_ack``: told
    again until the trader confirms it.
    """

    priority: int
    topic: str = ""
    replaces: bool = False
    must_ack: bool = False


@dataclass(frozen=True, slots=True)
class OutboxKey:
    """Place of a fact: which book, which sequence number."""

    book: str
    seq: int


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A fact that is due to be told.

    ``fact`` None: what was put in cannot be read any more. ``sent_after``: a try was begun and
    nobody knows its end; it is the newest message id known before that try, 0 where none was or
    where other messages may have followed. ``times_told``: above 0 for a reminder.
    """

    key: OutboxKey
    fact: NumberedFact | None
    tries: int
    must_ack: bool = False
    sent_after: int | None = None
    times_told: int = 0


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
    """Alerts in order, kept until they were delivered. ``now`` is human time."""

    async def put(self, book: str, fact: NumberedFact, alert: Alert) -> None:
        """Add once: the same (book, seq) again changes nothing."""
        ...

    async def newest(self, book: str) -> int | None:
        """Sequence number of the book's last fact that was put; None before the first."""
        ...

    async def forget_after(self, book: str, seq: int) -> None:
        """Forget facts above ``seq``: the book was replaced by one that ends there."""
        ...

    async def next(self, now: datetime) -> OutboxItem | None:
        """The most urgent, then oldest item that is due; None when there is none."""
        ...

    async def trying(self, key: OutboxKey, after: int) -> None:
        """Count a try, before it is sent; ``after`` as in OutboxItem.sent_after."""
        ...

    async def lost(self, key: OutboxKey) -> None:
        """No answer came: others may follow now, so no later run can tell by the ids."""
        ...

    async def not_sent(self, key: OutboxKey) -> None:
        """The try certainly brought nothing to the trader."""
        ...

    async def told(self, key: OutboxKey, remind_at: datetime) -> None:
        """Delivered; due again at ``remind_at`` unless it is done by then."""
        ...

    async def done(self, key: OutboxKey) -> None:
        """Delivered, confirmed, or dropped on purpose."""
        ...
