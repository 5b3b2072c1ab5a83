"""Which language a command of the machine speaks, known before anything else is."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal.here import options_in

MAX_BYTES = 64 * 1024  # what is longer is refused later, and costs neither time nor memory here
_CONFIG = "--config"
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # for the other end of a pipe
_LINE = re.compile(r"""^["']?language["']?\s*:\s*["']?(ko|en)\b""", re.MULTILINE | re.IGNORECASE)


def language_of(config: Path) -> Lang:
    """The file's, also where the rest of it is wrong; Korean where it says none or is no file."""
    try:
        found = _LINE.search(_beginning(config))
    except (OSError, ValueError):
        return Lang.KO
    return Lang(found[1].casefold()) if found else Lang.KO


def _beginning(config: Path) -> str:
    """Of a regular file: a pipe could be waited for in vain, or its content be gone afterwards."""

    def at_once(name: str, flags: int) -> int:
        return os.open(name, flags | _NO_WAITING)

    with open(config, "rb", opener=at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return ""
        return file.read(MAX_BYTES).decode("utf-8-sig", errors="replace")


def language_for(arguments: Sequence[str]) -> Lang:
    """That of the file which the words of a command name, before they are parsed."""
    return language_of(Path(dict(options_in(arguments)).get(_CONFIG, "config.yaml")))
