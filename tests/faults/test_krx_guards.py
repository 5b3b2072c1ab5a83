"""Each guard holds an entry back that is due, and never the stop-loss that is due beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.desk.krx.entries import LOOK_AGAIN_AFTER
from engine.model.commands import ReleaseGuard
from engine.model.ids import DeskName, DeskState, Symbol
from engine.model.score import Gate
from engine.model.state_facts import Trouble
from engine.wiring.assembly import SERVICE_OF
from sandbox.krx.listings import KrxListing
from sandbox.model import Fault
from tests.faults.krx_verdict import krx_books, krx_view
from tests.faults.krx_world import (
    DOWN,
    FIRST,
    LISTINGS,
    SECOND,
    UP,
    CalmTape,
    krx_stage,
    kst,
    share,
)
from tests.harness.stage import TRADER, Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

KRX = DeskName.KRX
TOMORROW = kst(8, 30, day=date(2026, 11, 23))  # from when on the desk prepares its next session
THIRD = "900030"
AGAIN_S = LOOK_AGAIN_AFTER.total_seconds() + 10  # an entry held back was looked at again
# The only one of its board: it moves that index by half of its own way.
INDEX, INDEX_DOWN, INDEX_BACK = share("900090", "지수기둥", "KOSDAQ"), Decimal(-4), Decimal(4)
DEAR = share("900080", "고가정밀", base=Decimal(150_000))
Story = Callable[[Stage], Awaitable[None]]


def play(
    data: Path,
    story: Story,
    *,
    listings: tuple[KrxListing, ...] = LISTINGS,
    desk: str = "",
    risk: str = "",
) -> None:
    """From when entries are allowed on."""

    async def main(loop: SteppedLoop) -> None:
        more = f"risk: {{{risk}}}\n"
        tape = CalmTape(kst(9, 25))
        async with krx_stage(
            loop, data, tape, start=kst(9, 4, 40), listings=listings, desk=desk, more=more
        ) as s:
            await s.go_to(kst(9, 5, 5))
            await story(s)

    run_stepped(main)


def move(s: Stage, symbol: str, pct: Decimal) -> None:
    s.world.krx.market.nudge(symbol, pct)


def held(s: Stage) -> set[str]:
    """By the exchange's books."""
    return set(krx_books(s)["holdings"])


def bought(s: Stage) -> set[str]:
    return {o["symbol"] for o in krx_books(s)["orders"] if o["side"] == "buy"}


async def enter(s: Stage, *symbols: str) -> None:
    for symbol in symbols:
        move(s, symbol, UP)
    assert await s.until(lambda: held(s) >= set(symbols), 10), krx_books(s)
    await s.wait(4)


async def stop_goes_out_beside_a_held_back_entry(s: Stage, stopped: str, wanted: str) -> None:
    """Both are due in the same second."""
    move(s, wanted, UP)
    move(s, stopped, DOWN)
    assert await s.until(lambda: stopped not in held(s), 10), "the stop-loss stayed"
    await s.wait(4)
    assert sold_by(s)[stopped] == "stop_loss"
    assert wanted not in bought(s)
    assert krx_view(s).state is not DeskState.HALTED


def sold_by(s: Stage) -> dict[str, str]:
    """The rule that sold each stock."""
    orders = [fact["order"] for _, kind, fact in s.facts() if kind == "OrderFilled"]
    return {order["symbol"]: order["reason"] for order in orders}


def tripped(s: Stage) -> dict[str, Any]:
    """The last word about the desk's state, as the chat tells it."""
    found = [fact for _, kind, fact in s.facts() if kind == "StateChanged"][-1]
    assert found["guard_latch"] == "exits_only"
    return found


def refused(s: Stage, symbol: str) -> dict[str, tuple[str, str]]:
    """Measured and allowed by gate, as the chat tells them of a stock."""
    told = [fact for _, kind, fact in s.facts() if kind == "EntryRefused"]
    return {
        fact["refused"]["gate"]: (fact["refused"]["measured"], fact["refused"]["limit"])
        for fact in told
        if fact["symbol"] == symbol
    }


