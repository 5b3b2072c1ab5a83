"""User's stop x guard x restart, day roll and change of mode: who may enter, who may leave.

No guard ever skips an exit, only a halt of the user's does; neither release touches the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from engine.desk.krx.desk import KrxDesk
from engine.model.commands import (
    ApplySettings,
    Command,
    CommandAnswered,
    Halt,
    Pause,
    Refusal,
    ReleaseGuard,
    Resume,
    TripGuard,
)
from engine.model.events import CashSeen, FetchKind, HoldingsSeen, ReportsSeen
from engine.model.ids import DeskState, Symbol
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.listing import Segment
from engine.model.market_events import Facilities, Ranking
from engine.model.orders import OrderReason, Side
from engine.model.quota import NO_CAP, Quota
from engine.model.score import Gate
from engine.model.state_facts import StateChanged, Trouble
from engine.rules.krx.sessions import KrxSessionTable
from tests.desk.krx_world import BASE, A, B, C, KrxWorld, kst

UP, BELOW_STOP = 10_200, 9_980
NEXT_DAY = date(2026, 3, 11)
SCANS = Facilities(frozenset({Ranking.RISERS}), 30, has_open_days=False)
STOPS: dict[str, tuple[Command | None, DeskState]] = {
    "no stop": (None, DeskState.RUNNING),
    "paused": (Pause(), DeskState.EXITS_ONLY),
    "halted": (Halt(), DeskState.HALTED),
}


# What every book of the desk finds out by itself.
OF_THE_WORLD = {Trouble.INDEX, Trouble.QUOTA, Trouble.ACCOUNT}


@dataclass(frozen=True)
class Guard:
    """``latch``: what it latches, None: it refuses single entries. ``gate``: what is refused with.

    ``is_of_the_day``: tomorrow it holds nobody back. ``release``: the answer to the trader's wish.
    """

    trip: Callable[[KrxWorld], None]
    gate: Gate | None
    latch: Trouble | None = None
    risk: RiskSettings = field(default_factory=RiskSettings)
    is_of_the_day: bool = False
    release: Refusal | None = Refusal.NOT_LATCHED


def nothing(world: KrxWorld) -> None:
    """Tripped by the settings alone, or not at all."""
    world.run_for(2)


def open_loss(world: KrxWorld) -> None:
    world.price(A, 10_100)
    world.run_for(2)


def loss_of(*symbols: Symbol) -> Callable[[KrxWorld], None]:
    def lose(world: KrxWorld) -> None:
        for symbol in symbols:
            world.price(symbol, UP)
            world.run_for(2)
            assert symbol in world.positions
            world.price(symbol, BELOW_STOP)
            world.run_for(2)
            assert symbol not in world.positions

    return lose


def falling_index(world: KrxWorld) -> None:
    world.index_pct = dict.fromkeys(Segment, "-2.5")
    world.run_for(30)


def silent_account(world: KrxWorld) -> None:
    world.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS, FetchKind.CASH}
    world.run_for(200)


def spent_calls(world: KrxWorld) -> None:
    world.quota = Quota(950, 100, 900, NO_CAP, 1_000)
    world.run_for(10)


def service_given_up(world: KrxWorld) -> None:
    world.command(TripGuard("the desk's service keeps failing"))


def setting(**changes: Any) -> Callable[[KrxWorld], None]:
    def change(world: KrxWorld) -> None:
        world.settings = replace(world.settings, **changes)
        world.command(ApplySettings(world.settings))
        world.run_for(2)

    return change


HOLDS = Refusal.CAUSE_HOLDS
GUARDS: dict[str, Guard] = {
    "no guard": Guard(nothing, None),
    "trades": Guard(
        nothing,
        Gate.DESK_STATE,
        Trouble.TRADES,
        RiskSettings(max_trades=1),
        is_of_the_day=True,
        release=HOLDS,
    ),
    "daily loss": Guard(
        open_loss,
        Gate.DESK_STATE,
        Trouble.DAILY_LOSS,
        RiskSettings(max_daily_loss_krw=20_000),
        is_of_the_day=True,
        release=HOLDS,
    ),
    "loss streak": Guard(
        loss_of(C, C),
        Gate.DESK_STATE,
        Trouble.LOSS_STREAK,
        RiskSettings(loss_streak=2, symbol_cooldown_min=0),
        is_of_the_day=True,
        release=None,
    ),
    "index": Guard(
        falling_index, Gate.DESK_STATE, Trouble.INDEX, is_of_the_day=True, release=HOLDS
    ),
    "account": Guard(silent_account, Gate.DESK_STATE, Trouble.ACCOUNT, release=HOLDS),
    "quota": Guard(spent_calls, Gate.DESK_STATE, Trouble.QUOTA, is_of_the_day=True, release=HOLDS),
    "service": Guard(service_given_up, Gate.DESK_STATE, Trouble.SERVICE, release=None),
    "positions": Guard(nothing, Gate.MAX_POSITIONS, risk=RiskSettings(max_positions=1)),
    "orders a minute": Guard(
        nothing,
        Gate.ORDERS_PER_MINUTE,
        risk=RiskSettings(max_orders_per_minute=1),
        is_of_the_day=True,
    ),
    "order value": Guard(setting(risk=RiskSettings(max_order_krw=9_000)), Gate.ORDER_VALUE),
    "cooldown": Guard(loss_of(B), Gate.SYMBOL_COOLDOWN, is_of_the_day=True),
    "lock": Guard(setting(locks=frozenset({B})), None),  # out of the universe with the next list
}


def holding(risk: RiskSettings) -> KrxWorld:
    """A is held, its stop far below; B waits below its levels."""
    settings = KrxSettings(risk=risk, exits=ExitSettings(time_stop_min=None))
    world = KrxWorld(now=kst("09:04:36"), settings=settings, facilities=SCANS)
    world.start()
    open_market(world)
    assert B in world.watched()
    world.price(A, UP)
    world.run_for(2)
    assert world.position(A).qty > 0
    return world


def open_market(world: KrxWorld) -> None:
    """Every stock has traded a little above yesterday, its chart is read, entries are allowed."""
    for _ in range(13):
        for symbol in world.symbols:
            at = UP if symbol in world.positions else BASE + 10
            world.price(symbol, at, volume=50_000)
        world.run_for(2)


def none(world: KrxWorld) -> None:
    """Nothing happens."""


def restart(world: KrxWorld) -> None:
    """As JSON, as the book keeps it."""
    world.restart(json.loads(json.dumps(world.desk.snapshot())))
    world._seen |= {HoldingsSeen, ReportsSeen, CashSeen}
    open_market(world)
    world.run_for(5)  # a silent account keeps a stop back for half a minute


def day_roll(world: KrxWorld) -> None:
    """The machine slept over the night; what was lost or spent is no loss of the new day's."""
    world.price(A, UP)
    world.quota = Quota(0, 0, 900, NO_CAP, 1_000) if world.quota.used_today else world.quota
    world.index_pct = dict.fromkeys(Segment, "0.8")
    world.jump(kst("09:05:20", NEXT_DAY))
    open_market(world)


