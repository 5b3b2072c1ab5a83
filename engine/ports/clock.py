"""Market time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of time for everything that trades."""

    def now(self) -> datetime:
        """Aware, UTC, market time."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return once ``now() >= moment``; early after a jump of the clock over it."""
        ...

    @property
    def generation(self) -> int:
        """Grows with every jump; equal values mean that elapsed time can be trusted."""
        ...

    async def next_jump(self) -> tuple[datetime, datetime]:
        """Wait for a jump and return (before, after). A plain clock waits for ever."""
        ...
