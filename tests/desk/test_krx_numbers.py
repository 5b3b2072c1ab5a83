"""Order numbers begin anew each day: a record is ours only if all of it speaks of our order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.model.events import NoticeSeen, ReportsSeen
from engine.model.facts import OrderFilled, OrderResolved
from engine.model.ids import Qty
from engine.model.intents import FetchReports
from engine.model.money import Krw
from engine.model.orders import OrderState, Side
from tests.desk.krx_world import APP_BRANCH, A, B, KrxWorld, entered, krw, opened


def with_open_exit() -> KrxWorld:
    """A sale of all shares of A waits at the broker."""
    world = entered()
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    return world


def assert_untouched(world: KrxWorld) -> None:
    exit_order = world.desk._state.book.orders[world.placed(Side.SELL)[0].order.client_order_id]
    assert (exit_order.state, exit_order.filled_qty) == (OrderState.ACCEPTED, 0)
    assert world.position().qty == 195
    assert world.told(OrderFilled) == []


def test_the_number_of_another_stock_or_side_is_somebody_elses() -> None:
    world = with_open_exit()
    ours = world.orders[world.number_of()].report
    done = replace(ours, order_qty=Qty(5_000), filled_qty=Qty(5_000), open_qty=Qty(0))
    for strange in (replace(done, symbol=B), replace(done, side=Side.BUY)):
        world.give(ReportsSeen((strange,), world.now, world.quota))
        assert_untouched(world)
    for symbol, side in ((B, Side.SELL), (A, Side.BUY)):
        notice = world.notice(world.number_of(), symbol, side, 50, krw(70_000), 50)
        world.give(NoticeSeen(notice))
        assert_untouched(world)


def test_the_number_of_another_day_is_somebody_elses() -> None:
    world = with_open_exit()
    ours = world.orders[world.number_of()].report
    assert ours.ordered_at is not None
    tomorrow = replace(
        ours,
        filled_qty=Qty(50),
        open_qty=Qty(145),
        ordered_at=ours.ordered_at + timedelta(days=1),
    )
    world.give(ReportsSeen((tomorrow,), world.now, world.quota))
    assert_untouched(world)


def elsewhere(world: KrxWorld, side: Side, qty: int) -> NoticeSeen[Krw]:
    """An execution of an order typed in the app that bears our number, from another branch."""
    notice = world.notice(world.number_of(), A, side, qty, krw(9_900), qty)
    return NoticeSeen(replace(notice, branch=APP_BRANCH))


def lists_read(world: KrxWorld, since: datetime) -> list[datetime]:
    return [at for at, i in world.intents if isinstance(i, FetchReports) and at >= since]


@pytest.mark.parametrize("speaks", [True, False], ids=["answer first", "notice first"])
def test_a_notice_of_another_branch_is_left_to_the_list(speaks: bool) -> None:
    world = entered()
    world.fills_orders = False
    world.desk._state.run.reports.ask(world.now)
    world.run_for(1)  # an open order is followed by lists: the next of those is not due
    world.price(A, 9_900)
    if speaks:
        world.run_for(1)
    since = world.now
    world.give(elsewhere(world, Side.SELL, 50))
    world.run_for(1)
    assert_untouched(world)
    assert lists_read(world, since)


def test_a_notice_that_names_no_branch_is_believed() -> None:
    world = with_open_exit()
    number = world.number_of()
    world.drops_notices = True
    world.fill(number, 50)
    notice = world.notice(number, A, Side.SELL, 50, krw(9_900), 195)
    world.give(NoticeSeen(replace(notice, branch="")))
    assert world.position().qty == 145


def test_a_branch_spelt_otherwise_costs_one_list_and_no_fill() -> None:
    world = with_open_exit()
    number, since = world.number_of(), world.now
    world.drops_notices = True
    world.fill(number, 195)
    world.give(elsewhere(world, Side.SELL, 195))
    world.run_for(1)
    assert world.positions == {}
    assert len(lists_read(world, since)) == 1


def test_the_branch_of_an_order_found_in_a_list_is_known() -> None:
    world = opened(place_answers=["live_unknown"], fills_orders=False)
    world.price(A, 10_200)
    world.run_for(10)
    assert world.told(OrderResolved)
    world.give(elsewhere(world, Side.BUY, 50))
    world.run_for(1)
    assert world.positions == {}


def test_the_branch_of_an_answer_is_known_after_a_restart() -> None:
    world = with_open_exit()
    world.restart()
    world.run_for(1)
    world.give(elsewhere(world, Side.SELL, 50))
    world.run_for(1)
    assert_untouched(world)
