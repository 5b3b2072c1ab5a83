"""Clocks tell market time, and say when it jumped."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.adapters.clocks import DemoClock, LoopClock, SystemClock
from tests.harness.machine import Machine
from tests.harness.stepped_loop import SteppedLoop, run_stepped

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
HOURS_ASLEEP = timedelta(hours=3)
SET_BACK = timedelta(minutes=-7)


class Hands:
    """Both clocks of a machine, moved by hand."""

    def __init__(self) -> None:
        self.wall, self.monotonic = START.timestamp(), 5000.0
        self.clock = SystemClock(lambda: self.wall, lambda: self.monotonic)

    def run(self, seconds: float, *, slewed_ppm: float = 0) -> None:
        self.monotonic += seconds
        self.wall += seconds * (1 + slewed_ppm / 1e6)


def publish(
    path: Path,
    market: datetime,
    *,
    speed: float = 60.0,
    frozen: bool = False,
    monotonic: float | None = None,
) -> None:
    state = {
        "anchor_monotonic": time.monotonic() if monotonic is None else monotonic,
        "anchor_market": market.isoformat(),
        "speed": speed,
        "frozen": frozen,
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state))
    fresh.replace(path)


def test_the_system_clock_is_aware() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


@pytest.mark.parametrize("moved_s", [7200.0, 1.2, -1.2, -420.0])
def test_wall_time_that_moves_alone_is_a_jump_at_the_next_look(moved_s: float) -> None:
    machine = Hands()
    machine.run(0.5)
    machine.wall += moved_s
    assert machine.clock.generation == 1
    assert machine.clock.skipped.total_seconds() == pytest.approx(moved_s)
    assert machine.clock.now() - START == timedelta(seconds=0.5 + moved_s)
    machine.run(3600)
    assert machine.clock.generation == 1


@pytest.mark.parametrize("seconds", [0.0, 1.0, 86_400.0, 30 * 86_400.0])
@pytest.mark.parametrize("slewed_ppm", [-500, 0, 500])
def test_slewing_is_no_jump_however_long_nobody_looked(seconds: float, slewed_ppm: int) -> None:
    machine = Hands()
    machine.run(seconds, slewed_ppm=slewed_ppm)
    assert machine.clock.generation == 0
    machine.run(60, slewed_ppm=slewed_ppm)
    machine.wall += 2
    assert machine.clock.generation == 1


def test_a_leap_second_is_no_jump() -> None:
    machine = Hands()
    machine.run(100)
    machine.wall -= 1
    assert (machine.clock.generation, machine.clock.skipped) == (0, timedelta(0))


def test_jumps_there_and_back_are_two_and_add_up_to_nothing() -> None:
    machine = Hands()
    machine.wall += 60
    assert machine.clock.generation == 1
    machine.wall -= 60
    assert (machine.clock.generation, machine.clock.skipped) == (2, timedelta(0))


@pytest.mark.parametrize("by", [HOURS_ASLEEP, SET_BACK])
def test_a_jump_of_the_machine_is_told_with_both_times_within_a_second(by: timedelta) -> None:
    async def main(loop: SteppedLoop) -> tuple[datetime, datetime, float]:
        machine = Machine(loop, START)
        loop.call_later(10, machine.step, by)
        before, after = await machine.clock.next_jump()
        return before, after, loop.time()

    before, after, seconds = run_stepped(main)
    assert 10 <= seconds <= 11
    assert after - before == by
    assert before == START + timedelta(seconds=seconds)


def test_a_sleeper_wakes_within_a_second_of_the_machine_that_slept_over_its_moment() -> None:
    async def main(loop: SteppedLoop) -> float:
        machine = Machine(loop, START)
        loop.call_later(10, machine.step, HOURS_ASLEEP)
        await machine.clock.sleep_until(START + timedelta(hours=2))
        return loop.time()

    assert 10 <= run_stepped(main) <= 11


def test_a_sleeper_waits_for_its_moment_when_the_clock_is_set_back() -> None:
    async def main(loop: SteppedLoop) -> tuple[datetime, float]:
        machine = Machine(loop, START)
        loop.call_later(10, machine.step, SET_BACK)
        await machine.clock.sleep_until(START + timedelta(minutes=1))
        return machine.clock.now(), loop.time()

    now, seconds = run_stepped(main)
    assert START + timedelta(minutes=1) <= now < START + timedelta(seconds=61)
    assert 480 <= seconds <= 481


@pytest.mark.parametrize("by", [HOURS_ASLEEP, SET_BACK])
def test_a_span_of_time_is_neither_shortened_nor_lengthened_by_a_jump(by: timedelta) -> None:
    async def main(loop: SteppedLoop) -> float:
        machine = Machine(loop, START)
        loop.call_later(10, machine.step, by)
        await machine.clock.sleep_for(timedelta(seconds=40))
        return loop.time()

    assert run_stepped(main) == pytest.approx(40)


def test_a_loop_clock_follows_stepped_time() -> None:
    async def main(loop: SteppedLoop) -> datetime:
        clock = LoopClock(START, loop.time)
        await clock.sleep_until(START + timedelta(hours=3))
        return clock.now()

    assert run_stepped(main) == START + timedelta(hours=3)


async def test_a_demo_clock_runs_at_the_published_speed(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    publish(path, START, speed=600.0)
    clock = DemoClock(path)
    await clock.sleep_until(START + timedelta(seconds=30))
    assert START + timedelta(seconds=30) <= clock.now() < START + timedelta(minutes=5)
    assert clock.generation == 0


async def test_a_demo_clock_tells_a_jump_with_both_times(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    publish(path, START, frozen=True)
    clock = DemoClock(path)
    waiting = asyncio.ensure_future(clock.next_jump())
    await asyncio.sleep(0)
    publish(path, START + timedelta(hours=2), frozen=True)
    assert await waiting == (START, START + timedelta(hours=2))
    assert clock.generation == 1


async def test_a_demo_clock_notices_a_jump_before_anything_that_was_sent_after_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "demo.json"
    publish(path, START, frozen=True)
    clock = DemoClock(path)
    publish(path, START + timedelta(hours=2), frozen=True)
    assert clock.generation == 1  # no 20 ms later
    assert clock.now() == START + timedelta(hours=2)
    assert clock.skipped == timedelta(hours=2)


@pytest.mark.parametrize("by", [HOURS_ASLEEP, SET_BACK])
def test_a_demo_s_span_of_time_outlives_a_jump(tmp_path: Path, by: timedelta) -> None:
    path = tmp_path / "demo.json"

    async def main(loop: SteppedLoop) -> float:
        def publish_at(market: datetime) -> None:
            publish(path, market, speed=10.0, monotonic=loop.time())

        publish_at(START)
        clock = DemoClock(path, loop.time)
        loop.call_later(1.007, lambda: publish_at(START + timedelta(seconds=10) + by))
        await clock.sleep_for(timedelta(seconds=40))
        return loop.time()

    assert run_stepped(main) == pytest.approx(4, abs=0.05)


async def test_a_change_of_speed_is_no_jump(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    publish(path, START, frozen=True)
    clock = DemoClock(path)
    publish(path, START, speed=600.0)
    await clock.sleep_until(START + timedelta(seconds=30))
    assert clock.generation == 0


def test_stepped_time_waits_for_threads() -> None:
    async def main(loop: SteppedLoop) -> float:
        asleep = loop.create_task(asyncio.sleep(600))
        await asyncio.to_thread(time.sleep, 0.05)
        asleep.cancel()
        return loop.time()

    assert run_stepped(main) == 0
