"""The demo's clock is moved: sandbox and engine follow, and each thing is told once."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from engine.desk.us.desk import UsDesk
from engine.model.day_facts import Window
from engine.model.events import HoldingsSeen
from engine.model.views import UsDeskView
from sandbox.market import Drift
from sandbox.model import Fault
from sandbox.scenario import Scenario
from tests.faults.matrix import SELL_TR
from tests.harness.stage import Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
SYMBOL = "NVDA"
HOLDINGS_TR, REPORTS_TR = "TTTS3012R", "TTTS3035R"
RESTS = "  execution: resting\n"
TARGET, UP = "9.0", Decimal(12)  # beyond what the seeded days bring


def play(data: Path, start: datetime, story: Callable[[Stage], Awaitable[None]]) -> None:
    async def main(loop: SteppedLoop) -> None:
        async with stage(
            loop, data, Scenario(start=start), target=TARGET, config=RESTS, jumps=True
        ) as one:
            await one.wait(5)  # the account is read; what comes now is a buy
            await story(one)

    run_stepped(main)


def view(one: Stage) -> UsDeskView:
    session = one.assembly.us.engine.session
    assert session is not None
    assert isinstance(session.desk, UsDesk)
    return session.desk.view(one.now())


def told(one: Stage) -> Counter[str]:
    return Counter(one.kinds())


async def jump(one: Stage, to: datetime) -> None:
    """The button of the demo's panel."""
    async with httpx.AsyncClient(trust_env=False) as chat:
        body = {"jump_to": to.isoformat()}
        answer = await chat.post(f"{one.running.url}/sandbox/clock", json=body)
    assert answer.status_code == httpx.codes.OK
    await one.wait(3)
    assert timedelta(0) <= one.now() - to < timedelta(seconds=4)


async def buy(one: Stage) -> None:
    one.buy(SYMBOL, 5)
    assert await one.until(lambda: "BuySeen" in one.kinds())
    await one.wait(3)


def raise_price(one: Stage, at: datetime) -> None:
    one.world.market.schedule(Drift(SYMBOL, at, UP, 20))


def test_a_lot_is_carried_from_window_to_window_into_the_next_session(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        await buy(one)
        await jump(one, et(FRIDAY, 10, 30))
        assert view(one).window is Window.REGULAR
        await jump(one, et(FRIDAY, 12, 30))
        assert view(one).window in (Window.ASLEEP, Window.FOLLOW_UP)
        await jump(one, et(MONDAY, 4, 30))
        assert view(one).window is Window.PREMARKET
        assert [(p.symbol, p.qty) for p in view(one).positions] == [(SYMBOL, 5)]
        # Friday's order is over; Monday's rests at the same target.
        assert [(o["filled"], o["open"]) for o in one.own_sells()] == [(0, 0), (0, 5)]
        facts = told(one)
        assert facts["OrderAccepted"] == 2
        assert facts["BuySeen"] == facts["OrderEnded"] == facts["DaySummary"] == 1
        assert facts["TroubleBegan"] == facts["MismatchSeen"] == facts["OrderUnresolved"] == 0
        windows = [row["window"] for _, kind, row in one.facts() if kind == "WindowChanged"]
        assert windows == ["premarket", "regular", "follow_up", "premarket"]

    play(tmp_path, et(FRIDAY, 9, 0), story)


def test_what_rests_is_filled_in_the_skipped_stretch_and_told_once(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        await buy(one)
        assert await one.until(lambda: told(one)["OrderAccepted"] == 1)
        raise_price(one, one.now() + timedelta(minutes=5))
        await jump(one, one.now() + timedelta(minutes=40))
        assert await one.until(lambda: told(one)["OrderFilled"] > 0, 30)
        await one.wait(30)
        assert len(one.own_sells()) == 1
        assert told(one)["OrderFilled"] == 1
        assert view(one).positions == ()

    play(tmp_path, et(FRIDAY, 10, 0), story)


def test_an_order_whose_answer_comes_after_the_jump_is_the_only_one(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        one.world.faults.add(Fault("rest", "slow", SELL_TR, 1, "2"))
        one.buy(SYMBOL, 5)
        assert await one.until(lambda: len(one.own_sells()) == 1)
        assert told(one)["OrderAccepted"] == 0
        to = one.now() + timedelta(minutes=5)  # no read is due by then but for the jump
        await jump(one, to)
        read = {call.tr_id for call in one.world.request_log.since(to)}
        assert {HOLDINGS_TR, REPORTS_TR} <= read
        await one.wait(30)
        assert len(one.own_sells()) == 1
        assert told(one)["OrderAccepted"] == 1
        assert told(one)["OrderUnresolved"] == 0

    play(tmp_path, et(FRIDAY, 10, 0), story)


def test_a_balance_the_trader_asks_for_tells_when_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(one: Stage) -> None:
        await jump(one, one.now() + timedelta(minutes=5))
        session, heard = one.assembly.us.engine.session, list[tuple[type, int | None]]()
        monkeypatch.setattr(
            session, "receive", lambda event, at=None: heard.append((type(event), at))
        )
        assert await one.assembly.control.refresh_account()
        assert (HoldingsSeen, 1) in heard

    play(tmp_path, et(FRIDAY, 10, 0), story)
