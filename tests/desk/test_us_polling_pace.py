from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from engine.desk.us import pace
from engine.model.events import FetchKind
from engine.model.ids import Symbol
from tests.desk.world import World, et


def gaps_s(world: World, first: datetime, last: datetime) -> list[float]:
    """Seconds between one balance call and the next."""
    moments = [at for at, name in world.calls if "holdings" in name and first <= at < last]
    return [(after - before).total_seconds() for before, after in pairwise(moments)]


def near_all_morning(premarket: World) -> World:
    """Ten MU bought at 100, quoted a little below the target of 103 every second minute."""
    premarket.buy("MU", 10, "100")
    for hour in range(4, 9):
        for minute in range(10, 60, 2):
            price = "102.80" if minute % 4 else "102.90"
            moment = et(f"{hour:02}:{minute:02}:00")
            premarket.at(moment, partial(premarket.price, "MU", price))
    premarket.run_until(et("09:00:00"))
    return premarket


def test_near_the_target_the_account_is_read_at_least_every_ten_seconds(premarket: World) -> None:
    world = near_all_morning(premarket)
    assert max(gaps_s(world, et("04:12:00"), et("09:00:00"))) <= 10.0


def test_the_burst_is_spent_on_reading_every_three_seconds_first(premarket: World) -> None:
    world = near_all_morning(premarket)
    assert max(gaps_s(world, et("04:10:10"), et("04:10:40"))) < 3.5


@pytest.mark.parametrize("minute", [12, 40])
def test_a_restart_leaves_no_gap_at_the_end_of_the_hour(premarket: World, minute: int) -> None:
    premarket.at(et(f"04:{minute:02}:40"), premarket.restart)
    world = near_all_morning(premarket)
    assert max(gaps_s(world, et(f"04:{minute + 1:02}:00"), et("06:30:00"))) <= 10.0


def test_polling_near_the_target_keeps_the_hour_cap(premarket: World) -> None:
    world = near_all_morning(premarket)
    for hour in range(4, 8):
        for minute in (0, 15, 30, 45):
            begin, end = et(f"{hour:02}:{minute:02}:00"), et(f"{hour + 1:02}:{minute:02}:00")
            assert world.calls_between(begin, end) <= 500


def test_a_sale_does_not_leave_the_other_positions_unwatched(premarket: World) -> None:
    premarket.buy("KO", 10, "100")
    premarket.at(et("08:30:00"), partial(premarket.price, "KO", "103.20"))
    world = near_all_morning(premarket)
    assert [place.order.symbol for place in world.placed()] == ["KO"]
    assert max(gaps_s(world, et("08:29:00"), et("08:45:00"))) <= 10.0


def test_a_bid_below_the_target_all_morning_keeps_the_hour_cap(premarket: World) -> None:
    premarket.buy("KO", 10, "100")
    for hour in range(4, 9):
        for minute in range(10, 60):
            moment = et(f"{hour:02}:{minute:02}:00")
            premarket.at(moment, partial(premarket.price, "KO", "103.20", "102.50"))
    premarket.run_until(et("09:00:00"))
    assert not premarket.placed()
    for hour in range(4, 8):
        for minute in range(0, 60, 10):
            begin, end = et(f"{hour:02}:{minute:02}:00"), et(f"{hour + 1:02}:{minute:02}:00")
            assert premarket.calls_between(begin, end) <= 500


def test_shares_gone_without_a_list_are_not_looked_for_every_second(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(60)
    premarket.failing = {FetchKind.REPORTS}
    premarket.sell_elsewhere("MU", 2, "101")
    begun = premarket.now
    premarket.run_for(120)
    assert premarket.calls_between(begun, premarket.now, "holdings") <= 45


def test_a_debt_of_calls_leaves_a_lot_one_look_a_minute(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    pace.spend(premarket.desk._state, premarket.now, 450)
    begun = premarket.now
    premarket.at(begun + timedelta(minutes=5), partial(premarket.price, "MU", "103.50"))
    premarket.run_for(600)
    assert max(gaps_s(premarket, begun, premarket.now)) <= 60.1
    assert len(premarket.placed()) == 1


@pytest.mark.parametrize("is_stale", [False, True])
def test_spent_calls_of_the_hour_leave_an_exit_its_look_and_its_price(
    premarket: World, is_stale: bool
) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(60)
    premarket.calls += [(premarket.now, "holdings")] * 500
    day = premarket.desk._state.book.day
    assert day is not None
    day.stale = [Symbol("MU")] if is_stale else []
    begun = premarket.now
    premarket.at(begun + timedelta(seconds=120), partial(premarket.price, "MU", "104.00"))
    premarket.run_for(400)
    assert [at - begun < timedelta(seconds=200) for at in premarket.placed_at()] == [True]
