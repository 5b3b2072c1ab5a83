from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from engine.model.commands import Refusal, SellNow
from engine.model.entry_facts import EntryFilled
from engine.model.events import PlaceAnswered
from engine.model.ids import BrokerOrderNo, ClientOrderId, Qty
from engine.model.intents import FetchReports
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.mismatches import MismatchAsked
from engine.model.order_facts import OrderFilled, OrderResolved, OrderUnresolved
from engine.model.orders import Accepted, OrderState, Side
from engine.model.score import Gate
from tests.desk.krx_world import A, KrxWorld, entered, krw, kst, opened, opened_late

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))


def state_of(world: KrxWorld, index: int = -1) -> OrderState:
    return list(world.desk._state.book.orders.values())[index].state


def doubtful_entry(how: str) -> KrxWorld:
    world = opened(place_answers=[how], fills_orders=how == "live_unknown", has_notices=False)
    world.price(A, 10_200)
    world.run_for(1)
    assert len(world.told(OrderUnresolved)) == 1
    return world


def doubtful_exit(how: str) -> KrxWorld:
    world = entered(settings=CALM)
    world.place_answers, world.has_notices = [how], False
    world.drops_notices = True
    world.price(A, 9_900)
    world.run_for(1)
    assert len(world.told(OrderUnresolved)) == 1
    return world


def test_an_entry_without_an_answer_is_never_sent_again_and_found_in_the_list() -> None:
    world = doubtful_entry("live_unknown")
    asked = [(at - world.now).total_seconds() for at in world.fetched(FetchReports)]
    world.price(A, 10_250)
    world.run_for(1.5)
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no == world.number_of()
    assert world.position().qty == 195
    assert len(world.placed()) == 1
    assert asked


def test_while_in_doubt_nothing_else_is_ordered_of_the_stock() -> None:
    world = doubtful_entry("lost")
    world.price(A, 10_250)
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.refused is not None
    assert why.refused.gate is Gate.ORDER_OPEN
    assert len(world.placed()) == 1


def test_an_entry_that_never_arrived_is_known_absent_after_three_looks() -> None:
    world = doubtful_entry("lost")
    world.run_for(12)
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no is None
    assert state_of(world) is OrderState.NOT_PLACED
    world.price(A, 10_250)
    world.run_for(2)
    assert len(world.placed()) == 1  # left alone for a while
    assert list(world.desk._state.live()) == []


def test_a_buy_that_brought_shares_is_not_declared_absent() -> None:
    world = doubtful_entry("lost")
    world.shares[A] = 195  # it did arrive; the list does not show it
    world.run_for(60)
    assert world.told(OrderResolved) == []
    assert state_of(world) is OrderState.UNRESOLVED


def test_shares_from_before_do_not_speak_for_a_buy_in_doubt() -> None:
    world = opened(place_answers=["lost"], has_notices=False)
    world.buy_by_hand(A, 20)
    world.run_for(310)
    world.price(A, 10_200)
    world.run_for(25)
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no is None


def test_an_exit_without_an_answer_is_found_and_counted() -> None:
    world = doubtful_exit("live_unknown")
    world.run_for(5)
    assert world.told(OrderResolved)[0].broker_order_no is not None
    assert len(world.told(OrderFilled)) == 1
    assert world.positions == {}
    assert len(world.placed(Side.SELL)) == 1


def test_an_exit_that_never_arrived_goes_out_again_once_that_is_certain() -> None:
    world = doubtful_exit("lost")
    sent_at = world.now
    world.run_for(8)
    assert len(world.placed(Side.SELL)) == 1
    world.run_for(6)
    assert world.told(OrderResolved)[0].broker_order_no is None
    again = world.placed(Side.SELL)[-1].order
    assert again.decided_at - sent_at < timedelta(seconds=15)
    world.run_for(6)
    assert world.positions == {}


def test_an_exit_whose_shares_are_tied_is_not_declared_absent() -> None:
    world = entered(settings=CALM)
    world.fills_orders, world.place_answers = False, ["hidden"]
    world.price(A, 9_900)
    world.run_for(60)
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1
    world.hidden.clear()
    world.run_for(40)
    assert world.told(OrderResolved)[0].broker_order_no == world.number_of()


