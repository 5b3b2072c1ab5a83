"""The plug pulled at any commit of the Korean desk costs time, never money; stops outlive it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from engine.model.commands import Command, Halt, Pause, ReleaseGuard, Resume
from engine.model.ids import DeskName, DeskState, Mode
from sandbox.model import Fault
from tests.faults.house import House, Plug, house, undelivered
from tests.faults.krx_matrix import BUY_TR, CANCEL_TR, SELL_TR
from tests.faults.krx_play import LARGE, LOWER
from tests.faults.krx_verdict import judge_books, krx_books, krx_view, trace
from tests.faults.krx_world import (
    DEEP,
    DOWN,
    FIRST,
    SECOND,
    THIN,
    UP,
    CalmTape,
    krx_config,
    krx_scenario,
    kst,
)
from tests.faults.verdict import Verdict
from tests.harness.stage import TRADER, Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

KRX = DeskName.KRX
# What a round trip commits: entry decided, told, answered, accepted, told, filled, told; then its
# exit decided, answered, accepted, told, filled, told. In parts each takes many more. Just after
# an alert was queued is as just before the next commit, so each moment is taken once.
BEFORE, AFTER = (1, 2, 3, 4, 6, 8, 9, 10, 12), (1, 3, 4, 6, 8, 9, 10, 12, 13)
MOMENTS = [*((at, True) for at in BEFORE), *((at, False) for at in AFTER)]
IN_PARTS = (9, *(pytest.param(at, marks=pytest.mark.long) for at in (6, 14, 20, 27)))
Scene = Callable[[House, Stage], Coroutine[None, None, None]]


def play(data: Path, scene: Scene, tape: CalmTape | None = None, more: str = "") -> None:
    async def main(loop: SteppedLoop) -> None:
        calm = tape or CalmTape(kst(9, 25))
        world = krx_scenario(kst(9, 5, 10), calm)
        async with house(loop, data, world, desk=KRX, config=krx_config() + more) as (home, s):
            await s.wait(10)
            await scene(home, s)

    run_stepped(main)


async def round_trip(s: Stage, tape: CalmTape | None = None) -> None:
    """The world goes on, whoever is up: a breakout, a fall, an end."""
    await s.wait(2)
    s.world.krx.market.nudge(FIRST, UP)
    await s.wait(15)
    s.world.krx.market.nudge(FIRST, DOWN)
    if tape is not None:
        await s.until(lambda: any(f["side"] == "sell" for f in krx_books(s)["fills"]), 15)
        s.world.krx.market.nudge(FIRST, LOWER)
        tape.depth = DEEP
    await s.wait(60)


def complaints(s: Stage) -> list[str]:
    verdict = Verdict()
    judge_books(s, verdict)
    return [*verdict.complaints(), *(f"never told: {fact}" for fact in undelivered(s))]


@pytest.mark.parametrize(
    ("at", "is_before"),
    [
        pytest.param(at, is_before, marks=pytest.mark.long if index % 3 else ())
        for index, (at, is_before) in enumerate(MOMENTS)
    ],
)
def test_the_plug_pulled_at_any_commit_costs_nothing_but_time(
    at: int, is_before: bool, tmp_path: Path
) -> None:
    async def scene(home: House, s: Stage) -> None:
        plug = Plug(at, is_before)
        story = s.loop.create_task(round_trip(s))
        was_pulled = await home.live_through(s, plug, story)
        await story

        assert was_pulled, plug.commits
        assert not complaints(s), "\n".join([*complaints(s), *plug.commits, *trace(s)])

    play(tmp_path, scene)


@pytest.mark.parametrize("at", IN_PARTS)
def test_the_plug_pulled_in_the_middle_of_parts_and_cancels(at: int, tmp_path: Path) -> None:
    tape = CalmTape(kst(9, 25))
    tape.depth = THIN

    async def scene(home: House, s: Stage) -> None:
        story = s.loop.create_task(round_trip(s, tape))
        plug = Plug(at)
        assert await home.live_through(s, plug, story), plug.commits
        await story

        assert not complaints(s), "\n".join([*complaints(s), *plug.commits, *trace(s)])

    play(tmp_path, scene, tape, LARGE)


@pytest.mark.parametrize("trouble", ["reset_after", "reset_before", "slow"])
@pytest.mark.parametrize("tr_id", [BUY_TR, SELL_TR])
def test_the_plug_pulled_while_an_order_is_in_doubt(
    trouble: str, tr_id: str, tmp_path: Path
) -> None:
    async def scene(home: House, s: Stage) -> None:
        s.world.faults.add(Fault("rest", trouble, tr_id, 1, "6"))
        story = s.loop.create_task(round_trip(s))
        await s.until(lambda: _calls(s, tr_id) > 0, 60)
        await s.wait(1)
        await home.pull()
        await s.wait(5)
        s.assembly = await home.start()
        await story

        assert not complaints(s), "\n".join([*complaints(s), *trace(s)])

    play(tmp_path, scene)


def test_the_plug_pulled_while_an_exit_is_taken_back_and_filled_late(tmp_path: Path) -> None:
    """The cancel's answer is lost with the process, and the rest fills before it is looked up."""
    tape = CalmTape(kst(9, 25))

    async def scene(home: House, s: Stage) -> None:
        s.world.krx.market.nudge(FIRST, UP)
        assert await s.until(lambda: bool(krx_view(s).positions), 20)
        tape.depth = THIN
        await s.wait(5)
        s.world.krx.market.nudge(FIRST, DOWN)
        assert await s.until(lambda: "OrderFilled" in s.kinds(), 10)
        s.world.krx.market.nudge(FIRST, LOWER)
        s.world.faults.add(Fault("rest", "reset_before", CANCEL_TR))
        assert await s.until(lambda: _calls(s, CANCEL_TR) > 0, 20)
        await home.pull()
        tape.depth = DEEP
        s.world.krx.market.nudge(FIRST, -LOWER)
        await s.wait(5)
        s.assembly = await home.start()
        await s.wait(60)

        assert not complaints(s), "\n".join([*complaints(s), *trace(s)])

    play(tmp_path, scene, tape, LARGE)


