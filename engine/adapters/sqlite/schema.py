"""Tables of the books and of state.db, and the way from an older version to this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from engine.adapters.sqlite.tables_book import BOOK_V1, BOOK_V2, BOOK_V3, BOOK_V4, BOOK_V5, BOOK_V6
from engine.adapters.sqlite.tables_state import STATE_V1, STATE_V2, STATE_V3
from engine.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Schema:
    """``steps[n]`` are the statements that lead from version n to n + 1; version 0 is empty."""

    steps: tuple[tuple[str, ...], ...]

    @property
    def version(self) -> int:
        """What ``PRAGMA user_version`` says after all steps."""
        return len(self.steps)


BOOK = Schema((BOOK_V1, BOOK_V2, BOOK_V3, BOOK_V4, BOOK_V5, BOOK_V6))
STATE = Schema((STATE_V1, STATE_V2, STATE_V3))


async def migrate(connection: aiosqlite.Connection, path: Path, schema: Schema) -> None:
    """Bring the open database to the schema's version in one transaction.

    A database of an older version is first copied to ``<name>.v<n>.bak`` beside it.

    Raises:
        ConfigError: the database is newer than this program, or is not one of ours.
    """
    found = await _figure(connection, "PRAGMA user_version")
    if found == schema.version:
        return
    if found > schema.version:
        raise ConfigError(
            f"{path}: database version {found}, this program knows up to {schema.version}; "
            "start the newer program or restore the .bak copy"
        )
    if found == 0 and await _figure(connection, "SELECT count(*) FROM sqlite_master"):
        raise ConfigError(f"{path}: holds tables but no version 1-{schema.version}; not ours")
    if found > 0:
        await _copy(connection, path, path.with_name(f"{path.name}.v{found}.bak"))
    await connection.execute("BEGIN IMMEDIATE")
    for step in schema.steps[found:]:
        for statement in step:
            await connection.execute(statement)
    await connection.execute(f"PRAGMA user_version = {schema.version}")
    await connection.commit()


async def _figure(connection: aiosqlite.Connection, sql: str) -> int:
    rows = list(await connection.execute_fetchall(sql))
    return int(rows[0][0])


async def _copy(connection: aiosqlite.Connection, path: Path, target: Path) -> None:
    """Copy what is committed, also what is still in the write-ahead log."""
    part = path.with_name(f"{target.name}.part")
    _make_private(part)
    await connection.execute("VACUUM INTO ?", (str(part),))
    part.replace(target)


def _make_private(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
