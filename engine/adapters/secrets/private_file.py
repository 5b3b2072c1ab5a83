"""Files that only their owner may read, replaced in one step or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import ConfigError

DIRECTORY_MODE, FILE_MODE = 0o700, 0o600
_OTHERS_MAY = 0o077


def replace_file(
    path: Path,
    content: bytes,
    verify: Callable[[Path], object] | None = None,
    mode: int = FILE_MODE,
) -> None:
    """Write ``path`` anew: a crash leaves the old content or the new one, never a part.

    Written by root it stays its owner's: the service could not read it otherwise.

    ``verify`` looks at the written file before it takes the old one's place; what it raises
    leaves the old one. Raises OSError.
    """
    path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _give(descriptor, path if path.exists() else path.parent)
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if verify is not None:
            verify(fresh)
        fresh.replace(path)
        _sync_directory(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def overwrite(descriptor: int) -> None:
    """Put noise over what an open file holds, as far as the disk lets a program do that."""
    size = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, os.urandom(size))
    os.fsync(descriptor)


def ensure_private(path: Path) -> bool:
    """Take group's and others' rights from a file or directory of ours; True if they had any.

    Raises:
        ConfigError: it belongs to another user, or it is neither file nor directory.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigError(f"{path}: cannot be looked at: {error.strerror}") from None
    is_directory = stat.S_ISDIR(found.st_mode)
    if not is_directory and not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path}: must be a plain file or directory, no link or device")
    if found.st_uid != os.geteuid() != 0:
        raise ConfigError(
            f"{path}: belongs to another user; run as that user, or: "
            f"sudo chown {os.geteuid()} {path}"
        )
    if not stat.S_IMODE(found.st_mode) & _OTHERS_MAY:
        return False
    path.chmod(DIRECTORY_MODE if is_directory else FILE_MODE)
    return True


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """One program at a time changes files here; ConfigError at once where another one does."""
    directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"{directory}: another command changes the secrets; let it end first"
            ) from None
        yield
    finally:
        os.close(descriptor)


def _give(descriptor: int, pattern: Path) -> None:
    if os.geteuid() == 0:
        owner = pattern.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
