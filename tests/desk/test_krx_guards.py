from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.commands import (
    ApplySettings,
    Halt,
    Pause,
    Refusal,
    ReleaseGuard,
    Resume,
    TripGuard,
)
from engine.model.entry_facts import EntryRefused
from engine.model.events import FetchKind, HoldingsSeen
from engine.model.ids import DeskState, Symbol
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.listing import Segment
from engine.model.orders import OrderReason, Side
from engine.model.quota import NO_CAP, Quota
from engine.model.score import Gate
from engine.model.state_facts import QuotaWarning, StateChanged, Trouble, TroubleBegan, TroubleEnded
from tests.desk.krx_world import A, B, C, KrxWorld, entered, krw, kst, opened, opened_late

CALM = ExitSettings(failed_breakout_pct=None)
MANY = tuple(Symbol(f"0001{i:02}") for i in range(12))


def guarded(**risk: object) -> KrxSettings:
    return KrxSettings(exits=CALM, risk=replace(RiskSettings(), **risk))  # type: ignore[arg-type]


def gate_of(world: KrxWorld, symbol: Symbol) -> Gate | None:
    why = world.desk.why(symbol, world.now)
    assert why is not None
    return why.refused.gate if why.refused is not None else None


def state_of(world: KrxWorld) -> DeskState:
    return world.desk.view(world.now).state


def lose(world: KrxWorld, symbol: Symbol) -> None:
    world.price(symbol, 10_200)
    world.run_for(1)
    world.price(symbol, 9_900)
    world.run_for(2)


def test_no_more_positions_are_opened_than_allowed() -> None:
    world = opened(symbols=MANY)
    for symbol in MANY:
        world.price(symbol, 10_200)
    world.run_for(2)
    assert len(world.placed()) == 5
    assert len(world.positions) == 5
    assert gate_of(world, MANY[5]) is Gate.MAX_POSITIONS


def test_open_entries_count_as_positions_already() -> None:
    world = opened(symbols=MANY, fills_orders=False, settings=guarded(max_positions=2))
    for symbol in MANY[:4]:
        world.price(symbol, 10_200)
    assert len(world.placed()) == 2
    assert gate_of(world, MANY[2]) is Gate.MAX_POSITIONS
    (told, *_) = world.told(EntryRefused)
    assert (told.refused.measured, told.refused.limit) == ("2", "2")


def test_so_many_orders_a_minute_and_not_one_more() -> None:
    world = opened(symbols=MANY, settings=guarded(max_orders_per_minute=2, max_order_krw=100_000))
    for symbol in MANY[:3]:
        world.price(symbol, 10_200)
    assert len(world.placed()) == 2
    assert gate_of(world, MANY[2]) is Gate.ORDERS_PER_MINUTE
    world.run_for(61)
    world.price(MANY[2], 10_200)
    assert len(world.placed()) == 3


def test_when_the_days_trades_are_used_up_only_exits_go_on() -> None:
    world = opened(settings=guarded(max_trades=1))
    world.price(A, 10_200)
    world.run_for(2)
    latched = world.told(StateChanged)[-1]
    assert (latched.state, latched.measured, latched.limit) == (DeskState.EXITS_ONLY, "1", "1")
    world.price(B, 10_200)
    assert gate_of(world, B) is Gate.DESK_STATE
    world.price(A, 9_900)
    world.run_for(1)
    assert world.positions == {}
    assert world.refusal_of(world.command(ReleaseGuard())) is Refusal.CAUSE_HOLDS


def test_the_days_loss_latches_with_realised_and_open_loss_together() -> None:
    world = opened(settings=guarded(max_daily_loss_krw=60_000, max_daily_loss_pct=None))
    world.price(A, 10_200)
    world.price(B, 10_200)
    world.run_for(2)
    world.price(A, 10_050)
    world.run_for(1.1)
    assert state_of(world) is DeskState.RUNNING
    world.price(B, 10_040)
    world.run_for(1.1)
    latched = world.told(StateChanged)[-1]
    assert latched.limit == "₩60,000"
    assert latched.until is not None
    world.price(C, 10_200)
    world.run_for(2)
    assert len(world.placed()) == 2
    world.price(A, 9_900)
    world.price(B, 9_900)
    world.run_for(2)
    assert world.positions == {}  # the exits went out


