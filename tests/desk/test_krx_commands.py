from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.errors import InvariantBroken
from engine.model.commands import (
    Answer,
    ApplySettings,
    CancelOpenOrder,
    Choice,
    CommandAnswered,
    Pause,
    Refusal,
    SellNow,
)
from engine.model.entry_facts import EntryDecided
from engine.model.events import FetchKind, PlaceAnswered
from engine.model.ids import BrokerOrderNo, ClientOrderId, CommandId, Qty, QuestionId, Symbol
from engine.model.intents import FetchDayCandles, FetchListings
from engine.model.krx_settings import (
    EntrySettings,
    ExitSettings,
    KrxSettings,
    StageSettings,
    UniverseSettings,
)
from engine.model.market_events import RowsSeen
from engine.model.order_facts import OrderEnded, OrderFilled
from engine.model.orders import OrderKind, OrderReason, OutcomeUnknown, Side
from engine.model.score import Bucket, Unfit
from engine.model.settings import UsSettings
from tests.desk.krx_world import (
    A,
    B,
    C,
    KrxWorld,
    entered,
    krw,
    kst,
    listing,
    named,
    opened,
    opened_late,
)

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))


def is_answered(world: KrxWorld, command_id: CommandId) -> bool:
    return any(fact.command_id == command_id for fact in world.told(CommandAnswered))


def sales(world: KrxWorld) -> list[int]:
    return [place.order.qty for place in world.placed(Side.SELL)]


# -- sales by hand


def test_a_sale_by_hand_is_priced_afresh_and_answered_with_its_order() -> None:
    world = entered(settings=CALM)
    command = world.command(SellNow(A, Qty(50)))
    assert not is_answered(world, command)
    world.run_for(1)
    (answer,) = (f for f in world.told(CommandAnswered) if f.command_id == command)
    order = world.placed(Side.SELL)[0].order
    assert answer.client_order_ids == (order.client_order_id,)
    assert (order.reason, order.qty, order.limit) == (OrderReason.MANUAL, 50, krw(10_170))
    world.run_for(1)
    assert world.position().qty == 145


def test_a_pause_does_not_stop_the_traders_own_sale() -> None:
    world = entered(settings=CALM)
    world.command(Pause())
    world.command(SellNow(A, None))
    world.run_for(2)
    assert sales(world) == [195]
    assert world.positions == {}


def test_a_sale_takes_open_entries_and_exits_back_first() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.fill(world.number_of(), 100)
    world.run_for(1)
    command = world.command(SellNow(A, None))
    assert len(world.cancels()) == 1
    world.run_for(4)
    assert world.refusal_of(command) is None
    assert sales(world) == [100]
    world.fills_orders = True
    world.price(A, 10_200)
    world.run_for(2)
    assert world.positions == {}


def test_a_sale_that_finds_nothing_left_says_so() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    world.cancel_answers = ["fill_first"]
    command = world.command(SellNow(A, None))
    world.run_for(31)
    assert world.refusal_of(command) is Refusal.NOTHING_TO_SELL


def test_a_sale_whose_shares_go_while_its_price_is_read_says_so() -> None:
    world = entered(settings=CALM)
    command = world.command(SellNow(A, None))
    del world.desk._state.book.positions[A]
    world.run_for(1)
    assert world.refusal_of(command) is Refusal.NOTHING_TO_SELL


@pytest.mark.parametrize("how", ["fails", "silent"])
def test_without_a_price_a_sale_is_refused_in_time(how: str) -> None:
    world = entered(settings=CALM)
    if how == "fails":
        world.failing = {FetchKind.PRICE}
    else:
        world.desk._state.run.hold_until = None
    command = world.command(SellNow(A, None))
    if how == "silent":
        world._heap.clear()
    world.run_for(9)
    assert world.refusal_of(command) is Refusal.NO_PRICE


def test_what_is_not_held_cannot_be_sold() -> None:
    world = opened()
    assert world.refusal_of(world.command(SellNow(A, None))) is Refusal.UNKNOWN_SYMBOL


