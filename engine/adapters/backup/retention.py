"""Names of the backups in a folder, and which of them are old. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"dolpa-[0-9]{8}T[0-9]{6}Z\.zip")


def stamp_of(at: datetime) -> str:
    """A moment as part of a name; later ones sort later."""
    return at.astimezone(UTC).strftime(_STAMP)


def name_of(at: datetime) -> str:
    """The name of a backup made at this time."""
    return f"dolpa-{stamp_of(at)}.zip"


def superseded(names: Iterable[str], keep: int) -> tuple[str, ...]:
    """All of ours but the newest ``keep``, oldest first. Other files are never named."""
    ours = sorted(name for name in names if _NAME.fullmatch(name))
    return tuple(ours[:-keep])
