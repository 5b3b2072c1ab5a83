"""What a tree of files looks like, and in what two looks differ."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

RUNNING = frozenset({"proc", "sys", "dev", "run"})  # made anew by every boot


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or link. ``content``: the sum of a file, the target of a link."""

    mode: int
    owner: tuple[int, int]
    content: str
    written_ns: int


def look(root: Path, leave_out: Collection[str] = RUNNING) -> dict[str, Entry]:
    """Every path below ``root`` but the folders left out, relative to it."""
    return dict(_entries(root, root, frozenset(leave_out)))


def differences(
    before: Mapping[str, Entry], after: Mapping[str, Entry], *, times: bool
) -> dict[str, str]:
    """What became of each path that is not as it was; with ``times`` also if written again."""
    found: dict[str, str] = {}
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None:
            found[path] = "new"
        elif new is None:
            found[path] = "gone"
        elif (old.mode, old.owner, old.content) != (new.mode, new.owner, new.content):
            found[path] = "changed"
        elif times and old.written_ns != new.written_ns:
            found[path] = "written again"
    return found


def _entries(root: Path, folder: Path, leave_out: frozenset[str]) -> Iterator[tuple[str, Entry]]:
    for item in os.scandir(folder):
        path = Path(item.path)
        name = str(path.relative_to(root))
        if name in leave_out:
            continue
        found = path.lstat()
        yield name, Entry(found.st_mode, (found.st_uid, found.st_gid), _content(path), _time(found))
        if stat.S_ISDIR(found.st_mode):
            yield from _entries(root, path, leave_out)


def _content(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _time(found: os.stat_result) -> int:
    return found.st_mtime_ns
