"""Which language a command of the machine speaks, known before anything else is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bot.format.lang import Lang

_CONFIG = "--config"
_LINE = re.compile(r"""^["']?language["']?\s*:\s*["']?(ko|en)\b""", re.MULTILINE | re.IGNORECASE)


def language_of(config: Path) -> Lang:
    """The file's, also where the rest of it is wrong; Korean where it says none."""
    try:
        found = _LINE.search(config.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return Lang.KO
    return Lang(found[1].casefold()) if found else Lang.KO


def language_for(arguments: Sequence[str]) -> Lang:
    """That of the file which the words of a command name, before they are parsed."""
    for word, after in zip(arguments, [*arguments[1:], ""], strict=True):
        name, mark, text = word.partition("=")
        if name == _CONFIG and (mark or after):
            return language_of(Path(text if mark else after))
    return language_of(Path("config.yaml"))
