"""Whether a closed database file is whole and one of ours."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from engine.adapters.sqlite.schema import Schema
from engine.errors import BackupFailed, ConfigError

_WELL = "ok"
_OBJECTS = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"

Objects = frozenset[tuple[str, str]]


def sound_version(path: Path, schema: Schema) -> int:
    """The schema version of a file that nobody has open.

    Raises:
        ConfigError: newer than this program, or with tables and triggers that are not ours.
        BackupFailed: SQLite finds it damaged.
    """
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            objects = frozenset((kind, name) for kind, name in connection.execute(_OBJECTS))
    except sqlite3.Error as error:
        raise BackupFailed(f"{path.name}: {error}") from None
    if told != [_WELL]:
        raise BackupFailed(f"{path.name}: {told[0] if told else 'no answer'}")
    if version > schema.version:
        raise ConfigError(
            f"{path.name}: database version {version}, this program knows up to {schema.version}"
        )
    if version < 1 or objects != _objects_of(schema, version):
        raise ConfigError(f"{path.name}: not a database of this program")
    return int(version)


@cache
def _objects_of(schema: Schema, version: int) -> Objects:
    """What a database of that version consists of."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in schema.steps[:version]:
            for statement in step:
                connection.execute(statement)
        return frozenset((kind, name) for kind, name in connection.execute(_OBJECTS))
