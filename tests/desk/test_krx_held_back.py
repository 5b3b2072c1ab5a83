"""What guards held back, and what it would have come to: for the day's summary alone."""

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.commands import Pause
from engine.model.day_facts import DaySummary
from engine.model.entry_facts import HeldBack
from engine.model.events import FetchKind, TickSeen
from engine.model.ids import DeskState
from engine.model.intents import FetchRows
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.listing import Segment
from engine.model.score import Gate
from engine.model.state_facts import StateChanged
from tests.desk.krx_world import A, B, C, KrxWorld, krw, kst, opened, opened_late

CALM = ExitSettings(failed_breakout_pct=None)


def guarded(**risk: object) -> KrxSettings:
    limits = replace(RiskSettings(), **risk)  # type: ignore[arg-type]
    return KrxSettings(exits=CALM, risk=limits, fee_pct=Decimal("0.1"))


def full(**changes: object) -> KrxWorld:
    """A is held, and with it all that may be; then B would be bought at 10,200."""
    world = opened_late(settings=guarded(max_positions=1), **changes)
    world.price(A, 10_200)
    world.run_for(1)
    world.price(B, 10_200)
    world.run_for(1)
    assert set(world.positions) == {A}
    return world


def held_back(world: KrxWorld) -> tuple[HeldBack, ...]:
    world.run_until(kst("15:41:00"))
    (summary,) = world.told(DaySummary)
    return summary.held_back


@pytest.mark.parametrize(
    ("price", "pct"),
    [
        # (10,000 - 0.3 %) / (10,200 + 0.1 %): commission both ways, 0.2 % tax
        (10_000, "-2.35"),
        (10_200, "-0.40"),
        (10_400, "1.55"),
    ],
)
def test_an_entry_that_a_guard_refused_is_followed_up_to_the_close(price: int, pct: str) -> None:
    world = full()
    world.at(kst("15:16:00"), lambda: world.price(B, price))
    assert held_back(world) == (HeldBack(B, Gate.MAX_POSITIONS, krw(10_200), Decimal(pct)),)


def test_a_price_from_before_all_is_sold_tells_nothing_and_is_asked_for() -> None:
    world = full()
    world.is_stream_up = False
    world.at(kst("15:14:50"), lambda: world.price(B, 10_100))
    world.run_until(kst("15:14:59"))
    before = len(world.fetched(FetchRows))
    (one,) = held_back(world)
    assert one.pct == Decimal("-1.38")  # of the row that was asked for: 10,100
    (asked,) = world.fetched(FetchRows)[before:]
    assert kst("15:16:00") <= asked < kst("15:16:06")  # the sales have gone out


def test_where_nobody_tells_a_price_nothing_is_made_up() -> None:
    world = full()
    world.is_stream_up = False
    world.failing.add(FetchKind.ROWS)
    assert held_back(world) == (HeldBack(B, Gate.MAX_POSITIONS, krw(10_200)),)
    asked = [at for at in world.fetched(FetchRows) if at >= kst("15:15:00")]
    assert len(asked) == 4  # every minute until the auction


def test_nothing_is_asked_for_a_stock_that_is_streamed_or_where_nothing_was_held_back() -> None:
    traded, quiet = full(), opened_late(settings=guarded())
    traded.at(kst("15:15:50"), lambda: traded.price(B, 10_190))
    for world in (traded, quiet):
        world.run_until(kst("15:20:30"))
        assert [at for at in world.fetched(FetchRows) if at >= kst("15:15:00")] == []


def test_what_is_bought_later_was_only_put_off() -> None:
    settings = guarded(max_orders_per_minute=1, max_order_krw=100_000)
    world = opened(settings=settings)
    world.price(A, 10_200)
    world.price(B, 10_200)
    world.price(C, 10_200)
    day = world.desk._state.day
    assert {one.gate for one in day.held_back.values()} == {Gate.ORDERS_PER_MINUTE}
    assert set(day.held_back) == {B, C}
    world.run_for(61)
    world.price(B, 10_210)
    world.run_for(1)
    assert B in world.positions
    assert set(day.held_back) == {C}


def test_what_the_broker_refuses_later_was_held_back_all_the_same() -> None:
    world = opened(settings=guarded(max_orders_per_minute=1, max_order_krw=100_000))
    world.price(A, 10_200)
    world.price(B, 10_200)
    world.run_for(61)
    world.place_answers = ["reject"]
    world.price(B, 10_210)
    world.run_for(1)
    assert B not in world.positions
    assert set(world.desk._state.day.held_back) == {B}


def test_a_latch_holds_back_for_what_set_it() -> None:
    world = opened(settings=guarded(max_trades=1))
    world.price(A, 10_200)
    world.run_for(2)
    assert world.told(StateChanged)[-1].state is DeskState.EXITS_ONLY
    world.price(B, 10_200)
    world.index_pct = dict.fromkeys(Segment, "-1.6")
    world.run_for(65)
    world.price(B, 10_300)  # the first guard and the first price count
    world.price(C, 10_200)
    assert world.desk._state.day.held_back == {
        B: HeldBack(B, Gate.MAX_TRADES, krw(10_200)),
        C: HeldBack(C, Gate.MAX_TRADES, krw(10_200)),
    }


def test_the_index_that_falls_is_named() -> None:
    world = opened()
    world.index_pct = dict.fromkeys(Segment, "-1.6")
    world.run_for(25)
    world.price(A, 10_200)
    assert world.desk._state.day.held_back[A].gate is Gate.INDEX_DOWN


def test_the_traders_pause_is_no_guard_and_neither_are_the_market_and_the_account() -> None:
    paused = opened()
    paused.index_pct = dict.fromkeys(Segment, "-1.6")
    paused.run_for(25)
    paused.command(Pause())
    paused.price(A, 10_200)
    poor = opened(cash=1_000)
    poor.price(A, 10_200)
    halted = opened()
    halted.halt(A, has_vi=True)
    halted.price(A, 10_200, has_vi=True)
    for world in (paused, poor, halted):
        assert world.positions == {}
        why = world.desk.why(A, world.now)
        assert why is not None
        assert why.refused is not None
        assert world.desk._state.day.held_back == {}


def test_a_step_of_a_position_that_is_there_is_no_entry_of_its_own() -> None:
    world = opened()
    world.price(A, 10_060)
    world.run_for(1)
    bought = world.position().qty
    world.index_pct = dict.fromkeys(Segment, "-1.6")
    world.run_for(65)
    world.price(A, 10_200)
    world.run_for(1)
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.refused is not None
    assert why.refused.gate is Gate.DESK_STATE
    assert world.position().qty == bought
    assert world.desk._state.day.held_back == {}


def test_it_is_written_down_at_once() -> None:
    world = opened(settings=guarded(max_trades=1))
    world.price(A, 10_200)
    world.run_for(2)
    world.is_stream_up = False
    world.price(B, 10_200)
    outcome = world.desk.handle(TickSeen(world.ticks[B]), world.now)
    assert outcome.facts == ()
    assert outcome.is_durable


def test_a_restart_forgets_neither_price_nor_guard() -> None:
    world = full()
    world.restart()
    world.at(kst("15:16:00"), lambda: world.price(B, 10_000))
    assert [(one.symbol, one.price, one.gate) for one in held_back(world)] == [
        (B, krw(10_200), Gate.MAX_POSITIONS)
    ]


def test_without_the_list_of_stocks_the_price_is_not_known() -> None:
    world = full()
    world.failing.add(FetchKind.LISTINGS)
    world.restart()
    assert held_back(world) == (HeldBack(B, Gate.MAX_POSITIONS, krw(10_200)),)
