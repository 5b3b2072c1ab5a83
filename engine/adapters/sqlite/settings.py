"""Durable answers of people in state.db. Every change leaves a row in ``audit``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.adapters.sqlite.codec import read, stamp
from engine.adapters.sqlite.db import Database, Transaction
from engine.model.ids import DeskName, DeskState, Mode
from engine.ports.settings import Guard, Latches, Override

_SET_OVERRIDE = """
INSERT INTO overrides (key, value, old, user_id, at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, old = excluded.old,
    user_id = excluded.user_id, at = excluded.at
"""
_SET_USER = """
INSERT INTO latches
    (desk, user_latch, guard_latch, guard_reason, guard_measured, guard_limit, at)
VALUES (?, ?, 'running', '', '', '', ?)
ON CONFLICT (desk) DO UPDATE SET user_latch = excluded.user_latch, at = excluded.at
"""
_SET_GUARD = """
INSERT INTO latches
    (desk, user_latch, guard_latch, guard_reason, guard_measured, guard_limit, at)
VALUES (?, 'running', ?, ?, ?, ?, ?)
ON CONFLICT (desk) DO UPDATE SET guard_latch = excluded.guard_latch,
    guard_reason = excluded.guard_reason, guard_measured = excluded.guard_measured,
    guard_limit = excluded.guard_limit, at = excluded.at
"""
_SET_MODE = """
INSERT INTO modes (desk, mode, at) VALUES (?, ?, ?)
ON CONFLICT (desk) DO UPDATE SET mode = excluded.mode, at = excluded.at
"""
_AUDIT = "INSERT INTO audit (at, user_id, action, subject, old, new) VALUES (?, ?, ?, ?, ?, ?)"
_LATCHES = """
SELECT user_latch, guard_latch, guard_reason, guard_measured, guard_limit
FROM latches WHERE desk = ?
"""


class SqliteSettings:
    """Implements ports.settings.SettingsStore. Everything raises JournalFailed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def overrides(self) -> Mapping[str, Override]:
        """Values set from chat, by key."""
        rows = await self._db.rows("SELECT key, value, old, user_id, at FROM overrides")
        return {
            row["key"]: Override(
                key=row["key"],
                value=row["value"],
                old=row["old"],
                user_id=row["user_id"],
                at=read(datetime.fromisoformat, row["at"]),
            )
            for row in rows
        }

    async def set_override(self, override: Override) -> None:
        """Store it with an audit row."""
        key, value, old, at = override.key, override.value, override.old, stamp(override.at)

        def write(transaction: Transaction) -> None:
            transaction.run(_SET_OVERRIDE, (key, value, old, override.user_id, at))
            transaction.run(_AUDIT, (at, override.user_id, "set", key, old, value))

        await self._db.write(write)

    async def clear_override(self, key: str, user_id: int, at: datetime) -> None:
        """Fall back to the file's value, with an audit row; nothing if there was no override."""
        when = stamp(at)

        def write(transaction: Transaction) -> None:
            gone = transaction.run("DELETE FROM overrides WHERE key = ? RETURNING value", (key,))
            if gone:
                transaction.run(_AUDIT, (when, user_id, "clear", key, gone[0]["value"], ""))

        await self._db.write(write)

    async def latches(self, desk: DeskName) -> Latches:
        """The desk's latches, both open before the first change."""
        rows = await self._db.rows(_LATCHES, (desk,))
        if not rows:
            return Latches()
        user, guard, reason, measured, limit = rows[0]
        return Latches(
            read(DeskState, user), Guard(read(DeskState, guard), reason, measured, limit)
        )

    async def set_user_latch(
        self, desk: DeskName, state: DeskState, user_id: int, at: datetime
    ) -> None:
        """Persist the user's latch; the guard's stays as it is."""
        when = stamp(at)

        def write(transaction: Transaction) -> None:
            rows = transaction.run(_LATCHES, (desk,))
            old = rows[0]["user_latch"] if rows else DeskState.RUNNING.value
            if old != state.value:
                transaction.run(_SET_USER, (desk, state.value, when))
                row = (when, user_id, "user latch", desk, old, state.value)
                transaction.run(_AUDIT, row)

        await self._db.write(write)

    async def set_guard_latch(self, desk: DeskName, guard: Guard, at: datetime) -> None:
        """Persist the guard's latch; the user's stays as it is."""
        new = (guard.state.value, guard.reason, guard.measured, guard.limit)
        when = stamp(at)

        def write(transaction: Transaction) -> None:
            rows = transaction.run(_LATCHES, (desk,))
            old = tuple(rows[0])[1:] if rows else (DeskState.RUNNING.value, "", "", "")
            if new != old:
                transaction.run(_SET_GUARD, (desk, *new, when))
                words = (" ".join(old).strip(), " ".join(new).strip())
                transaction.run(_AUDIT, (when, None, "guard latch", desk, *words))

        await self._db.write(write)

    async def mode(self, desk: DeskName) -> Mode | None:
        """The mode last in force, None before the first start."""
        rows = await self._db.rows("SELECT mode FROM modes WHERE desk = ?", (desk,))
        return read(Mode, rows[0]["mode"]) if rows else None

    async def set_mode(self, desk: DeskName, mode: Mode, user_id: int | None, at: datetime) -> None:
        """Persist the mode in force, with an audit row."""
        when = stamp(at)

        def write(transaction: Transaction) -> None:
            rows = transaction.run("SELECT mode FROM modes WHERE desk = ?", (desk,))
            old = rows[0]["mode"] if rows else ""
            transaction.run(_SET_MODE, (desk, mode, when))
            transaction.run(_AUDIT, (when, user_id, "mode", desk, old, mode))

        await self._db.write(write)