def test_the_latch_of_the_days_loss_lasts_over_the_close_without_flapping() -> None:
    world = opened_late(settings=guarded(max_daily_loss_krw=10_000, max_daily_loss_pct=None))
    lose(world, A)
    assert state_of(world) is DeskState.EXITS_ONLY
    changes = len(world.told(StateChanged))
    world.run_until(kst("16:00:00"))
    assert len(world.told(StateChanged)) == changes
    world.run_until(kst("08:31:00", world.now.date() + timedelta(days=1)))
    assert state_of(world) is DeskState.RUNNING


def test_losses_in_a_row_pause_the_entries_and_the_count_begins_anew() -> None:
    world = opened(settings=guarded(loss_streak=2, loss_streak_pause_min=10), symbols=MANY)
    lose(world, MANY[0])
    lose(world, MANY[1])
    latched = world.told(StateChanged)[-1]
    assert (latched.reason, latched.measured) == ("losses in a row", "2")
    assert latched.until == world.told(StateChanged)[-1].until
    world.price(MANY[2], 10_200)
    assert gate_of(world, MANY[2]) is Gate.DESK_STATE
    world.run_for(10 * 60)
    assert state_of(world) is DeskState.RUNNING
    assert world.desk._state.book.streak == 0
    world.price(MANY[2], 10_210)
    world.run_for(1)
    assert MANY[2] in world.positions


def test_the_trader_may_end_a_pause_after_losses() -> None:
    world = opened(settings=guarded(loss_streak=1))
    lose(world, A)
    assert state_of(world) is DeskState.EXITS_ONLY
    assert world.refusal_of(world.command(ReleaseGuard())) is None
    assert state_of(world) is DeskState.RUNNING
    world.run_for(3)
    assert state_of(world) is DeskState.RUNNING
    assert world.refusal_of(world.command(ReleaseGuard())) is Refusal.NOT_LATCHED


def test_a_stock_that_was_closed_is_left_alone_for_a_while() -> None:
    world = opened(settings=guarded(symbol_cooldown_min=5))
    lose(world, A)
    world.price(A, 10_200)
    assert gate_of(world, A) is Gate.SYMBOL_COOLDOWN
    world.run_for(5 * 60)
    world.price(A, 10_200)
    world.run_for(1)
    assert A in world.positions


def test_while_the_index_falls_nothing_is_entered_and_it_releases_itself() -> None:
    world = opened()
    world.index_pct = dict.fromkeys(Segment, "-1.6")
    world.run_for(25)
    assert world.told(StateChanged)[-1].measured == "-1.60 %"
    world.price(A, 10_200)
    assert gate_of(world, A) is Gate.DESK_STATE
    world.index_pct = dict.fromkeys(Segment, "-1.0")
    world.run_for(25)
    assert state_of(world) is DeskState.RUNNING
    assert world.told(StateChanged)[-1].reason == "the index recovered"


def test_the_index_holds_back_nobody_after_the_close() -> None:
    world = opened_late()
    world.index_pct = dict.fromkeys(Segment, "-3")
    world.run_for(25)
    world.run_until(kst("15:30:01"))
    assert state_of(world) is DeskState.RUNNING


def test_the_guards_are_shown_with_measure_and_limit() -> None:
    world = opened(settings=guarded(max_trades=3, loss_streak=4))
    lose(world, A)
    guards = {
        guard.trouble: (guard.used, guard.limit) for guard in world.desk.view(world.now).guards
    }
    assert guards[Trouble.TRADES] == (1, 3)
    assert guards[Trouble.LOSS_STREAK] == (1, 4)
    assert guards[Trouble.DAILY_LOSS][1] == 200_000
    unlimited = guarded(max_daily_loss_pct=None)
    world.command(ApplySettings(unlimited))
    kinds = [guard.trouble for guard in world.desk.view(world.now).guards]
    assert Trouble.DAILY_LOSS not in kinds


# -- latches never stop exits


@pytest.mark.parametrize("latch", ["pause", "guard", "both"])
def test_no_latch_but_halted_stops_an_exit(latch: str) -> None:
    world = entered(settings=guarded())
    if latch in ("pause", "both"):
        world.command(Pause())
    if latch in ("guard", "both"):
        world.command(TripGuard("a service was given up"))
    assert state_of(world) is DeskState.EXITS_ONLY
    world.price(A, 9_900)
    world.run_for(1)
    assert [place.order.reason for place in world.placed(Side.SELL)] == [OrderReason.STOP_LOSS]
    assert world.positions == {}
    world.price(B, 10_200)
    assert len(world.placed(Side.BUY)) == 1