@pytest.mark.parametrize(
    ("wish", "expected"), [(Pause(), DeskState.EXITS_ONLY), (Halt(), DeskState.HALTED)]
)
def test_a_user_s_stop_beside_a_guard_s_outlives_the_plug_and_a_mode_and_neither_releases_the_other(
    wish: Command, expected: DeskState, tmp_path: Path
) -> None:
    async def scene(home: House, s: Stage) -> None:
        control = s.assembly.control
        s.world.krx.market.nudge(FIRST, UP)
        assert await s.until(lambda: bool(krx_view(s).positions), 20)
        await control.command(wish, TRADER, KRX)
        assert s.assembly.krx is not None
        s.assembly._give_up("krx desk")
        await s.wait(1)
        await home.pull()
        s.assembly = await home.start()
        control = s.assembly.control
        await s.wait(5)
        assert await latches(s) == (expected, DeskState.EXITS_ONLY)

        s.world.krx.market.nudge(SECOND, UP)
        s.world.krx.market.nudge(FIRST, DOWN)
        await s.wait(20)
        is_halted = expected is DeskState.HALTED
        assert set(krx_books(s)["holdings"]) == ({FIRST} if is_halted else set())
        assert (await control.command(Resume(), TRADER, KRX)).refusal is None
        assert await latches(s) == (DeskState.RUNNING, DeskState.EXITS_ONLY)
        assert await s.until(lambda: not krx_view(s).positions, 20), "an exit was skipped"
        await control.command(wish, TRADER, KRX)

        # Another book: the user's stop goes along, and the guard's, as it came from outside.
        for mode in (Mode.DRY_RUN, Mode.LIVE):
            offer = await control.switch_mode(KRX, mode, TRADER)
            assert not offer.refusal, offer
            await s.wait(3)
            assert await latches(s) == (expected, DeskState.EXITS_ONLY)

        assert (await control.command(ReleaseGuard(), TRADER, KRX)).refusal is None
        assert await latches(s) == (expected, DeskState.RUNNING)
        await s.wait(40)
        assert {o["symbol"] for o in krx_books(s)["orders"]} == {FIRST}
        assert (await control.command(Resume(), TRADER, KRX)).refusal is None
        assert await s.until(lambda: SECOND in krx_books(s)["holdings"], 40)

    play(tmp_path, scene)


async def latches(s: Stage) -> tuple[DeskState, DeskState]:
    """The user's and the guard's, which desk, book and state.db agree on."""
    kept = await s.assembly.stores.settings.latches(KRX)
    view = krx_view(s)
    assert (kept.user, kept.guard.state) == (view.user_latch, view.guard_latch)
    assert s.assembly.krx is not None
    session = s.assembly.krx.engine.session
    assert session is not None
    snapshot = await session.parts.journal.load_snapshot(KRX)
    assert snapshot is not None
    book = snapshot["book"]
    assert isinstance(book, dict)
    assert book["user_latch"] == view.user_latch
    assert bool(book["causes"]) is (view.guard_latch is DeskState.EXITS_ONLY)
    return view.user_latch, view.guard_latch


def _calls(s: Stage, tr_id: str) -> int:
    return sum(call.tr_id == tr_id for call in s.world.request_log.since(s.started))
