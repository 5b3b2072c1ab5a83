"""A plug pulled at any commit costs time, never money, and nobody is left untold."""

from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from engine.model.commands import Command, Halt, Pause
from engine.model.ids import DeskName, DeskState, Mode
from sandbox.model import Fault
from sandbox.request_log import LoggedRequest
from sandbox.scenario import Scenario
from tests.faults.house import House, Plug, house, undelivered
from tests.faults.matrix import SELL_TR
from tests.faults.matrix import Stage as Part
from tests.faults.play import DEEP, LISTING, STARTS, SYMBOL, THIN, UP, SteadyTape
from tests.faults.verdict import SHARES, Verdict, judge_books, trace
from tests.harness.stage import TRADER, Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

# What a game commits, in order. At once: ready, buy seen, alert, order, answer, accepted, alert,
# filled, alert. In parts the buy alone takes twelve.
AT_ONCE = range(1, 10)
IN_PARTS = range(14, 24, 3)
MOMENTS = [*((at, DEEP) for at in AT_ONCE), *((at, THIN) for at in IN_PARTS)]
Scene = Callable[[House, Stage], Coroutine[None, None, None]]


def _play(data: Path, scene: Scene, part: Part = Part.REGULAR, depth: int = DEEP) -> None:
    async def main(loop: SteppedLoop) -> None:
        tape = SteadyTape(STARTS[part])
        tape.depth = depth
        scenario = Scenario(start=STARTS[part], listings=(LISTING,), tape=tape)
        async with house(loop, data, scenario) as (home, s):
            await s.wait(6)  # what is held before the first reading is not the desk's to sell
            await scene(home, s)

    run_stepped(main)


async def _story(s: Stage) -> None:
    """The world goes on, whoever is up: a buy by hand, a rise, an end."""
    await s.wait(2)
    s.buy(SYMBOL, SHARES)
    await s.wait(20)
    s.world.market.nudge(SYMBOL, UP)
    await s.wait(150)


def _complaints(s: Stage) -> list[str]:
    verdict = Verdict()
    judge_books(s, verdict)
    return [*verdict.complaints(), *(f"never told: {fact}" for fact in undelivered(s))]


@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("at", "depth"),
    [
        pytest.param(at, depth, marks=pytest.mark.long if index % 3 else ())
        for index, (at, depth) in enumerate(MOMENTS)
    ],
)
def test_the_plug_pulled_at_any_commit_costs_nothing_but_time(
    at: int, depth: int, is_before: bool, tmp_path: Path
) -> None:
    async def scene(home: House, s: Stage) -> None:
        plug = Plug(at, is_before)
        story = s.loop.create_task(_story(s))
        was_pulled = await home.live_through(s, plug, story)
        await story

        assert was_pulled, plug.commits
        assert not _complaints(s), "\n".join([*_complaints(s), *plug.commits, *trace(s)])

    _play(tmp_path, scene, depth=depth)


@pytest.mark.parametrize(("first", "second"), [(4, 1), (4, 3), (5, 1), (5, 2), (6, 1), (8, 2)])
def test_the_plug_pulled_again_just_after_the_start(
    first: int, second: int, tmp_path: Path
) -> None:
    async def scene(home: House, s: Stage) -> None:
        story = s.loop.create_task(_story(s))
        assert await home.live_through(s, Plug(first), story)
        await home.live_through(s, Plug(second), story)
        await story

        assert not _complaints(s), "\n".join([*_complaints(s), *trace(s)])

    _play(tmp_path, scene)


@pytest.mark.parametrize("trouble", ["reset_after", "reset_before", "slow"])
def test_the_plug_pulled_while_an_order_is_in_doubt(trouble: str, tmp_path: Path) -> None:
    async def scene(home: House, s: Stage) -> None:
        s.world.faults.add(Fault("rest", trouble, SELL_TR, 1, "6"))
        story = s.loop.create_task(_story(s))
        await s.until(lambda: bool(_sell_calls(s)), 60)
        await s.wait(1)
        await home.pull()
        await s.wait(5)
        s.assembly = await home.start()
        await story

        assert not _complaints(s), "\n".join([*_complaints(s), *trace(s)])

    _play(tmp_path, scene)


@pytest.mark.parametrize(
    ("wish", "expected"), [(Pause(), DeskState.EXITS_ONLY), (Halt(), DeskState.HALTED)]
)
def test_the_users_latch_and_the_mode_outlive_the_plug(
    wish: Command, expected: DeskState, tmp_path: Path
) -> None:
    async def scene(home: House, s: Stage) -> None:
        s.buy(SYMBOL, SHARES)
        await s.until(lambda: "BuySeen" in s.kinds())
        await s.assembly.control.command(wish, TRADER)
        await home.pull()
        s.assembly = await home.start()
        await s.wait(5)
        s.world.market.nudge(SYMBOL, UP)
        await s.wait(120)

        status = s.assembly.control.status()
        assert status.modes[DeskName.US] is Mode.LIVE
        assert status.us is not None
        assert status.us.state is expected
        assert bool(s.own_sells()) is (expected is DeskState.EXITS_ONLY)

    _play(tmp_path, scene)


def test_the_guards_latch_outlives_the_plug_until_the_account_answers(tmp_path: Path) -> None:
    async def scene(home: House, s: Stage) -> None:
        s.buy(SYMBOL, SHARES)
        await s.until(lambda: "BuySeen" in s.kinds())
        s.world.faults.add(Fault("rest", "account_failing", "*", 0))
        assert await s.until(lambda: _state(s) is DeskState.EXITS_ONLY, 400)
        await home.pull()
        s.assembly = await home.start()
        await s.wait(5)
        assert _state(s) is DeskState.EXITS_ONLY

        s.world.faults.clear()

        assert await s.until(lambda: _state(s) is DeskState.RUNNING, 120)
        kinds = s.kinds()
        assert (kinds.count("TroubleBegan"), kinds.count("TroubleEnded")) == (1, 1)
        assert kinds.count("StateChanged") == 2

    _play(tmp_path, scene, part=Part.PREMARKET)


def _sell_calls(s: Stage) -> list[LoggedRequest]:
    return [call for call in s.world.request_log.since(s.started) if call.tr_id == SELL_TR]


def _state(s: Stage) -> DeskState | None:
    view = s.assembly.control.status().us
    return view.state if view is not None else None