def test_halted_by_the_user_stops_exits_too_until_he_resumes() -> None:
    world = entered(settings=guarded())
    world.command(Halt())
    world.price(A, 9_900)
    world.run_for(5)
    assert world.placed(Side.SELL) == []
    assert world.refusal_of(world.command(Resume())) is None
    world.price(A, 9_890)
    world.run_for(1)
    assert world.positions == {}
    assert world.refusal_of(world.command(Resume())) is Refusal.NOT_LATCHED


def test_a_pause_takes_open_entries_back() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.command(Pause())
    assert len(world.cancels()) == 1
    world.run_for(5)
    world.price(A, 10_250)
    assert len(world.placed()) == 1


def test_the_guard_of_a_service_is_released_by_hand_only() -> None:
    world = opened()
    world.command(TripGuard("the socket keeps failing"))
    world.run_for(60)
    assert state_of(world) is DeskState.EXITS_ONLY
    assert world.refusal_of(world.command(ReleaseGuard())) is None


# -- the account and the calls


def test_an_account_that_stays_silent_trips_the_guard_and_comes_back_by_itself() -> None:
    world = entered(settings=guarded())
    world.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS, FetchKind.CASH}
    world.buy_by_hand(B, 1)
    world.sell_by_hand(A, 0)  # a notice that has the account read
    world.run_for(240)
    assert [fact.trouble for fact in world.told(TroubleBegan)] == [Trouble.ACCOUNT]
    assert state_of(world) is DeskState.EXITS_ONLY
    assert world.refusal_of(world.command(ReleaseGuard())) is Refusal.CAUSE_HOLDS
    world.price(A, 9_900)
    assert len(world.placed(Side.SELL)) == 1
    world.failing.clear()
    world.run_for(60)
    assert [fact.trouble for fact in world.told(TroubleEnded)] == [Trouble.ACCOUNT]
    assert state_of(world) is DeskState.RUNNING


def quota(used: int, cap: int = 100) -> Quota:
    return Quota(used, used, cap, NO_CAP, cap)


def test_a_daily_cap_of_the_trader_warns_and_then_latches() -> None:
    world = opened()
    world.give(HoldingsSeen((), world.now, quota(50)))
    assert world.told(QuotaWarning) == []
    world.give(HoldingsSeen((), world.now, quota(90)))
    world.give(HoldingsSeen((), world.now, quota(91)))
    assert len(world.told(QuotaWarning)) == 1
    world.give(HoldingsSeen((), world.now, quota(100)))
    assert state_of(world) is DeskState.EXITS_ONLY
    assert world.refusal_of(world.command(ReleaseGuard())) is Refusal.CAUSE_HOLDS


def test_a_stream_that_drops_is_told_and_told_again_when_it_is_back() -> None:
    world = opened()
    world.drop_stream()
    world.run_for(3)
    world.raise_stream()
    assert [fact.trouble for fact in world.told(TroubleBegan)] == [Trouble.STREAM]
    assert [fact.lasted_s for fact in world.told(TroubleEnded)] == [3]


def test_the_equity_is_that_of_the_first_look_of_the_day() -> None:
    world = KrxWorld()
    world.buy_by_hand(B, 100)
    world.price(B, 10_000)
    world.start()
    world.run_until(kst("08:35:00"))
    assert world.desk.view(world.now).today.start_equity == krw(11_000_000)
    world.cash = 1
    world.run_for(320)
    assert world.desk.view(world.now).today.start_equity == krw(11_000_000)


def test_a_limit_in_per_cent_needs_the_equity_first() -> None:
    world = opened()
    day = world.desk._state.book.day
    assert day is not None
    day.start_equity = None
    world.desk._state.run.cash_asked_at = None
    world.price(A, 10_200)
    assert gate_of(world, A) is Gate.DAILY_LOSS
    assert world.placed() == []


def test_money_in_per_cent_of_the_equity_sets_the_size() -> None:
    small = opened(cash=2_000_000)
    small.price(A, 10_200)
    order = small.placed()[0].order
    assert order.limit.amount * order.qty <= 400_000
    assert order.qty == 39
    assert Decimal(order.qty) * 10_210 * Decimal("0.02") <= 2_000_000 * Decimal("0.005")
