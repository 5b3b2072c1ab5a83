"""A copy of a world goes on as the world would have."""

from __future__ import annotations

from typing import Any

from engine.model.orders import Side
from tests.desk.krx_late import Late
from tests.desk.krx_world import A, B, KrxWorld, newly_opened, opened
from tests.desk.test_krx_doubt import CALM


def played(world: KrxWorld) -> tuple[Any, ...]:
    """Bought, a part sold by hand, restarted, stopped out."""
    world.price(A, 10_200)
    world.run_for(60)
    world.sell_by_hand(A, 5)
    world.run_for(700)
    world.restart()
    world.price(B, 10_200)
    world.price(A, 9_900)
    world.run_for(60)
    assert world.placed(Side.SELL)
    return world.facts, world.intents, world.desk.snapshot(), world.orders, world.cash, world.wake()


def test_a_copy_is_played_as_the_world_it_was_made_of() -> None:
    expected = played(newly_opened(settings=CALM))
    first, second = opened(settings=CALM), opened(settings=CALM)
    assert played(first) == expected
    assert played(second) == expected  # what was done to the first one did nothing to it


def test_worlds_that_were_made_differently_are_not_taken_for_one_another() -> None:
    assert opened(settings=CALM).settings == CALM
    assert opened().settings != CALM
    assert isinstance(opened(Late, settings=CALM), Late)
    assert not isinstance(opened(settings=CALM), Late)
    refusing = opened(place_answers=["reject"])
    refusing.place_answers.clear()
    assert opened(place_answers=["reject"]).place_answers == ["reject"]