def test_outside_the_session_nothing_is_sold_by_hand() -> None:
    world = entered(opened_late(settings=CALM))
    world.fills_orders = False
    world.run_until(kst("15:31:00"))
    assert world.refusal_of(world.command(SellNow(A, None))) is Refusal.MARKET_CLOSED


def test_a_sale_that_is_priced_at_the_close_is_too_late() -> None:
    world = entered(opened_late(settings=CALM))
    world.fills_orders = False
    world.run_until(kst("15:19:30"))
    world.end_orders()
    world.run_until(kst("15:29:59.900"))
    for order in world.desk._state.live():
        order.cancel_asked_at = None
    world.desk._state.book.orders.clear()
    world.desk._state._live = None
    command = world.command(SellNow(A, None))
    world.run_until(kst("15:30:02"))
    assert world.refusal_of(command) is Refusal.MARKET_CLOSED


def test_in_the_closing_auction_a_sale_by_hand_is_a_market_order() -> None:
    quiet = ExitSettings(failed_breakout_pct=None, flatten_before_close_min=10)
    world = entered(opened_late(settings=KrxSettings(exits=quiet)))
    world.fills_orders = False
    world.run_until(kst("15:21:00"))
    world.end_orders()
    held = world.position()
    held.retry_at, held.refused = kst("15:29:00"), OrderReason.STOP_LOSS  # the rules wait
    world.run_for(16)
    command = world.command(SellNow(A, Qty(10)))
    world.run_for(2)
    assert world.refusal_of(command) is None
    order = [
        place.order for place in world.placed(Side.SELL) if place.order.reason is OrderReason.MANUAL
    ]
    assert [(o.kind, o.limit) for o in order] == [(OrderKind.MARKET, krw(7_000))]


def test_a_halted_stock_cannot_be_sold_by_hand() -> None:
    world = entered(settings=CALM)
    world.halt(A, is_halted=True)
    assert world.refusal_of(world.command(SellNow(A, None))) is Refusal.TRADING_HALTED


def test_a_doubt_that_comes_up_while_the_price_is_read_refuses_the_sale() -> None:
    world = entered(settings=CALM)
    world.place_answers = ["silent"]
    command = world.command(SellNow(A, Qty(1)))
    world.price(A, 9_900)  # the stop-loss goes out first, and its answer gets lost
    order_id = world.placed(Side.SELL)[0].order.client_order_id
    world.give(PlaceAnswered(order_id, OutcomeUnknown("reset")))
    world.run_for(2)
    assert world.refusal_of(command) is Refusal.ORDER_IN_DOUBT


def test_a_sale_of_more_than_is_free_is_cut_to_it() -> None:
    world = entered(settings=CALM)
    world.command(SellNow(A, Qty(500)))
    world.run_for(2)
    assert sales(world) == [195]


def test_a_sale_that_finds_all_tied_is_answered_with_nothing_to_sell() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    command = world.command(SellNow(A, None))
    world.price(A, 9_900)  # the stop-loss takes all of it before the price is there
    world.run_for(1)
    assert world.refusal_of(command) is Refusal.NOTHING_TO_SELL


# -- orders


def test_an_entry_is_cancelled_by_the_brokers_number_or_by_ours() -> None:
    for by_number in (True, False):
        world = opened(fills_orders=False)
        world.price(A, 10_200)
        world.run_for(1)
        order_id = world.placed()[0].order.client_order_id
        wish = world.number_of() if by_number else order_id
        assert world.refusal_of(world.command(CancelOpenOrder(wish))) is None
        world.run_for(4)
        (ended,) = world.told(OrderEnded)
        assert not ended.will_reprice
        assert world.refusal_of(world.command(CancelOpenOrder(order_id))) is Refusal.UNKNOWN_ORDER


