from dataclasses import replace
from datetime import timedelta

import pytest

from engine.desk.krx.book import KrxBook
from engine.desk.krx.desk import KrxDesk
from engine.desk.krx.restore import from_snapshot
from engine.model.commands import Pause
from engine.model.day_facts import CalendarWarning, DaySummary
from engine.model.entry_facts import DayPlanned, EntryFilled, Phase, PhaseChanged
from engine.model.events import ClockJumped, FetchKind, TickSeen, WakeUp
from engine.model.ids import DeskState, Symbol
from engine.model.intents import (
    FetchCash,
    FetchDayCandles,
    FetchHoldings,
    FetchListings,
    FetchMinuteCandles,
    FetchOpenDays,
    FetchPrice,
    FetchRanking,
    FetchReports,
    FetchRows,
    FetchState,
)
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings, ScanSettings
from engine.model.market_events import Facilities, MarketRow, OpenDaysSeen, RowsSeen
from engine.model.order_facts import OrderFilled, OrderResolved, OrderUnresolved
from engine.model.orders import OrderReason, Side
from engine.model.score import Bucket
from engine.model.state_facts import StateChanged
from engine.rules.krx.sessions import KrxSessionTable
from tests.desk.krx_world import (
    DAY,
    A,
    B,
    C,
    KrxWorld,
    entered,
    krw,
    kst,
    listing,
    opened,
    opened_late,
)

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))
NEXT = DAY + timedelta(days=1)


# -- a day


def test_a_day_runs_through_its_phases_and_tells_plan_and_digest() -> None:
    world = opened()
    world.run_until(kst("09:06:00"))
    phases = [fact.phase for fact in world.told(PhaseChanged)]
    assert phases == [Phase.PREPARING, Phase.OPENING, Phase.ENTRIES]
    (plan,) = world.told(DayPlanned)
    assert [at for at, fact in world.facts if fact is plan] == [kst("08:50:00")]
    assert (plan.opens_at, plan.closes_at) == (kst("09:00:00"), kst("15:30:00"))
    assert (plan.last_entry_at, plan.flatten_at) == (kst("15:10:00"), kst("15:15:00"))
    assert (plan.universe, plan.max_daily_loss) == (3, krw(200_000))
    assert not plan.is_special


def test_the_digest_counts_entries_sales_and_costs() -> None:
    world = entered(opened_late(settings=CALM))
    world.run_until(kst("15:41:00"))
    phases = [fact.phase for fact in world.told(PhaseChanged)]
    assert phases[-4:] == [
        *(Phase.MANAGING, Phase.FLATTENING, Phase.CLOSING_AUCTION, Phase.CLOSED),
    ]
    (digest,) = world.told(DaySummary)
    assert [at for at, fact in world.facts if fact is digest] == [kst("15:40:00")]
    assert (digest.entries, digest.sales, digest.open_positions) == (1, 1, 0)
    assert digest.tax is not None
    assert digest.fees > krw(500)


def test_a_digest_missed_by_more_than_an_hour_is_not_told() -> None:
    world = KrxWorld(now=kst("17:00:00"))
    world.start()
    world.run_for(10)
    assert world.told(DaySummary) == []


def test_a_plan_is_of_no_use_after_the_open() -> None:
    world = KrxWorld(now=kst("09:30:00"))
    world.start()
    world.run_for(30)
    assert world.told(DayPlanned) == []


def test_a_holiday_is_slept_through() -> None:
    sunday = kst("08:00:00", DAY - timedelta(days=2))
    world = KrxWorld(now=sunday)
    world.start()
    world.run_for(3600)
    assert world.phase is Phase.CLOSED
    assert world.fetched(FetchRows) == []
    assert world.wake() > sunday + timedelta(hours=12)


def test_the_first_session_of_a_year_opens_at_ten() -> None:
    day = kst("09:00:00", DAY).date().replace(month=1, day=2)
    world = KrxWorld(now=kst("09:20:00", day))
    world.start()
    world.run_until(kst("09:51:00", day))
    (plan,) = world.told(DayPlanned)
    assert plan.is_special
    assert plan.opens_at == kst("10:00:00", day)


def test_a_day_that_the_broker_calls_closed_is_closed() -> None:
    world = KrxWorld(open_days={DAY: False, NEXT: True})
    world.start()
    world.run_until(kst("09:30:00"))
    assert world.phase is Phase.CLOSED
    assert world.told(DayPlanned) == []
    world.restart()
    assert world.sessions.session_on(DAY) is None  # remembered
    world.give(OpenDaysSeen(((DAY, True),)))
    assert world.phase is not Phase.CLOSED


