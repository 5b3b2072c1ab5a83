"""What the program wrote down of itself, for the chat."""

from __future__ import annotations

from typing import Protocol

from engine.model.log_lines import LogEntry


class SelfReport(Protocol):
    """Everything is without secrets by then."""

    def newest(self, limit: int, word: str = "") -> tuple[LogEntry, ...]:
        """The newest lines, oldest first: what tells something, or all that hold ``word``."""
        ...

    async def bundle(self, health: str) -> bytes:
        """A zip to ask for help with; ``health`` is the JSON of /health. Raises OSError."""
        ...
