"""``run.py backup`` and ``restore``: they work whatever config.yaml and .env have become."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot import __version__
from bot.format.lang import Lang
from bot.lock import AlreadyRunning, held_lock
from bot.terminal import here
from bot.terminal.backup_options import RESTORE, BackupAsked, backup_asked
from bot.terminal.command_words import stop_first
from bot.terminal.refusals import in_words
from engine.adapters.backup.restoring import ensure_owned
from engine.errors import BackupFailed, ConfigError
from engine.wiring.backups import backup_lines, dated_backup_lines, restore_lines

OK, FAILED, MISCONFIGURED, ALREADY_RUNNING = 0, 1, 2, 3


def run_backup(arguments: Sequence[str], now: Callable[[], datetime], lang: Lang) -> int:
    """Run one of the two; ``arguments`` begin with its name. The exit code.

    1: a damaged file or a full disk; 2: refused; 3: an assistant holds the directory.
    """
    asked = backup_asked(arguments, lang)
    try:
        if asked.command == RESTORE:
            ensure_owned(asked.data)
            with held_lock(asked.data):
                return _say(restore_lines(asked.path, asked.data, now=now()), lang)
        return _say(_made(asked, now()), lang)
    except AlreadyRunning:
        sys.stderr.write(stop_first(str(asked.data), here.elsewhere(asked.data), lang) + "\n")
        return ALREADY_RUNNING
    except (ConfigError, BackupFailed) as error:
        sys.stderr.write(in_words(str(error), lang) + "\n")
        return FAILED if isinstance(error, BackupFailed) else MISCONFIGURED


def _made(asked: BackupAsked, now: datetime) -> Iterator[str]:
    data, path = asked.data, asked.path
    if asked.is_folder:
        return dated_backup_lines(data, path, program=__version__, now=now, keep=asked.keep)
    return backup_lines(data, path, program=__version__, now=now, force=asked.force)


def _say(lines: Iterator[str], lang: Lang) -> int:
    for line in lines:
        sys.stdout.write(f"{in_words(line, lang)}\n")
        sys.stdout.flush()
    return OK