def test_a_table_that_ends_soon_is_told_once_a_stage() -> None:
    world = KrxWorld()
    world.sessions.last_date = DAY + timedelta(days=20)
    world.start()
    world.run_for(60)
    (warning,) = world.told(CalendarWarning)
    assert warning.days_left == 20


def test_the_next_day_begins_with_a_clean_count_and_yesterdays_position() -> None:
    quiet = replace(CALM.exits, trailing_arm_pct=None, take_profit_pct=None, time_stop_min=None)
    world = entered(opened_late(settings=KrxSettings(exits=quiet)))
    world.fills_orders = False
    world.run_until(kst("15:31:00"))
    world.end_orders()
    world.run_until(kst("08:40:00", NEXT))
    view = world.desk.view(world.now)
    assert (view.today.day, view.today.entries) == (NEXT, 0)
    assert [held.qty for held in view.positions] == [195]
    assert world.desk._state.book.entered == {}
    listings = [at for at in world.fetched(FetchListings) if at >= kst("08:30:00", NEXT)]
    assert listings == [kst("08:30:00", NEXT)]  # built anew every morning
    world.fills_orders = True
    world.run_until(kst("09:00:02", NEXT))
    world.price(A, 10_300, volume=300_000)
    world.run_until(kst("09:05:30", NEXT))
    assert world.position().qty == 195


# -- a restart in the middle of everything


def test_a_snapshot_restores_the_same_desk() -> None:
    world = entered(settings=CALM)
    snapshot = world.desk.snapshot()
    again = KrxDesk(CALM, KrxSessionTable(CALM), world.facilities, restored=snapshot)
    assert again.snapshot() == snapshot
    with pytest.raises(ValueError, match="version"):
        from_snapshot({"version": 0, "book": {}})
    assert (
        from_snapshot(KrxDesk(CALM, KrxSessionTable(CALM), world.facilities).snapshot())
        == KrxBook()
    )


def test_after_a_restart_entries_wait_for_the_account_and_a_stop_does_not() -> None:
    world = entered(settings=CALM)
    world.failing = {FetchKind.CASH}
    world.restart()
    world.run_for(0.5)  # for the shares alone
    world.price(A, 9_900)
    assert len(world.placed(Side.SELL)) == 1
    world.run_for(10)
    world.price(B, 10_200)
    assert len(world.placed(Side.BUY)) == 1
    world.failing.clear()
    world.run_for(60)
    world.price(B, 10_210)
    assert len(world.placed(Side.BUY)) == 2


def test_an_order_without_an_answer_at_the_restart_is_looked_up() -> None:
    world = opened(place_answers=["live_unknown"], has_notices=False)
    world.price(A, 10_200)
    world.restart()
    (doubt,) = world.told(OrderUnresolved)
    assert doubt.reason == "no answer before the restart"
    world.run_for(4)
    assert len(world.told(OrderResolved)) == 1
    assert world.position().qty == 195
    assert len(world.placed()) == 1


def test_a_doubt_goes_on_over_a_restart() -> None:
    world = opened(place_answers=["lost"])
    world.price(A, 10_200)
    world.run_for(1)
    world.restart()
    world.run_for(13)
    assert world.told(OrderResolved)[0].broker_order_no is None
    assert len(world.told(OrderUnresolved)) == 1


def test_a_fill_during_the_restart_is_found_in_the_list() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.drops_notices = True
    world.fill(world.number_of(), 195)
    world.restart()
    world.run_for(1)
    (filled,) = world.told(EntryFilled)
    assert filled.fill.qty == 195


def test_a_sale_heard_of_a_day_later_is_of_the_day_of_its_order() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    world.drops_notices = True
    world.fill(world.number_of(), 195)
    world.now = kst("08:31:00", NEXT)
    world.restart()
    world.run_until(kst("08:40:00", NEXT))
    (sold,) = world.told(OrderFilled)
    assert (sold.fill.qty, sold.fill.at) == (195, kst("15:30:00"))


def test_an_open_exit_is_watched_and_priced_anew_after_a_restart() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    world.restart()
    world.run_for(3)
    world.price(A, 9_700)
    world.run_for(12)
    assert len(world.placed(Side.SELL)) >= 2


def test_the_days_count_survives_a_restart() -> None:
    settings = KrxSettings(exits=CALM.exits, risk=RiskSettings(max_trades=1))
    world = entered(settings=settings)
    world.restart()
    world.run_for(5)
    world.price(B, 10_200)
    world.run_for(1)
    assert B not in world.positions
    assert world.desk.view(world.now).today.entries == 1
    assert world.desk.view(world.now).guard_latch is DeskState.EXITS_ONLY


