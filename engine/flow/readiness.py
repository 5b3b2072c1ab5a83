"""Puts the check before each window into the outbox: once a desk and day, restarts included.

It asks the broker for nothing of its own: the desk reads its account in this stretch anyway, and
what came of that is what is told (docs/adr/0027).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from engine.errors import TradingError
from engine.flow.alerts import alert_of
from engine.model.ids import DeskName
from engine.model.readiness import Preparation, Prepared
from engine.ports.chat_store import Outbox
from engine.ports.clock import Clock
from engine.ports.journal import NumberedFact
from engine.rules.readiness import is_read, judge

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=2)  # for an account that is being read
LOOK_AGAIN = timedelta(seconds=5)
LEAST_AHEAD = timedelta(minutes=1)
AGAIN_AFTER = timedelta(seconds=30)


class ReadinessTeller:
    """Of one desk. ``due``: the preparation that is on, else the next.

    ``see`` None: the desk does not run yet. ``on_news``: called when a check was put.
    """

    def __init__(
        self,
        desk: DeskName,
        due: Callable[[datetime], Preparation],
        see: Callable[[], Awaitable[Prepared | None]],
        outbox: Outbox,
        clock: Clock,
        on_news: Callable[[], None],
    ) -> None:
        self.desk = desk
        self._due = due
        self._see = see
        self._outbox = outbox
        self._clock = clock
        self._on_news = on_news

    async def run(self) -> None:
        """A check before each opening, until cancelled. After an opening none is made up for."""
        while True:
            due = self._due(self._clock.now())
            await self._clock.sleep_until(due.check_at)
            # Meanwhile the broker may have called the day closed, or the file its hours.
            if self._due(self._clock.now()) != due:
                continue
            if await self._tell(due):
                await self._clock.sleep_until(due.opens_at)
            else:
                await self._clock.sleep_for(AGAIN_AFTER)

    async def _tell(self, due: Preparation) -> bool:
        """Whether this day is settled."""
        seen = await self._seen(due)
        if seen is None:
            return False
        fact = judge(seen, due)
        numbered = NumberedFact(due.day.toordinal(), self._clock.now(), self.desk, fact)
        alert = alert_of(fact, self.desk)
        try:
            if alert is not None:
                await self._outbox.put(book_of(self.desk), numbered, alert)
        except TradingError:
            # A chat that cannot be stored ends nothing; its absence is the message.
            log.exception("%s: the readiness check could not be stored", self.desk)
            return False
        self._on_news()
        return True

    async def _seen(self, due: Preparation) -> Prepared | None:
        """What is known once the account was read, or when patience ends; None: nothing yet."""
        last = min(self._clock.now() + PATIENCE, due.opens_at - LEAST_AHEAD)
        while True:
            seen = await self._see()
            if self._clock.now() >= last or (seen is not None and is_read(seen, due)):
                return seen
            await self._clock.sleep_for(LOOK_AGAIN)


def book_of(desk: DeskName) -> str:
    """The outbox keeps these beside those of the books; a mode's change makes no second one."""
    return f"readiness.{desk}"
