"""Makes a backup beside whoever uses the databases, and opens it before it counts."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from engine.adapters.backup.archive import MAX_SECRETS, pack, private, sum_of, unpack
from engine.adapters.backup.manifest import (
    SCHEMAS,
    SECRETS_FILE,
    STATE_DB,
    Manifest,
    Member,
)
from engine.adapters.backup.soundness import sound_version
from engine.errors import BackupFailed, ConfigError

_BUSY_S = 10.0
_STAGING = ".dolpa-backup-"
_LEFT_BEHIND_S = 3600.0
_LAST_DAYS = "SELECT desk, max(exchange_date) FROM facts GROUP BY desk"


def make_backup(
    data: Path, target: Path, *, program: str, now: datetime, is_demo: bool, force: bool = False
) -> Manifest:
    """Write ``target`` (0600) or nothing. ``now``: aware, human time.

    The databases may be in use: each is copied in one read transaction, which keeps no writer
    waiting. Every copy is taken out of the finished archive again and checked.

    Raises:
        ConfigError: the target or the directory does not allow it.
        BackupFailed: a database is damaged or the disk refuses.
    """
    _ensure_allowed(data, target, force=force)
    try:
        with _staging(target.parent, now) as folder:
            manifest = _copied(data, folder, program, now, is_demo=is_demo)
            fresh = folder / "fresh.zip"
            pack(fresh, manifest, folder)
            for member in manifest.members:
                (folder / member.name).unlink()
            verify(fresh, folder)
            fresh.replace(target)
            sync(target.parent)
    except OSError as error:
        raise BackupFailed(f"{target}: {error.strerror or error}") from None
    return manifest


def verify(archive: Path, folder: Path) -> Manifest:
    """Unpack into ``folder`` and open every database. Raises as ``make_backup``."""
    manifest = unpack(archive, folder)
    for member in manifest.members:
        if member.name in SCHEMAS:
            version = sound_version(folder / member.name, SCHEMAS[member.name])
            if version != member.schema:
                raise BackupFailed(f"{member.name}: version {version}, not {member.schema}")
    return manifest


def sync(folder: Path) -> None:
    """What was renamed in the folder stays so over a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ensure_allowed(data: Path, target: Path, *, force: bool) -> None:
    if not (data / STATE_DB).exists():
        raise ConfigError(f"{data}: no {STATE_DB}, so there is nothing to back up")
    if not target.parent.is_dir():
        raise ConfigError(f"{target.parent}: no such folder")
    if target.parent.resolve() == data.resolve():
        raise ConfigError(f"{target}: allowed: any folder but {data} itself")
    if target.is_dir() or (target.exists() and not force):
        raise ConfigError(f"{target}: exists; --force replaces it")


@contextmanager
def _staging(beside: Path, now: datetime) -> Iterator[Path]:
    """A private folder on the target's disk; those of runs that were killed go first."""
    for left in beside.glob(f"{_STAGING}*"):
        if now.timestamp() - left.stat().st_mtime > _LEFT_BEHIND_S:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_STAGING, dir=beside) as folder:
        yield Path(folder)


def _copied(data: Path, folder: Path, program: str, now: datetime, *, is_demo: bool) -> Manifest:
    members = [_database(data / name, folder / name) for name in SCHEMAS if _is_there(data / name)]
    if (data / SECRETS_FILE).exists():
        members.append(_secrets(data / SECRETS_FILE, folder / SECRETS_FILE))
    return Manifest(program, now, is_demo, tuple(members))


def _is_there(path: Path) -> bool:
    """Not an empty file either, as a start leaves it that was cut off."""
    return path.exists() and path.stat().st_size > 0


def _database(source: Path, target: Path) -> Member:
    with private(target):
        pass  # SQLite would make it readable by others
    address = f"{source.resolve().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S)) as original,
            closing(sqlite3.connect(target, isolation_level=None)) as copy,
        ):
            original.backup(copy)  # all pages in one step: one moment of a busy database
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            days = dict(copy.execute(_LAST_DAYS)) if source.name != STATE_DB else None
    except sqlite3.Error as error:
        raise BackupFailed(f"{source.name}: {error}") from None
    version = sound_version(target, SCHEMAS[source.name])
    return Member(source.name, target.stat().st_size, sum_of(target), version, days)


def _secrets(source: Path, target: Path) -> Member:
    """As it is: encrypted, and of no use without the passphrase."""
    if source.stat().st_size > MAX_SECRETS:
        raise ConfigError(f"{source}: larger than {MAX_SECRETS} bytes")
    with private(target) as file:
        file.write(source.read_bytes())
    return Member(source.name, target.stat().st_size, sum_of(target))
