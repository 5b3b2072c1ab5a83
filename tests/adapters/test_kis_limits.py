"""The turnstile and the budget of calls."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.limiter import RateLimiter
from engine.errors import JournalFailed, QuotaExhausted
from engine.model.ids import DeskName
from engine.model.quota import Priority, Purpose
from engine.rules.rate_limit import rate_of
from tests.adapters.kis_stage import REGULAR, MemoryCounts, SteppingClock, us_date
from tests.adapters.krx_stage import krx_stage
from tests.harness.machine import Machine
from tests.harness.stepped_loop import SteppedLoop, run_stepped


def budget(clock: SteppingClock, counts: MemoryCounts, caps: CallCaps | None = None) -> CallBudget:
    return CallBudget(DeskName.US, caps or CallCaps(), counts, clock, us_date)


async def test_an_exit_overtakes_quotes_that_wait() -> None:
    clock, went = SteppingClock(), list[Priority]()
    limiter = RateLimiter(clock, rate_of(Decimal(1)))

    async def go(priority: Priority) -> None:
        await limiter.acquire(priority)
        went.append(priority)

    await limiter.acquire(Priority.SCAN)
    waiting = (Priority.SCAN, Priority.QUOTE, Priority.QUOTE, Priority.EXIT, Priority.CANCEL)
    await asyncio.gather(*(go(priority) for priority in waiting))
    assert went == sorted(waiting)


async def test_a_cancelled_waiter_does_not_block_the_others() -> None:
    clock = SteppingClock()
    limiter = RateLimiter(clock, rate_of(Decimal(1)))
    async with asyncio.timeout(1):
        await limiter.acquire(Priority.QUOTE)
        first = asyncio.ensure_future(limiter.acquire(Priority.EXIT))
        second = asyncio.ensure_future(limiter.acquire(Priority.QUOTE))
        first.cancel()
        await second
    assert first.cancelled()


async def test_a_clock_set_back_does_not_stop_the_calls() -> None:
    clock = SteppingClock()
    limiter = RateLimiter(clock, rate_of(Decimal(1)))
    await limiter.acquire(Priority.QUOTE)
    clock.jump(REGULAR - timedelta(days=1))
    await limiter.acquire(Priority.QUOTE)
    assert clock.now() < REGULAR


@pytest.mark.parametrize("by", [timedelta(hours=3), timedelta(minutes=-7), timedelta(0)])
def test_a_jump_neither_holds_up_the_calls_nor_makes_them_faster(by: timedelta) -> None:
    async def main(loop: SteppedLoop) -> list[float]:
        machine, went = Machine(loop, REGULAR), list[float]()
        limiter = RateLimiter(machine.clock, rate_of(Decimal(2)))
        loop.call_later(0.7, machine.step, by)

        async def go() -> None:
            await limiter.acquire(Priority.QUOTE)
            went.append(loop.time())

        await asyncio.gather(*(go() for _ in range(6)))
        machine.step(by)
        await go()
        return went

    went = run_stepped(main)
    assert all(later - earlier >= 0.49 for earlier, later in pairwise(went))
    assert went[-1] <= 5.1


async def test_a_new_rate_holds_from_the_next_call_on() -> None:
    clock = SteppingClock()
    limiter = RateLimiter(clock, rate_of(Decimal(1)))
    await limiter.acquire(Priority.QUOTE)
    limiter.apply(rate_of(Decimal(10)))
    await limiter.acquire(Priority.QUOTE)
    assert clock.slept == [0.1]


async def test_counts_survive_a_restart() -> None:
    clock, counts = SteppingClock(), MemoryCounts()
    first = budget(clock, counts)
    await first.ensure_room(Priority.QUOTE)
    for _ in range(3):
        first.spend(Purpose.QUOTE)
    second = budget(clock, counts)
    await second.ensure_room(Priority.QUOTE)
    second.spend(Purpose.QUOTE)
    assert (second.quota().used_today, second.quota().used_last_hour) == (4, 4)


async def test_the_day_is_the_exchanges_and_the_hour_slides() -> None:
    clock, counts = SteppingClock(REGULAR.replace(hour=4, minute=50)), MemoryCounts()  # 23:50 ET
    spent = budget(clock, counts)
    await spent.ensure_room(Priority.QUOTE)
    spent.spend(Purpose.QUOTE)
    clock.moment += timedelta(minutes=20)  # past midnight in New York, noon in Seoul
    await spent.ensure_room(Priority.QUOTE)
    assert (spent.quota().used_today, spent.quota().used_last_hour) == (0, 1)
    clock.moment += timedelta(hours=1)
    assert spent.quota().used_last_hour == 0


async def test_a_spent_hour_stops_quotes_but_not_the_exit() -> None:
    clock = SteppingClock()
    spent = budget(clock, MemoryCounts(), CallCaps(safe_per_hour=2, safe_per_day=9, daily_limit=9))
    for _ in range(2):
        await spent.ensure_room(Priority.QUOTE)
        spent.spend(Purpose.QUOTE)
    with pytest.raises(QuotaExhausted, match="hourly cap: 2 of 2"):
        await spent.ensure_room(Priority.QUOTE)
    await spent.ensure_room(Priority.EXIT)
    spent.apply(CallCaps())
    await spent.ensure_room(Priority.QUOTE)


async def test_counts_that_cannot_be_read_stop_everything_but_exits() -> None:
    class Broken(MemoryCounts):
        async def load(self, desk: DeskName, exchange_date: date) -> Mapping[datetime, int]:
            raise JournalFailed("disk")

    spent = budget(SteppingClock(), Broken())
    for priority in (Priority.CANCEL, Priority.EXIT):
        await spent.ensure_room(priority)
        spent.spend(Purpose.QUOTE)
    with pytest.raises(JournalFailed):
        await spent.ensure_room(Priority.RECONCILE)
    assert spent.quota().used_today == 2


async def test_a_desk_without_a_cap_is_only_counted() -> None:
    clock = SteppingClock()
    free = budget(clock, MemoryCounts(), CallCaps.of_day(None))
    for _ in range(20_000):
        free.spend(Purpose.SCAN)
    await free.ensure_room(Priority.SCAN)
    free.spend(Purpose.CHART)
    quota = free.quota()
    assert not quota.has_daily_cap
    assert dict(quota.by_purpose) == {
        **dict.fromkeys(Purpose, 0), Purpose.SCAN: 20_000, Purpose.CHART: 1,
    }  # fmt: skip
    clock.moment += timedelta(days=1)
    assert dict(free.quota().by_purpose) == dict.fromkeys(Purpose, 0)


async def test_a_days_cap_keeps_a_tenth_for_what_must_be() -> None:
    capped = budget(SteppingClock(), MemoryCounts(), CallCaps.of_day(10))
    for _ in range(9):
        capped.spend(Purpose.SCAN)
    with pytest.raises(QuotaExhausted):
        await capped.ensure_room(Priority.SCAN)
    await capped.ensure_room(Priority.RECONCILE)
    capped.spend(Purpose.ACCOUNT)
    with pytest.raises(QuotaExhausted):
        await capped.ensure_room(Priority.RECONCILE)
    await capped.ensure_room(Priority.EXIT)


async def test_a_desk_keeps_to_its_share_of_the_second_but_orders_do_not_wait() -> None:
    clock = SteppingClock()
    share = RateLimiter(clock, rate_of(Decimal(10)))
    paced = CallBudget(DeskName.KRX, CallCaps.of_day(None), MemoryCounts(), clock, us_date, share)
    for _ in range(3):
        await paced.pace(Priority.SCAN)
    assert clock.slept == [0.1, 0.1]
    for priority in (Priority.CANCEL, Priority.EXIT, Priority.ENTRY):
        await paced.pace(priority)
    assert clock.slept == [0.1, 0.1]


async def test_the_market_data_tells_how_many_calls_its_key_allows() -> None:
    async with krx_stage(Server.PAPER) as at:
        facilities = at.market.facilities
    assert facilities.shared_per_second == at.at.transport.per_second
    assert round(facilities.shared_per_second, 2) == Decimal("0.91")  # a call each 1.1 s