def change_of_mode(world: KrxWorld) -> None:
    """To another book and back; the user's latch is carried along by the shell, in each."""
    ours, wanted = json.loads(json.dumps(world.desk.snapshot())), world.desk.user_latch
    for book in (None, ours):
        world.sessions = KrxSessionTable(world.settings)
        world.desk = KrxDesk(world.settings, world.sessions, SCANS, restored=book)
        if world.desk.user_latch is not wanted:
            world.command(Halt() if wanted is DeskState.HALTED else Pause())
        world.start()
        world.run_for(2)
        assert world.desk.user_latch is wanted
        if book is None:
            assert set(_causes(world.desk.snapshot())) <= OF_THE_WORLD
    open_market(world)


TRANSITIONS = {f.__name__.replace("_", " "): f for f in (none, restart, day_roll, change_of_mode)}


@pytest.mark.parametrize("then", TRANSITIONS)
@pytest.mark.parametrize("guarded", GUARDS)
@pytest.mark.parametrize("stopped", STOPS)
def test_who_may_enter_and_who_may_leave(stopped: str, guarded: str, then: str) -> None:
    guard, (command, user) = GUARDS[guarded], STOPS[stopped]
    world = holding(guard.risk)
    guard.trip(world)
    if command is not None:
        world.command(command)
    told_trip(world, guard)
    TRANSITIONS[then](world)
    is_over = guard.is_of_the_day and then == "day roll"
    latch = None if is_over else guard.latch
    assert_latches(world, user, latch)

    entries, exits = orders(world, Side.BUY), orders(world, Side.SELL)
    world.price(B, UP)
    world.price(A, BELOW_STOP)
    world.run_for(2)

    may_enter = user is DeskState.RUNNING and (guarded == "no guard" or is_over)
    assert [o.symbol for o in orders(world, Side.BUY)[len(entries) :]] == [B] * may_enter
    left = orders(world, Side.SELL)[len(exits) :]
    stop = [] if user is DeskState.HALTED else [(A, OrderReason.STOP_LOSS)]
    assert [(o.symbol, o.reason) for o in left] == stop
    why = world.desk.why(B, world.now)
    if why is not None and not may_enter and user is DeskState.RUNNING and guard.gate is not None:
        assert why.refused is not None
        assert why.refused.gate is guard.gate
    assert_releases_are_apart(world, user, guard)
    assert A not in world.positions, "released, and the exit was skipped all the same"