def test_a_cancel_by_hand_ends_a_re_pricing_under_way() -> None:
    world = opened(fills_orders=False, cancel_answers=["refuse"])
    world.price(A, 10_200)
    world.run_for(10.3)
    assert len(world.cancels()) == 1
    assert world.refusal_of(world.command(CancelOpenOrder(world.number_of(0)))) is None
    assert len(world.cancels()) == 1
    world.end_orders()
    world.run_for(5)
    (ended,) = world.told(OrderEnded)
    assert not ended.will_reprice


def test_an_order_nobody_knows_or_in_doubt_cannot_be_cancelled() -> None:
    world = opened(place_answers=["lost"])
    assert (
        world.refusal_of(world.command(CancelOpenOrder(BrokerOrderNo("5"))))
        is Refusal.UNKNOWN_ORDER
    )
    world.price(A, 10_200)
    world.run_for(1)
    wish = world.placed()[0].order.client_order_id
    assert world.refusal_of(world.command(CancelOpenOrder(wish))) is Refusal.ORDER_IN_DOUBT
    assert world.refusal_of(world.command(CancelOpenOrder(ClientOrderId("x")))) is not None


def test_this_desk_asks_no_questions() -> None:
    world = opened()
    answer = Answer(QuestionId("q"), Choice.SELL)
    assert world.refusal_of(world.command(answer)) is Refusal.QUESTION_GONE


# -- settings


def test_settings_apply_to_the_next_decision() -> None:
    world = opened()
    world.command(ApplySettings(KrxSettings(entry=EntrySettings(threshold=100), exits=CALM.exits)))
    world.strength = "100"
    world.price(A, 10_200)
    assert world.placed() == []
    world.command(ApplySettings(KrxSettings(exits=CALM.exits)))
    world.run_for(2)
    world.price(A, 10_200)
    world.run_for(1)
    assert len(world.told(EntryDecided)) == 1
    tight = replace(CALM.exits, stop_loss_pct=Decimal("0.5"))
    world.command(ApplySettings(KrxSettings(exits=tight)))
    world.price(A, 10_150)
    assert world.placed(Side.SELL)[0].order.reason is OrderReason.STOP_LOSS


def test_other_hours_apply_at_once() -> None:
    world = entered(opened_late(settings=CALM))
    early = replace(CALM.exits, flatten_before_close_min=28)
    world.command(ApplySettings(KrxSettings(exits=early)))
    world.run_until(kst("15:02:02"))
    assert world.placed(Side.SELL)[0].order.reason is OrderReason.END_OF_DAY


def test_other_levels_need_the_charts_again() -> None:
    world = opened()
    count = len(world.fetched(FetchDayCandles))
    world.command(ApplySettings(KrxSettings(stages=StageSettings(n_days=10))))
    world.run_for(10)
    assert len(world.fetched(FetchDayCandles)) == count + 3


def test_another_universe_reads_the_lists_and_keeps_what_is_known() -> None:
    world = opened()
    count = len(world.fetched(FetchListings))
    world.command(ApplySettings(KrxSettings(locks=frozenset({B}))))
    world.run_for(1)
    assert len(world.fetched(FetchListings)) == count + 1
    why = world.desk.why(B, world.now)
    assert why is not None
    assert (why.bucket, why.detail) == (Bucket.UNFIT, Unfit.LOCKED)
    world.price(A, 10_200)
    world.price(B, 10_200)
    world.run_for(1)
    assert set(world.positions) == {A}  # the opening range of A was not forgotten
    world.command(ApplySettings(KrxSettings(universe=UniverseSettings(min_price_krw=20_000))))
    world.run_for(61)
    scan = world.desk.scan(world.now)
    assert dict(scan.counts)[Bucket.UNFIT] == 2
    assert dict(scan.counts)[Bucket.HELD] == 1  # held: managed whatever the filter says


def test_settings_of_another_desk_are_a_broken_invariant() -> None:
    world = opened()
    with pytest.raises(InvariantBroken):
        world.command(ApplySettings(UsSettings()))


# -- what the chat may ask


