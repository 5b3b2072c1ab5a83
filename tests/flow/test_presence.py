"""It is written down that a desk runs, while its exchange is open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import JournalFailed
from engine.flow.presence import EVERY, Presence
from engine.model.ids import DeskName, Mode
from reports import queries
from sandbox.scenario import Scenario
from tests.harness.stage import et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

OPENS = datetime(2026, 7, 6, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(minutes=390)
DAY = timedelta(days=1)


@dataclass
class Time:
    """A clock that a test turns; sleepers wake when it passes their time."""

    at: datetime = OPENS - timedelta(hours=1)
    generation: int = 0
    skipped: timedelta = timedelta()
    turned: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, moment: datetime) -> None:
        while self.at < moment:
            self.turned.clear()
            await self.turned.wait()

    async def sleep_for(self, span: timedelta) -> None:
        await self.sleep_until(self.at + span)

    async def next_jump(self) -> tuple[datetime, datetime]:
        raise AssertionError

    async def turn(self, at: datetime) -> None:
        self.at = at
        self.turned.set()
        for _ in range(9):
            await asyncio.sleep(0)


@dataclass
class Desk:
    """Notes what was written; one row a span."""

    mode: Mode | None = Mode.PAPER
    rows: dict[tuple[Mode, datetime], datetime] = field(default_factory=dict)
    writes: int = 0
    fails: bool = False

    async def note(self, desk: DeskName, mode: Mode, began_at: datetime, until: datetime) -> None:
        assert desk is DeskName.KRX
        self.writes += 1
        if self.fails:
            raise JournalFailed("full")
        self.rows[mode, began_at] = until


def hours(now: datetime) -> tuple[datetime, datetime]:
    opens = OPENS
    while now >= opens + (CLOSES - OPENS):
        opens += DAY
    return opens, opens + (CLOSES - OPENS)


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def presence(desk: Desk, clock: Time) -> Presence:
    return Presence(DeskName.KRX, lambda: desk.mode, hours, desk, clock)


async def through(clock: Time, until: datetime) -> None:
    while clock.at < until:
        await clock.turn(min(clock.at + EVERY, until))


async def test_a_whole_session_is_one_row_and_the_night_is_none(
    presence: Presence, desk: Desk, clock: Time
) -> None:
    async with running(presence, clock):
        assert not desk.rows
        await through(clock, CLOSES)
        assert desk.rows == {(Mode.PAPER, OPENS): CLOSES}
        written = desk.writes
        assert written <= (CLOSES - OPENS) / EVERY + 2
        await through(clock, OPENS + DAY - EVERY)
        assert desk.writes == written
        await through(clock, OPENS + DAY + EVERY)
    assert desk.rows == {(Mode.PAPER, OPENS): CLOSES, (Mode.PAPER, OPENS + DAY): clock.at}


async def test_a_start_in_the_session_begins_there_and_an_end_ends_there(
    presence: Presence, desk: Desk, clock: Time
) -> None:
    began = clock.at = OPENS + timedelta(minutes=100)
    async with running(presence, clock):
        await clock.turn(began + timedelta(minutes=3))
    await presence.close()
    assert desk.rows == {(Mode.PAPER, began): began + timedelta(minutes=3)}
    await presence.close()
    assert len(desk.rows) == 1


async def test_another_mode_is_another_row(presence: Presence, desk: Desk, clock: Time) -> None:
    async with running(presence, clock):
        await through(clock, OPENS + EVERY)
        desk.mode = Mode.LIVE
        await through(clock, OPENS + 3 * EVERY)
    assert desk.rows == {
        (Mode.PAPER, OPENS): OPENS + EVERY,
        (Mode.LIVE, OPENS + 2 * EVERY): OPENS + 3 * EVERY,
    }


async def test_a_desk_that_does_not_run_is_not_there(
    presence: Presence, desk: Desk, clock: Time
) -> None:
    async with running(presence, clock):
        await through(clock, OPENS + EVERY)
        desk.mode = None
        await through(clock, OPENS + 4 * EVERY)
        desk.mode = Mode.PAPER
        await through(clock, OPENS + 5 * EVERY)
    assert desk.rows == {
        (Mode.PAPER, OPENS): OPENS + EVERY,
        (Mode.PAPER, OPENS + 5 * EVERY): OPENS + 5 * EVERY,
    }


async def test_what_a_jump_of_the_clock_skips_is_not_counted(
    presence: Presence, desk: Desk, clock: Time
) -> None:
    async with running(presence, clock):
        await through(clock, OPENS + EVERY)
        clock.generation += 1
        await clock.turn(OPENS + timedelta(hours=3))
        assert desk.rows == {
            (Mode.PAPER, OPENS): OPENS + EVERY,
            (Mode.PAPER, OPENS + timedelta(hours=3)): OPENS + timedelta(hours=3),
        }
        clock.generation += 1
        await clock.turn(CLOSES + timedelta(hours=3))
    assert max(desk.rows.values()) == OPENS + timedelta(hours=3)


async def test_a_file_that_cannot_be_written_ends_nothing(
    presence: Presence, desk: Desk, clock: Time
) -> None:
    desk.fails = True
    async with running(presence, clock):
        await through(clock, OPENS + 2 * EVERY)
        assert not desk.rows
        desk.fails = False
        await through(clock, OPENS + 3 * EVERY)
    assert desk.rows == {(Mode.PAPER, OPENS): OPENS + 3 * EVERY}


def test_the_assistant_writes_it_down_of_every_desk_beside_its_orders(tmp_path: Path) -> None:
    opens, closes = et(date(2026, 3, 10), 9, 30), et(date(2026, 3, 10), 10, 2)

    async def story(loop: SteppedLoop) -> None:
        night = Scenario(start=et(date(2026, 3, 10), 9, 20))
        config = "domestic: {enabled: true}\n"
        async with stage(loop, tmp_path, night, mode=Mode.DRY_RUN, config=config) as here:
            await here.go_to(opens - timedelta(seconds=1))
            assert spans() == []
            await here.go_to(opens + timedelta(minutes=12))
            ((desk, mode, began, until),) = spans()  # in Korea it is night
            assert (desk, mode) == ("us", "dry_run")
            assert abs(began - opens) < timedelta(seconds=1)
            assert timedelta(minutes=9) < until - began < timedelta(minutes=11)
            await here.go_to(closes)
        ((*_, until),) = spans()
        assert abs(until - closes) < timedelta(seconds=1)

    def spans() -> list[tuple[str, str, datetime, datetime]]:
        with queries.opened(tmp_path / "state.db") as state:
            rows = state.execute("SELECT desk, mode, began_at, until FROM running_spans")
            times = datetime.fromisoformat
            return [(desk, mode, times(began), times(until)) for desk, mode, began, until in rows]

    run_stepped(story)


class running:  # noqa: N801 - reads as a verb
    """The service, until the block ends; it must not have ended by itself."""

    def __init__(self, presence: Presence, clock: Time) -> None:
        self._presence = presence
        self._clock = clock

    async def __aenter__(self) -> None:
        self._task = asyncio.ensure_future(self._presence.run())
        await self._clock.turn(self._clock.at)

    async def __aexit__(self, *_: object) -> None:
        assert not self._task.done()
        self._task.cancel()
        await asyncio.wait({self._task})
