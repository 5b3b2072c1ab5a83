"""Order numbers begin anew each day: a record is ours only if all of it speaks of our order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from engine.model.events import NoticeSeen, ReportsSeen
from engine.model.ids import Qty
from engine.model.order_facts import OrderFilled
from engine.model.orders import OrderState, Side
from tests.desk.krx_world import A, B, KrxWorld, entered, krw


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
