"""Log files for their owner alone, of bounded size, on a disk that may be full."""

from __future__ import annotations

import contextlib
import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_FILE = "dolpa.log"
MAX_BYTES = 4 * 2**20
FILES = 8  # with the one being written: 32 MiB in all


class LogFile(RotatingFileHandler):
    """Never raises and never prints: what the disk refuses is counted, and told when it is over."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES, files: int = FILES) -> None:
        super().__init__(
            folder / LOG_FILE,
            maxBytes=max_bytes,
            backupCount=files - 1,
            encoding="utf-8",
            delay=True,
            errors="backslashreplace",
        )
        self.lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        before = self.lost
        super().emit(record)
        if before and self.lost == before:
            self.lost = 0
            super().emit(_note(f"the disk refused {before} lines before this one"))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """The line is lost; the next one begins with a fresh file."""
        del record
        self.lost += 1
        stream, self.stream = self.stream, None
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.close()

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        descriptor = os.open(self.baseFilename, flags, 0o600)
        stream = os.fdopen(descriptor, "a", encoding=self.encoding, errors=self.errors)
        if self.lost and stream.tell():
            stream.write("\n")  # the last one may have been torn
        return stream


def tail(folder: Path, most_bytes: int) -> list[str]:
    """Whole lines from the end of the newest file, oldest first; none where there is no file."""
    try:
        with (folder / LOG_FILE).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most_bytes))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[1:] if size > most_bytes else lines


def _note(text: str) -> logging.LogRecord:
    told = {"name": __name__, "levelno": logging.WARNING, "levelname": "WARNING", "msg": text}
    return logging.makeLogRecord(told)
