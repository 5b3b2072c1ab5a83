"""What the chat remembers over a restart: buttons, small values, alerts not yet delivered."""

from __future__ import annotations

import secrets
from datetime import datetime

from engine.adapters.sqlite.codec import dump_fact, load_fact, read, stamp
from engine.adapters.sqlite.db import Database
from engine.model.ids import DeskName
from engine.ports.chat_store import OutboxItem, OutboxKey
from engine.ports.journal import NumberedFact

_NONCE_BYTES = 9  # 12 URL-safe characters
_TAKE = """
DELETE FROM nonces
WHERE nonce = ? AND user_id = ? AND message_id = ? AND expires_at > ? RETURNING action
"""
_NEXT = """
SELECT book, seq, at, desk, fact, tries FROM outbox
WHERE done = 0 ORDER BY priority, at, seq LIMIT 1
"""


class SqliteNonces:
    """Implements ports.chat_store.NonceStore. Everything raises JournalFailed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def create(self, user_id: int, action: str, expires_at: datetime) -> str:
        """A fresh nonce for one button."""
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        async with self._db.transaction() as transaction:
            await transaction.run(
                "INSERT INTO nonces (nonce, user_id, action, expires_at) VALUES (?, ?, ?, ?)",
                (nonce, user_id, action, stamp(expires_at)),
            )
        return nonce

    async def bind(self, nonces: tuple[str, ...], message_id: int) -> None:
        """Tie buttons to the message that shows them, once and for all."""
        async with self._db.transaction() as transaction:
            for nonce in nonces:
                await transaction.run(
                    "UPDATE nonces SET message_id = ? WHERE nonce = ? AND message_id IS NULL",
                    (message_id, nonce),
                )

    async def take(self, nonce: str, user_id: int, message_id: int, now: datetime) -> str | None:
        """The action, once; the message's other buttons and all expired ones go with it."""
        async with self._db.transaction() as transaction:
            taken = await transaction.run(_TAKE, (nonce, user_id, message_id, stamp(now)))
            if not taken:
                return None
            await transaction.run(
                "DELETE FROM nonces WHERE (user_id = ? AND message_id = ?) OR expires_at <= ?",
                (user_id, message_id, stamp(now)),
            )
            return str(taken[0]["action"])


class SqliteChatValues:
    """Implements ports.chat_store.ChatValues. Everything raises JournalFailed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        """The value or None."""
        rows = await self._db.rows("SELECT value FROM chat_values WHERE key = ?", (key,))
        return str(rows[0]["value"]) if rows else None

    async def put(self, key: str, value: str) -> None:
        """Store it."""
        async with self._db.transaction() as transaction:
            await transaction.run(
                "INSERT INTO chat_values (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )


class SqliteOutbox:
    """Implements ports.chat_store.Outbox. Everything raises JournalFailed.

    A delivered item leaves its (book, seq) behind, so that a replayed fact is not told twice.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, book: str, fact: NumberedFact, priority: int) -> None:
        """Add once: the same (book, seq) again changes nothing, delivered or not."""
        async with self._db.transaction() as transaction:
            await transaction.run(
                "INSERT INTO outbox (book, seq, priority, at, desk, fact)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (book, seq) DO NOTHING",
                (book, fact.seq, priority, stamp(fact.at), fact.desk, dump_fact(fact.fact)),
            )

    async def next(self) -> OutboxItem | None:
        """The most urgent, then oldest item; None when there is none."""
        rows = await self._db.rows(_NEXT)
        if not rows:
            return None
        row = rows[0]
        at, desk = read(datetime.fromisoformat, row["at"]), read(DeskName, row["desk"])
        fact = NumberedFact(row["seq"], at, desk, load_fact(row["fact"]))
        return OutboxItem(OutboxKey(row["book"], row["seq"]), fact, row["tries"])

    async def failed(self, key: OutboxKey) -> None:
        """Count a try that brought nothing."""
        await self._change("UPDATE outbox SET tries = tries + 1 WHERE book = ? AND seq = ?", key)

    async def done(self, key: OutboxKey) -> None:
        """Delivered (or dropped on purpose); its words are no longer kept."""
        await self._change("UPDATE outbox SET done = 1, fact = '' WHERE book = ? AND seq = ?", key)

    async def _change(self, sql: str, key: OutboxKey) -> None:
        async with self._db.transaction() as transaction:
            await transaction.run(sql, (key.book, key.seq))