def test_names_resolve_to_codes_from_the_lists() -> None:
    world = opened()
    assert [found.symbol for found in named(world, "주식000200")] == [B]
    assert [found.symbol for found in named(world, C)] == [C]


def test_the_view_is_a_copy_of_everything() -> None:
    world = entered(settings=CALM)
    world.price(A, 10_470)
    view = world.desk.view(world.now)
    (held,) = view.positions
    assert (held.qty, held.avg_cost, held.last_price) == (195, krw(10_210), krw(10_470))
    assert held.trailing_price == krw(10_344)
    assert (held.stop_price, held.target_price) == (krw(10_005), krw(10_721))
    assert view.today.entries == 1
    assert view.today.open_gain > krw(40_000)
    assert (view.universe, view.watched) == (3, 3)
    assert [order.filled_qty for order in view.orders] == [195]
    world.price(A, 9_900)
    assert world.desk.view(world.now).positions[0].is_selling
    assert held.qty == 195


def test_why_explains_an_entry_a_refusal_and_an_absence() -> None:
    world = entered(settings=CALM)
    bought = world.desk.why(A, world.now)
    assert bought is not None
    assert bought.entered is not None
    assert bought.entered.total == 100
    waiting = world.desk.why(B, world.now)
    assert waiting is not None
    assert (waiting.bucket, waiting.detail) == (Bucket.WATCHED, "no_zone")
    assert world.desk.why(Symbol("999999"), world.now) is None
    world.price(A, 9_900)
    world.run_for(1)
    done = world.desk.why(A, world.now)
    assert done is not None
    assert done.entered is not None


def test_why_knows_of_a_trade_whose_stock_left_the_lists() -> None:
    world = entered(settings=CALM)
    world.desk._state.run.names.by_symbol.clear()
    world.desk._state.run.names.listings.clear()
    why = world.desk.why(A, world.now)
    assert why is not None
    assert (why.name, why.bucket) == ("주식000100", Bucket.UNFIT)


def test_every_listed_name_is_in_exactly_one_bucket() -> None:
    world = KrxWorld(symbols=(A, B, C))
    world.listings[C] = listing(C, is_managed=True)
    world.start()
    world.run_until(kst("09:06:00"))
    scan = world.desk.scan(world.now)
    assert sum(count for _, count in scan.counts) == 3
    assert scan.unfit == ((Unfit.MANAGED.value, 1),)
    assert [name.symbol for name in scan.top] == []
    assert scan.quiet == ((A, f"주식{A}"), (B, f"주식{B}")), "what may be asked about"


def test_the_scan_shows_the_best_first() -> None:
    world = opened()
    world.price(A, 10_120)
    world.price(B, 10_200, ask=10_250)
    world.run_for(1)
    top = world.desk.scan(world.now).top
    assert [found.symbol for found in top][-1] == C
    cards = [found.card.total for found in top if found.card is not None]
    assert cards == sorted(cards, reverse=True)
    assert top[0].change_pct is not None


def test_a_scan_asked_for_earlier_leaves_the_streamed_price_alone() -> None:
    world = opened()
    old = RowsSeen(world.rows((C,)), None, world.now)
    world.price(C, 10_080)
    world.give(old)
    why = world.desk.why(C, world.now)
    assert why is not None
    assert why.card is not None
    assert why.card.price == krw(10_080)


def test_the_plan_is_arithmetic_that_fits() -> None:
    world = opened()
    shown = world.desk.plan()
    planned = sum((row.planned_per_minute for row in shown.purposes), Decimal(0))
    assert planned <= shown.per_second * 60
    assert world.desk.user_latch.value == "running"
    assert world.desk.guard_causes == {}
    assert timedelta(0) < world.desk._state.plan.chart_every


def test_filled_sales_are_told_with_fee_and_tax() -> None:
    world = entered(settings=CALM)
    world.command(SellNow(A, Qty(100)))
    world.run_for(2)
    (sold,) = world.told(OrderFilled)
    assert (sold.fee, sold.tax) == (krw(153), krw(2_040))
    assert sold.left_qty == 95
