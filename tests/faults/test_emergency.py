"""Each trouble of KIS through the whole engine: one stop, exits all the same, an end by itself."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from engine.model.ids import DeskName, DeskState, Mode
from engine.model.state_facts import Trouble
from sandbox.scenario import Scenario
from sandbox.switches import DRILLS
from tests.faults.krx_verdict import krx_view
from tests.faults.krx_world import FIRST, SECOND
from tests.faults.play import DAY, LISTING, SYMBOL, SteadyTape
from tests.faults.test_krx_guards import enter, play, stop_goes_out_beside_a_held_back_entry
from tests.faults.verdict import SHARES
from tests.harness.stage import TRADER, Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

# Under these no call comes through, an order's neither: the exit goes out once they are over.
BLOCKING = frozenset({"errors", "silence"})
FIRST_CAUSE = {
    "errors": {Trouble.API, Trouble.ACCOUNT},
    "silence": {Trouble.API, Trouble.ACCOUNT, Trouble.SILENCE},
    "account": {Trouble.ACCOUNT, Trouble.API},
    "socket": {Trouble.STREAM},
    "refusals": {Trouble.REFUSALS},
}
WITHIN_S, OVER_WITHIN_S = 420.0, 200.0


def rarely(drill: str) -> ParameterSet:
    """Played on demand: tests/desk/test_emergency_stops.py has each condition for each desk."""
    return pytest.param(drill, marks=pytest.mark.long)


def throw(s: Stage, drill: str) -> None:
    for fault in DRILLS[drill].faults:
        s.world.faults.add(fault)


def stops(s: Stage) -> list[dict[str, Any]]:
    return [fact for _, kind, fact in s.facts() if kind == "StateChanged"]


def assert_one_incident(s: Stage, drill: str) -> None:
    begun, ended = stops(s)
    assert begun["trouble"] in FIRST_CAUSE[drill]
    assert begun["measured"]
    assert begun["limit"]
    assert (begun["state"], ended["state"]) == ("exits_only", "running")
    assert s.kinds().count("TroubleBegan") <= 2, "a flood"


@pytest.mark.parametrize(
    "drill", ["errors", "socket", *map(rarely, ("silence", "account", "refusals"))]
)
def test_the_korean_desk_stops_sells_and_goes_on(drill: str, tmp_path: Path) -> None:
    async def story(s: Stage) -> None:
        await enter(s, FIRST)
        throw(s, drill)
        assert await s.until(lambda: krx_view(s).state is DeskState.EXITS_ONLY, WITHIN_S)
        if drill in BLOCKING:
            s.world.faults.clear()
        await stop_goes_out_beside_a_held_back_entry(s, FIRST, SECOND)
        assert krx_view(s).state is DeskState.EXITS_ONLY
        s.world.faults.clear()
        assert await s.until(lambda: krx_view(s).state is DeskState.RUNNING, OVER_WITHIN_S)
        assert_one_incident(s, drill)

    play(tmp_path, story)


@pytest.mark.parametrize("drill", ["silence", *map(rarely, ("errors", "account", "socket"))])
def test_the_american_desk_stops_sells_and_goes_on(drill: str, tmp_path: Path) -> None:
    def state(s: Stage) -> DeskState:
        us = s.assembly.control.status().us
        assert us is not None
        return us.state

    async def main(loop: SteppedLoop) -> None:
        start = et(DAY, 9, 35)
        world = Scenario(start=start, listings=(LISTING,), tape=SteadyTape(start))
        async with stage(loop, tmp_path, world, mode=Mode.DRY_RUN) as s:
            offer = await s.assembly.control.switch_mode(DeskName.US, Mode.LIVE, TRADER)
            assert not offer.refusal
            await s.wait(6)
            s.buy(SYMBOL, SHARES)
            assert await s.until(lambda: "BuySeen" in s.kinds(), 60)
            await s.wait(6)
            throw(s, drill)
            assert await s.until(lambda: state(s) is DeskState.EXITS_ONLY, 900)
            if drill in BLOCKING:
                s.world.faults.clear()
            s.world.market.nudge(SYMBOL, Decimal(4))
            assert await s.until(lambda: "OrderFilled" in s.kinds(), 200), "the exit was skipped"
            s.world.faults.clear()
            assert await s.until(lambda: state(s) is DeskState.RUNNING, OVER_WITHIN_S)
            assert_one_incident(s, drill)

    run_stepped(main)