async def set_in_chat(s: Stage, key: str, value: str) -> None:
    change = await s.assembly.control.apply_setting(key, value, TRADER)
    assert getattr(change, "key", "") == key, change
    await s.wait(2)


def test_latches_that_trip_one_after_another_hold_entries_and_no_stop(tmp_path: Path) -> None:
    names = [share(f"9000{number}0", f"종목{number}") for number in range(1, 7)]
    a, b, c, d, e, f = (listing.symbol for listing in names)

    async def story(s: Stage) -> None:
        control = s.assembly.control
        await enter(s, a, b)

        s.assembly._give_up(SERVICE_OF[KRX])
        await s.wait(1)
        await stop_goes_out_beside_a_held_back_entry(s, a, c)
        assert tripped(s)["reason"]
        assert (await control.command(ReleaseGuard(), TRADER, KRX)).refusal is None
        assert await s.until(lambda: c in held(s), AGAIN_S), "released, and nothing was bought"

        move(s, INDEX.symbol, INDEX_DOWN)
        assert await s.until(lambda: krx_view(s).state is DeskState.EXITS_ONLY, 40)
        assert (tripped(s)["measured"], tripped(s)["limit"]) == ("-1.80 %", "-1.5 %")
        await stop_goes_out_beside_a_held_back_entry(s, b, d)
        move(s, INDEX.symbol, INDEX_BACK)
        assert await s.until(lambda: d in held(s), AGAIN_S), "recovered, and nothing was bought"

        move(s, c, DOWN)  # the third loss in a row
        assert await s.until(lambda: krx_view(s).state is DeskState.EXITS_ONLY, 10)
        found, now = tripped(s), s.now()
        assert (found["measured"], found["limit"]) == ("3", "3")
        assert timedelta(seconds=50) < _moment(found["until"]) - now <= timedelta(minutes=1)
        await stop_goes_out_beside_a_held_back_entry(s, d, e)
        assert await s.until(lambda: e in held(s), 60 + AGAIN_S), (
            "the pause is over, and nothing was bought"
        )

        found = tripped(s)
        assert (found["measured"], found["limit"]) == ("5", "5")
        assert _moment(found["until"]) == TOMORROW
        await stop_goes_out_beside_a_held_back_entry(s, e, f)
        assert set(sold_by(s).values()) == {"stop_loss"}

    risk = "max_trades: 5, loss_streak: 3, loss_streak_pause_min: 1"
    play(tmp_path, story, listings=(*names, INDEX), risk=risk)


def test_gates_of_one_entry_are_told_with_their_figures_and_touch_no_stop(tmp_path: Path) -> None:
    third = share(THIRD, "세울화학")

    async def story(s: Stage) -> None:
        control = s.assembly.control
        await enter(s, FIRST)
        move(s, SECOND, UP)
        move(s, DEAR.symbol, UP)
        assert await s.until(lambda: Gate.ORDERS_PER_MINUTE in refused(s, SECOND), 10)
        await set_in_chat(s, "risk.max_positions", "1")
        await set_in_chat(s, "risk.max_orders_per_minute", "60")
        await set_in_chat(s, "risk.max_order_krw", "100000")
        assert await s.until(lambda: Gate.MAX_POSITIONS in refused(s, SECOND), AGAIN_S)
        await set_in_chat(s, "risk.max_positions", "3")
        assert await s.until(lambda: Gate.ORDER_VALUE in refused(s, DEAR.symbol), AGAIN_S)
        assert refused(s, SECOND) == {
            Gate.ORDERS_PER_MINUTE: ("1", "1"),
            Gate.MAX_POSITIONS: ("1", "1"),
        }
        assert refused(s, DEAR.symbol)[Gate.ORDER_VALUE] == ("₩153,900", "₩100,000")
        # With room for one more it was bought; its loss leaves it a rest, the other goes on.
        assert await s.until(lambda: SECOND in held(s), AGAIN_S)
        move(s, SECOND, DOWN)
        assert await s.until(lambda: SECOND not in held(s), 10)
        rests_until = s.now() + timedelta(minutes=30)
        move(s, SECOND, Decimal(5))
        assert await s.until(lambda: _gate(s, SECOND) is Gate.SYMBOL_COOLDOWN, AGAIN_S)
        why = control.why(Symbol(SECOND))
        assert why is not None
        assert why.refused is not None
        assert why.refused.until is not None
        assert abs(why.refused.until - rests_until) < timedelta(seconds=2)
        for symbol in (third.symbol, FIRST):
            assert await control.set_lock(Symbol(symbol), TRADER, is_locked=True)
        await stop_goes_out_beside_a_held_back_entry(s, FIRST, third.symbol)

    play(tmp_path, story, listings=(*LISTINGS, third, DEAR), risk="max_orders_per_minute: 1")


