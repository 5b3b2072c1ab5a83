"""Market time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The only source of time for everything that trades.

    It may jump: a demo's clock is moved, a machine was suspended, the system's clock was stepped.
    Moments from before a jump say nothing about the time that passed since.
    """

    def now(self) -> datetime:
        """Aware, UTC, market time."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return once ``now() >= moment``; early after a jump of the clock over it."""
        ...

    async def sleep_for(self, span: timedelta) -> None:
        """Let so much market time pass. What a jump skips, either way, is not counted."""
        ...

    @property
    def generation(self) -> int:
        """Grows with every jump; equal values mean that elapsed time can be trusted."""
        ...

    @property
    def skipped(self) -> timedelta:
        """What all jumps so far add up to; those back count negative."""
        ...

    async def next_jump(self) -> tuple[datetime, datetime]:
        """Wait for a jump and return (before, after). A plain clock waits for ever."""
        ...
