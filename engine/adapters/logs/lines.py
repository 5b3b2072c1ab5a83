"""Records as lines of JSON without secrets, and lines as entries again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from engine.model.log_lines import REMARK, LogEntry, LogLine

LONGEST = 8_000  # characters of a remark; a traceback's end is what matters
_KEPT = "json_line"


class JsonLines(logging.Formatter):
    """``hide`` takes the secrets out of the finished line. A record is made a line once."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        kept = record.__dict__.get(_KEPT)
        if isinstance(kept, str):
            return kept
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"ts": at, "level": record.levelname, **self._fields(record)}
        line = self._hide(json.dumps(told, ensure_ascii=False))
        record.__dict__[_KEPT] = line
        return line

    def _fields(self, record: logging.LogRecord) -> dict[str, str]:
        if isinstance(record.msg, LogLine):
            return dict(record.msg.make())
        said = super().format(record)  # with the traceback, where there is one
        if len(said) > LONGEST:
            said = said[: LONGEST // 2] + " ... " + said[-LONGEST // 2 :]
        return {"event": REMARK, "logger": record.name, "msg": said}


def entry_of(line: str) -> LogEntry | None:
    """None for what is no line of ours, such as one that a full disk has torn."""
    try:
        told = json.loads(line)
        at, level = datetime.fromisoformat(told.pop("ts")), str(told.pop("level"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    fields = tuple((str(name), str(value)) for name, value in told.items())
    return LogEntry(at, level, fields) if at.tzinfo is not None else None
