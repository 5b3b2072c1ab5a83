"""User's stop x guard x restart, day roll and change of mode: only the user's halt keeps a lot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from engine.desk.us.desk import UsDesk
from engine.model.commands import (
    Command,
    CommandAnswered,
    Halt,
    Pause,
    Refusal,
    ReleaseGuard,
    Resume,
    TripGuard,
)
from engine.model.events import FetchKind
from engine.model.ids import DeskState
from engine.model.order_facts import OrderFilled
from engine.model.state_facts import Trouble
from tests.desk.world import World, et

TARGET = "103.50"
STOPS: dict[str, tuple[Command | None, DeskState]] = {
    "no stop": (None, DeskState.RUNNING),
    "paused": (Pause(), DeskState.EXITS_ONLY),
    "halted": (Halt(), DeskState.HALTED),
}


@dataclass(frozen=True)
class Guard:
    """``is_of_the_day``: tomorrow it is over. ``release``: the answer to the trader's wish."""

    trip: Callable[[World], None]
    latch: Trouble | None = None
    is_of_the_day: bool = False
    release: Refusal | None = Refusal.NOT_LATCHED


def nothing(world: World) -> None:
    """No guard."""


def silent_account(world: World) -> None:
    world.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS}
    world.run_for(420)


def spent_calls(world: World) -> None:
    world.safe_per_day = sum(world.used.values())
    world.run_for(310)


def service_given_up(world: World) -> None:
    world.command(TripGuard("the desk's service keeps failing"))


GUARDS = {
    "no guard": Guard(nothing),
    "account": Guard(silent_account, Trouble.ACCOUNT, release=Refusal.CAUSE_HOLDS),
    "quota": Guard(spent_calls, Trouble.QUOTA, is_of_the_day=True, release=Refusal.CAUSE_HOLDS),
    "service": Guard(service_given_up, Trouble.SERVICE, release=None),
}


def none(world: World) -> None:
    """Nothing happens."""


def restart(world: World) -> None:
    world.restart()
    world.run_for(5)


def day_roll(world: World) -> None:
    """The machine slept over the night; it wakes where all is read again."""
    world.jump(et("09:40:00", "2026-03-11"))
    world.run_for(5)


def change_of_mode(world: World) -> None:
    """To another book and back; the shell carries the user's latch along."""
    ours, wanted = json.loads(json.dumps(world.desk.snapshot())), world.desk.user_latch
    for book in (None, ours):
        world.desk = UsDesk(world.settings, world.sessions, restored=book)
        if world.desk.user_latch is not wanted:
            world.command(Halt() if wanted is DeskState.HALTED else Pause())
        world.start()
        world.run_for(3)
        assert world.desk.user_latch is wanted


TRANSITIONS = {f.__name__.replace("_", " "): f for f in (none, restart, day_roll, change_of_mode)}


# After these the account is read before anything is decided: see below.
READ_FIRST = [("account", then) for then in TRANSITIONS if then != "none"]
CELLS = [
    (stopped, guarded, then)
    for stopped in STOPS
    for guarded in GUARDS
    for then in TRANSITIONS
    if (guarded, then) not in READ_FIRST
]


@pytest.mark.parametrize(("stopped", "guarded", "then"), CELLS)
def test_only_a_halt_of_the_user_s_keeps_a_lot_from_its_sale(
    stopped: str, guarded: str, then: str, armed: World
) -> None:
    guard, (command, user), world = GUARDS[guarded], STOPS[stopped], armed
    guard.trip(world)
    if command is not None:
        world.command(command)
    TRANSITIONS[then](world)
    latch = None if guard.is_of_the_day and then == "day roll" else guard.latch
    assert_latches(world, user, latch)

    offer(world, TARGET)

    assert sold(world) == (0 if user is DeskState.HALTED else 10)
    answered = answer(world, ReleaseGuard())
    assert answered is (Refusal.NOT_LATCHED if latch is None else guard.release)
    left = None if answered is None else latch
    assert_latches(world, user, left)
    assert answer(world, Resume()) is (Refusal.NOT_LATCHED if user is DeskState.RUNNING else None)
    assert_latches(world, DeskState.RUNNING, left)
    offer(world, TARGET)
    assert sold(world) == 10, "released, and the exit was skipped all the same"


@pytest.mark.parametrize(("guarded", "then"), READ_FIRST)
def test_a_desk_that_begins_anew_reads_the_account_before_it_sells(
    guarded: str, then: str, armed: World
) -> None:
    GUARDS[guarded].trip(armed)
    TRANSITIONS[then](armed)
    assert_latches(armed, DeskState.RUNNING, Trouble.ACCOUNT)
    offer(armed, TARGET)
    assert sold(armed) == 0

    armed.failing = set()

    armed.run_for(40)
    assert_latches(armed, DeskState.RUNNING, None)
    offer(armed, TARGET)
    assert sold(armed) == 10


@pytest.mark.parametrize(("guarded", "then"), READ_FIRST)
def test_an_account_that_stays_silent_holds_back_no_exit_for_longer_than_half_a_minute(
    guarded: str, then: str, armed: World
) -> None:
    GUARDS[guarded].trip(armed)
    TRANSITIONS[then](armed)
    armed.run_for(30)
    offer(armed, TARGET)
    assert sold(armed) == 10
    assert_latches(armed, DeskState.RUNNING, Trouble.ACCOUNT)
    armed.failing = set()
    armed.run_for(60)
    offer(armed, TARGET)
    assert sold(armed) == 10


def offer(world: World, price: str) -> None:
    for _ in range(5):
        world.price("MU", price)
        world.run_for(2)


def sold(world: World) -> int:
    return sum(fact.fill.qty for fact in world.told(OrderFilled))


def answer(world: World, command: Command) -> Refusal | None:
    command_id = world.command(command)
    (fact,) = (f for f in world.told(CommandAnswered) if f.command_id == command_id)
    return fact.refusal


def assert_latches(world: World, user: DeskState, latch: Trouble | None) -> None:
    """In the desk's book, and in what it writes down."""
    view = world.desk.view(world.now)
    guard = DeskState.RUNNING if latch is None else DeskState.EXITS_ONLY
    assert (view.user_latch, view.guard_latch) == (user, guard)
    book: dict[str, Any] = json.loads(json.dumps(world.desk.snapshot()))["book"]
    assert book["user_latch"] == user
    assert list(book["causes"]) == ([] if latch is None else [latch])
