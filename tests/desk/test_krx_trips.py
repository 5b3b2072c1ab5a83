"""Parts of one entry are one round trip, however often what came of it was sold in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.desk.krx.book import DayRecord
from engine.model.intents import Cancel
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.orders import OrderReason, OrderState, Side
from engine.model.state_facts import StateChanged
from tests.desk.krx_world import A, KrxWorld, opened

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))


def day_of(world: KrxWorld) -> DayRecord:
    return world.desk._state.day


def sold_in_parts(parts: int = 3, cancels: tuple[str, ...] = ("refuse",) * 9) -> KrxWorld:
    """A large entry that goes on filling while its cancel is refused; each part is sold at once."""
    world = opened(settings=CALM, fills_orders=False, cancel_answers=list(cancels))
    world.price(A, 10_200)
    world.run_for(1)
    entry = world.number_of()
    for _ in range(parts):
        world.fill(entry, 10)
        world.run_for(0.5)
        world.price(A, 9_900)
        world.run_for(0.5)
        sale = world.placed(Side.SELL)[-1].order
        assert (sale.reason, sale.qty) == (OrderReason.STOP_LOSS, 10)
        world.fill(world.number_of(), 10)
        world.run_for(0.5)
        assert world.positions == {}
    return world


def test_parts_of_an_entry_sold_one_by_one_are_one_losing_round_trip() -> None:
    world = sold_in_parts()
    assert (day_of(world).round_trips, world.desk._state.book.streak) == (0, 0)
    world.cancel_answers.clear()
    world.run_for(20)
    assert list(world.desk._state.live()) == []
    assert (day_of(world).round_trips, day_of(world).wins) == (1, 0)
    assert world.desk._state.book.streak == 1
    assert day_of(world).opened == [A]
    assert world.told(StateChanged) == []  # no streak of losses
    assert day_of(world).realized == day_of(world).gross - day_of(world).fees - day_of(world).tax


def test_the_last_part_ends_the_round_trip_with_its_sale() -> None:
    world = sold_in_parts(parts=2)
    world.fill(world.number_of(0), 175)
    world.run_for(1)
    world.price(A, 9_900)
    world.run_for(1)
    assert day_of(world).round_trips == 0
    world.fill(world.number_of(), 175)
    world.run_for(1)
    assert (day_of(world).round_trips, day_of(world).opened) == (1, [A])
    assert world.desk._state.book.closing == {}


def test_a_restart_between_two_parts_counts_neither_twice() -> None:
    world = sold_in_parts(parts=2)
    before = replace(day_of(world))
    world.restart()
    world.run_for(2)
    world.cancel_answers.clear()
    world.run_for(30)
    assert day_of(world).realized == before.realized
    assert (day_of(world).round_trips, world.desk._state.book.streak) == (1, 1)


def test_nothing_is_entered_again_while_an_emptied_entry_is_still_open() -> None:
    world = sold_in_parts(parts=1)
    world.price(A, 10_250)
    world.run_for(3)
    assert len(world.placed(Side.BUY)) == 1


@pytest.mark.parametrize(("how", "seconds"), [("refuse", 2.0), ("unheard", 10.0)])
def test_a_refused_cancel_is_asked_again_sooner_than_one_nobody_heard_of(
    how: str, seconds: float
) -> None:
    world = opened(settings=CALM, fills_orders=False, cancel_answers=[how])
    world.price(A, 10_200)
    world.run_for(1)
    world.run_for(30)
    first, second = [at for at, intent in world.intents if isinstance(intent, Cancel)]
    assert seconds <= (second - first).total_seconds() <= seconds + 5
    state = world.desk._state.book.orders[world.placed()[0].order.client_order_id].state
    assert state is OrderState.CANCELLED
