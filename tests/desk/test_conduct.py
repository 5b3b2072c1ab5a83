"""Refused orders, drift and a lasting disagreement hold entries back on both desks, never exits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.commands import Answer, Choice, CommandAnswered, Refusal, ReleaseGuard
from engine.model.ids import BrokerOrderNo, DeskState, Symbol
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.mismatches import MismatchAsked
from engine.model.order_facts import OrderFilled
from engine.model.orders import OrderKind, Side
from engine.model.settings import UsSettings
from engine.model.state_facts import StateChanged, Trouble
from tests.desk.conftest import armed_world
from tests.desk.krx_world import A, KrxWorld, entered, kst, opened
from tests.desk.world import World, et, usd

MANY = tuple(Symbol(f"0001{i:02}") for i in range(8))
MU, AMD = Symbol("MU"), Symbol("AMD")
ROOMY = RiskSettings(loss_streak=100, symbol_cooldown_min=1, max_order_krw=200_000)
PATIENT = ExitSettings(failed_breakout_pct=None, stop_loss_pct=Decimal(10), time_stop_min=None)
CALM = KrxSettings(exits=PATIENT, risk=ROOMY)
AnyWorld = World | KrxWorld


class Dear(KrxWorld):
    """Every entry is executed two per cent above what was decided, every exit as far below."""

    def fill(self, number: BrokerOrderNo, qty: int, price: int | None = None) -> None:
        report = self.orders[number].report
        if report.limit is None:
            return super().fill(number, qty, price)
        worse = Decimal("1.02") if report.side is Side.BUY else Decimal("0.98")
        return super().fill(number, qty, int(report.limit.amount * worse))


class Cheap(World):
    """Every sale is executed two per cent below its limit."""

    def fill(self, number: BrokerOrderNo, qty: int) -> None:
        order = self.orders[number]
        limit = order.report.limit
        assert limit is not None
        order.report = replace(order.report, limit=usd(str(limit.amount * Decimal("0.98"))))
        super().fill(number, qty)


def us_two_lots(kind: type[World] = World) -> World:
    """Two armed stocks, quoted below their targets."""
    world = kind(now=et("09:29:00"), settings=UsSettings(max_day_move_pct=Decimal(100)))
    world.start()
    world.run_until(et("09:35:00"))
    for symbol in (MU, AMD):
        world.price(symbol, "100")
        world.buy(symbol, 10, "100")
        world.run_for(2)
        world.price(symbol, "100.50")
        world.run_for(1)
    return world


def us_refused(times: int = 2) -> World:
    """The orders of both stocks are refused so often."""
    world = us_two_lots()
    world.place_answers = ["reject"] * times * 2
    for _ in range(40):
        for symbol in (MU, AMD):
            world.price(symbol, "103.50")
        world.run_for(1)
        if not world.place_answers:
            break
    return world


def krx_refused(times: int = 4) -> KrxWorld:
    world = opened(symbols=MANY, settings=CALM, place_answers=["reject"] * times)
    for symbol in MANY[:times]:
        world.price(symbol, 10_200)
        world.run_for(1)
    return world


def us_drifted(times: int = 3) -> World:
    """So many sales in the app's price go far worse than decided."""
    world = us_two_lots(Cheap)
    for _ in range(times):
        world.price(MU, "103.50", "103.50")
        world.run_for(3)
        world.buy(MU, 10, "100")
        world.run_for(15)
        world.price(MU, "100.50")
        world.run_for(1)
    return world


def krx_drifted(times: int = 3) -> KrxWorld:
    world = opened(kind=Dear, symbols=MANY, settings=CALM)
    for symbol in MANY[:times]:
        world.price(symbol, 10_200)
        world.run_for(1)
    return world


def us_disagreeing() -> World:
    """An order of ours is in no list any more, and the account still holds its shares for it."""
    world = armed_world(World)
    world.price("MU", "103.50", "103.40")
    world.price("MU", "102.00")
    world.run_for(1)
    ours = next(number for number, order in world.orders.items() if order.report.by_api)
    del world.orders[ours]
    world.shares[MU].tied = 10
    return world