@pytest.mark.parametrize(
    ("risk", "limit"),
    [
        ("max_daily_loss_krw: 30000", "₩30,000"),
        ("max_daily_loss_pct: 0.1, sizing: {risk_per_trade_pct: 0.1}", "₩50,000"),
    ],
)
def test_the_day_s_loss_counts_what_is_open_and_the_stop_still_goes_out(
    risk: str, limit: str, tmp_path: Path
) -> None:
    async def story(s: Stage) -> None:
        await enter(s, FIRST)
        move(s, FIRST, Decimal("-1.5"))  # not yet its stop
        if limit == "₩50,000":
            await enter(s, SECOND)
            move(s, SECOND, Decimal("-1.5"))
        assert await s.until(lambda: krx_view(s).state is DeskState.EXITS_ONLY, 10)
        found = tripped(s)
        assert found["limit"] == limit
        assert int(found["measured"][1:].replace(",", "")) >= int(limit[1:].replace(",", ""))
        assert _moment(found["until"]) == TOMORROW
        await stop_goes_out_beside_a_held_back_entry(s, FIRST, THIRD)

    play(tmp_path, story, listings=(*LISTINGS, share(THIRD, "세울화학")), risk=risk)


def test_an_account_that_cannot_be_read_holds_entries_and_no_stop(tmp_path: Path) -> None:
    async def story(s: Stage) -> None:
        await enter(s, FIRST)
        s.world.faults.add(Fault("rest", "account_failing", "*", 0))
        assert await s.until(lambda: krx_view(s).state is DeskState.EXITS_ONLY, 400)
        assert tripped(s)["limit"] == "10 reads, 300 s"
        assert tripped(s)["measured"]
        await stop_goes_out_beside_a_held_back_entry(s, FIRST, SECOND)
        assert krx_view(s).troubles == (Trouble.ACCOUNT,)

        s.world.faults.clear()

        assert await s.until(lambda: SECOND in held(s), 30 + AGAIN_S), (
            "it answers, and nothing was bought"
        )

    play(tmp_path, story)


def test_spent_calls_hold_entries_and_no_stop(tmp_path: Path) -> None:
    async def story(s: Stage) -> None:
        await enter(s, FIRST)
        assert await s.until(lambda: krx_view(s).state is DeskState.EXITS_ONLY, 300)
        found = tripped(s)
        assert int(found["measured"]) >= int(found["limit"]) == 72
        await stop_goes_out_beside_a_held_back_entry(s, FIRST, SECOND)
        answered = await s.assembly.control.command(ReleaseGuard(), TRADER, KRX)
        assert answered.refusal is not None, "spent calls are back before the next day"

    play(tmp_path, story, desk="\n  daily_limit: 80")


def _gate(s: Stage, symbol: str) -> Gate | None:
    """The last gate that held, as /why shows it."""
    why = s.assembly.control.why(Symbol(symbol))
    return why.refused.gate if why is not None and why.refused is not None else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