def told_trip(world: KrxWorld, guard: Guard) -> None:
    """Once, with what was measured, the limit, and when it ends where a clock ends it."""
    tripped = [f for f in world.told(StateChanged) if f.guard_latch is DeskState.EXITS_ONLY]
    by_guard = [fact for fact in tripped if fact.reason != "user"]
    assert len(by_guard) == (guard.latch is not None)
    for fact in by_guard:
        assert bool(fact.measured and fact.limit) is (guard.latch is not Trouble.SERVICE)
        by_clock = guard.latch in (Trouble.TRADES, Trouble.DAILY_LOSS, Trouble.LOSS_STREAK)
        assert (fact.until is not None) is by_clock


def assert_latches(world: KrxWorld, user: DeskState, latch: str | None) -> None:
    """In the desk's book, and in what it writes down."""
    view = world.desk.view(world.now)
    guard = DeskState.RUNNING if latch is None else DeskState.EXITS_ONLY
    assert (view.user_latch, view.guard_latch) == (user, guard)
    snapshot = json.loads(json.dumps(world.desk.snapshot()))
    assert snapshot["book"]["user_latch"] == user
    assert list(_causes(snapshot)) == ([] if latch is None else [latch])


def assert_releases_are_apart(world: KrxWorld, user: DeskState, guard: Guard) -> None:
    """The guard's first, then the user's; what was just sold or bought may have latched anew."""
    latch = next(iter(_causes(world.desk.snapshot())), None)
    answered = answer(world, ReleaseGuard())
    assert answered is (Refusal.NOT_LATCHED if latch is None else guard.release)
    left = None if answered is None else latch
    assert_latches(world, user, left)
    assert answer(world, Resume()) is (Refusal.NOT_LATCHED if user is DeskState.RUNNING else None)
    assert_latches(world, DeskState.RUNNING, left)
    world.run_for(12)


def answer(world: KrxWorld, command: Command) -> Refusal | None:
    command_id = world.command(command)
    (fact,) = (f for f in world.told(CommandAnswered) if f.command_id == command_id)
    return fact.refusal


def orders(world: KrxWorld, side: Side) -> list[Any]:
    return [place.order for place in world.placed(side)]


def _causes(snapshot: Any) -> dict[str, Any]:
    found: dict[str, Any] = snapshot["book"]["causes"]
    return found