def krx_disagreeing() -> KrxWorld:
    """Shares are gone, and no list tells of a sale."""
    world = entered(settings=CALM)
    world.shares[A] -= 5
    return world


@dataclass(frozen=True)
class Case:
    """A world in which the guard trips. ``gone_after``: seconds until the figure is gone."""

    make: Callable[[], AnyWorld]
    trouble: Trouble
    measured: str
    limit: str
    gone_after: float


CASES = {
    "us rejects": Case(us_refused, Trouble.REJECTS, "4 orders", "4 orders in 5 min", 301),
    "krx rejects": Case(krx_refused, Trouble.REJECTS, "4 orders", "4 orders in 5 min", 301),
    "us drift": Case(us_drifted, Trouble.DRIFT, "3 orders, 2.0 %", "3 orders, 1 %", 3601),
    "krx drift": Case(krx_drifted, Trouble.DRIFT, "3 orders, ", "3 orders, 1 %", 3601),
}
by_case = pytest.mark.parametrize("name", list(CASES))


def state_of(world: AnyWorld) -> DeskState:
    return world.desk.view(world.now).guard_latch


def release(world: AnyWorld) -> Refusal | None:
    world.command(ReleaseGuard())
    return world.told(CommandAnswered)[-1].refusal


def causes(world: AnyWorld) -> list[tuple[Trouble | None, str, str]]:
    """Guards that were set, with their figures."""
    told = [fact for fact in world.told(StateChanged) if fact.guard_latch is not DeskState.RUNNING]
    return [(fact.trouble, fact.measured, fact.limit) for fact in told]


@by_case
def test_the_guard_is_set_once_with_what_was_measured_and_its_limit(name: str) -> None:
    case = CASES[name]
    world = case.make()
    ((trouble, measured, limit),) = causes(world)
    assert (trouble, limit) == (case.trouble, case.limit)
    assert measured.startswith(case.measured)
    assert state_of(world) is DeskState.EXITS_ONLY


@by_case
def test_the_release_is_refused_while_the_figure_stands_and_granted_after(name: str) -> None:
    case = CASES[name]
    world = case.make()
    assert release(world) is Refusal.CAUSE_HOLDS
    world.run_for(case.gone_after)
    assert state_of(world) is DeskState.EXITS_ONLY  # it does not end by itself
    assert release(world) is None
    assert state_of(world) is DeskState.RUNNING


@by_case
def test_the_guard_and_its_figure_survive_a_restart(name: str) -> None:
    world = CASES[name].make()
    world.restart()
    world.run_for(5)
    assert state_of(world) is DeskState.EXITS_ONLY
    assert release(world) is Refusal.CAUSE_HOLDS


@pytest.mark.parametrize(
    "world",
    [lambda: us_refused(1), lambda: krx_refused(3), lambda: us_drifted(2), lambda: krx_drifted(2)],
)
def test_one_less_trips_nothing(world: Callable[[], AnyWorld]) -> None:
    assert causes(world()) == []


def test_refusals_far_apart_are_no_burst() -> None:
    world = opened(symbols=MANY, settings=CALM, place_answers=["reject"] * 4)
    for symbol in MANY[:4]:
        world.price(symbol, 10_200)
        world.run_for(101)
    assert causes(world) == []


def test_what_never_left_is_no_refusal() -> None:
    world = opened(symbols=MANY, settings=CALM, place_answers=["reject:NOT_SENT"] * 6)
    for symbol in MANY[:6]:
        world.price(symbol, 10_200)
        world.run_for(1)
    assert causes(world) == []


def test_one_stock_refused_for_ever_is_its_own_matter() -> None:
    world = armed_world(World)
    world.place_answers = ["reject"] * 20
    for _ in range(240):
        world.price(MU, "103.50")
        world.run_for(1)
    assert causes(world) == []
    assert len(world.placed()) > 4


