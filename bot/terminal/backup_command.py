"""``run.py backup`` and ``restore``: they work whatever config.yaml and .env have become."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot import __version__
from bot.lock import AlreadyRunning, held_lock
from bot.terminal.backup_options import RESTORE, BackupAsked, backup_asked
from engine.adapters.backup.restoring import ensure_owned
from engine.errors import BackupFailed, ConfigError
from engine.wiring.backups import backup_lines, dated_backup_lines, restore_lines

OK, FAILED, MISCONFIGURED, ALREADY_RUNNING = 0, 1, 2, 3


def run_backup(arguments: Sequence[str], now: Callable[[], datetime]) -> int:
    """Run one of the two; ``arguments`` begin with its name. The exit code.

    1: a damaged file or a full disk; 2: refused; 3: an assistant holds the directory.
    """
    asked = backup_asked(arguments)
    try:
        if asked.command == RESTORE:
            ensure_owned(asked.data)
            with held_lock(asked.data):
                return _say(restore_lines(asked.path, asked.data, now=now()))
        return _say(_made(asked, now()))
    except (ConfigError, AlreadyRunning, BackupFailed) as error:
        sys.stderr.write(f"{error}\n")
        if isinstance(error, BackupFailed):
            return FAILED
        return MISCONFIGURED if isinstance(error, ConfigError) else ALREADY_RUNNING


def _made(asked: BackupAsked, now: datetime) -> Iterator[str]:
    data, path = asked.data, asked.path
    if asked.is_folder:
        return dated_backup_lines(data, path, program=__version__, now=now, keep=asked.keep)
    return backup_lines(data, path, program=__version__, now=now, force=asked.force)


def _say(lines: Iterator[str]) -> int:
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return OK