def test_a_sale_by_hand_just_before_a_lost_exit_does_not_keep_it_in_doubt() -> None:
    world = entered(settings=CALM)
    world.buy_by_hand(A, 5)
    world.run_for(600)
    assert world.desk.view(world.now).foreign[0][2] == 5
    world.drops_notices, world.place_answers = True, ["lost"]
    world.sell_by_hand(A, 5, are_his=True)
    world.run_for(3)
    world.price(A, 9_900)
    world.run_for(90)
    assert world.told(OrderResolved)[0].broker_order_no is None
    assert world.positions == {}


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_sale_by_hand_the_balance_shows_late_keeps_no_lost_exit_in_doubt(
    *, is_restarted: bool
) -> None:
    world = entered(settings=CALM)
    world.run_for(60)
    world.drops_notices, world.place_answers = True, ["lost"]
    world.sell_by_hand(A, 5)
    world.shares[A] += 5  # the balance still shows them
    if is_restarted:
        world.restart()
    world.run_for(3)
    world.price(A, 9_900)
    world.shares[A] -= 5
    world.place_answers.append("too_many")
    while not world.told(OrderResolved) and world.now < kst("09:12:30"):
        world.run_for(0.1)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_shares_bought_by_hand_that_no_balance_showed_yet_do_not_speak_for_a_buy_in_doubt() -> None:
    world = opened(place_answers=["lost"], drops_notices=True)
    world.buy_by_hand(A, 12)
    world.run_for(1)
    world.price(A, 10_200)
    world.run_for(75)  # a balance may show his trade that late
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no is None


def test_an_exit_is_found_though_another_branch_gave_its_number_before() -> None:
    world = entered(settings=CALM)
    world.drops_notices = True
    world.buy_by_hand(A, 2)
    theirs = world.number_of()
    world.run_for(320)  # it is listed before the exit is decided
    world.has_notices = False
    world.place_answers = ["live_unknown"]
    other = world.orders.pop(theirs)
    world.orders[BrokerOrderNo(f"00950-{theirs}")] = other
    world._numbers = count(int(theirs))
    world.price(A, 9_900)
    world.run_for(15)
    assert world.told(OrderResolved)[0].broker_order_no == theirs
    assert world.positions == {}


def test_two_orders_that_look_alike_are_for_the_trader_to_tell_apart() -> None:
    world = doubtful_entry("live_unknown")
    number = world.number_of()
    twin = replace(world.orders[number].report, broker_order_no=world._number())
    world.orders[twin.broker_order_no] = replace(world.orders[number], report=twin)
    world.run_for(15)
    (asked,) = world.told(MismatchAsked)
    assert asked.broker == "2 orders, 195 in the account"
    assert asked.candidates == (number, twin.broker_order_no)
    assert world.told(OrderResolved) == []
    world.run_for(60)
    assert len(world.told(MismatchAsked)) == 1


def test_an_order_typed_in_the_app_is_not_taken_for_ours() -> None:
    world = doubtful_entry("lost")
    world.buy_by_hand(A, 195, filled=0)
    world.run_for(25)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_a_sale_by_hand_waits_for_the_end_of_a_doubt() -> None:
    world = doubtful_exit("lost")
    command = world.command(SellNow(A, None))
    assert world.refusal_of(command) is Refusal.ORDER_IN_DOUBT


def test_the_answer_to_an_order_nobody_knows_is_ignored() -> None:
    world = opened()
    world.give(PlaceAnswered(ClientOrderId("other"), Accepted(world._number())))
    world.price(A, 10_200)
    world.run_for(2)
    first = world.placed()[0].order.client_order_id
    world.give(PlaceAnswered(first, Accepted(world._number())))
    assert state_of(world) is OrderState.FILLED


@pytest.mark.parametrize("is_there", [True, False])
def test_the_last_word_on_a_doubt_of_yesterday_is_todays_list(is_there: bool) -> None:
    how = "live_unknown" if is_there else "lost"
    world = opened_late(fills_orders=False, has_notices=False)
    world.run_until(kst("15:09:58"))
    world.place_answers = [how]
    world.failing.update()
    world.price(A, 10_200)
    world.run_for(0.5)
    world.end_orders()
    snapshot = world.desk.snapshot()
    if is_there:
        number = world.number_of()
        twin = replace(world.orders[number].report, broker_order_no=world._number())
        world.orders[twin.broker_order_no] = replace(world.orders[number], report=twin)
    world.now = kst("08:29:00", world.now.date() + timedelta(days=1))
    world.restart(snapshot)
    world.run_for(30)
    (resolved,) = world.told(OrderResolved)
    assert (resolved.broker_order_no is not None) is is_there


def test_fills_told_while_in_doubt_wait_for_the_list() -> None:
    world = opened(place_answers=["live_unknown"])
    world.price(A, 10_200)
    world.run_for(1)
    assert world.positions == {}
    world.run_for(3)
    (filled,) = world.told(EntryFilled)
    assert filled.fill.qty == Qty(195)
    assert filled.avg_cost == krw(10_210)
