"""A stop-loss that is due while the stock does not trade: nothing is lost, nothing sent in vain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.model import Fault
from tests.faults.krx_matrix import SELL_TR
from tests.faults.krx_verdict import judge_books, krx_books, krx_view, own_orders, trace
from tests.faults.krx_world import DOWN, FIRST, UP, CalmTape, krx_stage, kst
from tests.faults.verdict import Verdict
from tests.harness.stage import Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

CRASH = Decimal(-7)  # further than continuous trading allows at once
VI_S = 155  # two minutes of auction, and half a minute of chance
VI_END = timedelta(seconds=5)


def play(data: Path, story: Callable[[Stage], Awaitable[None]]) -> None:
    """With a position at rest; in the end it is sold and the books agree."""

    async def main(loop: SteppedLoop) -> None:
        tape, more = CalmTape(kst(9, 20)), "risk: {index_floor_pct: -15}\n"
        async with krx_stage(loop, data, tape, start=kst(9, 4, 40), more=more) as s:
            await s.go_to(kst(9, 5, 5))
            s.world.krx.market.nudge(FIRST, UP)
            assert await s.until(lambda: bool(krx_view(s).positions), 20)
            await s.wait(5)
            await story(s)
            assert await s.until(lambda: not krx_books(s)["holdings"], 30), trace(s)
            await s.wait(20)
            verdict = Verdict()
            judge_books(s, verdict)
            assert not verdict.complaints(), "\n".join([*verdict.complaints(), *trace(s)])

    run_stepped(main)


def sales(s: Stage) -> list[tuple[str, str]]:
    """Division (00 limit, 01 market) and status of what was sent to sell."""
    return [(o["division"], o["status"]) for o in own_orders(s) if o["side"] == "sell"]


def refusals(s: Stage) -> list[str]:
    """What the broker refused of sales."""
    calls = s.world.request_log.since(s.started)
    return [c.msg_cd for c in calls if c.tr_id == SELL_TR and c.msg_cd != "APBK0013"]


async def first_sale_refused(s: Stage) -> None:
    """The stop-loss is due, and waits for its second try."""
    s.world.faults.add(Fault("rest", "refuse", SELL_TR))
    s.world.krx.market.nudge(FIRST, DOWN)
    assert await s.until(lambda: bool(refusals(s)), 10)


def test_a_fall_into_a_volatility_halt_is_sold_with_the_first_trade_after_it(
    tmp_path: Path,
) -> None:
    async def story(s: Stage) -> None:
        s.world.krx.market.nudge(FIRST, CRASH)
        assert await s.until(lambda: s.world.krx.market.state(FIRST).vi_until is not None, 5)
        ends_at = s.world.krx.market.state(FIRST).vi_until
        assert ends_at is not None
        assert await s.until(lambda: not krx_books(s)["holdings"], VI_S)
        assert timedelta(0) <= s.now() - ends_at < VI_END
        assert all(datetime.fromisoformat(o["placed_at"]) >= ends_at for o in own_orders(s)[1:])
        assert refusals(s) == []
        assert s.kinds().count("SymbolHalted") == 2

    play(tmp_path, story)


def test_a_stop_that_is_due_in_a_volatility_halt_waits_in_its_auction_at_any_price(
    tmp_path: Path,
) -> None:
    async def story(s: Stage) -> None:
        await first_sale_refused(s)
        s.world.krx.market.start_vi(FIRST, s.now())
        assert await s.until(lambda: sales(s) == [("01", "open")], 15), sales(s)
        ends_at = s.world.krx.market.state(FIRST).vi_until
        assert ends_at is not None
        await s.until(lambda: s.world.krx.market.state(FIRST).vi_until is None, VI_S)
        await s.wait(2)
        assert sales(s) == [("01", "filled")]
        assert s.now() - ends_at < VI_END

    play(tmp_path, story)


def test_a_stop_that_is_due_in_a_trading_halt_is_held_told_once_and_sold_after_it(
    tmp_path: Path,
) -> None:
    async def story(s: Stage) -> None:
        await first_sale_refused(s)
        s.world.krx.market.halt(FIRST, s.now())
        await s.wait(60)
        assert sales(s) == []
        assert len(refusals(s)) == 1, "orders were sent into the halt"
        held = [fact for _, kind, fact in s.facts() if kind == "PositionHeld"]
        assert [fact["reason"] for fact in held] == ["trading_halt"]
        s.world.krx.market.resume(FIRST, s.now())
        assert await s.until(lambda: not krx_books(s)["holdings"], 5)

    play(tmp_path, story)


def test_an_exit_that_a_trading_halt_overtakes_is_sold_once_after_it(tmp_path: Path) -> None:
    async def story(s: Stage) -> None:
        s.world.krx.market.nudge(FIRST, DOWN)
        assert await s.until(lambda: bool(sales(s)), 10)
        s.world.krx.market.halt(FIRST, s.now())
        await s.wait(30)
        s.world.krx.market.resume(FIRST, s.now())
        assert await s.until(lambda: not krx_books(s)["holdings"], 40)

    play(tmp_path, story)
