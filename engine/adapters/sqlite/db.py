"""One SQLite file with one writer: durable commits, private files, errors named by reaction."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

import aiosqlite

from engine.adapters.sqlite.schema import Schema, migrate
from engine.errors import JournalFailed

BUSY_TIMEOUT_S = 5.0
_TROUBLE = (sqlite3.Error, OSError, ValueError)  # ValueError: aiosqlite's word for "closed"
_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
Figure = str | int | None
T = TypeVar("T")


class Database:
    """The only connection to a file; transactions and reads wait for each other in order.

    ``pending`` is the number of operations in flight in the connection's thread.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._connection: aiosqlite.Connection | None = None
        self._turn = asyncio.Lock()
        self.pending = 0

    async def open(self) -> None:
        """Create or migrate the file (0600, in a directory 0700) and connect.

        Raises:
            ConfigError: the file is newer than this program, or not one of ours.
            JournalFailed: it cannot be opened.
        """
        await self._do(asyncio.to_thread(_make_private, self._path))
        connecting = aiosqlite.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        connection = await self._do(connecting)
        try:
            connection.row_factory = sqlite3.Row
            # First: a file that is refused must stay as it was.
            await self._do(migrate(connection, self._path, self._schema))
            for pragma in _PRAGMAS:
                await self._do(connection.execute_fetchall(pragma))
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def close(self) -> None:
        """Wait for what is in flight, then close. Closing twice is harmless."""
        async with self._turn:
            connection, self._connection = self._connection, None
            if connection is not None:
                await self._do(connection.close())

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """All statements or none; durable on disk when the block was left.

        Raises:
            JournalFailed: a statement or the commit failed; nothing was written.
        """
        async with self._turn:
            connection = self._open_connection()
            try:
                await self._do(connection.execute_fetchall("BEGIN IMMEDIATE"))
                yield Transaction(self, connection)
                await self._do(connection.commit())
            except BaseException:
                # Also when cancelled: the thread works in order, so this ends what was begun.
                with suppress(JournalFailed):
                    await self._do(connection.rollback())
                raise

    async def rows(self, sql: str, values: Sequence[Figure] = ()) -> list[sqlite3.Row]:
        """Read committed rows. Raises JournalFailed."""
        async with self._turn:
            connection = self._open_connection()
            return list(await self._do(connection.execute_fetchall(sql, values)))

    def _open_connection(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise JournalFailed(f"{self._path.name}: closed")
        return self._connection

    async def _do(self, work: Awaitable[T]) -> T:
        self.pending += 1
        try:
            return await work
        except _TROUBLE as error:
            raise JournalFailed(f"{self._path.name}: {error}") from error
        finally:
            self.pending -= 1


class Transaction:
    """Statements of one open transaction; of no use after its block."""

    def __init__(self, database: Database, connection: aiosqlite.Connection) -> None:
        self._database = database
        self._connection = connection

    async def run(self, sql: str, values: Sequence[Figure] = ()) -> list[sqlite3.Row]:
        """Run one statement; its rows, if it returns any. Raises JournalFailed."""
        work = self._connection.execute_fetchall(sql, values)
        return list(await self._database._do(work))


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(path.parent.stat().st_mode) & 0o077:
        path.parent.chmod(0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if stat.S_IMODE(path.stat().st_mode) & 0o177:
        path.chmod(0o600)
