"""When an order whose answer was lost is believed absent, and what if it was there after all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.commands import Choice
from engine.model.events import FetchKind, PlaceAnswered, ReportsSeen
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.mismatches import MismatchAsked, MismatchSeen
from engine.model.order_facts import OrderFilled, OrderResolved
from engine.model.orders import OrderState, OutcomeUnknown, Side
from tests.desk.krx_world import A, KrxWorld, entered, opened

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))


def lost_entry(how: str = "lost", *, fills_orders: bool = True) -> KrxWorld:
    world = opened(place_answers=[how], has_notices=False, settings=CALM, fills_orders=fills_orders)
    world.price(A, 10_200)
    return world


def lost_exit(how: str, his: int = 0) -> KrxWorld:
    """195 of A and shares of the trader's; the stop-loss was sent just now."""
    world = entered(settings=CALM)
    world.by_hand[A] = his
    world.run_for(320)
    world.place_answers, world.drops_notices = [how], True
    world.price(A, 9_900)
    return world


def first_order(world: KrxWorld, side: Side = Side.BUY) -> OrderState:
    orders = world.desk._state.book.orders
    return orders[world.placed(side)[0].order.client_order_id].state


def test_two_lists_ten_seconds_apart_must_lack_an_order() -> None:
    world = lost_entry()
    world.failing = {FetchKind.REPORTS}
    world.run_for(9.9)
    world.failing.clear()
    world.run_for(9)  # the first list, with the last of the three reads
    assert first_order(world) is OrderState.UNRESOLVED
    world.run_for(4)
    assert first_order(world) is OrderState.NOT_PLACED


def test_what_earlier_lists_lacked_counts_no_more_once_one_may_show_it() -> None:
    world = lost_entry("live_unknown", fills_orders=False)
    number = world.number_of()
    twin = replace(world.orders[number].report, broker_order_no=world._number())
    world.hidden = {number, twin.broker_order_no}
    world.orders[twin.broker_order_no] = replace(world.orders[number], report=twin)
    world.run_for(7)
    world.hidden.clear()
    world.run_for(5)
    assert len(world.told(MismatchAsked)) == 1
    world.hidden = {number, twin.broker_order_no}
    world.run_for(12)
    assert first_order(world) is OrderState.UNRESOLVED
    world.run_for(32)
    assert first_order(world) is OrderState.NOT_PLACED


def test_the_traders_shares_are_no_sign_that_a_sale_was_not_executed() -> None:
    world = lost_exit("hidden", his=500)
    world.run_for(60)
    assert world.shares[A] == 0
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1
    assert world.desk._state.book.foreign == {A: 500}
    world.hidden.clear()
    world.run_for(35)
    assert world.positions == {}
    assert [fact.fill.qty for fact in world.told(OrderFilled)] == [195]


def test_the_traders_shares_are_no_sign_that_a_sale_ties_nothing() -> None:
    world = entered(settings=CALM)
    world.by_hand[A] = 500
    world.run_for(320)
    world.place_answers, world.fills_orders = ["hidden"], False
    world.price(A, 9_900)
    world.run_for(60)
    assert world.told(OrderResolved) == []


def test_what_the_trader_sells_of_his_own_keeps_no_stop_back() -> None:
    world = lost_exit("lost", his=500)
    world.sell_by_hand(A, 60, are_his=True)
    world.by_hand[A] -= 40
    world.shares[A] += 40  # so many more are there that the next order ties none of ours
    world.sell_by_hand(A, 40, filled=0)
    world.run_for(75)  # a balance may lack his sale for a while
    assert first_order(world, Side.SELL) is OrderState.NOT_PLACED
    assert len(world.placed(Side.SELL)) == 2


@pytest.mark.parametrize("how", ["bought", "open"])
def test_an_entry_found_late_is_ours(how: str) -> None:
    world = lost_entry("hidden", fills_orders=False)
    world.run_for(14)
    assert first_order(world) is OrderState.NOT_PLACED
    number = world.number_of()
    if how == "bought":
        world.fill(number, 195)
    world.hidden.clear()
    world.run_for(310)  # with the next reading of the account
    assert world.told(OrderResolved)[-1].broker_order_no == number
    if how == "open":
        assert [cancel.order.broker_order_no for cancel in world.cancels()] == [number]
        return
    assert world.position().qty == 195
    assert world.desk._state.book.foreign == {}
    world.fills_orders = True
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}


def test_which_of_two_late_ones_is_ours_is_for_the_trader_to_say() -> None:
    world = lost_entry("hidden", fills_orders=False)
    world.run_for(14)
    number = world.number_of()
    twin = replace(world.orders[number].report, broker_order_no=world._number())
    world.orders[twin.broker_order_no] = replace(world.orders[number], report=twin)
    world.hidden.clear()
    world.run_for(620)
    (asked,) = world.told(MismatchAsked)
    assert asked.broker == "2 orders"
    assert asked.choices == (Choice.LINK, Choice.IGNORE)
    assert first_order(world) is OrderState.NOT_PLACED


def test_an_order_of_another_day_is_not_one_that_was_lost() -> None:
    world = lost_entry("hidden", fills_orders=False)
    world.run_for(14)
    report = world.orders[world.number_of()].report
    assert report.ordered_at is not None
    tomorrow = replace(report, ordered_at=report.ordered_at + timedelta(days=1))
    world.give(ReportsSeen((tomorrow,), world.now, world.quota))
    assert first_order(world) is OrderState.NOT_PLACED


def test_the_order_sent_again_is_not_taken_for_the_lost_one() -> None:
    world = lost_exit("lost")
    world.fills_orders = False
    world.place_answers.append("silent")  # the second one's answer is still on its way
    world.run_for(14)
    assert len(world.placed(Side.SELL)) == 2
    world.give(world._reports(None))
    assert first_order(world, Side.SELL) is OrderState.NOT_PLACED


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_a_broker_whose_clock_is_behind_keeps_no_order_in_doubt(side: Side) -> None:
    is_buy = side is Side.BUY
    how = "live_unknown"
    world = lost_entry(how, fills_orders=False) if is_buy else lost_exit(how)
    booked = world.orders[world.number_of()]
    assert booked.report.ordered_at is not None
    early = booked.report.ordered_at - timedelta(seconds=90)
    booked.report = replace(booked.report, ordered_at=early)
    world.run_for(14)
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no == world.number_of()
    assert world.told(MismatchSeen) == []


def test_an_order_listed_before_is_nobodys_lost_one() -> None:
    world = opened(settings=CALM, fills_orders=False, has_notices=False, place_answers=["lost"])
    world.buy_by_hand(A, 195, filled=0)
    typed = world.orders[world.number_of()]
    typed.report = replace(typed.report, limit=None, by_api=True)  # nobody says where it was typed
    world.give(world._reports(None))
    world.price(A, 10_200)
    world.run_for(60)
    assert world.told(OrderResolved)[0].broker_order_no is None


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_an_order_listed_before_its_answer_failed_to_come_is_found(side: Side) -> None:
    is_buy = side is Side.BUY
    world = opened(settings=CALM) if is_buy else entered(settings=CALM)
    world.run_for(0 if is_buy else 40)
    world.place_answers, world.drops_notices = ["silent"], True
    world.price(A, 10_200 if is_buy else 9_900)
    world.run_for(8)  # the list was read meanwhile
    intent = world.placed(side)[-1].order
    world.give(PlaceAnswered(intent.client_order_id, OutcomeUnknown("ReadTimeout")))
    world.run_for(6)
    assert world.told(OrderResolved)[0].broker_order_no == world.number_of()
