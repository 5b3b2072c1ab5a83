"""The newest lines, in memory: they can be read when the disk is full or gone."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from threading import Lock

from engine.adapters.logs.lines import entry_of
from engine.model.log_lines import LogEntry

KEPT = 2_000


class RecentLines(logging.Handler):
    """Filled by the log's thread, read by others."""

    def __init__(self, kept: int = KEPT) -> None:
        super().__init__()
        self._entries: deque[LogEntry] = deque(maxlen=kept)
        self._reading = Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.remember([self.format(record)])

    def remember(self, lines: Iterable[str]) -> None:
        """Lines of an earlier run; what cannot be read is left out."""
        found = [entry for entry in map(entry_of, lines) if entry is not None]
        with self._reading:
            self._entries.extend(found)

    def newest(self, limit: int, word: str = "") -> tuple[LogEntry, ...]:
        """Oldest first: what tells something, or with a word whatever holds it."""
        with self._reading:
            entries = tuple(self._entries)
        wanted = (
            entry for entry in reversed(entries) if (entry.has(word) if word else entry.is_telling)
        )
        found = [entry for entry, _ in zip(wanted, range(limit), strict=False)]
        return tuple(reversed(found))
