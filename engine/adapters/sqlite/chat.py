"""What the chat remembers over a restart: buttons and small values."""

from __future__ import annotations

import secrets
from datetime import datetime

from engine.adapters.sqlite.codec import stamp
from engine.adapters.sqlite.db import Database

_NONCE_BYTES = 9  # 12 URL-safe characters
_TAKE = """
DELETE FROM nonces
WHERE nonce = ? AND user_id = ? AND message_id = ? AND expires_at > ? RETURNING action
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
