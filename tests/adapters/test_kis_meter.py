"""What a desk is told of its calls: of failures, of the first good answer, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import httpx
import pytest

from engine.adapters.kis.meter import CallMeter
from engine.errors import TradingError
from engine.model.calls import CallTally
from engine.model.ids import Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.quota import Priority
from tests.adapters.kis_stage import SteppingClock, order, stage
from tests.adapters.test_kis_transport import broker

AAPL = Instrument(Symbol("AAPL"), Exchange.NASD, "Apple")


@asynccontextmanager
async def heard(meter: CallMeter) -> AsyncIterator[list[CallTally]]:
    told: list[CallTally] = []
    async with asyncio.TaskGroup() as group:
        task = group.create_task(meter.run(told.append))
        await asyncio.sleep(0)
        yield told
        task.cancel()


def good(meter: CallMeter, at: datetime | None = None) -> None:
    meter.sent().answered(is_good=True, is_refused=False, at=at)


def bad(meter: CallMeter) -> None:
    meter.sent().answered(is_good=False, is_refused=False, at=None)
    meter.failed()


async def test_errors_in_a_row_are_told_each_and_the_first_good_answer_ends_them() -> None:
    meter = CallMeter(SteppingClock())
    async with heard(meter) as told:
        good(meter)
        good(meter)
        bad(meter)
        bad(meter)
        good(meter)
        good(meter)
    assert [tally.errors for tally in told] == [0, 1, 2, 0]


async def test_the_first_answer_after_a_jump_is_told_as_after_a_start() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    async with heard(meter) as told:
        bad(meter)
        good(meter)
        clock.jump(clock.now() + timedelta(hours=2))
        good(meter)
        good(meter)
    assert [tally.errors for tally in told] == [1, 0, 0]


async def test_silence_is_counted_from_the_first_call_nobody_answered() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    async with heard(meter) as told:
        good(meter)
        await clock.sleep_for(timedelta(minutes=30))  # no call, no silence
        first = clock.now()
        for _ in range(3):
            sent = meter.sent()
            await clock.sleep_for(timedelta(seconds=11))
            sent.lost()
            meter.failed()
        bad(meter)
    assert [tally.unanswered_since for tally in told] == [None, first, first, first, None]


async def test_a_call_lost_late_is_silence_only_since_the_last_answer() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    slow = meter.sent()
    await clock.sleep_for(timedelta(seconds=20))
    good(meter)
    answered_at = clock.now()
    await clock.sleep_for(timedelta(seconds=10))
    slow.lost()
    assert meter.tally().unanswered_since == answered_at


async def test_an_answer_ends_a_silence_and_a_clock_put_back_forgets_the_answer() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    meter.sent().lost()
    await clock.sleep_for(timedelta(seconds=10))
    good(meter)
    assert (meter.tally().unanswered_since, meter.tally().unanswered_until) == (None, None)
    meter.sent().lost()
    assert meter.tally().unanswered_since == clock.now()
    good(meter)
    clock.jump(clock.now() - timedelta(hours=5))
    meter.sent().lost()
    assert meter.tally().unanswered_since == clock.now()


@pytest.mark.parametrize(("pause_s", "is_one_row"), [(120, True), (121, False)])
async def test_a_pause_in_which_nobody_asks_is_no_part_of_a_silence(
    pause_s: int, *, is_one_row: bool
) -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    first = clock.now()
    meter.sent().lost()
    await clock.sleep_for(timedelta(seconds=pause_s))
    meter.sent().lost()
    tally = meter.tally()
    assert tally.unanswered_since == (first if is_one_row else clock.now())
    assert tally.unanswered_until == clock.now()


async def test_refusals_are_those_of_the_last_minute() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    for _ in range(95):
        good(meter)
    for _ in range(5):
        meter.sent().answered(is_good=False, is_refused=True, at=None)
    assert (meter.tally().calls, meter.tally().refused) == (100, 5)
    await clock.sleep_for(timedelta(seconds=60))
    good(meter)
    assert (meter.tally().calls, meter.tally().refused) == (1, 0)


@pytest.mark.parametrize(
    ("ahead_s", "skew_s"), [(-30, -30), (-1, -1), (0, 0), (1, 0), (2, 1), (40, 39)]
)
async def test_the_clocks_differ_by_what_the_way_does_not_explain(
    ahead_s: int, skew_s: int
) -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    async with heard(meter) as told:
        for _ in range(4):
            good(meter, clock.now() - timedelta(seconds=ahead_s))
    assert meter.tally().skew_s == skew_s
    known = [tally.skew_s for tally in told]
    assert known == ([None, skew_s, skew_s] if abs(skew_s) > 10 else [None, skew_s])


async def test_a_jump_of_the_clock_is_neither_skew_nor_silence() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    lost = meter.sent()
    lost.lost()
    on_their_way, told = [meter.sent() for _ in range(3)], clock.now()
    clock.jump(clock.now() + timedelta(hours=2))
    for sent in on_their_way:
        sent.answered(is_good=True, is_refused=False, at=told)
    assert meter.tally().skew_s is None
    sent = meter.sent()
    clock.jump(clock.now() + timedelta(hours=2))
    sent.lost()
    assert meter.tally().unanswered_since == clock.now()
    clock.jump(clock.now() - timedelta(hours=5))
    meter.sent()
    assert meter.tally().unanswered_since == clock.now()


async def test_one_odd_date_says_nothing() -> None:
    clock = SteppingClock()
    meter = CallMeter(clock)
    for ahead_s in (0, 3_600, 0):
        good(meter, clock.now() - timedelta(seconds=ahead_s))
    assert meter.tally().skew_s == 0


async def test_a_definite_no_is_an_answer_and_a_gateway_s_is_none() -> None:
    async with stage() as at:
        await at.broker.fetch_holdings(Priority.RECONCILE)
        at.fault("refuse", "*", 1, "APBK1234")
        await at.broker.place(order())
        assert at.meter.tally().errors == 0
        at.fault("refuse", "*", 1, "APBK0400")
        with pytest.raises(TradingError):
            await at.broker.fetch_holdings(Priority.RECONCILE)
        assert at.meter.tally().errors == 0
        at.fault("refuse", "*", 1, "EGW00205")
        with pytest.raises(TradingError):
            await at.broker.fetch_holdings(Priority.RECONCILE)
        assert at.meter.tally().errors == 1


async def test_the_sandbox_tells_the_market_s_time() -> None:
    async with stage(speed=60.0) as at:
        for _ in range(3):
            await at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=False)
        assert at.meter.tally().skew_s == 0


async def test_a_date_nobody_can_read_is_no_date() -> None:
    reply = httpx.Response(200, json={"rt_cd": "0", "output1": []}, headers={"date": "gestern"})
    at, desk, _ = broker(lambda _: reply)
    await at.fetch_holdings(Priority.QUOTE)
    assert len(desk.requests) > 0


async def test_a_token_nobody_gives_is_a_call_nobody_answered() -> None:
    async with stage() as at:
        at.fault("reset_before", "*", times=0)
        with pytest.raises(TradingError):
            await at.broker.fetch_holdings(Priority.RECONCILE)
        assert at.meter.tally().unanswered_since is not None
