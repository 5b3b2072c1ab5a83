"""One file, one writer: private, durable, migrated with care, failing by name."""

import asyncio
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database, Transaction
from engine.adapters.sqlite.schema import BOOK, STATE, Schema
from engine.errors import ConfigError, JournalFailed

ONE = ("CREATE TABLE notes (text TEXT NOT NULL)",)
TWO = ("ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody'",)
BROKEN = ("ALTER TABLE notes ADD COLUMN mood TEXT", "CREATE TABLE notes (again TEXT)")
WRITE = "INSERT INTO notes (text) VALUES (?)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "live.db"


@pytest.fixture
async def notes(path: Path) -> AsyncIterator[Database]:
    async with Database(path, Schema((ONE,))) as db:
        yield db


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def content(path: Path) -> bytes:
    return path.read_bytes()


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


async def write(db: Database, text: str) -> None:
    await db.change(WRITE, (text,))


def broken(transaction: Transaction) -> None:
    transaction.run(WRITE, ("half",))
    transaction.run("INSERT INTO nowhere VALUES (1)")


async def texts(db: Database) -> list[str]:
    return [row["text"] for row in await db.rows("SELECT text FROM notes ORDER BY rowid")]


async def pages_logged(path: Path) -> int:
    [(_, pages, _)] = await asyncio.to_thread(ask, path, "PRAGMA wal_checkpoint(PASSIVE)")
    return int(str(pages))


