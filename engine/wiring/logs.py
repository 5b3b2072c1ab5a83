"""Where the log of a running assistant goes: stderr as ever, ``logs/`` in its directory, memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.adapters.logs.background import in_background
from engine.adapters.logs.files import LogFile, tail
from engine.adapters.logs.lines import JsonLines
from engine.adapters.logs.recent import RecentLines
from engine.adapters.secrets import Redactor, Secrets

LOGS = "logs"
_REMEMBERED_BYTES = 256 * 2**10


@contextmanager
def open_logs(data: Path, secrets: Secrets) -> Iterator[RecentLines]:
    """Until the end all handlers write in a thread of their own. The caller holds the lock.

    A folder that cannot be made or a disk that is full costs lines in the file, and nothing else.
    """
    folder = data / LOGS
    file, recent = LogFile(folder), RecentLines()
    recent.remember(tail(folder, _REMEMBERED_BYTES))
    lines = JsonLines(Redactor(secrets).hide)
    for handler in (file, recent):
        handler.setFormatter(lines)
    try:
        with in_background([*logging.getLogger().handlers, file, recent]):
            yield recent
    finally:
        file.close()
