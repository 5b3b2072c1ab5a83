"""``run.py stop``: the machine-side stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bot.format.lang import Lang
from bot.lock import holder_of
from bot.signals import STOP_ALL
from bot.terminal import command_words as words

OK, FAILED = 0, 1


def stop(data: Path, lang: Callable[[], Lang]) -> int:
    """SIGUSR1 to whoever holds the data directory; 1 where nobody does.

    ``lang``: asked for when all is done, as it may stand in a file that cannot be read.
    """
    pid = holder_of(data)
    if pid is None:
        sys.stdout.write(words.nothing_runs(str(data), lang()) + "\n")
        return FAILED
    os.kill(pid, STOP_ALL)
    sys.stdout.write(words.told_to_stop(pid, lang()) + "\n")
    return OK
