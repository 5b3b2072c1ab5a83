"""Counts of the account survive whatever comes between a balance and the list after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.commands import Answer, Choice
from engine.model.events import FetchKind, Started
from engine.model.intents import Cancel
from engine.model.mismatches import MismatchAsked
from engine.model.order_facts import OrderResolved
from engine.model.orders import OrderState, Side
from tests.desk.krx_late import lost, plain
from tests.desk.krx_world import A, entered, opened
from tests.desk.test_krx_doubt import CALM, state_of


@pytest.mark.parametrize("after_s", [1, 10, 28])
def test_shares_sold_where_no_list_shows_it_hide_no_executed_exit(after_s: int) -> None:
    world = entered(settings=CALM)
    world.drops_notices = True
    world.run_for(after_s)
    world.shares[A] -= 100
    world.desk._state.run.holdings.ask(world.now)
    while not world.told(MismatchAsked):
        world.run_for(1)
    world.command(Answer(world.told(MismatchAsked)[-1].question, Choice.BOOK))
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(60)
    assert world.shares[A] == 0
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1


def test_an_entry_found_late_is_counted_before_its_exit_is_in_doubt() -> None:
    world = opened(settings=CALM, place_answers=["hidden"], has_notices=False, fills_orders=False)
    world.price(A, 10_200)
    world.run_for(400)
    assert state_of(world) is OrderState.NOT_PLACED
    world.fill(world.number_of(), 195)
    world.hidden.clear()
    world.desk._state.run.reports.ask(world.now)
    world.run_for(3)
    assert world.position().qty == 195
    world.fills_orders = True
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(60)
    assert world.shares[A] == 0
    assert len(world.placed(Side.SELL)) == 1


def test_an_entry_executed_just_before_its_cancel_came_is_not_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = replace(CALM, entry=replace(CALM.entry, timeout_s=290))
    world = opened(settings=patient, fills_orders=False, has_notices=False)
    world.price(A, 10_200)
    world.run_for(3)
    number = world.number_of()
    world.hidden.add(number)
    take_back = world._cancel

    def cancel(intent: Cancel) -> None:
        def too_late() -> None:
            if world.orders[number].report.open_qty:
                world.fill(number, 195)
            world.cancel_answers = ["refuse"]
            take_back(intent)

        world.at(world.now + timedelta(seconds=0.1), too_late)

    monkeypatch.setattr(world, "_cancel", cancel)
    world.run_for(200)
    assert world.shares[A] == 195
    assert state_of(world) is OrderState.ACCEPTED


def test_an_order_that_only_the_journal_knows_is_settled() -> None:
    world = opened(settings=CALM)
    before = plain(world.desk.snapshot())
    lost(world)
    world.price(A, 10_200)
    (intent,) = (place.order for place in world.placed())
    world.restart(before)
    world.give(Started((intent,)))
    world.run_for(60)
    assert world.told(OrderResolved)[0].broker_order_no is None


@pytest.mark.parametrize("fails", [FetchKind.REPORTS, None])
def test_the_trader_is_asked_though_no_list_comes_any_more(fails: FetchKind | None) -> None:
    world = entered(settings=CALM)
    world.run_for(400)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(13)
    world.failing = {fails} if fails else set()
    world.run_for(200)
    assert len(world.told(MismatchAsked)) == 1


def test_a_list_too_early_for_a_count_is_followed_by_another() -> None:
    world = entered(settings=CALM)
    world.run_for(60)
    world.restart()
    world.run_for(1)
    balance = world.desk._state.run.uncounted
    assert balance is not None
    world.run_for(12)
    assert world.desk._state.run.uncounted is not balance
