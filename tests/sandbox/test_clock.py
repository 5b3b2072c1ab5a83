import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import SandboxClock
from tests.sandbox.kis_desk import Seconds

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def test_market_time_runs_at_its_speed() -> None:
    seconds = Seconds()
    clock = SandboxClock(START, 60.0, seconds)
    seconds.value = 2.0
    assert clock.now() == START + timedelta(minutes=2)


def test_a_change_of_speed_keeps_the_moment() -> None:
    seconds = Seconds()
    clock = SandboxClock(START, 60.0, seconds)
    seconds.value = 1.0
    clock.set_speed(1.0)
    seconds.value = 2.0
    assert clock.now() == START + timedelta(seconds=61)


def test_a_frozen_clock_stands_and_resumes_where_it_stood() -> None:
    seconds = Seconds()
    clock = SandboxClock(START, 1.0, seconds)
    clock.freeze()
    seconds.value = 100.0
    assert clock.now() == START
    clock.resume()
    seconds.value = 101.0
    assert clock.now() == START + timedelta(seconds=1)


async def test_a_jump_wakes_who_sleeps_until_a_moment_before_it() -> None:
    clock = SandboxClock(START, 1.0, Seconds())
    sleeper = asyncio.ensure_future(clock.sleep_until(START + timedelta(hours=1)))
    await asyncio.sleep(0)
    clock.jump(START + timedelta(hours=2))
    await asyncio.wait_for(sleeper, 1)


async def test_a_sleeper_is_not_woken_for_good_by_a_jump_short_of_its_moment() -> None:
    clock = SandboxClock(START, 1.0, Seconds())
    sleeper = asyncio.ensure_future(clock.sleep_until(START + timedelta(hours=1)))
    await asyncio.sleep(0)
    clock.jump(START + timedelta(minutes=59))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not sleeper.done()
    clock.jump(START + timedelta(hours=1))
    await asyncio.wait_for(sleeper, 1)


async def test_a_higher_speed_shortens_a_running_sleep() -> None:
    clock = SandboxClock(START, 1.0, asyncio.get_running_loop().time)
    sleeper = asyncio.ensure_future(clock.sleep_until(START + timedelta(hours=1)))
    await asyncio.sleep(0)
    clock.set_speed(1_000_000.0)
    await asyncio.wait_for(sleeper, 1)


def test_another_process_derives_the_same_time_from_the_published_state(tmp_path: Path) -> None:
    seconds = Seconds()
    seconds.value = 7.0
    file = tmp_path / "clock.json"
    clock = SandboxClock(START, 10.0, seconds, publish_to=file)
    clock.set_speed(2.0)
    seconds.value = 10.0
    state = json.loads(file.read_text(encoding="utf-8"))
    elapsed = (10.0 - state["anchor_monotonic"]) * state["speed"]
    derived = datetime.fromisoformat(state["anchor_market"]) + timedelta(seconds=elapsed)
    assert derived == clock.now()
    assert state["generation"] == 1
    assert state["frozen"] is False


def test_a_naive_moment_and_a_speed_of_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        SandboxClock(datetime(2026, 11, 20))  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="above 0"):
        SandboxClock(START, 0.0)


def test_the_wait_for_a_moment_depends_on_speed_and_is_endless_when_frozen() -> None:
    clock = SandboxClock(START, 10.0, Seconds())
    assert clock.seconds_until(START + timedelta(seconds=50)) == 5.0
    assert clock.seconds_until(START - timedelta(seconds=50)) == 0.0
    clock.freeze()
    assert clock.seconds_until(START + timedelta(seconds=50)) is None
