"""The archive: written whole, read with suspicion. A zip of known names and nothing else."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.adapters.backup.manifest import MANIFEST, SECRETS_FILE, Manifest, Member
from engine.errors import BackupFailed, ConfigError

MAX_DATABASE = 4 * 2**30
MAX_SECRETS = 2**20
_MAX_MANIFEST = 64 * 2**10
_ROOM = 64 * 2**20  # bytes that must stay free
_CHUNK = 2**20
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def pack(target: Path, manifest: Manifest, folder: Path) -> None:
    """Write the archive (0600) of the manifest's members, which lie in ``folder``."""
    with (
        private(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
    ):
        archive.writestr(MANIFEST, manifest.encode())
        for member in manifest.members:
            archive.write(folder / member.name, member.name)


def unpack(path: Path, folder: Path) -> Manifest:
    """Write every member into ``folder`` (files 0600), each with the size and sum that was named.

    Raises:
        ConfigError: it is no backup of ours, or more than one may hold.
        BackupFailed: it is damaged, or the disk is too full for it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            members = _checked(archive, manifest, path)
            _ensure_room(folder, manifest.members)
            for member, info in members:
                with archive.open(info) as source, private(folder / member.name) as target:
                    _copy(source, target, member)
    except _BROKEN as error:
        raise ConfigError(f"{path}: not a backup, or damaged ({type(error).__name__})") from None
    return manifest


def sum_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner alone (0600), on disk when this ends."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
    except KeyError:
        raise ConfigError(f"{path}: not a backup: no {MANIFEST}") from None
    if info.file_size > _MAX_MANIFEST:
        raise ConfigError(f"{path}: {MANIFEST} is larger than {_MAX_MANIFEST} bytes")
    with archive.open(info) as file:
        return Manifest.decode(file.read(_MAX_MANIFEST))


def _checked(
    archive: zipfile.ZipFile, manifest: Manifest, path: Path
) -> list[tuple[Member, zipfile.ZipInfo]]:
    """The members with their entries. Raises ConfigError where the two do not fit."""
    entries = archive.infolist()
    wanted = {MANIFEST, *(member.name for member in manifest.members)}
    if len(entries) != len(wanted) or {entry.filename for entry in entries} != wanted:
        raise ConfigError(f"{path}: holds other files than its {MANIFEST} names")
    found = []
    for member in manifest.members:
        info = archive.getinfo(member.name)
        most = MAX_SECRETS if member.name == SECRETS_FILE else MAX_DATABASE
        if info.file_size != member.size or member.size > most or info.compress_type not in _KINDS:
            raise ConfigError(f"{path}: {member.name} is not as named; allowed: {most} bytes")
        found.append((member, info))
    return found


def _ensure_room(folder: Path, members: Iterable[Member]) -> None:
    needed = sum(member.size for member in members) + _ROOM
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupFailed(f"{folder}: {free // 2**20} MB free, {needed // 2**20} MB are needed")


def _copy(source: IO[bytes], target: IO[bytes], member: Member) -> None:
    """Never more than was named, whatever the entry claims."""
    told, left = hashlib.sha256(), member.size
    while chunk := source.read(min(_CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            break
        told.update(chunk)
        target.write(chunk)
    if left or told.hexdigest() != member.sha256:
        raise BackupFailed(f"{member.name}: damaged: size or sum are not as named")