@asynccontextmanager
async def held(db: Database) -> AsyncIterator[asyncio.Future[None]]:
    """A commit that runs until the block is left."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(transaction: Transaction) -> None:
        transaction.run(WRITE, ("held",))
        begun.set()
        go_on.wait(10)

    holder = asyncio.ensure_future(db.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    yield holder
    go_on.set()
    await asyncio.wait([holder])


@pytest.mark.parametrize("schema", [BOOK, STATE], ids=["book", "state"])
async def test_a_new_file_gets_the_present_version(path: Path, schema: Schema) -> None:
    async with Database(path, schema):
        pass
    assert ask(path, "PRAGMA user_version") == [(schema.version,)]
    assert list(path.parent.glob("*.bak")) == []


async def test_file_and_directory_are_private(notes: Database, path: Path) -> None:
    await write(notes, "secret")
    assert mode_of(path.parent) == 0o700
    assert {entry.name: mode_of(entry) for entry in path.parent.iterdir()} == {
        "live.db": 0o600,
        "live.db-wal": 0o600,
        "live.db-shm": 0o600,
    }


async def test_a_file_left_open_to_others_is_closed_to_them(path: Path) -> None:
    await asyncio.to_thread(path.parent.mkdir, mode=0o755)
    await asyncio.to_thread(path.touch, mode=0o644)
    async with Database(path, Schema((ONE,))):
        assert (mode_of(path.parent), mode_of(path)) == (0o700, 0o600)


async def test_commits_are_durable_and_logged_ahead(notes: Database) -> None:
    assert [tuple(row) for row in await notes.rows("PRAGMA journal_mode")] == [("wal",)]
    assert [tuple(row) for row in await notes.rows("PRAGMA synchronous")] == [(2,)]


async def test_an_older_file_is_copied_before_it_is_changed(path: Path) -> None:
    async with Database(path, Schema((ONE,))) as db:
        await write(db, "before")
    async with Database(path, Schema((ONE, TWO))) as db:
        rows = await db.rows("SELECT text, author FROM notes")
        assert [tuple(row) for row in rows] == [("before", "nobody")]
    copy = path.with_name("live.db.v1.bak")
    assert mode_of(copy) == 0o600
    assert ask(copy, "PRAGMA user_version") == [(1,)]
    assert ask(copy, "SELECT * FROM notes") == [("before",)]
    assert list(path.parent.glob("*.part")) == []


async def test_a_failed_migration_changes_nothing(path: Path) -> None:
    async with Database(path, Schema((ONE,))) as db:
        await write(db, "before")
    with pytest.raises(JournalFailed):
        await Database(path, Schema((ONE, BROKEN))).open()
    assert ask(path, "PRAGMA user_version") == [(1,)]
    assert ask(path, "SELECT * FROM notes") == [("before",)]


async def test_a_newer_file_is_refused_by_name_and_left_alone(path: Path) -> None:
    async with Database(path, Schema((ONE, TWO))) as db:
        await write(db, "from the future")
    before = content(path)
    with pytest.raises(ConfigError, match=r"live\.db: database version 2, .* up to 1"):
        await Database(path, Schema((ONE,))).open()
    assert content(path) == before
    assert list(path.parent.glob("*.bak")) == []


async def test_a_file_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    ask(path, "CREATE TABLE photos (name TEXT)")
    before = content(path)
    with pytest.raises(ConfigError, match="not ours"):
        await Database(path, BOOK).open()
    assert content(path) == before


async def test_a_file_that_is_no_database_fails_by_name(path: Path) -> None:
    path.parent.mkdir()
    await asyncio.to_thread(path.write_bytes, b"not a database, " * 512)
    with pytest.raises(JournalFailed, match=r"live\.db"):
        await Database(path, BOOK).open()


async def test_a_directory_that_cannot_be_made_fails_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(JournalFailed):
        await Database(tmp_path / "data" / "live.db", BOOK).open()


async def test_a_failing_writer_writes_nothing(notes: Database) -> None:
    with pytest.raises(JournalFailed, match="nowhere"):
        await notes.write(broken)
    assert await texts(notes) == []


async def test_each_writer_gets_its_own_answer(notes: Database) -> None:
    def add(text: str) -> Callable[[Transaction], int]:
        return lambda transaction: int(transaction.run(f"{WRITE} RETURNING rowid", (text,))[0][0])

    numbers = await asyncio.gather(*(notes.write(add(str(n))) for n in range(16)))
    assert sorted(numbers) == list(range(1, 17))
    rows = await notes.rows("SELECT rowid, text FROM notes ORDER BY rowid")
    assert [tuple(row) for row in rows] == [(n, str(n - 1)) for n in numbers]


async def test_writers_that_come_during_a_commit_share_the_next(
    notes: Database, path: Path
) -> None:
    async with held(notes):
        waiting = [asyncio.ensure_future(write(notes, str(n))) for n in range(16)]
        await asyncio.sleep(0)
        before = await pages_logged(path)
        assert not any(one.done() for one in waiting)
    await asyncio.gather(*waiting)
    # Each commit appends at least one page to the log.
    assert await pages_logged(path) - before < 4
    assert await texts(notes) == ["held", *map(str, range(16))]


async def test_an_acknowledged_row_is_on_disk_for_anybody_else(notes: Database, path: Path) -> None:
    async def and_look(text: str) -> bool:
        await write(notes, text)
        return (text,) in await asyncio.to_thread(ask, path, "SELECT text FROM notes")

    assert all(await asyncio.gather(*(and_look(str(n)) for n in range(16))))


async def test_a_writer_that_fails_spoils_no_other_of_the_same_commit(notes: Database) -> None:
    async with held(notes):
        good = [asyncio.ensure_future(write(notes, str(n))) for n in range(3)]
        bad = asyncio.ensure_future(notes.write(broken))
        later = asyncio.ensure_future(write(notes, "later"))
        await asyncio.sleep(0)
    with pytest.raises(JournalFailed, match="nowhere"):
        await bad
    await asyncio.gather(*good, later)
    assert await texts(notes) == ["held", "0", "1", "2", "later"]


async def test_a_writer_too_large_for_the_disk_spoils_no_other(notes: Database) -> None:
    [pages] = await notes.rows("PRAGMA page_count")
    await notes.rows(f"PRAGMA max_page_count = {pages[0] + 1}")
    async with held(notes):
        small = asyncio.ensure_future(write(notes, "small"))
        large = asyncio.ensure_future(write(notes, "x" * 100_000))
        last = asyncio.ensure_future(write(notes, "last"))
        await asyncio.sleep(0)
    with pytest.raises(JournalFailed, match="full"):
        await large
    await asyncio.gather(small, last)
    assert await texts(notes) == ["held", "small", "last"]


async def test_a_writer_cancelled_while_it_waits_writes_nothing_and_frees_the_way(
    notes: Database,
) -> None:
    async with held(notes):
        waiting = [asyncio.ensure_future(write(notes, str(n))) for n in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[1], asyncio.CancelledError)
    assert await texts(notes) == ["held", "0", "2"]


async def test_a_writer_cancelled_while_its_commit_runs_is_written_once(notes: Database) -> None:
    async with held(notes) as holder:
        holder.cancel()
        await asyncio.sleep(0)
    assert await texts(notes) == ["held"]


async def test_a_writer_cancelled_at_any_step_never_leaves_a_transaction(notes: Database) -> None:
    for steps in range(12):
        task = asyncio.ensure_future(write(notes, str(steps)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await write(notes, "after")
    rows = await notes.rows("SELECT count(*) AS n FROM notes WHERE text = 'after'")
    assert rows[0]["n"] == 12


async def test_what_was_written_before_closing_is_kept(path: Path) -> None:
    async with Database(path, Schema((ONE,))) as db:
        writing = asyncio.ensure_future(write(db, "last words"))
        await asyncio.sleep(0)
    await writing
    assert ask(path, "SELECT * FROM notes") == [("last words",)]


async def test_pending_counts_what_is_in_flight(notes: Database) -> None:
    assert notes.pending == 0
    reading = asyncio.ensure_future(notes.rows("SELECT 1"))
    await asyncio.sleep(0)
    assert notes.pending == 1
    await reading
    assert notes.pending == 0


async def test_a_closed_file_raises_for_reads_and_writes(notes: Database) -> None:
    await notes.close()
    with pytest.raises(JournalFailed, match="closed"):
        await notes.rows("SELECT 1")
    with pytest.raises(JournalFailed, match="closed"):
        await write(notes, "too late")
    await notes.close()
