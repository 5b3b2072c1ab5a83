"""Calls are never under-counted, whatever ends the process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.adapters.kis.budget import CallBudget, CallCaps, CallCounts
from engine.adapters.sqlite.counts import FLUSH_S, RESERVE_CALLS, SqliteCallCounts
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.errors import JournalFailed
from engine.model.ids import DeskName
from engine.model.quota import Priority, Purpose

NINE = datetime(2025, 6, 12, 13, 0, tzinfo=UTC)
DAY = date(2025, 6, 12)
US = DeskName.US


@dataclass
class StillClock:
    moment: datetime = NINE
    generation: int = 0
    skipped: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.moment

    async def sleep_until(self, moment: datetime) -> None:
        await asyncio.Event().wait()

    async def sleep_for(self, span: timedelta) -> None:
        await asyncio.Event().wait()

    async def next_jump(self) -> tuple[datetime, datetime]:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "state.db", STATE) as opened:
        yield opened


def spend(counts: SqliteCallCounts, calls: int, minute: datetime = NINE) -> None:
    for _ in range(calls):
        counts.add(US, DAY, minute)


async def test_a_clean_end_keeps_the_exact_count(db: Database, clock: StillClock) -> None:
    counts = SqliteCallCounts(db, clock)
    port: CallCounts = counts
    assert await port.load(US, DAY) == {}
    spend(counts, 3)
    spend(counts, 2, NINE + timedelta(minutes=1))
    await counts.close()
    again = await SqliteCallCounts(db, clock).load(US, DAY)
    assert again == {NINE: 3, NINE + timedelta(minutes=1): 2}


async def test_a_crash_counts_the_reserve_as_spent(db: Database, clock: StillClock) -> None:
    crashed = SqliteCallCounts(db, clock)
    await crashed.load(US, DAY)
    spend(crashed, 5)
    await crashed.flush()
    spend(crashed, RESERVE_CALLS)
    clock.moment = NINE + timedelta(minutes=4, seconds=20)
    after = await SqliteCallCounts(db, clock).load(US, DAY)
    assert after == {NINE: 5, NINE + timedelta(minutes=4): RESERVE_CALLS}


async def test_every_crash_costs_its_reserve_and_a_clean_end_none(
    db: Database, clock: StillClock
) -> None:
    for _ in range(2):
        await SqliteCallCounts(db, clock).load(US, DAY)
    clean = SqliteCallCounts(db, clock)
    assert sum((await clean.load(US, DAY)).values()) == 2 * RESERVE_CALLS
    await clean.close()
    last = SqliteCallCounts(db, clock)
    assert sum((await last.load(US, DAY)).values()) == 2 * RESERVE_CALLS


async def test_loading_again_in_one_process_is_no_crash(db: Database, clock: StillClock) -> None:
    counts = SqliteCallCounts(db, clock)
    await counts.load(US, DAY)
    spend(counts, 4)
    assert await counts.load(US, DAY) == {NINE: 4}


async def test_days_and_desks_are_counted_apart(db: Database, clock: StillClock) -> None:
    counts = SqliteCallCounts(db, clock)
    spend(counts, 4)
    assert await counts.load(DeskName.KRX, DAY) == {}
    assert await counts.load(US, DAY + timedelta(days=1)) == {}
    assert await counts.load(US, DAY) == {NINE: 4}


async def test_what_waits_is_written_every_second(db: Database, clock: StillClock) -> None:
    counts = SqliteCallCounts(db, clock)
    pauses: list[float] = []
    go_on, paused = asyncio.Event(), asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        paused.set()
        await go_on.wait()
        go_on.clear()

    task = asyncio.ensure_future(counts.run(pause))
    await asyncio.sleep(0)
    assert pauses == []  # nothing waits, nobody wakes
    spend(counts, 1)
    await paused.wait()
    spend(counts, 1)
    paused.clear()
    go_on.set()
    await paused.wait()
    rows = await db.rows("SELECT calls FROM call_counts")
    assert [row["calls"] for row in rows] == [2]
    assert pauses == [FLUSH_S, FLUSH_S]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_calls_made_while_writing_are_not_lost(db: Database, clock: StillClock) -> None:
    counts = SqliteCallCounts(db, clock)
    spend(counts, 2)
    writing = asyncio.ensure_future(counts.flush())
    for _ in range(3):
        await asyncio.sleep(0)
    assert db.pending == 1
    spend(counts, 3)
    await writing
    await counts.flush()
    assert await counts.load(US, DAY) == {NINE: 5}


async def test_a_failing_disk_forgets_nothing(
    tmp_path: Path, db: Database, clock: StillClock
) -> None:
    counts = SqliteCallCounts(db, clock)
    spend(counts, 2)
    await db.close()
    spend(counts, 1)
    with pytest.raises(JournalFailed):
        await counts.flush()
    await db.open()
    assert await counts.load(US, DAY) == {NINE: 3}


async def test_counts_of_last_month_are_dropped(db: Database, clock: StillClock) -> None:
    counts = SqliteCallCounts(db, clock)
    spend(counts, 2)
    await counts.flush()
    await counts.load(US, DAY + timedelta(days=32))
    assert await counts.load(US, DAY) == {}


async def test_the_budget_starts_where_a_crash_left_it(db: Database, clock: StillClock) -> None:
    caps = CallCaps(safe_per_hour=500, safe_per_day=4500, daily_limit=5000)
    for calls in (7, 0):
        budget = CallBudget(US, caps, SqliteCallCounts(db, clock), clock, lambda at: at.date())
        await budget.ensure_room(Priority.QUOTE)
        for _ in range(calls):
            budget.spend(Purpose.QUOTE)
    assert budget.quota().used_today == RESERVE_CALLS
    assert budget.quota().used_last_hour == RESERVE_CALLS
