"""One SQLite file with one writer: durable commits, private files, errors named by reaction.

Writers that come while a commit is running share the next one (docs/adr/0015).
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import aiosqlite

from engine.adapters.sqlite.schema import Schema, migrate
from engine.errors import JournalFailed

BUSY_TIMEOUT_S = 5.0
_TROUBLE = (sqlite3.Error, OSError, ValueError)  # ValueError: aiosqlite's word for "closed"
_PRAGMAS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")
Figure = str | int | None
T = TypeVar("T")


class Transaction:
    """Statements of one writer, in the connection's thread; of no use after its work."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[Figure] = ()) -> list[sqlite3.Row]:
        """Run one statement; its rows, if it returns any. Raises sqlite3.Error."""
        return self._connection.execute(sql, values).fetchall()


@dataclass(slots=True, eq=False)
class _Writer(Generic[T]):
    """One writer's work and what became of it, told to the loop when it is durable."""

    work: Callable[[Transaction], T]
    answer: asyncio.Future[T]
    made: list[T] = field(default_factory=list)
    error: Exception | None = None
    is_withdrawn: bool = False

    def tell(self) -> None:
        """In the loop."""
        if self.is_withdrawn or self.answer.done():
            return  # cancelled meanwhile: nobody listens
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.made[0])


class Database:
    """The only connection to a file; its thread does one thing after the other.

    ``pending`` is the number of operations in flight in the connection's thread.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._connection: _Connection | None = None
        self._waiting: deque[_Writer[Any]] = deque()
        self._is_called = False  # the thread will serve all who wait, and has not begun yet
        self.pending = 0

    async def open(self) -> None:
        """Create or migrate the file (0600, in a directory 0700) and connect.

        Raises:
            ConfigError: the file is newer than this program, or not one of ours.
            JournalFailed: it cannot be opened.
        """
        await self._do(asyncio.to_thread(_make_private, self._path))
        connection = _Connection(self._connect, iter_chunk_size=64)
        await self._do(connection)
        try:
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
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._do(connection.close())

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run all statements of ``work`` or none; returns when they are durable on disk.

        ``work`` runs in the connection's thread, and a second time if another writer of the same
        commit failed: it must do nothing but run statements. A caller that is cancelled before its
        work began has written nothing.

        Raises:
            JournalFailed: a statement or the commit failed; nothing was written.
        """
        connection = self._open_connection()
        writer = _Writer(work, asyncio.get_running_loop().create_future())
        self._waiting.append(writer)
        try:
            if not self._is_called:
                self._is_called = True
                await self._do(connection.run(self._commit_waiting))
            return await self._do(writer.answer)
        except BaseException:
            writer.is_withdrawn = True
            self._is_called = False  # one call too many does no harm
            raise

    async def change(self, sql: str, values: Sequence[Figure] = ()) -> list[sqlite3.Row]:
        """Write by one statement; its rows, if it returns any. Raises JournalFailed."""
        return await self.write(lambda transaction: transaction.run(sql, values))

    async def rows(self, sql: str, values: Sequence[Figure] = ()) -> list[sqlite3.Row]:
        """Read committed rows. Raises JournalFailed."""
        connection = self._open_connection()
        return list(await self._do(connection.execute_fetchall(sql, values)))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    def _open_connection(self) -> _Connection:
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

    def _commit_waiting(self, connection: sqlite3.Connection) -> None:
        """In the connection's thread: one commit for all who wait.

        A writer that comes from here on is served by this call or calls for another: the flag
        falls before the first is taken.
        """
        self._is_called = False
        group: list[_Writer[Any]] = []
        while self._waiting:
            writer = self._waiting.popleft()
            if not writer.is_withdrawn:
                group.append(writer)
        if not group:
            return
        if len(group) == 1 or _commit(connection, group) is not None:
            # Alone, or one of them failed: none of the others may suffer for it.
            for writer in group:
                writer.error = _commit(connection, [writer])
        group[0].answer.get_loop().call_soon_threadsafe(_tell, group)


class _Connection(aiosqlite.Connection):
    """aiosqlite's thread, also for many statements in one go."""

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in the thread, after what was asked for before."""
        done: T = await self._execute(lambda: work(self._conn))  # type: ignore[no-untyped-call]
        return done


def _commit(connection: sqlite3.Connection, group: Sequence[_Writer[Any]]) -> Exception | None:
    """All works of a group in one transaction; the error if nothing of it was written."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        made = [writer.work(Transaction(connection)) for writer in group]
        connection.execute("COMMIT")
    except Exception as error:
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return error
    for writer, result in zip(group, made, strict=True):
        writer.made.append(result)
    return None


def _tell(group: Sequence[_Writer[Any]]) -> None:
    for writer in group:
        writer.tell()


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(path.parent.stat().st_mode) & 0o077:
        path.parent.chmod(0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if stat.S_IMODE(path.stat().st_mode) & 0o177:
        path.chmod(0o600)
