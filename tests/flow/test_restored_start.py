"""A start after a restore: exits only, in no higher mode, and it asks the broker what is true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

from engine.model.commands import Resume
from engine.model.ids import DeskName, DeskState, Mode
from engine.wiring import Assembly
from engine.wiring.backups import backup_lines, restore_lines, restored_notice
from sandbox.scenario import Scenario
from tests.faults.house import House, house
from tests.faults.matrix import Stage as Part
from tests.faults.play import LISTING, STARTS, SYMBOL, UP, SteadyTape
from tests.harness.stage import TRADER, Stage, et
from tests.harness.stepped_loop import SteppedLoop, run_stepped

US = DeskName.US
NIGHT = Scenario(start=et(date(2026, 3, 10), 3, 0))
OPEN = Scenario(
    start=STARTS[Part.REGULAR], listings=(LISTING,), tape=SteadyTape(STARTS[Part.REGULAR])
)


def play(
    data: Path, story: Callable[[House, Stage], Awaitable[None]], scenario: Scenario = NIGHT
) -> None:
    async def main(loop: SteppedLoop) -> None:
        async with house(loop, data, scenario) as (home, s):
            await story(home, s)

    run_stepped(main)


def backup(s: Stage) -> Path:
    """Beside the running engine."""
    file = s.data.parent / "one.zip"
    done = backup_lines(s.data, file, program="test", now=datetime.now(UTC), force=True)
    assert "checked" in next(iter(done))
    return file


def restore(s: Stage, file: Path) -> None:
    assert list(restore_lines(file, s.data, now=datetime.now(UTC)))


def latch(assembly: Assembly) -> DeskState:
    us = assembly.control.status().us
    assert us is not None
    return us.user_latch


async def told(assembly: Assembly) -> tuple[str, ...]:
    stores = assembly.stores
    return await restored_notice(assembly.settings.loaded.config, stores.settings, stores.values)


def test_what_was_sold_since_the_backup_is_found_out_and_not_sold_again(tmp_path: Path) -> None:
    async def story(home: House, s: Stage) -> None:
        await s.wait(6)  # what is held before the first reading is not the desk's to sell
        s.buy(SYMBOL, 5)
        assert await s.until(lambda: "BuySeen" in s.kinds(), 30)
        file = backup(s)
        s.world.market.nudge(SYMBOL, UP)
        assert await s.until(lambda: "OrderFilled" in s.kinds(), 60)
        await home.pull()
        restore(s, file)
        assert "OrderFilled" not in s.kinds()
        s.assembly = await home.start()
        await s.wait(60)
        us = s.assembly.control.status().us
        assert us is not None
        assert us.positions == ()
        assert len(s.own_sells()) == 1

    play(tmp_path / "data", story, OPEN)


def test_it_sells_only_says_so_and_goes_on_after_resume(tmp_path: Path) -> None:
    async def story(home: House, s: Stage) -> None:
        file = backup(s)
        await home.pull()
        restore(s, file)
        s.assembly = await home.start()
        await s.wait(2)
        assert s.assembly.control.status().modes[US] is Mode.LIVE  # it was, here and now
        assert latch(s.assembly) is DeskState.EXITS_ONLY
        (notice,) = await told(s.assembly)
        assert notice.startswith("restored:")
        answer = asyncio.create_task(s.assembly.control.command(Resume(), TRADER, US))
        await s.wait(1)
        assert (await answer).refusal is None
        assert await told(s.assembly) == ()

    play(tmp_path / "data", story)


def test_on_another_machine_live_is_confirmed_anew(tmp_path: Path) -> None:
    async def story(home: House, s: Stage) -> None:
        file = backup(s)
        await home.pull()
        for path in s.data.glob("*.db*"):
            path.unlink()
        restore(s, file)
        s.assembly = await home.start()
        await s.wait(2)
        assert s.assembly.control.status().modes[US] is Mode.DRY_RUN
        assert latch(s.assembly) is DeskState.EXITS_ONLY

    play(tmp_path / "data", story)
