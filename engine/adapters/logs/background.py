"""Takes the log off the loop: records go into a queue, a thread of their own writes them."""

from __future__ import annotations

import logging
import os
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener
from time import sleep
from typing import TextIO

from engine.model.log_lines import LogLine

MOST_WAITING = 20_000
PAUSE_S = 0.03
END_S = 4.0  # for the last lines; a held terminal (Ctrl-S) would be waited for without an end


class QueuedLines(QueueHandler):
    """Waits for nothing: when too many lines wait already, one is counted and dropped."""

    def __init__(self, waiting: queue.SimpleQueue[logging.LogRecord]) -> None:
        super().__init__(waiting)
        self._waiting = waiting
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """A decision is a value and is made text in the thread; anything else may change."""
        if isinstance(record.msg, LogLine):
            return record
        try:
            prepared: logging.LogRecord = super().prepare(record)
        except Exception as error:
            where = f"{record.pathname}:{record.lineno}"
            return _line(
                record.levelno, record.name, f"{type(error).__name__} in the line of {where}"
            )
        return prepared

    def enqueue(self, record: logging.LogRecord) -> None:
        """Never blocks."""
        if self._waiting.qsize() >= MOST_WAITING:
            self.dropped += 1
            return
        if self.dropped:
            text = f"{self.dropped} lines before this one came too fast and were dropped"
            self.dropped = 0
            self._waiting.put(_line(logging.WARNING, __name__, text))
        self._waiting.put(record)


def write_at_once(stream: TextIO, text: str) -> None:
    """Past the stream's own buffer and its lock. Raises OSError where nobody takes it.

    A thread that waits in here for a held terminal keeps nobody from ending the process; one that
    waits in ``stream.write`` holds a lock which the interpreter's end takes as well.
    """
    try:
        descriptor = stream.fileno()
    except OSError:  # in memory
        stream.write(text)
        return
    left = text.encode(stream.encoding, stream.errors or "replace")
    while left:
        left = left[os.write(descriptor, left) :]


class Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """A terminal or journald; one that is gone costs the lines and nothing else."""

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """None: ``logging.shutdown`` would wait for it behind a line that nobody takes."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the lock that is not there."""
        if is_wanted := bool(self.filter(record)):
            self.emit(record)
        return is_wanted

    def flush(self) -> None:
        """Nothing is kept back."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, whole."""
        try:
            write_at_once(self.stream, self.format(record) + self.terminator)
        except Exception:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Nobody to tell."""


class LateListener(QueueListener):
    """Begins a moment after a line came: by then the order that it tells of is on its way.

    Making lines takes the interpreter, which the loop needs at that moment.
    """

    def dequeue(self, block: bool) -> logging.LogRecord:  # noqa: FBT001 - logging's signature
        """The next record; ``queue.Empty`` where there is none and nobody waits."""
        waited = block and self._is_idle()
        record: logging.LogRecord = super().dequeue(block)
        if waited:
            sleep(PAUSE_S)
        return record

    def stop(self) -> None:
        """Returns when all is written, or after ``END_S``; what is left then is lost."""
        self.enqueue_sentinel()
        if self._thread is not None:
            self._thread.join(END_S)
            self._thread = None

    def _is_idle(self) -> bool:
        return isinstance(self.queue, queue.SimpleQueue) and self.queue.empty()


@contextmanager
def in_background(handlers: Sequence[logging.Handler]) -> Iterator[None]:
    """Everything logged goes through these until the end, which waits ``END_S`` for it at most."""
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    root, door = logging.getLogger(), QueuedLines(waiting)
    listener = LateListener(waiting, *handlers, respect_handler_level=False)
    former = root.handlers[:]
    root.handlers[:] = [door]
    listener.start()
    try:
        yield
    finally:
        root.handlers[:] = former
        listener.stop()


def _line(level: int, name: str, text: str) -> logging.LogRecord:
    told = {"levelno": level, "levelname": logging.getLevelName(level), "name": name, "msg": text}
    return logging.makeLogRecord(told)
