"""What the chat remembers over a restart: buttons and small values."""

from __future__ import annotations

import secrets
from datetime import datetime

from engine.adapters.sqlite.codec import stamp
from engine.adapters.sqlite.db import Database, Transaction

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
        await self._db.change(
            "INSERT INTO nonces (nonce, user_id, action, expires_at) VALUES (?, ?, ?, ?)",
            (nonce, user_id, action, stamp(expires_at)),
        )
        return nonce

    async def bind(self, nonces: tuple[str, ...], message_id: int) -> None:
        """Tie buttons to the message that shows them, once and for all."""

        def write(transaction: Transaction) -> None:
            for nonce in nonces:
                transaction.run(
                    "UPDATE nonces SET message_id = ? WHERE nonce = ? AND message_id IS NULL",
                    (message_id, nonce),
                )

        await self._db.write(write)

    async def take(self, nonce: str, user_id: int, message_id: int, now: datetime) -> str | None:
        """The action, once; the message's other buttons and all expired ones go with it."""
        at = stamp(now)

        def write(transaction: Transaction) -> str | None:
            taken = transaction.run(_TAKE, (nonce, user_id, message_id, at))
            if not taken:
                return None
            transaction.run(
                "DELETE FROM nonces WHERE (user_id = ? AND message_id = ?) OR expires_at <= ?",
                (user_id, message_id, at),
            )
            return str(taken[0]["action"])

        return await self._db.write(write)


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
        await self._db.change(
            "INSERT INTO chat_values (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )
