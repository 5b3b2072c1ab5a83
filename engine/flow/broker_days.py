"""Asks the broker once what a finished day brought, when the desk's next day has begun.

Never while the desk sleeps, and after all other calls: what it would cost is never one that is kept
for exits. A day without own sales is not asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Generic

from engine.errors import BrokerError, BrokerRefused, JournalFailed, QuotaExhausted
from engine.flow.desk_engine import DeskEngine
from engine.flow.session import D
from engine.model.ids import DeskState
from engine.model.money import M
from engine.model.quota import Priority
from engine.ports.clock import Clock

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
AGAIN_AFTER = timedelta(hours=1)
LOOKS_BACK = timedelta(days=31)


class DayAsker(Generic[M, D]):
    """Of one desk. ``is_awake``: whether it may call now; ``on_answer``: a day was answered."""

    def __init__(
        self,
        engine: DeskEngine[M, D],
        clock: Clock,
        date_of: Callable[[datetime], date],
        is_awake: Callable[[datetime], bool],
        on_answer: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._date_of = date_of
        self._is_awake = is_awake
        self._on_answer = on_answer
        self._asked_on: date | None = None
        self._not_before: datetime | None = None

    async def run(self) -> None:
        """Look every minute, for ever."""
        while True:
            await self.look()
            await self._clock.sleep_for(EVERY)

    async def look(self) -> None:
        """Ask if it is time; a failure is tried again later, a definite no not on this day."""
        now = self._clock.now()
        today = self._date_of(now)
        if self._asked_on == today or not self._is_awake(now):
            return
        if self._not_before is not None and now < self._not_before <= now + AGAIN_AFTER:
            return
        try:
            is_done = await self._ask(today)
        except BrokerRefused:
            log.exception("%s: the broker does not tell what sales brought", self._engine.name)
            is_done = True
        except (BrokerError, QuotaExhausted, JournalFailed) as error:
            log.warning("%s: finished days cannot be compared yet: %s", self._engine.name, error)
            self._not_before = now + AGAIN_AFTER
            return
        if is_done:
            self._asked_on = today

    async def _ask(self, today: date) -> bool:
        """Whether nothing is left to ask today; a mode without the inquiry may change."""
        session = self._engine.session
        if session is None or session.desk.user_latch is DeskState.HALTED:
            return False
        profits, days = session.parts.profits, session.parts.broker_days
        if profits is None or days is None:
            return False
        wanted = await days.unasked(self._engine.name, today - LOOKS_BACK, today)
        if not wanted:
            return True
        rows = await profits.fetch_realised(wanted[0], wanted[-1], Priority.SCAN)
        if session is not self._engine.session:
            return False  # another account by now
        await days.keep(self._engine.name, wanted, rows, self._clock.now(), today)
        self._on_answer()
        return True