def test_latches_survive_a_restart() -> None:
    world = opened()
    world.command(Pause())
    world.restart()
    assert world.desk.user_latch is DeskState.EXITS_ONLY


def test_a_held_stock_is_watched_before_the_lists_are_read_again() -> None:
    world = entered(settings=CALM)
    world.failing = {FetchKind.LISTINGS}
    world.restart()
    world.run_for(2)
    assert A in world.watched()
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}


def test_a_traded_name_keeps_its_bucket_over_a_restart() -> None:
    world = entered(settings=CALM)
    world.restart()
    world.run_for(2)
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.bucket is Bucket.HELD
    world.price(A, 9_900)
    world.run_for(2)
    world.restart()
    world.run_for(2)
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.bucket is Bucket.DONE


# -- the clock jumps


def test_after_a_jump_prices_from_before_decide_nothing() -> None:
    world = entered(settings=CALM)
    world.jump(world.now + timedelta(minutes=30))
    world.run_for(0.1)
    assert world.placed(Side.SELL) == []
    world.run_for(5)
    assert len(world.fetched(FetchPrice)) > 0
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}


def test_after_a_jump_open_orders_wait_anew() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(2)
    world.jump(world.now + timedelta(minutes=5))
    world.run_for(5)
    assert world.cancels() == []
    world.run_for(6)
    assert len(world.cancels()) == 1


def test_a_jump_while_a_cancel_and_a_doubt_are_open_asks_again() -> None:
    world = opened(fills_orders=False, cancel_answers=["refuse"])
    world.price(A, 10_200)
    world.run_for(10.5)
    world.place_answers = ["lost"]
    world.price(B, 10_200)
    world.run_for(0.5)
    world.jump(world.now + timedelta(minutes=1))
    world.run_for(40)
    assert len(world.cancels()) >= 2
    assert any(fact.broker_order_no is None for fact in world.told(OrderResolved))


def test_a_jump_over_the_close_ends_the_day() -> None:
    world = entered(settings=CALM)
    world.failing = {FetchKind.HOLDINGS}
    world.jump(kst("15:45:00"))
    world.run_for(5)
    assert world.phase is Phase.CLOSED
    assert len(world.told(DaySummary)) == 1
    assert world.position().qty == 195


def test_a_jump_back_keeps_the_day() -> None:
    world = entered(settings=CALM)
    world.jump(kst("09:05:20"))
    world.run_for(20)
    assert world.position().qty == 195


# -- what is read when


def test_the_account_is_read_again_every_five_minutes() -> None:
    world = opened()
    # After each balance comes one more list, with which it is counted.
    for kind, most in ((FetchHoldings, 4), (FetchReports, 6), (FetchCash, 4)):
        reads = [at for at in world.fetched(kind) if at >= kst("09:00:00")]
        world.run_until(kst("09:11:00"))
        later = [at for at in world.fetched(kind) if at >= kst("09:00:00")]
        assert len(later) >= 2
        assert len(later) <= most
        assert reads == later[: len(reads)]


def test_a_read_that_never_comes_back_is_asked_again() -> None:
    world = KrxWorld()
    world.start()
    count = len(world.fetched(FetchHoldings))
    world._heap.clear()
    world.desk._state.run.holdings.ask(world.now, is_exempt=True)
    world.give(WakeUp())
    world.run_for(26)
    assert len(world.fetched(FetchHoldings)) > count


def test_while_calls_are_refused_no_scan_is_asked_for() -> None:
    world = opened()
    world.desk._state.run.hold_until = world.now + timedelta(seconds=50)
    before = len(world.fetched(FetchRanking))
    world.run_for(45)
    assert len(world.fetched(FetchRanking)) == before
    world.run_for(20)
    assert len(world.fetched(FetchRanking)) > before


def test_before_the_open_charts_of_the_most_traded_are_read() -> None:
    world = KrxWorld()
    world.listings[B] = listing(B, prev_volume=9_000_000)
    world.start()
    world.run_until(kst("08:40:00"))
    charts = [i.symbol for _, i in world.intents if isinstance(i, FetchDayCandles)]
    assert charts == [B, A, C]
    assert len(world.fetched(FetchState)) == 3
    assert world.fetched(FetchMinuteCandles) == []


def test_a_chart_that_does_not_come_is_asked_again_and_an_empty_one_is_not() -> None:
    world = KrxWorld(failing={FetchKind.DAY_CANDLES})
    world.start()
    world.run_until(kst("08:30:40"))
    assert len(world.fetched(FetchDayCandles)) == 6  # three names, and all of them again
    world.failing.clear()
    world.days = dict.fromkeys(world.symbols, ())
    world.run_until(kst("08:35:00"))
    count = len(world.fetched(FetchDayCandles))
    world.run_until(kst("08:40:00"))
    assert len(world.fetched(FetchDayCandles)) == count
    assert world.desk._state.run.names.by_symbol[A].stats is None


