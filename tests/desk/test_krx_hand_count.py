"""What the trader trades in the app never hides an execution of the desk's own order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.intents import FetchHoldings
from engine.model.order_facts import OrderResolved
from engine.model.orders import Side
from tests.desk.krx_world import A, KrxWorld, entered, opened
from tests.desk.test_krx_doubt import CALM

AHEAD = (0, 5)  # seconds that the broker's clock may be ahead of ours
LISTS_S = 310  # the account and the list are compared in between


def told_at(world: KrxWorld, ahead: int) -> None:
    """The newest order, as a clock ahead of ours has it."""
    number = world.number_of()
    at = world.now + timedelta(seconds=ahead)
    world.orders[number].report = replace(world.orders[number].report, ordered_at=at)


def just_before_a_balance(world: KrxWorld) -> None:
    asked = len(world.fetched(FetchHoldings))
    while len(world.fetched(FetchHoldings)) == asked:
        world.run_for(0.05)
    world.run_for(299)


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_buy_by_hand_is_not_reckoned_twice_whatever_the_clocks(ahead: int) -> None:
    world = opened()
    just_before_a_balance(world)
    world.buy_by_hand(A, 195)
    told_at(world, ahead)
    world.run_for(400)
    assert world.desk._state.book.foreign == {A: 195}
    world.place_answers, world.drops_notices = ["hidden"], True
    world.price(A, 10_200)
    world.run_for(40)
    assert world.shares[A] == 195
    assert world.told(OrderResolved) == []


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_sale_by_hand_is_not_reckoned_twice_whatever_the_clocks(ahead: int) -> None:
    world = entered(settings=CALM)
    world.buy_by_hand(A, 400)
    world.run_for(LISTS_S)
    just_before_a_balance(world)
    world.drops_notices = True
    world.sell_by_hand(A, 195, are_his=True)
    told_at(world, ahead)
    world.run_for(400)
    assert world.desk._state.book.foreign == {A: 205}
    world.place_answers = ["hidden"]
    world.price(A, 9_900)
    world.run_for(40)
    assert world.shares[A] == 0
    assert len(world.placed(Side.SELL)) == 1


def test_a_lost_exit_is_settled_though_he_sold_his_own_and_some_of_the_desks() -> None:
    world = entered(settings=CALM)
    world.buy_by_hand(A, 5)
    world.run_for(600)
    world.drops_notices = True
    world.shares[A] += 5
    world.by_hand[A] -= 5
    world.sell_by_hand(A, 8)
    world.shares[A] += 3  # the balance shows three of them a little longer
    world.run_for(1)
    world.place_answers = ["lost", "too_many"]
    world.price(A, 9_900)
    world.shares[A] -= 3
    world.run_for(150)
    assert world.told(OrderResolved)[0].broker_order_no is None
    assert world.positions == {}


def test_a_sale_booked_as_his_explains_nothing_of_a_part_of_ours_in_doubt() -> None:
    exits = replace(CALM.exits, scale_out_pct=Decimal("1.0"), take_profit_pct=None)
    calm = replace(CALM, exits=replace(exits, trailing_arm_pct=None))
    world = entered(opened(settings=calm))
    world.run_for(60)
    world.drops_notices, world.place_answers = True, ["hidden"]
    world.price(A, 10_330)
    world.run_for(20)
    assert [place.order.qty for place in world.placed(Side.SELL)] == [97]
    world.sell_by_hand(A, world.shares[A])
    world.run_for(120)
    assert world.position().qty == 97  # the hand sale was booked, ours is still in doubt
    assert world.told(OrderResolved) == []


@pytest.mark.parametrize("typed_before", [0, 5])
def test_a_buy_typed_long_before_hides_no_executed_exit(typed_before: int) -> None:
    world = entered(settings=CALM)
    qty = world.position().qty
    world.buy_by_hand(A, qty + 5, filled=typed_before)
    number = world.number_of()
    world.run_for(600)
    world.drops_notices, world.place_answers = True, ["hidden"]
    world.fill_by_hand(number, qty)
    world.price(A, 9_900)
    world.run_for(120)
    assert world.shares[A] == 0
    assert len(world.placed(Side.SELL)) == 1
    assert world.told(OrderResolved) == []


def test_a_sale_typed_long_before_hides_no_executed_entry() -> None:
    world = opened()
    world.buy_by_hand(A, 195)
    world.sell_by_hand(A, 195, filled=0)
    number = world.number_of()
    world.run_for(LISTS_S)
    world.drops_notices, world.place_answers = True, ["hidden"]
    world.price(A, 10_200)
    world.run_for(0.15)
    assert world.shares[A] == 195
    world.fill_by_hand(number, 195, are_his=True)
    world.run_for(120)
    assert world.told(OrderResolved) == []


@pytest.mark.parametrize("after_s", [0.1, 1, 5, 11, 31])
@pytest.mark.parametrize("trade", ["bought", "his", "of the desk"])
def test_a_lost_exit_is_settled_beside_any_trade_by_hand(trade: str, after_s: float) -> None:
    world = entered(settings=CALM)
    if trade != "of the desk":
        world.buy_by_hand(A, 5)
    world.run_for(600)
    world.drops_notices = True
    world.place_answers = ["lost", "too_many" if trade == "of the desk" else ""]
    world.price(A, 9_900)
    world.run_for(after_s)
    if trade == "bought":
        world.buy_by_hand(A, 7)
    else:
        world.sell_by_hand(A, 5, are_his=trade == "his")
    world.run_for(100)
    assert world.told(OrderResolved)[0].broker_order_no is None
    assert world.positions == {}


def test_a_count_lives_through_a_restart_and_a_trade_meanwhile() -> None:
    world = entered(settings=CALM)
    world.run_for(LISTS_S)
    world.drops_notices, world.place_answers = True, ["lost", "too_many"]
    world.price(A, 9_900)
    world.run_for(1)
    world.sell_by_hand(A, 5)
    world.restart()
    world.run_for(60)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_a_stock_that_is_neither_held_nor_ordered_needs_no_count_in_the_book() -> None:
    world = entered(settings=CALM)
    world.price(A, 9_900)
    world.run_for(1)
    assert world.positions == {}
    assert set(world.desk._state.book.counts) == {A}
    world.run_for(2 * LISTS_S)
    assert world.desk._state.book.counts == {}
