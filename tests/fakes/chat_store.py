"""The chat's stores in memory, with the rules of the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.errors import JournalFailed
from engine.ports.chat_store import (
    Alert,
    ChatValues,
    NonceStore,
    Outbox,
    OutboxItem,
    OutboxKey,
)
from engine.ports.journal import NumberedFact


@dataclass
class _Nonce:
    user_id: int
    action: str
    expires_at: datetime
    message_id: int | None = None
    is_spent: bool = False


@dataclass
class FakeNonces:
    """Bound to user and message, expiring, single use."""

    held: dict[str, _Nonce] = field(default_factory=dict)
    trouble: Exception | None = None
    bind_trouble: Exception | None = None

    async def create(self, user_id: int, action: str, expires_at: datetime) -> str:
        if self.trouble is not None:
            raise self.trouble
        nonce = f"n{len(self.held):06d}"
        self.held[nonce] = _Nonce(user_id, action, expires_at)
        return nonce

    async def bind(self, nonces: tuple[str, ...], message_id: int) -> None:
        if self.bind_trouble is not None:
            raise self.bind_trouble
        for nonce in nonces:
            self.held[nonce].message_id = message_id

    async def take(self, nonce: str, user_id: int, message_id: int, now: datetime) -> str | None:
        found = self.held.get(nonce)
        if found is None or found.is_spent or found.expires_at <= now:
            return None
        if (found.user_id, found.message_id) != (user_id, message_id):
            return None
        for other in self.held.values():
            if other.message_id == message_id:
                other.is_spent = True
        return found.action


@dataclass
class FakeValues:
    """Small values; ``trouble`` is raised by every call while set."""

    held: dict[str, str] = field(default_factory=dict)
    trouble: Exception | None = None

    async def get(self, key: str) -> str | None:
        if self.trouble is not None:
            raise self.trouble
        return self.held.get(key)

    async def put(self, key: str, value: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.held[key] = value


@dataclass
class _Waiting:
    item: OutboxItem
    alert: Alert
    remind_at: datetime | None = None


@dataclass
class FakeOutbox:
    """New before reminders, then by priority, then as put."""

    waiting: dict[OutboxKey, _Waiting] = field(default_factory=dict)
    seen: set[OutboxKey] = field(default_factory=set)
    topics: dict[OutboxKey, str] = field(default_factory=dict)
    troubles: list[Exception] = field(default_factory=list)
    is_read_only: bool = False

    async def put(self, book: str, fact: NumberedFact, alert: Alert) -> None:
        key = OutboxKey(book, fact.seq)
        if key not in self.seen:
            self.seen.add(key)
            self.topics[key] = alert.topic
            self.waiting[key] = _Waiting(OutboxItem(key, fact, 0, alert.must_ack), alert)
        for old, row in list(self.waiting.items()):
            is_older = old.book == book and old.seq < fact.seq
            is_same = alert.topic and row.alert.topic == alert.topic
            if is_older and is_same and (row.item.times_told or alert.replaces):
                del self.waiting[old]

    async def newest(self, book: str) -> int | None:
        return max((key.seq for key in self.seen if key.book == book), default=None)

    async def forget_after(self, book: str, seq: int) -> None:
        self.seen = {key for key in self.seen if key.book != book or key.seq <= seq}
        self.waiting = {key: row for key, row in self.waiting.items() if key in self.seen}

    async def next(self, now: datetime) -> OutboxItem | None:
        if self.troubles:
            raise self.troubles.pop()
        due = [r for r in self.waiting.values() if r.remind_at is None or r.remind_at <= now]
        due.sort(key=lambda row: (row.item.times_told > 0, row.alert.priority))
        return due[0].item if due else None

    async def trying(self, key: OutboxKey, after: int) -> None:
        tries = self.waiting[key].item.tries + 1
        self._change(key, tries=tries, sent_after=after)

    async def lost(self, key: OutboxKey) -> None:
        self._change(key, sent_after=0)

    async def not_sent(self, key: OutboxKey) -> None:
        self._change(key, sent_after=None)

    async def told(self, key: OutboxKey, remind_at: datetime) -> None:
        row = self.waiting.get(key)
        if row is not None and row.alert.topic and self._has_newer(key, row.alert.topic):
            del self.waiting[key]
        elif row is not None:
            row.remind_at = remind_at
            times = self.waiting[key].item.times_told + 1
            self._change(key, times_told=times, sent_after=None, tries=0)

    async def done(self, key: OutboxKey) -> None:
        if self.is_read_only:
            raise JournalFailed("state.db")
        self.waiting.pop(key, None)

    def make_unreadable(self, seq: int) -> None:
        """As a row that another version wrote."""
        key = next(key for key in self.waiting if key.seq == seq)
        self._change(key, fact=None)

    def _has_newer(self, key: OutboxKey, topic: str) -> bool:
        return any(
            other.book == key.book and other.seq > key.seq and other_topic == topic
            for other, other_topic in self.topics.items()
        )

    def _change(self, key: OutboxKey, **changes: Any) -> None:
        if key in self.waiting:
            self.waiting[key].item = replace(self.waiting[key].item, **changes)


def as_ports(
    nonces: FakeNonces, values: FakeValues, outbox: FakeOutbox
) -> tuple[NonceStore, ChatValues, Outbox]:
    """Lets the type checker prove that the fakes are the ports."""
    return nonces, values, outbox
