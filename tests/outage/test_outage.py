"""Ten minutes without Telegram, thirty alerts: each arrives once, in order, whatever is killed."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from engine.flow.alerts import DIGEST, NORMAL, URGENT
from tests.harness.stepped_loop import SteppedLoop, run_stepped
from tests.outage.house import OWNER, Run, Telegram, telegram
from tests.outage.mixed import COUNT, due_order, priorities

OUTAGE = ("reset", "black_hole", "bad_gateway", "http500", "unauthorized")
EACH_S = 120
KILLS = 3


async def outage(run: Run, phone: Telegram) -> None:
    """Ten minutes of every kind of absence; alerts come in all the while."""
    waiting = list(range(1, COUNT + 1))
    for kind in OUTAGE:
        phone.trouble(kind)
        for _ in range(COUNT // len(OUTAGE)):
            await run.put(waiting.pop(0))
            await asyncio.sleep(EACH_S / (COUNT // len(OUTAGE)))
        phone.faults.clear()
    assert not waiting


async def until_told(loop: SteppedLoop, phone: Telegram, count: int = COUNT) -> None:
    deadline = loop.time() + 600
    while len(set(phone.alerts())) < count and loop.time() < deadline:  # noqa: ASYNC110 - stepped time
        await asyncio.sleep(0.5)
    await asyncio.sleep(10)  # a double would come now


def test_the_thirty_are_of_all_priorities() -> None:
    assert priorities() == {URGENT, NORMAL, DIGEST}


def test_after_ten_minutes_without_telegram_all_come_once_and_in_order(tmp_path: Path) -> None:
    async def main(loop: SteppedLoop) -> None:
        async with telegram(loop) as phone:
            phone.api.chat.send(OWNER, "/start")
            run = Run(loop, tmp_path / "data" / "state.db", phone)
            await run.start()
            await asyncio.sleep(2)
            await outage(run, phone)
            assert phone.alerts() == []
            await until_told(loop, phone)
            assert phone.alerts() == due_order()
            assert phone.repeated() == []
            await run.kill()

    run_stepped(main)


@pytest.mark.parametrize("seed", range(5))
def test_kills_lost_answers_and_floods_after_it_lose_and_double_none(
    seed: int, tmp_path: Path
) -> None:
    async def main(loop: SteppedLoop) -> None:
        dice = random.Random(seed)
        state = tmp_path / "data" / "state.db"
        told: list[int] = []
        async with telegram(loop) as phone:
            phone.api.chat.send(OWNER, "/start")
            run = Run(loop, state, phone)
            await run.start()
            await asyncio.sleep(2)
            phone.trouble("reset")
            await run.put(*range(1, COUNT + 1))
            await asyncio.sleep(30)
            phone.faults.clear()
            for kind, value in (("lost_answer", ""), ("flood", "3"), ("lost_answer", "")):
                await asyncio.sleep(dice.uniform(2.0, 5.0))
                phone.trouble(kind, times=dice.randint(1, 3), value=value, target="sendMessage")
                phone.trouble("slow", times=2, value="0.4", target="sendMessage")
                await asyncio.sleep(dice.uniform(1.5, 8.0))
                told.append(len(phone.alerts()))
                await run.kill()
                phone.faults.clear()
                run = Run(loop, state, phone)
                await run.start()
            await until_told(loop, phone)
            # What was in doubt over a kill comes again with a word about it, nothing else does.
            assert sorted(phone.alerts(is_marked=False)) == list(range(1, COUNT + 1))
            assert len(phone.repeated()) <= KILLS
            await run.kill()
            # Killed while most still waited, with answers that were really lost.
            assert told[-1] < COUNT
            assert any(taken.fault.kind == "lost_answer" for taken in phone.faults.taken)

    run_stepped(main)
