"""What happens seldom to the KRX desk, and must not hurt then either."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.desk.krx import limits
from engine.errors import InvariantBroken
from engine.model.account import Holding
from engine.model.commands import ApplySettings, CommandAnswered, Pause, Refusal, SellNow
from engine.model.day_facts import CalendarWarning
from engine.model.entry_facts import EntryFilled
from engine.model.events import (
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    NoticeSeen,
    ReportsSeen,
    TickSeen,
)
from engine.model.ids import BrokerOrderNo, DeskState, Qty, Symbol
from engine.model.intents import FetchCash, FetchPrice, FetchRows
from engine.model.krx_settings import EntrySettings, ExitSettings, KrxSettings, RiskSettings
from engine.model.listing import SecurityKind
from engine.model.market_events import (
    DayCandlesSeen,
    Facilities,
    MarketRow,
    MinuteCandlesSeen,
    OperationSeen,
    Ranking,
    RowsSeen,
    StateSeen,
)
from engine.model.order_facts import OrderEnded, OrderRejected, OrderResolved, SoldElsewhere
from engine.model.orders import OrderKind, OrderState, Side
from engine.model.quota import NO_CAP, Quota
from engine.model.score import Bucket, Gate, Stage
from engine.model.state_facts import StateChanged, TroubleBegan
from engine.rules.krx.price_steps import band
from tests.desk.krx_world import DAY, A, B, KrxWorld, entered, krw, kst, opened, opened_late

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))
STRANGE = Symbol("999999")


# -- before anything began


def test_a_desk_that_was_not_started_can_be_looked_at() -> None:
    world = KrxWorld()
    view = world.desk.view(world.now)
    assert (view.positions, view.today.entries) == ((), 0)
    assert limits.orderable(world.desk._state) == krw(0)
    with pytest.raises(InvariantBroken, match="no day"):
        _ = world.desk._state.day


def test_new_settings_may_come_before_the_start() -> None:
    world = KrxWorld()
    command = world.command(ApplySettings(CALM))
    assert world.refusal_of(command) is None


def test_a_mode_is_kept_while_orders_or_positions_are_open() -> None:
    world = opened(fills_orders=False)
    assert world.desk.stays_for == ""
    world.price(A, 10_200)
    assert world.desk.stays_for == "order_in_flight"
    held = entered(settings=CALM)
    assert held.desk.stays_for == "positions_held"


# -- events that concern nobody


def test_news_of_strange_stocks_change_nothing() -> None:
    world = opened()
    lower, upper = band(krw(10_000), DAY, SecurityKind.COMMON)
    world.give(DayCandlesSeen(STRANGE, ()))
    world.give(MinuteCandlesSeen(STRANGE, ()))
    world.give(StateSeen(STRANGE, krw(10_000), upper, lower, False, False, world.now))
    world.give(OperationSeen(STRANGE, is_halted=True, has_vi=False, at=world.now))
    assert STRANGE not in world.desk._state.run.names.by_symbol
    assert world.placed() == []


def test_the_row_of_a_cancel_is_no_order() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    report = world.orders[world.number_of()].report
    row = replace(report, is_cancel=True, open_qty=Qty(0), filled_qty=Qty(195))
    world.give(ReportsSeen((row, report), world.now, world.quota))
    assert world.positions == {}


def test_a_tick_without_the_days_figures_is_a_price_all_the_same() -> None:
    world = opened()
    world.price(A, 10_060)
    bare = replace(world.ticks[A], price=krw(10_200), day=None, at=world.now)
    world.run_for(2)
    world.give(TickSeen(replace(bare, at=world.now)))
    assert len(world.placed()) >= 1


# -- seldom moments of orders


def test_a_pause_in_the_moment_of_an_entry_waits_for_its_number() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.command(Pause())
    assert world.cancels() == []
    world.run_for(1.5)
    assert len(world.cancels()) == 1


def test_a_market_entry_without_a_known_limit_is_not_made() -> None:
    market = KrxSettings(entry=EntrySettings(kind=OrderKind.MARKET))
    world = opened(settings=market, failing={FetchKind.STATE})
    world.price(A, 10_060, ask=10_200)  # streamed, and too wide to be bought
    world.run_for(2)
    price, ask = krw(10_200), krw(10_210)
    unknown = replace(world.ticks[A], price=price, bid=price, ask=ask, prev_close=None)
    world.give(TickSeen(replace(unknown, at=world.now)))
    assert world.placed() == []
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.refused is not None
    assert why.refused.gate is Gate.UPPER_LIMIT


def test_without_a_known_equity_not_one_share_is_bought() -> None:
    limits = RiskSettings(max_daily_loss_pct=None)
    world = opened(settings=KrxSettings(risk=limits))
    world.desk._state.day.start_equity = None
    world.desk._state.run.cash_asked_at = None
    world.price(A, 10_200)
    assert world.placed() == []


def test_a_refused_cancel_of_an_exit_is_asked_again() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(6)
    world.cancel_answers = ["refuse"]
    world.price(A, 9_700)
    world.run_for(1)
    assert len(world.cancels()) == 1
    world.run_for(25)
    assert len(world.cancels()) == 2


def test_in_a_volatility_halt_an_open_exit_keeps_its_place() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(3)
    world.price(A, 9_600, has_vi=True)
    orders = len(world.placed(Side.SELL))
    world.run_for(30)
    assert [place.order.kind for place in world.placed(Side.SELL)[orders:]] in (
        [],
        [OrderKind.MARKET],
    )


def test_in_a_volatility_halt_an_open_sale_for_profit_is_not_priced_anew() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 10_730)
    world.run_for(1)
    world.price(A, 10_500, has_vi=True)
    world.run_for(20)
    assert world.cancels() == []
    world.price(A, 10_500)
    world.run_for(2)
    assert len(world.cancels()) == 1


def test_a_second_refusal_for_the_quantity_pauses_like_any_other() -> None:
    world = entered(settings=CALM)
    world.place_answers = ["reject:APBK0400", "reject:APBK0400"]
    world.silent = {FetchKind.HOLDINGS}
    world.price(A, 9_900)
    world.run_for(1)
    tied = Holding(A, None, "", Qty(195), Qty(100), krw(10_210), krw(9_900))
    world.give(HoldingsSeen((tied,), world.now, world.quota))
    world.price(A, 9_900)
    world.run_for(1)
    assert [place.order.qty for place in world.placed(Side.SELL)] == [195, 100]
    assert world.position().retry_at is not None
    for _ in range(120):
        world.run_for(1)
        world.price(A, 9_900)
    assert world.positions == {}


def test_a_quantity_refused_whatever_the_account_says_is_not_sent_every_second() -> None:
    world = entered(settings=CALM)
    world.place_answers = ["too_many"] * 99  # and the balance shows all of it as free
    for _ in range(120):
        world.price(A, 9_900)
        world.run_for(1)
    assert 4 <= len(world.placed(Side.SELL)) <= 8
    world.place_answers.clear()
    for _ in range(61):
        world.price(A, 9_900)
        world.run_for(1)
    assert world.positions == {}


def test_a_sale_of_a_stock_without_a_name_is_counted() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(0.5)
    world.desk._state.run.names.by_symbol.clear()
    number = world.number_of()
    world.shares[A] = 0
    world.give(NoticeSeen(world.notice(number, A, Side.SELL, 195, krw(9_900), 195)))
    assert world.positions == {}


def test_a_doubled_notice_of_a_part_counts_once() -> None:
    world = opened(fills_orders=False, doubles_notices=True)
    world.price(A, 10_200)
    world.run_for(1)
    world.fill(world.number_of(), 50)
    world.run_for(1)
    assert world.position().qty == 50
    assert len(world.told(EntryFilled)) == 1


def test_a_notice_of_a_part_that_the_list_told_before_changes_nothing() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.drops_notices = True
    world.fill(world.number_of(), 50)
    world.run_for(6)
    late = world.notice(world.number_of(), A, Side.BUY, 50, krw(10_210), 195)
    world.give(NoticeSeen(late))
    assert world.position().qty == 50
    assert len(world.told(EntryFilled)) == 1


def test_an_exit_refused_after_its_position_went_is_told() -> None:
    world = entered(settings=CALM)
    world.place_answers = ["reject"]
    world.price(A, 9_900)
    del world.desk._state.book.positions[A]
    world.run_for(1)
    assert len(world.told(OrderRejected)) == 1


def test_an_order_that_the_list_shows_open_overnight_has_ended() -> None:
    quiet = ExitSettings(failed_breakout_pct=None, flatten_before_close_min=10)
    world = entered(opened_late(settings=KrxSettings(exits=quiet)))
    world.fills_orders = False
    world.run_until(kst("15:29:00"))
    assert world.desk.stays_for == "order_in_flight"
    world.run_until(kst("08:35:00", DAY + timedelta(days=1)))
    assert list(world.desk._state.live()) == []
    assert world.told(OrderEnded)[-1].filled_qty == 0


def test_shares_missing_beside_a_sale_in_doubt_wait_for_its_end() -> None:
    world = entered(settings=CALM)
    world.fills_orders, world.place_answers = False, ["hidden"]
    world.price(A, 9_900)
    world.run_for(1)
    world.shares[A] = 0  # it was executed; neither answer nor list told of it
    world.run_for(120)
    assert world.told(SoldElsewhere) == []
    assert world.position().qty == 195
    booked = world.orders[world.number_of()]
    booked.report = replace(
        booked.report, filled_qty=Qty(195), open_qty=Qty(0), avg_price=krw(9_900)
    )
    world.hidden.clear()
    world.run_for(60)
    assert len(world.told(OrderResolved)) == 1
    assert world.positions == {}


def test_a_fill_of_a_stock_without_attempt_or_list_is_left_as_it_is() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.desk._state.book.attempts.clear()
    world.run_for(12)  # its timeout and end
    assert len(world.told(OrderEnded)) == 1
    assert next(iter(world.desk._state.book.orders.values())).state is OrderState.CANCELLED


# -- reads that fail in odd ways


def test_an_account_read_that_was_not_even_sent_comes_again_a_minute_later() -> None:
    world = opened()
    before = len(world.fetched(FetchCash))
    world.give(FetchFailed(FetchKind.CASH, "no calls left", True, world.quota))
    assert world.told(TroubleBegan) == []
    world.run_for(59)
    assert len(world.fetched(FetchCash)) == before
    world.run_for(3)
    assert len(world.fetched(FetchCash)) == before + 1


def test_a_desk_without_a_cap_never_warns() -> None:
    world = opened()
    world.give(HoldingsSeen((), world.now, Quota(10**6, 0, 0, 0, NO_CAP)))
    assert world.told(StateChanged) == []


def test_a_price_that_never_comes_is_asked_for_anew() -> None:
    world = entered(settings=CALM)
    world.silent = {FetchKind.PRICE}
    world.drop_stream()
    world.run_for(20)
    (asked,) = world.fetched(FetchPrice)
    world.run_for(30)
    assert [at - asked for at in world.fetched(FetchPrice)][1] >= timedelta(seconds=25)


def test_a_price_that_comes_while_a_sale_takes_orders_back_is_not_its_price() -> None:
    world = opened(fills_orders=False, settings=CALM)
    world.price(A, 10_200)
    world.run_for(1)
    world.fill(world.number_of(), 100)
    world.run_for(1)
    world.cancel_answers = ["refuse"]
    command = world.command(SellNow(A, None))
    polled = replace(world.ticks[A], at=world.now)
    world.give(TickSeen(replace(polled, source=type(polled.source).PRICE)))
    assert all(fact.command_id != command for fact in world.told(CommandAnswered))
    world.give(FetchFailed(FetchKind.PRICE, "no answer", False, world.quota, A))
    assert all(fact.command_id != command for fact in world.told(CommandAnswered))
    world.run_for(40)
    assert world.refusal_of(command) in (None, Refusal.NOTHING_TO_SELL)


def test_a_stream_that_is_away_because_nothing_was_wanted_is_no_trouble() -> None:
    world = opened()
    world.drop_stream(reason="")
    assert world.told(TroubleBegan) == []


# -- calendar, funnel, limits


def test_a_day_beyond_the_table_is_told() -> None:
    world = KrxWorld()
    world.sessions.last_date = DAY - timedelta(days=1)
    world.start()
    (warning,) = world.told(CalendarWarning)
    assert warning.days_left == -1


def test_a_trade_before_the_open_does_not_prove_the_session() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("08:55:00"))
    world.price(A, 10_000)
    world.give(TickSeen(world.ticks[A]))
    assert not world.desk._state.day.has_traded


def test_a_price_before_the_open_is_scored_without_what_needs_a_session() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("08:40:00"))
    row = MarketRow(A, krw(10_200), cum_volume=10, cum_value=krw(102_000))
    world.give(RowsSeen((row,), None, world.now))
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.card is not None
    absent = {stage.stage for stage in why.card.stages if stage.points is None}
    assert Stage.VOLUME in absent


def test_a_broken_level_with_a_weak_score_says_so_before_it_is_tried() -> None:
    world = KrxWorld(strength="80")
    world.start()
    world.run_until(kst("09:00:01"))
    world.price(A, 10_000, volume=100)
    world.run_until(kst("09:02:00"))
    world.price(A, 10_120, volume=100)
    world.run_until(kst("09:02:30"))
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.bucket in (Bucket.WATCHED, Bucket.CANDIDATE)
    assert why.detail == Gate.SCORE


def test_a_changed_limit_releases_what_it_no_longer_holds_and_nothing_else() -> None:
    used = KrxSettings(exits=CALM.exits, risk=RiskSettings(max_trades=1))
    world = entered(settings=used)
    world.run_for(2)
    assert world.desk.view(world.now).state is DeskState.EXITS_ONLY
    world.command(ApplySettings(replace(used, risk=RiskSettings(max_trades=1, loss_streak=4))))
    assert world.desk.view(world.now).state is DeskState.EXITS_ONLY
    world.command(ApplySettings(CALM))
    assert world.desk.view(world.now).state is DeskState.RUNNING


def test_an_order_number_nobody_knows_moves_nothing() -> None:
    world = entered(settings=CALM)
    world.give(NoticeSeen(world.notice(BrokerOrderNo("4"), B, Side.BUY, 3, krw(9_000), 3)))
    world.run_for(6)
    assert set(world.positions) == {A}
    assert world.position().cost == krw(195 * 10_210)


def test_without_a_list_nothing_is_swept() -> None:
    world = KrxWorld(
        failing={FetchKind.LISTINGS},
        facilities=Facilities(frozenset({Ranking.RISERS}), 30, has_open_days=False),
    )
    world.start()
    world.run_until(kst("09:10:00"))
    assert world.fetched(FetchRows) == []
