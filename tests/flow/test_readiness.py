"""The check before a window: once a desk and day, not on holidays, not after the opening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.outbox import SqliteOutbox
from engine.adapters.sqlite.schema import STATE
from engine.config import Config
from engine.config.sections import Calendar, MarketCalendar
from engine.errors import JournalFailed
from engine.flow.readiness import ReadinessTeller, book_of
from engine.model.ids import DeskName, DeskState, Mode
from engine.model.krx_settings import KrxSettings
from engine.model.readiness import Prepared, ReadinessChecked
from engine.ports.chat_store import Outbox
from engine.wiring.desks import Calendars
from engine.wiring.readiness import krx_preparation, us_preparation
from sandbox.scenario import Scenario
from tests.fakes.chat_store import FakeOutbox
from tests.flow.test_presence import Time
from tests.harness.stage import Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped
from tests.unit.test_readiness import WELL

CALENDARS = Calendars(Config(), KrxSettings())
FRIDAY = date(2026, 11, 20)


def kst(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


@dataclass
class Desk:
    """What is seen of it: nothing, until it runs; an account that is read or not."""

    clock: Time
    seen: Prepared | None = WELL
    is_reading: bool = True
    looks: int = 0
    woken: int = 0
    outbox: FakeOutbox = field(default_factory=FakeOutbox)

    async def see(self) -> Prepared | None:
        self.looks += 1
        if self.seen is None or not self.is_reading:
            return self.seen and replace(self.seen, read_at=None)
        return replace(self.seen, read_at=self.clock.at)

    def wake(self) -> None:
        self.woken += 1

    def told(self) -> list[ReadinessChecked]:
        facts = [row.item.fact for row in self.outbox.waiting.values()]
        return [one.fact for one in facts if one and isinstance(one.fact, ReadinessChecked)]


@asynccontextmanager
async def checking(
    desk: Desk, outbox: Outbox | None = None, name: DeskName = DeskName.KRX
) -> AsyncIterator[Time]:
    due = krx_preparation(CALENDARS) if name is DeskName.KRX else us_preparation(CALENDARS)
    teller = ReadinessTeller(name, due, desk.see, outbox or desk.outbox, desk.clock, desk.wake)
    task = asyncio.ensure_future(teller.run())
    await desk.clock.turn(desk.clock.at)
    try:
        yield desk.clock
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def at(moment: datetime) -> Desk:
    return Desk(Time(moment))


async def test_it_comes_a_quarter_of_an_hour_before_the_korean_open_and_once() -> None:
    desk = at(kst(20, 8, 0))
    async with checking(desk) as clock:
        await clock.turn(kst(20, 8, 44))
        assert desk.told() == []
        await clock.turn(kst(20, 8, 45))
        (fact,) = desk.told()
        assert (fact.day, fact.opens_at, fact.is_ready) == (FRIDAY, kst(20, 9, 0), True)
        assert fact.next_at == kst(23, 8, 45)
        await clock.turn(kst(20, 9, 1))
        await clock.turn(kst(20, 18, 0))
        assert (len(desk.told()), desk.woken) == (1, 1)
        await clock.turn(kst(23, 8, 45))
        assert desk.woken == 2


async def test_a_restart_tells_it_no_second_time(tmp_path: Path) -> None:
    async with Database(tmp_path / "state.db", STATE) as state:
        outbox = SqliteOutbox(state)
        for _ in range(2):
            desk = at(kst(20, 8, 46))
            async with checking(desk, outbox) as clock:
                await clock.turn(kst(20, 8, 47))
                for _ in range(200):
                    if desk.woken:
                        break
                    await asyncio.sleep(0.01)
                assert desk.woken == 1
            item = await outbox.next(kst(20, 8, 50))
            if item is not None:
                assert isinstance(item.fact and item.fact.fact, ReadinessChecked)
                await outbox.done(item.key)
        assert await outbox.newest(book_of(DeskName.KRX)) == FRIDAY.toordinal()
        assert await outbox.next(kst(20, 8, 50)) is None


async def test_the_hours_of_an_exam_day_are_followed() -> None:
    desk = at(kst(19, 8, 50))
    async with checking(desk) as clock:
        await clock.turn(kst(19, 9, 44))
        assert desk.told() == []
        await clock.turn(kst(19, 9, 45))
        assert [fact.opens_at for fact in desk.told()] == [kst(19, 10, 0)]


async def test_nothing_is_made_up_for_after_the_open() -> None:
    desk = at(kst(20, 9, 0))
    async with checking(desk) as clock:
        await clock.turn(kst(20, 15, 0))
        assert desk.told() == []


async def test_a_start_between_check_and_open_is_told_at_once() -> None:
    desk = at(kst(20, 8, 58))
    async with checking(desk):
        assert len(desk.told()) == 1


async def test_the_american_check_follows_the_desks_own_reads_before_its_window() -> None:
    readiness = datetime(2026, 11, 20, 8, 50, tzinfo=UTC)  # 03:50 in New York
    desk = at(readiness - timedelta(hours=1))
    async with checking(desk, name=DeskName.US) as clock:
        await clock.turn(readiness)
        assert desk.looks == 0
        await clock.turn(readiness + timedelta(minutes=1))
        (fact,) = desk.told()
        assert fact.opens_at == readiness + timedelta(minutes=10)
        assert fact.next_at == datetime(2026, 11, 23, 8, 51, tzinfo=UTC)


async def test_no_check_on_a_holiday() -> None:
    thanksgiving = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    desk = at(thanksgiving)
    async with checking(desk, name=DeskName.US) as clock:
        await clock.turn(thanksgiving + timedelta(hours=12))
        assert desk.told() == []
        await clock.turn(thanksgiving + timedelta(hours=24, minutes=51))
        assert [fact.day for fact in desk.told()] == [date(2026, 11, 27)]


async def test_a_day_that_is_closed_meanwhile_has_no_check() -> None:
    calendars = Calendars(Config(), KrxSettings())
    desk = at(kst(20, 8, 0))
    teller = ReadinessTeller(
        DeskName.KRX, krx_preparation(calendars), desk.see, desk.outbox, desk.clock, desk.wake
    )
    task = asyncio.ensure_future(teller.run())
    await desk.clock.turn(kst(20, 8, 10))
    calendars.krx.confirm({FRIDAY: False})
    await desk.clock.turn(kst(20, 8, 50))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert desk.told() == []


async def test_an_account_that_is_being_read_is_waited_for_but_not_for_ever() -> None:
    desk = at(kst(20, 8, 44))
    desk.is_reading = False
    async with checking(desk) as clock:
        await clock.turn(kst(20, 8, 45))
        await clock.turn(kst(20, 8, 46))
        assert desk.told() == []
        await clock.turn(kst(20, 8, 47))
        (fact,) = desk.told()
        assert not fact.is_ready


async def test_a_desk_that_is_slow_to_come_up_is_checked_when_it_runs() -> None:
    desk = at(kst(20, 8, 50))
    desk.seen = None
    async with checking(desk) as clock:
        for minute in (52, 53, 54):
            await clock.turn(kst(20, 8, minute))
        assert desk.told() == []
        desk.seen = WELL
        await clock.turn(kst(20, 8, 55))
        assert len(desk.told()) == 1


async def test_an_outbox_that_fails_ends_nothing_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = at(kst(20, 8, 45))

    async def fails(*_arguments: object) -> None:
        raise JournalFailed("full")

    with monkeypatch.context() as patch:
        patch.setattr(desk.outbox, "put", fails)
        async with checking(desk) as clock:
            assert desk.told() == []
            patch.undo()
            await clock.turn(kst(20, 8, 46))
            assert len(desk.told()) == 1


async def test_a_stop_of_the_traders_own_is_a_red_line() -> None:
    desk = at(kst(20, 8, 45))
    desk.seen = replace(WELL, user_latch=DeskState.EXITS_ONLY)
    async with checking(desk):
        (fact,) = desk.told()
        assert not fact.is_ready


def test_days_that_the_trader_closed_are_no_days() -> None:
    closed = MarketCalendar(closed=frozenset({FRIDAY}))
    due = us_preparation(Calendars(Config(calendar=Calendar(us=closed)), KrxSettings()))
    assert due(datetime(2026, 11, 20, 1, tzinfo=UTC)).day == date(2026, 11, 23)


def test_the_american_check_costs_kis_no_call_of_its_own(tmp_path: Path) -> None:
    ready = et(date(2026, 3, 10), 3, 50)

    async def story(loop: SteppedLoop) -> None:
        night = Scenario(start=ready - timedelta(minutes=2))
        async with stage(loop, tmp_path, night, mode=Mode.DRY_RUN) as here:
            await here.go_to(ready - timedelta(seconds=1))
            before = len(here.world.request_log.entries)
            await here.go_to(ready + timedelta(minutes=3))
            asked = here.world.request_log.entries[before:]
            (item,) = await checks(here)
            assert isinstance(item, ReadinessChecked)
            assert item.is_ready, item
            # Its token, and the three reads the desk has always made here.
            assert [call.tr_id for call in asked] == ["", "TTTS3012R", "CTRP6504R", "TTTS3035R"]

    async def checks(here: Stage) -> list[object]:
        found: list[object] = []
        outbox = here.assembly.stores.outbox
        while (item := await outbox.next(here.now())) is not None:
            fact = item.fact.fact if item.fact is not None else None
            found += [fact] if isinstance(fact, ReadinessChecked) else []
            await outbox.done(item.key)
        return found

    run_stepped(story)
