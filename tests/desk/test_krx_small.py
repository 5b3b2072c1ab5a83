"""The small beginning with real money: how long it lasts, and what it never touches."""

from __future__ import annotations

from dataclasses import replace

from engine.model.commands import ApplySettings
from engine.model.entry_facts import SmallEnded
from engine.model.ids import Symbol
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings, SmallSettings
from engine.model.orders import Side
from engine.model.score import Gate
from tests.desk.krx_world import A, B, KrxWorld, entered, krw, opened

MANY = tuple(Symbol(f"0001{i:02}") for i in range(6))
CALM = ExitSettings(failed_breakout_pct=None)
ROOMY = RiskSettings(loss_streak=100)
SMALL = KrxSettings(exits=CALM, risk=ROOMY, small=SmallSettings(order_krw=300_000, round_trips=2))


def bought(world: KrxWorld, symbol: Symbol) -> int:
    """Shares of the stock's last entry order."""
    world.price(symbol, 10_200)
    world.run_for(1)
    return world.placed(Side.BUY)[-1].order.qty


def round_trip(world: KrxWorld, symbol: Symbol) -> None:
    bought(world, symbol)
    world.price(symbol, 9_900)
    world.run_for(2)
    assert symbol not in world.positions


def test_entries_are_small_until_so_many_clean_round_trips() -> None:
    world = opened(symbols=MANY, settings=SMALL)
    assert bought(world, MANY[0]) == 29  # at 10,210
    world.price(MANY[0], 9_900)
    world.run_for(2)
    round_trip(world, MANY[1])
    assert world.told(SmallEnded) == [SmallEnded(2, krw(2_000_000))]
    assert world.desk.view(world.now).small is None
    assert bought(world, MANY[2]) > 100


def test_how_far_it_is_survives_a_restart() -> None:
    world = opened(symbols=MANY, settings=SMALL)
    round_trip(world, MANY[0])
    world.restart()
    small = world.desk.view(world.now).small
    assert small is not None
    assert (small.max_order, small.round_trips, small.of) == (krw(300_000), 1, 2)


def test_a_share_dearer_than_the_small_order_is_refused_with_that_limit() -> None:
    dear = replace(SMALL, small=SmallSettings(order_krw=10_000, round_trips=2))
    world = opened(settings=dear)
    world.price(A, 10_200)
    world.run_for(1)
    assert world.placed() == []
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.refused is not None
    assert (why.refused.gate, why.refused.limit) == (Gate.ORDER_VALUE, "₩10,000")


def test_a_trip_whose_order_was_in_doubt_does_not_count() -> None:
    world = opened(symbols=MANY, settings=SMALL, place_answers=["live_unknown"])
    world.price(MANY[0], 10_200)
    world.run_for(30)
    assert world.positions
    world.price(MANY[0], 9_900)
    world.run_for(2)
    assert world.positions == {}
    assert world.desk._state.book.clean_trips == 0


def test_a_trip_sold_by_hand_does_not_count() -> None:
    world = entered(settings=SMALL)
    world.sell_by_hand(A, world.position().qty)
    world.run_for(60)
    assert world.positions == {}
    assert world.desk._state.book.clean_trips == 0


def test_a_trip_whose_exit_was_refused_again_and_again_does_not_count() -> None:
    world = entered(settings=SMALL)
    world.place_answers += ["reject"] * 3
    for _ in range(60):
        world.price(A, 9_900)
        world.run_for(1)
    assert world.positions == {}
    assert world.desk._state.book.clean_trips == 0


def test_it_never_makes_an_exit_smaller() -> None:
    world = entered(settings=KrxSettings(exits=CALM))
    held = world.position().qty
    world.command(ApplySettings(SMALL))
    world.price(A, 9_900)
    world.run_for(2)
    assert world.placed(Side.SELL)[-1].order.qty == held > 100
    assert world.desk.view(world.now).small is not None


def test_without_the_wish_nothing_is_small_and_nothing_is_told() -> None:
    world = opened(symbols=MANY)
    for symbol in MANY[:3]:
        round_trip(world, symbol)
    assert world.told(SmallEnded) == []
    assert bought(world, MANY[3]) > 100


def test_trips_made_before_count() -> None:
    world = opened(symbols=(A, B), settings=replace(SMALL, small=None))
    round_trip(world, A)
    world.command(ApplySettings(replace(SMALL, small=SmallSettings(300_000, 1))))
    assert bought(world, B) > 100
