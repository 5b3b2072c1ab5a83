"""Telegram away from before the start: the desk works, and its alerts wait."""

from pathlib import Path

import pytest

from sandbox.model import Fault
from sandbox.scenario import Scenario
from tests.faults.chat import chat_stage
from tests.faults.matrix import Stage
from tests.faults.play import LISTING, STARTS, SYMBOL, UP, SteadyTape
from tests.faults.verdict import SHARES
from tests.harness.stepped_loop import SteppedLoop, run_stepped


@pytest.mark.parametrize("kind", ["reset", "black_hole", "bad_gateway"])
def test_a_lot_is_sold_while_telegram_is_away_and_told_when_it_is_back(
    kind: str, tmp_path: Path
) -> None:
    async def main(loop: SteppedLoop) -> None:
        start = STARTS[Stage.REGULAR]
        scenario = Scenario(start=start, listings=(LISTING,), tape=SteadyTape(start))
        trouble = (Fault("telegram", kind, "*", 0),)
        async with chat_stage(loop, tmp_path, scenario, trouble) as (s, telephone):
            await s.wait(6)
            s.buy(SYMBOL, SHARES)
            await s.wait(10)
            s.world.market.nudge(SYMBOL, UP)
            assert await s.until(lambda: not s.books()["holdings"], 10)
            await s.wait(120)
            assert not telephone.api.chat.from_bot(10_001)

            s.world.faults.clear()
            await s.wait(120)

            assert not telephone.complaints(s, may_repeat=False)

    run_stepped(main)
