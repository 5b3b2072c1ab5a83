"""Lines of the log as values: one a decision, and one a remark of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

REMARK = "remark"  # the event of a line that tells no decision


Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A decision. ``make`` gives its fields, the event first; it is called where lines are written.

    No amount of the account is in them.
    """

    make: Callable[[], Fields]

    def __str__(self) -> str:
        return " ".join(f"{name}={quoted(value)}" for name, value in self.make())


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line as it was written, without secrets. ``at``: this machine's time, aware UTC."""

    at: datetime
    level: str
    fields: Fields

    @property
    def event(self) -> str:
        """What it tells."""
        return dict(self.fields).get("event", REMARK)

    @property
    def is_telling(self) -> bool:
        """A decision, or trouble: what somebody who looks for a reason reads."""
        return self.event != REMARK or self.level not in ("DEBUG", "INFO")

    def has(self, word: str) -> bool:
        """Whether any field holds the word, in either case."""
        wanted = word.casefold()
        return any(wanted in value.casefold() for _, value in self.fields)


def quoted(value: str) -> str:
    """A value as one word of a line."""
    is_plain = value.isprintable() and not set(value) & {" ", '"', "="}
    if value and is_plain:
        return value
    kept = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{kept}"'
