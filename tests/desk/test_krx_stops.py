"""What may not keep a stop-loss back, and what may for a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.desk.krx.book import DayRecord
from engine.desk.krx.restore import from_snapshot
from engine.model.commands import Halt, Resume
from engine.model.entry_facts import EntryFilled, Phase, SymbolHalted
from engine.model.events import FetchKind, HoldingsSeen, PlaceAnswered, TickSeen
from engine.model.ids import Qty
from engine.model.intents import FetchHoldings, FetchPrice, FetchState
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.market_events import OpenDaysSeen
from engine.model.order_facts import OrderFilled, OrderRejected
from engine.model.orders import OrderKind, OrderReason, Rejected, Side
from engine.rules.krx.sessions import kst_date
from tests.desk.krx_world import DAY, A, B, KrxWorld, entered, krw, kst, opened, opened_late

CALM = ExitSettings(failed_breakout_pct=None, time_stop_min=None)


def quiet(**changes: Any) -> KrxSettings:
    return KrxSettings(exits=replace(CALM, **changes))


def sales(world: KrxWorld) -> list[tuple[OrderReason, int]]:
    return [(place.order.reason, place.order.qty) for place in world.placed(Side.SELL)]


def refuse(world: KrxWorld, code: str, text: str = "") -> None:
    """The newest order, before anything else answers it."""
    order = world.placed()[-1].order
    world.orders.pop(world.number_of())
    world.give(PlaceAnswered(order.client_order_id, Rejected(code, text)))


def day_of(world: KrxWorld) -> DayRecord:
    day = world.desk._state.book.day
    assert day is not None
    return day


# -- halts


@pytest.mark.parametrize("flag", ["is_halted", "has_vi"])
def test_without_a_stream_a_halt_is_looked_at_until_it_is_over(flag: str) -> None:
    world = entered(settings=quiet())
    world.drop_stream()
    world.price(A, 10_150, **{flag: True})
    world.run_for(60)
    asked = len(world.fetched(FetchPrice))
    world.run_for(60)
    assert 3 <= len(world.fetched(FetchPrice)) - asked <= 5
    world.price(A, 9_900)
    world.run_for(17)
    assert sales(world) == [(OrderReason.STOP_LOSS, 195)]


# -- parts


def test_a_part_that_is_filled_bit_by_bit_is_sold_once() -> None:
    world = entered(settings=quiet(scale_out_pct=Decimal(2), take_profit_pct=None))
    world.fills_orders = False
    for _ in range(3):
        world.price(A, 10_420)
        world.run_for(0.4)
    assert sales(world) == [(OrderReason.SCALE_OUT, 97)]
    world.fill(world.number_of(), 40)
    world.run_for(1)
    world.price(A, 10_430)
    assert not world.position().has_scaled_out
    world.end_orders()  # somebody took the rest back
    world.run_for(8)
    world.price(A, 10_430)
    world.run_for(1)
    assert sales(world) == [(OrderReason.SCALE_OUT, 97), (OrderReason.SCALE_OUT, 57)]
    world.fill(world.number_of(), 57)
    world.run_for(1)
    world.price(A, 10_440)
    world.run_for(2)
    assert world.position().has_scaled_out
    assert world.position().qty == 98
    assert len(sales(world)) == 2


# -- the highest price


def journal_of(world: KrxWorld) -> list[Mapping[str, object]]:
    """What is written down from now on."""
    snapshots: list[Mapping[str, object]] = []
    keep = world.desk.handle

    def handle(event: Any, now: Any) -> Any:
        outcome = keep(event, now)
        if outcome.is_durable:
            snapshots.append(world.desk.snapshot())
        return outcome

    world.desk.handle = handle  # type: ignore[method-assign]  # as the journal sees the desk
    return snapshots


def test_the_highest_price_survives_a_restart() -> None:
    world = entered(settings=quiet(take_profit_pct=None))
    snapshots = journal_of(world)
    world.run_for(2)
    before = len(snapshots)
    for price in range(10_220, 10_652, 2):
        world.price(A, price)
        world.price(A, price - 10)
    assert 20 < len(snapshots) - before < 60  # one for each tenth of a per cent
    world.restart(snapshots[-1])
    world.run_for(2)
    assert krw(10_640) <= world.position().high_water <= krw(10_650)
    world.price(A, 10_500)
    world.run_for(2)
    assert sales(world) == [(OrderReason.TRAILING_STOP, 195)]


def test_shares_that_cost_nothing_have_a_highest_price_too() -> None:
    world = entered(settings=quiet())
    world.position().cost = krw(0)
    world.price(A, 10_300)
    assert world.position().high_water == krw(10_300)


# -- refusals


def test_a_refused_profit_holds_no_stop_back() -> None:
    world = entered(settings=quiet())
    world.place_answers = ["silent"] * 2
    world.price(A, 10_800)
    refuse(world, "APBK0506", "off tick")
    world.price(A, 10_800)
    world.run_for(1)
    assert sales(world) == [(OrderReason.TAKE_PROFIT, 195)]
    world.price(A, 9_900)
    assert sales(world)[1:] == [(OrderReason.STOP_LOSS, 195)]
    refuse(world, "APBK0506", "off tick")
    world.price(A, 10_800)  # the stop's pause holds what comes behind it
    world.run_for(2)
    assert len(sales(world)) == 2


def test_what_the_trader_tied_up_is_left_and_the_rest_is_sold() -> None:
    world = entered(settings=quiet())
    world.run_for(20)
    tie(world, 100)
    world.place_answers = ["too_many"]
    world.price(A, 9_900)
    world.run_for(3)
    assert sales(world) == [(OrderReason.STOP_LOSS, 195), (OrderReason.STOP_LOSS, 95)]
    assert len(world.told(OrderRejected)) == 1
    asked = len(world.fetched(FetchHoldings))
    world.run_for(60)
    assert world.position().qty == 100
    assert len(sales(world)) == 2
    assert 3 <= len(world.fetched(FetchHoldings)) - asked <= 8
    untie(world)
    world.run_for(12)
    assert sales(world)[2:] == [(OrderReason.STOP_LOSS, 100)]
    assert world.positions == {}


def test_a_silent_account_limits_a_stop_for_half_a_minute_at_most() -> None:
    world = entered(settings=quiet())
    world.failing = {FetchKind.HOLDINGS}
    world.place_answers = ["too_many"]
    world.price(A, 9_900)
    world.run_for(25)
    assert len(sales(world)) == 1
    world.run_for(8)
    assert sales(world)[1:] == [(OrderReason.STOP_LOSS, 195)]


def test_an_account_that_lets_all_go_limits_nothing() -> None:
    world = entered(settings=quiet())
    world.place_answers = ["too_many"]
    world.price(A, 9_900)
    world.run_for(3)
    assert sales(world)[1:] == [(OrderReason.STOP_LOSS, 195)]
    assert world.desk._state.run.limited == {}


def test_a_refusal_in_words_alone_limits_too() -> None:
    world = entered(settings=quiet())
    world.place_answers = ["silent"]
    world.price(A, 9_900)
    world.shares[A] = 0
    refuse(world, "", "매도가능수량 부족")
    assert A in world.desk._state.run.limited
    world.run_for(60)
    assert len(sales(world)) == 1  # nothing is there to be sold


def tie(world: KrxWorld, qty: int) -> None:
    """The trader's own sale waits at the broker."""
    world.sell_by_hand(A, qty, filled=0)


