"""``run.py stop``: the machine-side stop."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from bot.format.lang import Lang
from bot.lock import holder_of
from bot.signals import STOP_ALL
from bot.terminal import command_words as words
from engine.adapters.logs.background import write_at_once

OK, FAILED = 0, 1


def stop(data: Path, lang: Callable[[], Lang]) -> int:
    """SIGUSR1 to whoever holds the data directory; 1 where nobody does.

    ``lang``: asked for when all is done, as it may stand in a file that cannot be read.
    """
    pid = holder_of(data)
    if pid is None:
        _say(words.nothing_runs(str(data), lang()))
        return FAILED
    os.kill(pid, STOP_ALL)
    _say(words.told_to_stop(pid, lang()))
    return OK


def _say(text: str) -> None:
    """The code tells what was done, also where nobody takes the words."""
    if sys.stdout is None:
        return
    with contextlib.suppress(OSError):
        write_at_once(sys.stdout, text + "\n")
