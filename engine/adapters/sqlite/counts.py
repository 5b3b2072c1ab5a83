"""Broker calls spent, kept over restarts; a crash may count too many, not too few."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta

from engine.adapters.sqlite.codec import read, stamp
from engine.adapters.sqlite.db import Database, Transaction
from engine.model.ids import DeskName
from engine.ports.clock import Clock

FLUSH_S = 1.0
# Two seconds of the fastest pace KIS allows (20 a second): more cannot be waiting to be written.
RESERVE_CALLS = 40
_KEPT = timedelta(days=31)
_ADD = """
INSERT INTO call_counts (desk, exchange_date, minute, calls) VALUES (?, ?, ?, ?)
ON CONFLICT (desk, exchange_date, minute) DO UPDATE SET calls = calls + excluded.calls
"""
_RESERVE = """
INSERT INTO call_reserves (desk, exchange_date, calls) VALUES (?, ?, ?)
ON CONFLICT (desk, exchange_date) DO UPDATE SET calls = excluded.calls
"""
_Day = tuple[DeskName, date]
_Minute = tuple[DeskName, date, datetime]


class SqliteCallCounts:
    """Keeps counts for the call budgets of all desks.

    Calls wait in memory for at most a second. Before the first call of a day a reserve is written
    ahead; ``close`` releases it. A reserve that is found at a later start was left by a crash: its
    calls may have been made, so they are counted, as of then.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._waiting: Counter[_Minute] = Counter()
        self._reserved: set[_Day] = set()
        self._turn = asyncio.Lock()
        self._added = asyncio.Event()

    async def load(self, desk: DeskName, exchange_date: date) -> Mapping[datetime, int]:
        """Calls of that date by (aware, full) minute. Raises JournalFailed."""
        day = (desk, exchange_date)
        async with self._turn:
            await self._write()
            if day not in self._reserved:
                await self._open_day(day)
        rows = await self._db.rows(
            "SELECT minute, calls FROM call_counts WHERE desk = ? AND exchange_date = ?",
            (desk, exchange_date.isoformat()),
        )
        return {read(datetime.fromisoformat, row["minute"]): row["calls"] for row in rows}

    def add(self, desk: DeskName, exchange_date: date, minute: datetime) -> None:
        """One more call in that minute; written within a second while ``run`` runs."""
        self._waiting[desk, exchange_date, minute] += 1
        self._added.set()

    async def flush(self) -> None:
        """Write what waits. Raises JournalFailed; nothing is forgotten then."""
        async with self._turn:
            await self._write()

    async def run(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Write a second of human time (``pause``) after a call, for ever. Raises JournalFailed."""
        while True:
            await self._added.wait()
            self._added.clear()
            await pause(FLUSH_S)
            await self.flush()

    async def close(self) -> None:
        """Write what waits and release the reserves: the process ends in good order."""
        async with self._turn:
            await self._write()
            await self._db.write(self._release)
            self._reserved.clear()

    async def _write(self) -> None:
        batch = self._waiting.copy()
        if not batch:
            return

        def write(transaction: Transaction) -> None:
            for (desk, day, minute), calls in batch.items():
                _count(transaction, desk, day, minute, calls)

        await self._db.write(write)
        # Calls added meanwhile stay; after a failure all do.
        self._waiting -= batch

    async def _open_day(self, day: _Day) -> None:
        desk, exchange_date = day
        text = exchange_date.isoformat()
        minute = self._clock.now().replace(second=0, microsecond=0)

        def write(transaction: Transaction) -> None:
            left = transaction.run(
                "SELECT calls FROM call_reserves WHERE desk = ? AND exchange_date = ?", (desk, text)
            )
            if left:
                _count(transaction, desk, exchange_date, minute, left[0]["calls"])
            transaction.run(_RESERVE, (desk, text, RESERVE_CALLS))
            transaction.run(
                "DELETE FROM call_counts WHERE exchange_date < ?",
                ((exchange_date - _KEPT).isoformat(),),
            )

        await self._db.write(write)
        self._reserved.add(day)

    def _release(self, transaction: Transaction) -> None:
        for desk, day in self._reserved:
            transaction.run(
                "DELETE FROM call_reserves WHERE desk = ? AND exchange_date = ?",
                (desk, day.isoformat()),
            )


def _count(
    transaction: Transaction, desk: DeskName, day: date, minute: datetime, calls: int
) -> None:
    transaction.run(_ADD, (desk, day.isoformat(), stamp(minute), calls))
