"""Writes down that a desk runs while its exchange is open. Not on the way of orders, nor a call.

A crash costs the record at most the minutes since the last note.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.errors import JournalFailed
from engine.model.ids import DeskName, Mode
from engine.ports.clock import Clock
from engine.ports.spans import SpanStore

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
# The session that is on, else the next one: when it opens and closes.
Hours = Callable[[datetime], tuple[datetime, datetime]]


@dataclass(slots=True)
class _Span:
    mode: Mode
    began_at: datetime
    until: datetime
    generation: int
    closes: datetime


class Presence:
    """Of one desk. ``mode``: the one it runs in now; None while it does not run."""

    def __init__(
        self,
        desk: DeskName,
        mode: Callable[[], Mode | None],
        hours: Hours,
        store: SpanStore,
        clock: Clock,
    ) -> None:
        self.desk = desk
        self._mode = mode
        self._hours = hours
        self._store = store
        self._clock = clock
        self._span: _Span | None = None

    async def run(self) -> None:
        """Note it from the opening on, every few minutes and at the close, until cancelled."""
        while True:
            opens, closes = self._hours(self._clock.now())
            await self._clock.sleep_until(opens)
            while (now := self._clock.now()) < closes:
                await self._look(now, closes)
                await self._clock.sleep_until(min(now + EVERY, closes))
            await self.close()

    async def close(self) -> None:
        """The session or the process ends: up to now, or to the close, the desk was there."""
        span, self._span = self._span, None
        if span is not None and span.generation == self._clock.generation:
            span.until = max(span.until, min(self._clock.now(), span.closes))
            await self._note(span)

    async def _look(self, now: datetime, closes: datetime) -> None:
        mode, generation = self._mode(), self._clock.generation
        span = self._span
        if mode is None:
            self._span = None
            return
        if span is None or (span.mode, span.generation) != (mode, generation):
            span = self._span = _Span(mode, now, now, generation, closes)
        span.until = now
        await self._note(span)

    async def _note(self, span: _Span) -> None:
        try:
            await self._store.note(self.desk, span.mode, span.began_at, span.until)
        except JournalFailed:  # a statistic ends nothing; who needs the file says so himself
            log.warning("%s: not written that the desk runs", self.desk, exc_info=True)
