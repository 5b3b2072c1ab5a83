"""The chat's stores in memory, with the rules of the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.ports.chat_store import ChatValues, NonceStore, Outbox, OutboxItem, OutboxKey
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

    async def create(self, user_id: int, action: str, expires_at: datetime) -> str:
        if self.trouble is not None:
            raise self.trouble
        nonce = f"n{len(self.held):06d}"
        self.held[nonce] = _Nonce(user_id, action, expires_at)
        return nonce

    async def bind(self, nonces: tuple[str, ...], message_id: int) -> None:
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
class FakeOutbox:
    """Lowest priority figure first, then oldest."""

    waiting: dict[OutboxKey, tuple[int, OutboxItem]] = field(default_factory=dict)
    seen: set[OutboxKey] = field(default_factory=set)
    troubles: list[Exception] = field(default_factory=list)

    async def put(self, book: str, fact: NumberedFact, priority: int) -> None:
        key = OutboxKey(book, fact.seq)
        if key not in self.seen:
            self.seen.add(key)
            self.waiting[key] = (priority, OutboxItem(key, fact, 0))

    async def next(self) -> OutboxItem | None:
        if self.troubles:
            raise self.troubles.pop()
        ordered = sorted(self.waiting.values(), key=lambda row: (row[0], row[1].key.seq))
        return ordered[0][1] if ordered else None

    async def failed(self, key: OutboxKey) -> None:
        priority, item = self.waiting[key]
        self.waiting[key] = (priority, replace(item, tries=item.tries + 1))

    async def done(self, key: OutboxKey) -> None:
        del self.waiting[key]


def as_ports(
    nonces: FakeNonces, values: FakeValues, outbox: FakeOutbox
) -> tuple[NonceStore, ChatValues, Outbox]:
    """Lets the type checker prove that the fakes are the ports."""
    return nonces, values, outbox