def test_exits_go_on_after_a_burst_of_refusals() -> None:
    world = us_refused()
    for _ in range(60):
        for symbol in (MU, AMD):
            world.price(symbol, "103.50")
        world.run_for(1)
    assert sum(fact.fill.qty for fact in world.told(OrderFilled)) == 20
    korean = krx_drifted()
    held = set(korean.positions)
    assert held
    for symbol in held:
        korean.price(symbol, 9_000)
        korean.run_for(2)
    assert korean.positions == {}


def test_nothing_is_entered_while_the_guard_holds() -> None:
    world = krx_refused()
    before = len(world.placed())
    world.price(MANY[6], 10_200)
    world.run_for(2)
    assert len(world.placed()) == before


def test_parts_of_one_order_drift_once() -> None:
    world = opened(kind=Dear, symbols=MANY, settings=CALM)
    world.fill_part = 5
    world.price(MANY[0], 10_200)
    for _ in range(4):
        world.run_for(1)
        world.fill_part = 5
        world.price(MANY[0], 10_200)
    assert len(world.desk._state.book.conduct.drifts) == 1


def test_a_sale_at_the_market_was_decided_without_a_price() -> None:
    world = Dear(now=kst("14:58:00"), settings=CALM)
    world.start()
    for symbol in world.symbols:
        world.price(symbol, 10_050, volume=5_000_000)
    world.run_until(kst("15:00:00"))
    entered(world)
    before = len(world.desk._state.book.conduct.drifts)
    world.run_until(kst("15:14:59"))
    world.fills_orders = False
    world.run_until(kst("15:21:00"))
    sale = world.placed(Side.SELL)[-1].order
    assert sale.kind is OrderKind.MARKET
    world.fill(world.number_of(), sale.qty, 9_000)
    world.run_for(5)
    assert world.positions == {}
    assert len(world.desk._state.book.conduct.drifts) == before == 1


# -- a disagreement that stays


def disagreement(world: AnyWorld) -> MismatchAsked:
    world.run_for(400)
    (asked,) = world.told(MismatchAsked)
    return asked


both = pytest.mark.parametrize("make", [us_disagreeing, krx_disagreeing])


@both
def test_a_disagreement_nobody_settles_holds_entries_back(make: Callable[[], AnyWorld]) -> None:
    world = make()
    asked = disagreement(world)
    assert state_of(world) is DeskState.RUNNING
    world.run_for(15 * 60)
    ((trouble, measured, limit),) = causes(world)
    assert (trouble, limit) == (Trouble.MISMATCH, "15 min")
    assert measured.startswith(f"{asked.symbol} 1")
    assert release(world) is Refusal.CAUSE_HOLDS


@both
def test_an_answer_makes_the_release_possible(make: Callable[[], AnyWorld]) -> None:
    world = make()
    asked = disagreement(world)
    world.run_for(15 * 60)
    world.command(Answer(asked.question, Choice.IGNORE))
    assert state_of(world) is DeskState.EXITS_ONLY
    assert release(world) is None


@both
def test_an_answer_in_time_trips_nothing(make: Callable[[], AnyWorld]) -> None:
    world = make()
    world.command(Answer(disagreement(world).question, Choice.IGNORE))
    world.run_for(30 * 60)
    assert causes(world) == []


@both
def test_it_keeps_its_age_over_a_restart_and_loses_it_in_a_jump(
    make: Callable[[], AnyWorld],
) -> None:
    world = make()
    disagreement(world)
    since = next(iter(world.desk._state.book.mismatches.values())).since
    world.restart()
    world.run_for(1)
    assert next(iter(world.desk._state.book.mismatches.values())).since == since
    world.jump(world.now + timedelta(minutes=20))
    known = world.desk._state.book.mismatches
    assert all(one.since == world.now for one in known.values())
    assert causes(world) == []


def test_a_disagreement_whose_figures_change_is_as_old_as_before() -> None:
    world = krx_disagreeing()
    disagreement(world)
    world.run_for(10 * 60)
    world.shares[A] -= 2
    world.run_for(7 * 60)
    assert len(world.told(MismatchAsked)) == 2
    assert [trouble for trouble, *_ in causes(world)] == [Trouble.MISMATCH]
