"""Games that once went wrong."""

from pathlib import Path

from sandbox.model import Fault
from sandbox.scenario import Scenario
from tests.faults.matrix import Stage
from tests.faults.play import FAR, LISTING, STARTS, SYMBOL, THIN, UP, SteadyTape
from tests.harness.stage import stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped


def test_shares_bought_while_an_order_fills_are_sold_without_waiting_for_the_reconciliation(
    tmp_path: Path,
) -> None:
    """The balance asked for them is older than the fill, and so confirms nothing."""

    async def main(loop: SteppedLoop) -> None:
        tape = SteadyTape(STARTS[Stage.REGULAR])
        scenario = Scenario(start=STARTS[Stage.REGULAR], listings=(LISTING,), tape=tape)
        async with stage(loop, tmp_path, scenario) as s:
            await s.wait(6)
            s.buy(SYMBOL, 10)
            assert await s.until(lambda: "BuySeen" in s.kinds())
            tape.depth = THIN
            await s.wait(3)
            s.world.market.nudge(SYMBOL, UP)
            assert await s.until(lambda: "OrderFilled" in s.kinds())
            s.world.market.nudge(SYMBOL, FAR)
            tape.depth = 600
            await s.wait(10)
            s.world.faults.add(Fault("rest", "slow", "inquire-balance", 1, "3"))
            s.buy(SYMBOL, 5)
            s.world.market.nudge(SYMBOL, UP)

            assert await s.until(lambda: not s.books()["holdings"], 60)

    run_stepped(main)
