"""Clocks tell market time, and say when it jumped."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.adapters.clocks import DemoClock, LoopClock, SystemClock
from tests.harness.stepped_loop import SteppedLoop, run_stepped

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def publish(path: Path, market: datetime, *, speed: float = 60.0, frozen: bool = False) -> None:
    state = {
        "anchor_monotonic": time.monotonic(),
        "anchor_market": market.isoformat(),
        "speed": speed,
        "frozen": frozen,
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state))
    fresh.replace(path)


def test_the_system_clock_is_aware() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


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


async def test_a_change_of_speed_is_no_jump(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    publish(path, START, frozen=True)
    clock = DemoClock(path)
    publish(path, START, speed=600.0)
    await clock.sleep_until(START + timedelta(seconds=30))
    assert clock.generation == 0
