"""Who else on this machine may read or change what the assistant lives on; looked at at a start.

What is only open is closed, and told. Where somebody else may have written, nobody but the trader
can say whether the content is still theirs: that is refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.adapters.secrets import ensure_private
from engine.errors import ConfigError

_GROUP_MAY_WRITE, _OTHERS_MAY_WRITE = 0o020, 0o002
_MOST_FILES = 100_000  # of a folder that is none of ours


def make_private(data: Path, env_file: Path) -> tuple[str, ...]:
    """The data directory 0700, all in it and the ``.env`` for their owner only; what was not so.

    A ``.env`` of another user (root's, say) is only looked at. Links are left alone.

    Raises:
        ConfigError: something in the data directory belongs to another user.
    """
    mended = [place for place in (data.resolve(), *_files_below(data)) if ensure_private(place)]
    told = [f"{place}: was open to other users of this machine; is private now" for place in mended]
    keys = env_file.resolve()
    if keys.is_file() and keys.stat().st_uid == os.geteuid() and ensure_private(keys):
        told.append(
            f"{env_file}: was open to other users of this machine; is private now. "
            "If anybody else uses it, have new keys issued"
        )
    return tuple(told)


def ensure_unaltered(config: Path | None) -> None:
    """Nobody but its owner and root may change the config file; the group's right is taken away.

    Raises:
        ConfigError: any user may write to it or put another in its place, or it is a stranger's.
    """
    if config is None:
        return
    file = config.resolve()
    try:
        found, folder = file.stat(), file.parent.stat()
    except OSError as error:
        raise ConfigError(f"{config}: cannot be looked at: {error.strerror}") from None
    for place, at in ((file, found), (file.parent, folder)):
        is_kept = place is not file and bool(at.st_mode & stat.S_ISVTX)
        if at.st_mode & _OTHERS_MAY_WRITE and not is_kept:
            raise ConfigError(
                f"{place}: every user of this machine may change it; look through {config}, "
                f"then run: chmod o-w {place}"
            )
    if found.st_uid not in {0, os.geteuid()}:
        raise ConfigError(
            f"{config}: belongs to another user; look through it, then run: "
            f"sudo chown {os.geteuid()} {config}"
        )
    if found.st_uid == os.geteuid() and found.st_mode & _GROUP_MAY_WRITE:
        file.chmod(stat.S_IMODE(found.st_mode) & ~_GROUP_MAY_WRITE)


def _files_below(data: Path) -> Iterator[Path]:
    """Folders before what is in them; no links, sockets or pipes."""
    for count, place in enumerate(sorted(data.resolve().rglob("*"))):
        if count >= _MOST_FILES:
            raise ConfigError(f"{data}: holds more files than a data directory has")
        if not place.is_symlink() and (place.is_file() or place.is_dir()):
            yield place
