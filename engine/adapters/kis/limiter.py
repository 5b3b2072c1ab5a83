"""The turnstile before KIS: one per app key, shared by everything that uses the key."""

from __future__ import annotations

import asyncio
import heapq
from datetime import datetime
from decimal import Decimal
from itertools import count

from engine.model.quota import Priority
from engine.ports.clock import Clock
from engine.rules.rate_limit import Rate, next_allowed, still_counting


class RateLimiter:
    """Lets calls through one at a time, urgent ones first, never faster than the rate.

    Counts market time: KIS and the sandbox do too. After a jump of the clock the latest calls
    count as made just now.
    """

    def __init__(self, clock: Clock, rate: Rate) -> None:
        self._clock = clock
        self._rate = rate
        self._generation = clock.generation
        self._sent: list[datetime] = []
        self._queue: list[tuple[Priority, int]] = []
        self._order = count()
        self._changed = asyncio.Event()

    @property
    def per_second(self) -> Decimal:
        """Calls a second that the key allows all its users together."""
        return self._rate.per_second

    def apply(self, rate: Rate) -> None:
        """Use another rate from the next call on."""
        self._rate = rate
        self._announce()

    async def acquire(self, priority: Priority) -> None:
        """Wait for a turn. An urgent newcomer overtakes everybody who still waits."""
        ticket = (priority, next(self._order))
        heapq.heappush(self._queue, ticket)
        try:
            while not self._take(ticket):
                await self._wait(ticket)
        finally:
            self._queue.remove(ticket)
            heapq.heapify(self._queue)
            self._announce()

    def _take(self, ticket: tuple[Priority, int]) -> bool:
        generation, now = self._clock.generation, self._clock.now()
        if generation != self._generation:
            self._generation, self._sent = generation, [now] * len(self._sent)
        if self._queue[0] != ticket or self._next(now) > now:
            return False
        self._sent.append(now)
        return True

    def _next(self, now: datetime) -> datetime:
        longest = max(self._rate.window, self._rate.spacing)
        self._sent = still_counting(self._sent, now, longest)
        return next_allowed(self._sent, now, self._rate)

    async def _wait(self, ticket: tuple[Priority, int]) -> None:
        if self._queue[0] == ticket:
            now = self._clock.now()
            await self._clock.sleep_for(self._next(now) - now)
        else:
            await self._changed.wait()

    def _announce(self) -> None:
        # Waiters hold the old event; a newcomer must not find it already set.
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
