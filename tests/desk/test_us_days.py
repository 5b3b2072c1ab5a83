"""Orders whose fate is learnt on a later day."""

from typing import Protocol

import pytest

from engine.model.ids import Symbol
from engine.model.intents import FetchReports
from engine.model.mismatches import MismatchAsked
from engine.model.order_facts import (
    OrderEnded,
    OrderFilled,
    OrderResolved,
    OrderUnresolved,
    SoldElsewhere,
)
from engine.model.orders import OrderState
from tests.desk.world import World, et, usd

MU = Symbol("MU")
FRIDAY, MONDAY = "2026-03-13", "2026-03-16"


class Begin(Protocol):
    """Makes a world in which ten MU are watched."""

    def __call__(self, day: str) -> World: ...


@pytest.fixture
def begin() -> Begin:
    def make(day: str) -> World:
        world = World(now=et("09:29:00", day))
        world.start()
        world.run_until(et("09:35:00", day))
        world.price("MU", "100")
        world.buy("MU", 10, "100")
        world.run_for(3)
        return world

    return make


def sold(world: World) -> int:
    return sum(fact.fill.qty for fact in world.told(OrderFilled))


def down_over_the_weekend(world: World, until: str = "03:45:00") -> None:
    world._heap.clear()
    world._wake = None
    world.now = et(until, MONDAY)
    world.restart()


def test_an_order_in_doubt_on_friday_that_was_executed_is_found_on_monday(begin: Begin) -> None:
    world = begin(FRIDAY)
    world.place_answers = ["live_unknown"]
    world.price("MU", "103.05")
    world.run_for(0.25)
    assert len(world.told(OrderUnresolved)) == 1
    assert world.shares[MU].qty == 0
    down_over_the_weekend(world)
    world.run_until(et("04:10:00", MONDAY))
    assert sold(world) == 10
    assert world.told(SoldElsewhere) == []
    assert world.desk.view(world.now).positions == ()


def test_an_order_in_doubt_on_friday_that_never_arrived_ends_on_monday(begin: Begin) -> None:
    world = begin(FRIDAY)
    world.place_answers = ["lost"]
    world.price("MU", "103.05")
    world.run_for(0.25)
    world.shares[MU].tied = 10
    down_over_the_weekend(world)
    world.run_until(et("04:10:00", MONDAY))
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no is None
    world.run_until(et("16:30:00", MONDAY))
    assert world.calls_between(et("12:00:00", MONDAY), et("16:30:00", MONDAY)) == 0


def test_two_alike_orders_of_an_earlier_day_end_the_doubt(begin: Begin) -> None:
    world = begin(FRIDAY)
    world.place_answers = ["lost"]
    world.price("MU", "103.05")
    world.run_for(0.25)
    order = world.placed()[0].order
    for _ in range(2):
        world._book(MU, order.side, order.qty, order.limit, filled=0, by_api=True)
    world.run_for(60)
    assert len(world.told(MismatchAsked)) == 1
    assert world.told(OrderResolved) == []
    world.run_until(et("04:10:00", MONDAY))
    assert len(world.told(OrderResolved)) == 1
    assert world.desk.view(world.now).positions[0].qty == 10


def test_a_sale_made_while_the_process_was_down_on_friday_is_ours_on_monday(begin: Begin) -> None:
    world = begin(FRIDAY)
    world.price("MU", "103.05", "103.04")
    world.price("MU", "102.00")
    world.run_until(et("13:00:00", FRIDAY))
    (order,) = world.desk.view(world.now).orders
    assert order.state is OrderState.ACCEPTED
    world.now = et("13:30:00", FRIDAY)
    world.watch = type(world.watch)((), notices=False)
    number = order.broker_order_no
    assert number is not None
    world.fill(number, 10)
    down_over_the_weekend(world)
    world.run_until(et("09:40:00", MONDAY))
    assert sold(world) == 10
    assert world.told(OrderFilled)[0].fill.price == order.limit
    assert world.told(SoldElsewhere) == []
    assert world.told(OrderEnded) == []


def test_the_list_goes_back_to_the_oldest_open_order(begin: Begin) -> None:
    world = begin(FRIDAY)
    world.price("MU", "103.05", "103.04")
    world.price("MU", "102.00")
    world.run_for(2)
    down_over_the_weekend(world)
    world.run_until(et("04:10:00", MONDAY))
    asked = [i.since for _, i in world.intents if isinstance(i, FetchReports)]
    assert FRIDAY in {str(day) for day in asked[-4:]}
    assert str(asked[-1]) == "2026-03-15", "once the order is at its end"


def test_a_lost_order_whose_shares_the_trader_sold_is_no_longer_in_doubt(begin: Begin) -> None:
    world = begin("2026-03-10")
    world.place_answers = ["lost"]
    world.price("MU", "103.05")
    world.run_for(1)
    assert len(world.placed()) == 1
    world.sell_elsewhere("MU", 10, "103")
    world.run_for(60)
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no is None
    assert sum(fact.qty for fact in world.told(SoldElsewhere)) == 10
    assert world.told(SoldElsewhere)[0].price == usd(103)
    world.run_until(et("15:00:00"))
    assert world.calls_between(et("12:01:00"), et("15:00:00")) == 0