def untie(world: KrxWorld) -> None:
    for booked in world.orders.values():
        if booked.report.limit == krw(12_000):
            booked.report = replace(booked.report, open_qty=Qty(0))


# -- price limits


def test_the_price_limits_of_what_is_held_are_asked_for_until_they_are_known() -> None:
    world = entered(opened_late(settings=quiet()))
    world.run_until(kst("15:12:00"))
    world.failing = {FetchKind.STATE}
    world.restart()
    world.run_for(31)
    assert 3 <= len([at for at in world.fetched(FetchState) if at >= kst("15:12:00")]) <= 5
    world.failing.clear()
    world.run_for(11)
    name = world.desk._state.run.names.by_symbol[A]
    assert name.state is not None
    asked = len(world.fetched(FetchState))
    world.run_for(30)
    assert len(world.fetched(FetchState)) == asked


# -- the user's stop and the guard


def test_a_halt_leaves_an_open_stop_at_the_exchange() -> None:
    world = entered(settings=quiet())
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    world.command(Halt())
    for price in range(9_800, 9_500, -50):
        world.price(A, price)
        world.run_for(3)
    assert world.cancels() == []
    world.command(Resume())
    world.run_for(1)
    assert len(world.cancels()) == 1


def test_a_guard_that_trips_takes_open_entries_back() -> None:
    risk = RiskSettings(max_daily_loss_krw=10_000, max_daily_loss_pct=None)
    world = entered(settings=replace(quiet(), risk=risk))
    world.fills_orders = False
    world.price(B, 10_200)
    world.run_for(1)
    world.price(A, 10_100)
    world.run_for(1.2)
    assert [cancel.order.symbol for cancel in world.cancels()] == [B]
    world.run_for(30)
    world.price(B, 10_200)
    assert len(world.placed(Side.BUY)) == 2


