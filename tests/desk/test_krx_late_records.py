"""Lists and balances that are late, and executions between them, hide no execution of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.commands import Answer, Choice
from engine.model.events import FetchKind
from engine.model.mismatches import MismatchAsked, MismatchKind
from engine.model.order_facts import OrderResolved
from engine.model.orders import Side
from tests.desk.krx_late import Late, lost, with_late_ones
from tests.desk.krx_world import A, B, KrxWorld, entered, opened
from tests.desk.test_krx_doubt import CALM
from tests.desk.test_krx_hand_count import just_before_a_balance
from tests.desk.test_reconciliation import asked, settled


def stopped_out(world: KrxWorld) -> None:
    """The exit is executed and its answer lost: nothing is sold again in the next minute."""
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(60)
    assert_sold_once(world)


def assert_sold_once(world: KrxWorld) -> None:
    assert world.shares[A] == 0
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1


@pytest.mark.parametrize("late_s", [0, 3, 8])
def test_a_list_that_is_late_with_his_trade_hides_no_executed_exit(late_s: int) -> None:
    world = entered(with_late_ones())
    assert isinstance(world, Late)
    world.buy_by_hand(A, 200, filled=5)
    number = world.number_of()
    world.run_for(600)
    world.lists_late = timedelta(seconds=late_s)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(8)
    world.fill_by_hand(number, 195)
    world.run_for(60)
    assert world.shares[A] == 0
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1


def test_a_list_that_is_late_with_his_trade_ends_no_executed_exit_that_vanished() -> None:
    world = with_late_ones()
    entered(world)
    world.buy_by_hand(A, 200, filled=5)
    number = world.number_of()
    world.run_for(600)
    world.drops_notices, world.place_answers = True, ["", "too_many", "too_many"]
    world.cancel_answers = ["refuse"] * 9
    world.price(A, 9_900)
    world.hidden.add(world.number_of())
    world.run_for(1)
    (order,) = world.desk._state.live()
    while order.cancel_answered_at is None:
        world.run_for(1)
    world.lists_late = timedelta(seconds=8)
    world.run_for(26)  # the balance of half a minute after that answer decides
    world.fill_by_hand(number, 195)
    world.run_for(300)
    assert_sold_once(world)
    assert settled(world, MismatchKind.VANISHED_ORDER) == []
    assert len(asked(world, MismatchKind.VANISHED_ORDER)) == 1


@pytest.mark.parametrize("late_s", [0, 8, 20])
@pytest.mark.parametrize("after_s", [3, 9])
def test_a_balance_that_is_late_with_his_sale_hides_no_executed_exit(
    after_s: int, late_s: int
) -> None:
    world = with_late_ones()
    entered(world)
    world.buy_by_hand(A, 195)
    world.run_for(600)
    world.balances_late = timedelta(seconds=late_s)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(after_s)
    world.sell_by_hand(A, 195, are_his=True)  # and the list shows it at once
    world.run_for(60)
    assert_sold_once(world)


@pytest.mark.parametrize("late_s", [0, 5, 8])
def test_a_list_that_is_late_with_his_sale_makes_no_count(late_s: int) -> None:
    world = with_late_ones()
    entered(world)
    world.buy_by_hand(A, 195)
    world.run_for(600)
    world.lists_late = timedelta(seconds=late_s)
    world.sell_by_hand(A, 195, are_his=True)  # the balance is read at once
    world.run_for(60)
    stopped_out(world)


def test_a_balance_of_before_the_last_read_says_nothing_of_an_exit_in_doubt() -> None:
    world = with_late_ones()
    entered(world)
    world.balances_late = timedelta(seconds=3)
    just_before_a_balance(world)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(5)
    world.failing = {FetchKind.HOLDINGS}  # no better one comes
    world.run_for(60)
    assert_sold_once(world)


@pytest.mark.parametrize("late_s", [0, 15])
def test_a_balance_that_is_late_with_an_entry_is_no_count(late_s: int) -> None:
    world = with_late_ones()
    world.by_hand[B] = 9
    world.run_for(60)
    entered(world)
    world.balances_late = timedelta(seconds=late_s)
    world.run_for(8)
    world.sell_by_hand(B, 1, are_his=True)  # so the balance is read
    world.run_for(14)
    world.balances_late = timedelta(0)
    stopped_out(world)


@pytest.mark.parametrize("after_s", [1.5, 6, 10])
def test_a_balance_of_before_an_entry_is_no_count_after_it(after_s: float) -> None:
    world = opened(settings=CALM)
    just_before_a_balance(world)
    world.run_for(after_s)
    entered(world)
    world.run_for(15)
    stopped_out(world)


@pytest.mark.parametrize("late_s", [0, 6, 8, 20])
def test_one_of_two_like_exits_does_not_stand_in_for_the_other(late_s: int) -> None:
    exits = replace(CALM.exits, scale_out_pct=Decimal(1), take_profit_pct=None)
    half = replace(CALM, exits=replace(exits, trailing_arm_pct=None))
    world = opened(Late, settings=half)
    assert isinstance(world, Late)
    entered(world)
    world.sell_by_hand(A, 1)  # so that both halves are the same
    world.run_for(600)
    world.by_hand[A] = 500
    world.run_for(600)
    world.balances_late = timedelta(seconds=late_s)
    world.drops_notices, world.place_answers = True, ["hidden", "", "too_many", "too_many"]
    world.price(A, 10_330)
    world.run_for(4)
    world.drops_notices = False
    world.price(A, 9_900)
    world.run_for(60)
    assert [place.order.qty for place in world.placed(Side.SELL)] == [97, 97]
    assert world.told(OrderResolved) == []


def test_shares_booked_as_gone_do_not_stand_in_for_the_rest_of_their_entry() -> None:
    patient = replace(CALM, entry=replace(CALM.entry, timeout_s=290))
    world = opened(settings=patient, fills_orders=False)
    world.price(A, 10_250)
    world.run_for(3)
    number, half = world.number_of(), 97
    world.fill(number, half)
    world.run_for(1)
    world.hidden.add(number)
    world.shares[A] = 0  # where no list shows it
    while not world.told(MismatchAsked):
        world.desk._state.run.holdings.ask(world.now)
        world.run_for(1)
    world.command(Answer(world.told(MismatchAsked)[0].question, Choice.BOOK))
    assert world.positions == {}
    world.drops_notices, world.cancel_answers = True, ["refuse"] * 9
    world.fill(number, half)
    world.run_for(250)
    assert settled(world, MismatchKind.VANISHED_ORDER) == []
    (question,) = asked(world, MismatchKind.VANISHED_ORDER)
    assert question.broker == "0 orders, 97 in the account"
