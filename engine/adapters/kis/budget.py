"""Calls of one desk: an hour and a day of them, counted by the exchange's date, and its pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.meter import CallMeter
from engine.errors import QuotaExhausted
from engine.model.ids import DeskName
from engine.model.quota import NO_CAP, Priority, Purpose, Quota
from engine.ports.clock import Clock
from engine.rules.rate_limit import HOUR, Rate, refusal

_MINUTE = timedelta(minutes=1)


class CallCounts(Protocol):
    """Keeps counts over restarts, by desk, the exchange's date, and the minute of the call.

    ``add`` is called for every call before it is sent and must neither wait nor raise: it may
    gather and write a moment later.
    """

    async def load(self, desk: DeskName, exchange_date: date) -> Mapping[datetime, int]:
        """Calls of that date by (aware, full) minute, those added by this process included."""
        ...

    def add(self, desk: DeskName, exchange_date: date, minute: datetime) -> None:
        """One more call in that minute."""
        ...


@dataclass(frozen=True, slots=True)
class CallCaps:
    """Safe caps hold for what may wait; only exits and cancels pass ``daily_limit``."""

    safe_per_hour: int = 500
    safe_per_day: int = 4500
    daily_limit: int = 5000

    @classmethod
    def of_day(cls, daily_limit: int | None) -> CallCaps:
        """A cap of the day alone, a tenth of it kept for exits and resolving; None: no cap."""
        if daily_limit is None:
            return cls(NO_CAP, NO_CAP, NO_CAP)
        return cls(NO_CAP, daily_limit * 9 // 10, daily_limit)


class CallBudget:
    """Says no before a call is made that the desk cannot afford.

    ``limiter``: the desk's own share of the calls per second, for what is no order. ``meter``:
    what came of the calls that were made.
    """

    def __init__(
        self,
        desk: DeskName,
        caps: CallCaps,
        counts: CallCounts,
        clock: Clock,
        date_of: Callable[[datetime], date],
        limiter: RateLimiter | None = None,
    ) -> None:
        self._desk = desk
        self._limiter = limiter
        self._caps = caps
        self._counts = counts
        self._clock = clock
        self._date_of = date_of
        self._used: dict[date, int] = {}
        self._minutes: dict[datetime, int] = {}
        self._purposes: Counter[tuple[date, Purpose]] = Counter()
        self._loaded: date | None = None
        self._loading = asyncio.Lock()
        self.meter = CallMeter(clock)

    def apply(self, caps: CallCaps, share: Rate | None = None) -> None:
        """Use other caps, and another share of the calls per second, from the next call on."""
        self._caps = caps
        if share is not None and self._limiter is not None:
            self._limiter.apply(share)

    async def ensure_room(self, priority: Priority) -> None:
        """Refuse before anything is done for the call.

        Raises:
            QuotaExhausted: the caps do not allow it now.
            JournalFailed: the counts of today cannot be read.
        """
        if priority <= Priority.EXIT:
            return  # not even counts that cannot be read keep an exit from going out
        await self._load()
        reason = refusal(self.quota(), priority)
        if reason is not None:
            raise QuotaExhausted(reason)

    async def pace(self, priority: Priority) -> None:
        """Wait for a turn within the desk's share; orders wait for the app key's limit only."""
        if self._limiter is not None and priority > Priority.ENTRY:
            await self._limiter.acquire(priority)

    def spend(self, purpose: Purpose) -> None:
        """Count one call that is about to be sent."""
        now = self._clock.now()
        today, minute = self._date_of(now), now.replace(second=0, microsecond=0)
        self._used[today] = self._used.get(today, 0) + 1
        self._purposes[today, purpose] += 1
        self._minutes = {at: calls for at, calls in self._minutes.items() if _is_recent(at, now)}
        self._minutes[minute] = self._minutes.get(minute, 0) + 1
        self._counts.add(self._desk, today, minute)

    def quota(self) -> Quota:
        """Calls spent so far. The hour is counted by full minutes, upwards."""
        now = self._clock.now()
        today = self._date_of(now)
        recent = sum(calls for at, calls in self._minutes.items() if _is_recent(at, now))
        return Quota(
            used_today=self._used.get(today, 0),
            used_last_hour=recent,
            safe_per_day=self._caps.safe_per_day,
            safe_per_hour=self._caps.safe_per_hour,
            daily_limit=self._caps.daily_limit,
            by_purpose=tuple((each, self._purposes[today, each]) for each in Purpose),
        )

    async def _load(self) -> None:
        async with self._loading:
            today = self._date_of(self._clock.now())
            if self._loaded == today:
                return
            stored = await self._counts.load(self._desk, today)
            # The larger one: calls of this process may be among the stored ones, or not yet.
            self._used[today] = max(self._used.get(today, 0), sum(stored.values()))
            for minute, calls in stored.items():
                self._minutes[minute] = max(self._minutes.get(minute, 0), calls)
            self._loaded = today


def _is_recent(minute: datetime, now: datetime) -> bool:
    return now - HOUR < minute + _MINUTE and minute <= now
