"""The program is about to end: nothing new, open entries as the settings say, exits to the last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.commands import Leave
from engine.model.ids import DeskState
from engine.model.krx_settings import EntrySettings, KrxSettings
from engine.model.orders import Side
from tests.desk.krx_world import A, B, KrxWorld, entered, opened


def waiting(*, cancel_at_end: bool = True) -> KrxWorld:
    """An entry lies at the exchange."""
    entry = replace(EntrySettings(), cancel_at_end=cancel_at_end)
    world = opened(settings=replace(KrxSettings(), entry=entry))
    world.fills_orders = False
    world.price(A, 10_200)
    world.run_for(1)
    assert len(world.placed(Side.BUY)) == 1
    return world


@pytest.mark.parametrize("cancels", [True, False])
def test_open_entries_are_taken_back_if_so_set(*, cancels: bool) -> None:
    world = waiting(cancel_at_end=cancels)
    world.command(Leave())
    world.run_for(2)
    assert len(world.cancels()) == cancels


def test_an_entry_whose_answer_is_on_its_way_is_taken_back_when_it_comes() -> None:
    world = opened()
    world.fills_orders = False
    world.price(A, 10_200)
    world.command(Leave())
    assert world.cancels() == []
    world.run_for(2)
    assert len(world.cancels()) == 1


def test_nothing_new_is_entered_and_what_is_held_is_sold() -> None:
    world = entered()
    world.command(Leave())
    bought = len(world.placed(Side.BUY))
    world.price(B, 10_200)
    world.price(A, 9_980)
    world.run_for(3)
    assert len(world.placed(Side.BUY)) == bought
    assert len(world.placed(Side.SELL)) == 1


def test_it_is_no_stop_the_next_start_goes_on() -> None:
    world = opened()
    world.command(Leave())
    assert world.desk.view(world.now).state is DeskState.RUNNING
    world.restart()
    world.run_for(40)
    world.price(A, 10_050)
    world.run_for(5)
    world.price(A, 10_200)
    world.run_for(1)
    assert len(world.placed(Side.BUY)) == 1