def test_the_last_trade_of_the_day_is_filled_to_its_end() -> None:
    world = opened(settings=replace(quiet(), risk=RiskSettings(max_trades=1)), fill_part=50)
    world.price(A, 10_200)
    world.run_for(1)
    assert len(world.told(EntryFilled)) == 1
    assert world.cancels() == []
    world.price(A, 10_200)
    world.run_for(1)
    assert world.position().qty == 195


# -- after a start


def test_after_a_start_an_exit_waits_for_the_first_balance() -> None:
    world = entered(settings=quiet())
    world.restart()
    world.price(A, 9_900)
    assert sales(world) == []
    world.run_for(0.5)
    world.price(A, 9_890)
    assert sales(world) == [(OrderReason.STOP_LOSS, 195)]


def test_but_not_for_an_account_that_does_not_answer() -> None:
    world = entered(settings=quiet())
    world.failing = {FetchKind.HOLDINGS}
    world.restart()
    world._seen.add(HoldingsSeen)
    for _ in range(29):
        world.price(A, 9_900)
        world.run_for(1)
    assert sales(world) == []
    world.run_for(2)
    assert sales(world) == [(OrderReason.STOP_LOSS, 195)]


# -- the calendar and the close


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_day_that_trades_is_not_closed_by_the_calendar(*, is_restarted: bool) -> None:
    world = entered(settings=quiet())
    if is_restarted:
        world.restart()
    tomorrow = DAY + timedelta(days=1)
    world.give(OpenDaysSeen(((DAY, False), (tomorrow, False))))
    assert world.phase is Phase.ENTRIES
    assert world.desk._state.sessions.session_on(tomorrow) is None
    world.run_for(2)
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}


def test_that_a_day_trades_is_written_down_with_its_first_trade() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("09:00:01"))
    written = journal_of(world)
    for _ in range(3):
        world.give(TickSeen(world._trade(A, 10_000, 100, 10_000, 10_010, {})))
    (snapshot,) = written
    assert from_snapshot(snapshot).day == replace(day_of(world), has_traded=True)


def test_before_its_first_trade_the_calendar_closes_a_day() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("08:40:00"))
    world.price(A, 10_000)
    world.give(OpenDaysSeen(((DAY, False),)))
    assert world.phase is Phase.CLOSED


def test_the_closing_auction_is_watched_until_its_orders_are_settled() -> None:
    world = entered(opened_late(settings=quiet(), has_notices=False))
    world.fills_orders = False
    world.run_until(kst("15:30:12"))
    assert world.placed()[-1].order.kind is OrderKind.MARKET
    assert world.watched() == {A}
    world.fill(world.number_of(), 195, 10_150)
    world.run_for(20)
    assert [fact.fill.price for fact in world.told(OrderFilled)] == [krw(10_150)]
    assert world.watched() == set()


def test_what_stays_open_after_the_close_is_not_watched_over_the_night() -> None:
    world = entered(opened_late(settings=quiet()))
    world.fills_orders = False
    world.run_until(kst("15:39:50"))
    assert world.watched() == {A}
    world.run_until(kst("15:41:00"))
    assert world.watched() == set()
    assert kst_date(world.now) == DAY


# -- answers that are older than what the stream told meanwhile


def until_asked(world: KrxWorld) -> None:
    """A price was asked for just now, and is answered in a moment with what was so then."""
    before = len(world.fetched(FetchPrice))
    while len(world.fetched(FetchPrice)) == before:
        world.run_for(0.1)
    world.run_for(0.05)


def test_an_answer_from_before_the_last_trade_changes_no_price() -> None:
    world = entered(settings=quiet())
    until_asked(world)
    world.price(A, 10_300)
    world.run_for(1)
    assert world.desk._state.run.names.by_symbol[A].price == krw(10_300)


def test_an_answer_from_before_the_end_of_a_halt_does_not_begin_it_anew() -> None:
    world = entered(settings=quiet())
    world.halt(A, has_vi=True)
    world.price(A, 10_150, has_vi=True)
    until_asked(world)
    world.halt(A)
    world.run_for(2)
    assert [fact.is_over for fact in world.told(SymbolHalted)] == [False, True]
    assert not world.desk._state.run.names.by_symbol[A].has_vi


def test_a_state_read_late_does_not_speak_against_the_stream() -> None:
    world = entered(settings=quiet())
    state = world._state(A)
    world.give(replace(state, has_vi=True))
    assert not world.desk._state.run.names.by_symbol[A].has_vi
