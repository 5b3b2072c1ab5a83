"""A cancel that the broker took and the exchange carries out seconds later: fills come first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from tests.faults.krx_matrix import CANCEL_TR
from tests.faults.krx_play import LARGE, LOWER
from tests.faults.krx_verdict import judge_books, krx_books, krx_view, own_orders, trace
from tests.faults.krx_world import DEEP, DOWN, FIRST, THIN, UP, CalmTape, krx_stage, kst
from tests.faults.verdict import Verdict
from tests.harness.stage import Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

SLOW_EXCHANGE = timedelta(seconds=2.5)


def play(data: Path, story: Callable[[Stage, CalmTape], Awaitable[None]]) -> None:
    """In the end all is sold, and the books agree."""

    async def main(loop: SteppedLoop) -> None:
        tape = CalmTape(kst(9, 20))
        async with krx_stage(loop, data, tape, start=kst(9, 4, 40), more=LARGE) as s:
            await s.go_to(kst(9, 5, 5))
            await story(s, tape)
            assert await s.until(lambda: not krx_view(s).positions, 40), "\n".join(trace(s))
            await s.wait(20)
            verdict = Verdict()
            judge_books(s, verdict)
            assert not verdict.complaints(), "\n".join([*verdict.complaints(), *trace(s)])

    run_stepped(main)


async def cancel_on_its_way(s: Stage) -> None:
    """From here on the exchange takes its time; the broker answers at once as ever."""
    s.world.krx.books._accept_delay = SLOW_EXCHANGE
    assert await s.until(lambda: _cancels(s) > 0, 20), "nothing was taken back"
    s.world.krx.books._accept_delay = timedelta(milliseconds=50)


def test_an_exit_that_fills_while_it_is_taken_back_is_not_sold_again(tmp_path: Path) -> None:
    async def story(s: Stage, tape: CalmTape) -> None:
        s.world.krx.market.nudge(FIRST, UP)
        assert await s.until(lambda: bool(krx_view(s).positions), 20)
        tape.depth = THIN
        await s.wait(5)
        s.world.krx.market.nudge(FIRST, DOWN)
        assert await s.until(lambda: len(own_orders(s)) > 1, 10)
        s.world.krx.market.nudge(FIRST, LOWER)
        await cancel_on_its_way(s)
        before = len(krx_books(s)["fills"])
        tape.depth = DEEP
        s.world.krx.market.nudge(FIRST, -LOWER)
        await s.wait(2.2)
        assert len(krx_books(s)["fills"]) > before, "no fill came before the cancel"

    play(tmp_path, story)


def test_an_entry_that_fills_while_it_is_taken_back_is_held_and_sold_whole(tmp_path: Path) -> None:
    async def story(s: Stage, tape: CalmTape) -> None:
        tape.depth = THIN
        await s.wait(3)
        s.world.krx.market.nudge(FIRST, UP)
        assert await s.until(lambda: bool(krx_view(s).positions), 20)
        await cancel_on_its_way(s)
        before = len(krx_books(s)["fills"])
        await s.wait(2.2)
        assert len(krx_books(s)["fills"]) > before, "no fill came before the cancel"
        await s.wait(5)
        tape.depth = DEEP
        s.world.krx.market.nudge(FIRST, DOWN)

    play(tmp_path, story)


def _cancels(s: Stage) -> int:
    return sum(call.tr_id == CANCEL_TR for call in s.world.request_log.since(s.started))
