"""An order typed in the app may bear the number of ours: only the branch tells them apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.desk.krx import branches, resolver
from engine.desk.turn import Turn
from engine.model.commands import CancelOpenOrder
from engine.model.events import NoticeSeen, ReportsSeen
from engine.model.fills import NoticeKind
from engine.model.ids import BrokerOrderNo, Qty
from engine.model.intents import Cancel, FetchReports
from engine.model.money import Krw
from engine.model.order_facts import OrderResolved
from engine.model.orders import OrderReport, OrderState, Side
from tests.desk.krx_world import APP_BRANCH, BRANCH, A, KrxWorld, entered, krw, opened
from tests.desk.test_krx_numbers import assert_untouched, with_open_exit


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


def test_a_branch_spelt_otherwise_costs_a_list_and_no_fill() -> None:
    world = with_open_exit()
    number, since = world.number_of(), world.now
    world.drops_notices = True
    world.fill(number, 195)
    world.give(elsewhere(world, Side.SELL, 195))
    world.run_for(2)
    assert world.positions == {}
    assert len(lists_read(world, since)) == 1


def test_a_list_too_early_for_the_fill_is_read_again_within_a_second() -> None:
    world = with_open_exit()
    world.drops_notices = True
    world.give(elsewhere(world, Side.SELL, 195))
    world.run_for(1.5)
    world.fill(world.number_of(), 195)  # no list before showed it
    world.run_for(1.5)
    assert world.positions == {}


def test_many_notices_of_another_branch_ask_for_a_list_a_second() -> None:
    world = with_open_exit()
    since = world.now
    for _ in range(50):
        world.give(elsewhere(world, Side.SELL, 1))
        world.run_for(0.2)
    assert 8 <= len(lists_read(world, since)) <= 11
    world.run_for(11)
    since = world.now
    world.run_for(10)
    assert len(lists_read(world, since)) <= 2  # those of any open order


def test_a_clock_set_back_ends_the_wait_for_a_list() -> None:
    world = with_open_exit()
    world.give(elsewhere(world, Side.SELL, 1))
    world.jump(world.now - timedelta(minutes=5))
    world.run_for(40)
    world.intents.clear()
    world.run_for(10)
    assert len(lists_read(world, world.now - timedelta(seconds=10))) <= 2  # of any open order


@pytest.mark.parametrize("kind", [NoticeKind.CANCELLED, NoticeKind.REFUSED, NoticeKind.AMENDED])
def test_an_end_told_by_another_branch_is_looked_up_at_once(kind: NoticeKind) -> None:
    world = with_open_exit()
    told, since = elsewhere(world, Side.SELL, 195), world.now
    world.give(NoticeSeen(replace(told.notice, kind=kind)))
    assert lists_read(world, since) == [since]


def test_our_order_amended_in_the_app_is_filled_under_the_number_of_another_branch() -> None:
    world = with_open_exit()
    notice = elsewhere(world, Side.SELL, 195).notice
    amended = replace(
        notice, broker_order_no=BrokerOrderNo("777"), original_order_no=notice.broker_order_no
    )
    world.give(NoticeSeen(amended))
    assert world.positions == {}


def test_the_branch_of_an_order_found_in_a_list_is_known() -> None:
    world = opened(place_answers=["live_unknown"], fills_orders=False)
    world.price(A, 10_200)
    world.run_for(10)
    assert world.told(OrderResolved)
    world.give(elsewhere(world, Side.BUY, 50))
    world.run_for(1)
    assert world.positions == {}


def test_the_branch_of_an_order_the_trader_linked_is_known() -> None:
    world = with_open_exit()
    number = world.number_of()
    sale = world.desk._state.book.orders[world.placed(Side.SELL)[0].order.client_order_id]
    sale.state, sale.broker_order_no, sale.branch = OrderState.UNRESOLVED, None, ""
    world.desk._state.run.strangers = (world.orders[number].report,)
    resolver.link(world.desk._state, Turn(world.now), sale, number)
    assert sale.branch == BRANCH


def test_the_branch_of_an_answer_is_known_after_a_restart() -> None:
    world = with_open_exit()
    world.restart()
    world.run_for(1)
    world.give(elsewhere(world, Side.SELL, 50))
    world.run_for(1)
    assert_untouched(world)


def two_of_one_number(world: KrxWorld, **changes: Any) -> tuple[OrderReport[Krw], ...]:
    """Our open exit as it is, and one typed in the app that is executed."""
    ours = world.orders[world.number_of()].report
    his = replace(ours, filled_qty=Qty(195), open_qty=Qty(0), branch=APP_BRANCH)
    return ours, replace(his, **changes)


@pytest.mark.parametrize("restarts", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_rows_with_our_number_ours_is_the_one_of_our_branch(
    is_first: bool, restarts: bool
) -> None:
    world = with_open_exit()
    if restarts:
        world.restart()
        world.run_for(1)
    both = two_of_one_number(world)
    world.give(ReportsSeen(both if is_first else both[::-1], world.now, world.quota))
    assert_untouched(world)
    assert [row.broker_order_no for row in world.desk._state.run.strangers] == [
        f"{APP_BRANCH}-{world.number_of()}"
    ]


def test_a_branch_alone_does_not_make_our_order_anothers() -> None:
    world = with_open_exit()
    alone = two_of_one_number(world)[1:]  # answer and list may spell it differently
    world.give(ReportsSeen(alone, world.now, world.quota))
    assert world.positions == {}


def test_another_day_has_other_orders_of_our_number() -> None:
    world = with_open_exit()
    ours, his = two_of_one_number(world)
    assert ours.ordered_at is not None
    days = (ours.ordered_at - timedelta(days=1), None)
    rows = tuple(replace(his, ordered_at=at) for at in days)
    told = branches.told_apart(world.desk._state.book.orders, (ours, *rows))
    assert [row.broker_order_no for row in told] == [ours.broker_order_no] * 3


def test_a_cancel_names_the_branch_of_our_order() -> None:
    world = with_open_exit()
    world.command(CancelOpenOrder(world.number_of()))
    world.run_for(1)
    (cancel,) = (i.order for _, i in world.intents if isinstance(i, Cancel))
    assert cancel.branch == BRANCH
