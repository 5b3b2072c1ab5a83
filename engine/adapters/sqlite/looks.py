"""Read-only looks at the databases of a directory, from a thread; none of them creates a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.adapters.sqlite.snapshots import SNAPSHOT, join
from engine.model.ids import DeskName, Mode

_WELL = "ok"
_DAYS = "SELECT DISTINCT exchange_date FROM facts WHERE desk = ? AND kind = 'DaySummary'"
_SALES = "SELECT count(DISTINCT client_order_id) FROM fills WHERE desk = ? AND side = 'sell'"
_ACCOUNT = "SELECT account FROM facts WHERE desk = ? ORDER BY seq DESC LIMIT 1"
_MODE = "SELECT mode FROM modes WHERE desk = ?"
# A book that was last open in an older version is brought up to date when it is opened again.
_VERSION = "PRAGMA user_version"
_PARTS_SINCE = 3
_OLD_SNAPSHOT = "SELECT '', '{\"value\":' || json || '}' FROM snapshots WHERE desk = ?"


@dataclass(frozen=True, slots=True)
class Practised:
    """Days that the desk ran to their end, and sell orders of its own that were filled."""

    days: frozenset[date] = frozenset()
    trades: int = 0

    def __add__(self, other: Practised) -> Practised:
        return Practised(self.days | other.days, self.trades + other.trades)


def unsound(data: Path) -> str:
    """The first database that SQLite finds damaged, and how; empty when all are sound."""
    for path in sorted(data.glob("*.db")):
        try:
            with _opened(path) as connection:
                told = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            told = str(error)
        if told != _WELL:
            return f"{path.name}: {told}"
    return ""


def practised(data: Path, desk: DeskName, mode: Mode) -> Practised:
    """What the mode's book has of the desk; nothing where there is no book.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    path = data / f"{mode}.db"
    if not _is_book(path):
        return Practised()
    with _opened(path) as connection:
        days = [row[0] for row in connection.execute(_DAYS, (desk,))]
        (trades,) = connection.execute(_SALES, (desk,)).fetchone()
    return Practised(frozenset(date.fromisoformat(day) for day in days), trades)


def account_of(data: Path, desk: DeskName, mode: Mode) -> str:
    """The account (hashed) that the desk's part of the book is of; empty: of none yet.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    return _text(data / f"{mode}.db", _ACCOUNT, desk)


def mode_of(data: Path, desk: DeskName) -> Mode | None:
    """The mode the desk was in last; None where it never ran.

    Raises:
        sqlite3.Error: state.db cannot be read.
    """
    text = _text(data / "state.db", _MODE, desk)
    return Mode(text) if text else None


def overrides_of(data: Path) -> Mapping[str, str]:
    """What was set from the chat, by key; nothing where no desk ever ran.

    Raises:
        sqlite3.Error: state.db cannot be read.
    """
    path = data / "state.db"
    if not _is_book(path):
        return {}
    with _opened(path) as connection:
        return dict(connection.execute("SELECT key, value FROM overrides").fetchall())


def snapshot_of(data: Path, desk: DeskName, mode: Mode) -> Mapping[str, object] | None:
    """The desk's last durable state in the mode's book.

    Raises:
        sqlite3.Error, JournalFailed: it cannot be read.
    """
    path = data / f"{mode}.db"
    if not _is_book(path):
        return None
    with _opened(path) as connection:
        (version,) = connection.execute(_VERSION).fetchone()
        sql = SNAPSHOT if version >= _PARTS_SINCE else _OLD_SNAPSHOT
        parts = connection.execute(sql, (desk,)).fetchall()
    return join(parts) if parts else None


def _text(path: Path, sql: str, desk: DeskName) -> str:
    if not _is_book(path):
        return ""
    with _opened(path) as connection:
        row = connection.execute(sql, (desk,)).fetchone()
    return "" if row is None else str(row[0])


def _is_book(path: Path) -> bool:
    """Whether there is one, and not an empty file from a start that was cut off."""
    return path.exists() and path.stat().st_size > 0


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # Beside one that nobody has open even a reader would leave the files of its write-ahead log.
    is_open = path.with_name(f"{path.name}-wal").exists()
    address = f"{path.resolve().as_uri()}?{'mode=ro' if is_open else 'immutable=1'}"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield connection
