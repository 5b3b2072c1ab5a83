"""Puts a backup into a data directory that nobody uses; what it replaces is kept beside."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.adapters.backup.archive import private
from engine.adapters.backup.making import sync, verify
from engine.adapters.backup.manifest import SCHEMAS, SECRETS_FILE, STATE_DB, Manifest
from engine.adapters.backup.retention import stamp_of
from engine.adapters.backup.soundness import sound_version
from engine.adapters.backup.tempering import Keys, temper
from engine.errors import BackupFailed, ConfigError

UNFINISHED = "restore-unfinished"
_STAGING = ".restoring-"
_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """``kept``: the folder with what was replaced, None where nothing was.

    ``kept_secrets``: the directory has secrets of its own, and they stay.
    """

    manifest: Manifest
    kept: Path | None
    kept_secrets: bool


def restore_backup(
    archive: Path, data: Path, keys: Keys, *, now: datetime, is_demo: bool
) -> Restored:
    """The caller holds the directory's lock. Nothing is touched before the archive was checked.

    A restore that is cut off leaves a mark, and no start goes past it (``ensure_finished``).

    Raises:
        ConfigError: not a backup for this program or this directory.
        BackupFailed: it is damaged, or the disk refuses.
    """
    if not archive.is_file():
        raise ConfigError(f"{archive}: no such file")
    try:
        for left in data.glob(f"{_STAGING}*"):  # of a restore that was killed
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=data) as name:
            folder = Path(name)
            manifest = verify(archive, folder)
            _ensure_alike(manifest, archive, data, is_demo=is_demo)
            in_force = data / STATE_DB
            temper(
                folder / STATE_DB,
                in_force if in_force.exists() else None,
                keys,
                made_at=manifest.made_at,
                now=now,
            )
            return _put(manifest, folder, data, now)
    except OSError as error:
        raise BackupFailed(f"{data}: {error.strerror or error}") from None


def ensure_owned(data: Path) -> None:
    """Raises ConfigError where the directory is another user's, who could not read what comes in.

    One that does not exist yet belongs to whoever makes it.
    """
    if data.exists() and data.stat().st_uid != os.geteuid():
        owner = data.stat().st_uid
        raise ConfigError(f"{data}: belongs to user {owner}; run this as that user")


def ensure_finished(data: Path) -> None:
    """Raises ConfigError where a restore was cut off: the files may be of two different times."""
    if (data / UNFINISHED).exists():
        raise ConfigError(f"{data}: a restore was cut off; run the same restore again")


def _ensure_alike(manifest: Manifest, archive: Path, data: Path, *, is_demo: bool) -> None:
    if manifest.is_demo and not is_demo:
        raise ConfigError(f"{archive}: a demo's backup; {data} is no demo's directory")
    if is_demo and not manifest.is_demo:
        raise ConfigError(f"{archive}: not a demo's backup; {data} is a demo's directory")


def _put(manifest: Manifest, folder: Path, data: Path, now: datetime) -> Restored:
    names = [member.name for member in manifest.members]
    has_secrets = (data / SECRETS_FILE).exists()
    mark = data / UNFINISHED
    if not mark.exists():
        with private(mark):
            pass
    kept = _set_aside(data, now)
    for name in names:
        if name in SCHEMAS or not has_secrets:
            (folder / name).replace(data / name)
    sync(data)
    for name in names:
        if name in SCHEMAS:
            sound_version(data / name, SCHEMAS[name])
    mark.unlink()
    sync(data)
    return Restored(manifest, kept, kept_secrets=has_secrets and SECRETS_FILE in names)


def _set_aside(data: Path, now: datetime) -> Path | None:
    """Every database with what SQLite keeps beside it, also those the backup does not have."""
    there = [
        data / f"{name}{beside}"
        for name in SCHEMAS
        for beside in _BESIDE
        if (data / f"{name}{beside}").exists()
    ]
    if not there:
        return None
    kept = _fresh_folder(data / f"replaced-{stamp_of(now)}")
    for path in there:
        path.replace(kept / path.name)
    sync(kept)
    return kept


def _fresh_folder(wanted: Path) -> Path:
    for number in range(100):
        path = wanted if not number else wanted.with_name(f"{wanted.name}-{number}")
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return path
    raise BackupFailed(f"{wanted}: exists a hundred times")