def test_a_stock_that_was_streamed_through_the_range_needs_no_minutes() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("09:00:01"))
    world.price(A, 10_010, volume=300_000)
    world.run_until(kst("09:01:00"))
    assert A in world.watched()
    world.price(A, 10_060)
    world.run_until(kst("09:05:30"))
    asked = {i.symbol for _, i in world.intents if isinstance(i, FetchMinuteCandles)}
    assert A not in asked
    assert world.desk._state.run.names.by_symbol[A].range.high_at(world.now) == 10_060


def test_a_gap_in_the_stream_has_the_range_read() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("09:00:01"))
    world.price(A, 10_010, volume=300_000)
    world.run_until(kst("09:01:00"))
    world.price(A, 10_060)
    world.drop_stream()
    world.raise_stream()
    world.run_until(kst("09:05:30"))
    asked = {i.symbol for _, i in world.intents if isinstance(i, FetchMinuteCandles)}
    assert A in asked


def test_registrations_go_to_positions_first_and_then_to_the_best() -> None:
    symbols = tuple(Symbol(f"0001{i:02}") for i in range(6))
    settings = KrxSettings(exits=CALM.exits, scan=ScanSettings(max_watched=3))
    world = opened(symbols=symbols, settings=settings)
    assert len(world.watched()) == 3
    first = min(world.watched())
    world.price(first, 10_200)
    world.run_for(1)
    assert world.watch.instruments[0].symbol == first
    assert world.watch.candidates == 1  # a position takes two registrations
    others = [symbol for symbol in symbols if symbol not in world.watched()]
    for symbol in others:
        world.price(symbol, 10_400, volume=500_000)
    world.run_for(90)
    assert first in world.watched()
    assert set(others) & world.watched()  # they lead by more than the margin


def test_a_newcomer_must_lead_by_a_margin() -> None:
    settings = KrxSettings(scan=ScanSettings(max_watched=1, swap_margin=50))
    world = opened(symbols=(A, B), settings=settings)
    (kept,) = world.watched()
    other = B if kept == A else A
    world.price(other, 10_090, volume=1_000)
    world.run_for(120)
    assert world.watched() == {kept}


def test_on_paper_the_universe_is_swept_name_by_name() -> None:
    world = opened(facilities=Facilities(frozenset(), 1, has_open_days=False))
    assert world.fetched(FetchRanking) == []
    assert world.fetched(FetchOpenDays) == []
    rows = [i.symbols for _, i in world.intents if isinstance(i, FetchRows)]
    assert all(len(symbols) == 1 for symbols in rows)
    assert {symbols[0] for symbols in rows} == {A, B, C}


def test_rows_of_strange_names_and_quiet_ones_change_nothing() -> None:
    world = opened()
    row = MarketRow(Symbol("999999"), krw(1))
    world.give(RowsSeen((row,), None, world.now))
    quiet = MarketRow(C, krw(9_000))
    world.give(RowsSeen((quiet,), None, world.now))
    assert world.desk._state.run.names.by_symbol[C].promise <= 0


def test_ticks_before_the_start_and_of_unknown_names_are_harmless() -> None:
    world = KrxWorld()
    world.price(A, 10_000)
    tick = world.ticks[A]
    idle = world.desk.handle(TickSeen(tick), world.now)
    assert idle.intents == ()
    world.start()
    world.run_until(kst("09:06:00"))
    world.give(TickSeen(replace(tick, symbol=Symbol("999999"), at=world.now)))
    world.give(WakeUp())
    world.give(ClockJumped(world.now, world.now))
    assert world.placed() == []


def test_a_trade_of_long_ago_is_not_believed() -> None:
    world = opened()
    world.price(A, 10_200)
    old = replace(world.ticks[B] if B in world.ticks else world.ticks[A], symbol=B)
    late = replace(old, price=krw(10_400), at=world.now - timedelta(minutes=5))
    world.give(TickSeen(late))
    assert {place.order.symbol for place in world.placed()} == {A}


def test_the_flattening_uses_what_the_session_says() -> None:
    world = entered(opened_late(settings=CALM))
    world.run_until(kst("15:16:00"))
    (sold,) = world.told(OrderFilled)
    assert sold.order.reason is OrderReason.END_OF_DAY
    assert sold.fill.qty == 195
    assert world.told(StateChanged) == []
