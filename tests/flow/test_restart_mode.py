"""Killed in any mode, a desk comes up in that mode, never higher, and says which."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.format import words
from bot.format.fact_state import started
from bot.format.lang import Lang
from engine.model.ids import DeskName, Mode
from sandbox.scenario import Scenario
from tests.faults.house import house
from tests.harness.stage import TRADER, et
from tests.harness.stepped_loop import SteppedLoop, run_stepped

NIGHT = Scenario(start=et(date(2026, 3, 10), 3, 0))


@pytest.mark.parametrize("desk", list(DeskName))
@pytest.mark.parametrize("mode", list(Mode))
def test_a_restart_comes_up_in_the_mode_it_had_and_says_so(
    tmp_path: Path, desk: DeskName, mode: Mode
) -> None:
    async def story(loop: SteppedLoop) -> None:
        # The house begins with the desk in live: what comes after it must not come back to that.
        both = "domestic: {enabled: true}\n"
        async with house(loop, tmp_path, NIGHT, desk=desk, config=both) as (home, s):
            if mode is not Mode.LIVE:
                assert not (await s.assembly.control.switch_mode(desk, mode, TRADER)).refusal
            await home.pull()
            await s.wait(5)
            status = (await home.start()).control.status()
            other = next(one for one in DeskName if one is not desk)
            assert status.modes == {desk: mode, other: Mode.DRY_RUN}
            assert words.mode(mode, Lang.KO) in started(status, Lang.KO)

    run_stepped(story)
