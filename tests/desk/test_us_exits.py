from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from engine.model.commands import ApplySettings
from engine.model.events import TickSeen
from engine.model.ids import Qty, Symbol
from engine.model.mismatches import MismatchSeen
from engine.model.order_facts import OrderEnded, OrderFilled, OrderRejected
from engine.model.orders import OrderReason
from engine.model.position_facts import BuySeen, QuestionAsked
from engine.model.quotes import QuoteSource, Tick
from engine.model.settings import ExecutionStyle, SellPrice, UsSettings
from tests.desk.world import World, et, usd


def test_the_first_trade_at_the_target_places_the_order_at_once(armed: World) -> None:
    armed.price("MU", "102.99")
    armed.run_for(1)
    assert armed.placed() == []
    armed.price("MU", "103.00")
    assert armed.placed_at() == [armed.now]
    order = armed.placed()[0].order
    assert (order.qty, order.limit, order.reason) == (10, usd("103.00"), OrderReason.TARGET)


def test_the_order_goes_to_the_bid_but_never_below_the_target(armed: World) -> None:
    armed.price("MU", "103.60", "103.40")
    assert armed.placed()[0].order.limit == usd("103.40")


def test_a_bid_below_the_target_waits_although_the_last_trade_is_above(armed: World) -> None:
    armed.price("MU", "103.10", "102.90")
    armed.run_for(5)
    assert armed.placed() == []


@pytest.mark.parametrize(
    ("wish", "limit"), [(SellPrice.TARGET, "103.00"), (SellPrice.LAST, "103.60")]
)
def test_the_setting_moves_the_limit(armed: World, wish: SellPrice, limit: str) -> None:
    armed.command(ApplySettings(replace(UsSettings(), sell_price=wish)))
    armed.price("MU", "103.60", "103.40")
    assert armed.placed()[0].order.limit == usd(limit)


def test_the_first_price_after_arming_needs_a_second_reading(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(2)
    reading = regular.desk.view(regular.now).positions[0]
    assert reading.qty == 10
    regular.run_for(2)
    regular.desk._state.run.readings.clear()
    regular.price("MU", "103.50")
    assert regular.placed() == []
    regular.price("MU", "103.51")
    assert len(regular.placed()) == 1


def test_one_sale_is_told_once_and_to_the_cent(armed: World) -> None:
    armed.price("MU", "103.05")
    armed.run_until(et("10:30:00"))
    (sold,) = armed.told(OrderFilled)
    assert sold.is_complete
    assert sold.gain == usd("30.5000")
    assert str(sold.gain_pct) == "3.0500"
    assert sold.fee == usd("2.578200")  # commission, and FINRA's fee on ten shares
    assert sold.left_qty == 0
    assert sold.fx is not None
    assert armed.desk.view(armed.now).positions == ()
    assert len(armed.placed()) == 1


def test_a_partial_fill_leaves_the_rest_working_and_nothing_is_sent_twice(armed: World) -> None:
    armed.fill_part = 4
    armed.price("MU", "103.05")
    armed.run_for(3)
    assert [f.fill.qty for f in armed.told(OrderFilled)] == [4]
    for _ in range(3):
        armed.price("MU", "103.06", "103.04")
        armed.run_for(1)
    assert len(armed.placed()) == 1
    armed.price("MU", "103.05")
    armed.run_for(2)
    assert [f.fill.qty for f in armed.told(OrderFilled)] == [4, 6]
    assert armed.told(OrderFilled)[-1].is_complete


def test_a_bid_that_moves_away_is_followed_down_to_the_target(armed: World) -> None:
    armed.fill_part = 4
    armed.price("MU", "103.50")
    armed.run_for(1)
    for _ in range(12):
        armed.price("MU", "103.20", "103.10")
        armed.run_for(1)
    first, second = (place.order for place in armed.placed())
    assert (first.limit, first.qty) == (usd("103.50"), 10)
    assert (second.limit, second.qty, second.reason) == (
        usd("103.10"),
        6,
        OrderReason.REMAINDER,
    )
    assert armed.told(OrderEnded)[0].will_reprice
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10


def test_re_pricing_is_bounded_and_ends_at_the_target(armed: World) -> None:
    bid = Decimal("104.50")
    for _ in range(120):
        armed.price("MU", str(bid + Decimal("0.10")), str(bid))
        armed.price("MU", str(bid), str(bid - Decimal("0.01")))
        bid = max(bid - Decimal("0.01"), Decimal("103.02"))
        armed.run_for(1)
        if not armed.shares[Symbol("MU")].qty:
            break
    assert len(armed.cancels()) <= UsSettings().max_reprices
    assert all(place.order.limit >= usd("103.00") for place in armed.placed())


def test_shares_held_by_orders_of_the_trader_are_not_offered(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.shares[Symbol("MU")].tied = 7
    regular.run_for(10)
    regular.price("MU", "101")
    regular.price("MU", "103.50")
    regular.run_for(5)
    assert [place.order.qty for place in regular.placed()] == [3]


def test_a_resting_limit_lies_at_the_target_as_soon_as_the_buy_is_seen() -> None:
    settings = replace(UsSettings(), execution=ExecutionStyle.RESTING)
    world = World(now=et("09:29:00"), settings=settings)
    world.start()
    world.run_until(et("09:35:00"))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(2)
    (place,) = world.placed()
    assert place.order.limit == usd("103.00")
    assert place.order.reason is OrderReason.RESTING_TARGET
    world.buy("MU", 10, "98")
    world.run_for(12)
    assert len(world.cancels()) == 1
    assert {p.order.limit for p in world.placed()[1:]} == {usd("101.97")}
    world.price("MU", "102")
    world.run_for(2)
    assert sum(f.fill.qty for f in world.told(OrderFilled)) == 20


def sold(world: World) -> int:
    return sum(fact.fill.qty for fact in world.told(OrderFilled))


def gaps(world: World) -> list[int]:
    moments = world.placed_at()
    return [round((b - a).total_seconds()) for a, b in pairwise(moments)]


def test_a_refused_order_is_tried_again_for_ever_with_growing_pauses(armed: World) -> None:
    armed.place_answers = ["reject"] * 20
    for _ in range(20 * 60):
        armed.price("MU", "103.05")
        armed.run_for(1)
    assert sold(armed) == 10
    pauses = gaps(armed)
    assert pauses == sorted(pauses)
    assert pauses[0] in (5, 6)
    assert pauses[-1] in (60, 61)


def test_a_refusal_is_told_once_for_each_reason_and_the_third_in_a_row_once(armed: World) -> None:
    armed.place_answers = ["reject"] * 6
    for _ in range(400):
        armed.price("MU", "103.05")
        armed.run_for(1)
    assert [fact.code for fact in armed.told(OrderRejected)] == ["APBK1234"]
    (word,) = armed.told(MismatchSeen)
    assert "APBK1234" in word.broker
    assert sold(armed) == 10


def test_an_order_that_could_not_be_sent_is_told_once_and_tried_again(armed: World) -> None:
    armed.place_answers = ["not_sent"] * 6
    for _ in range(400):
        armed.price("MU", "103.05")
        armed.run_for(1)
    assert len(armed.told(OrderRejected)) == 1
    assert armed.told(MismatchSeen) == []
    assert sold(armed) == 10


def test_a_refused_order_is_tried_again_though_no_trade_brings_a_price(armed: World) -> None:
    armed.place_answers = ["reject"]
    armed.price("MU", "103.05")
    armed.run_for(20)
    assert sold(armed) == 10


def test_refusals_that_are_not_in_a_row_do_not_add_up(armed: World) -> None:
    armed.place_answers = ["reject", "reject", "", "reject", "reject"]
    armed.fill_part = 2
    while not sold(armed):
        armed.price("MU", "103.50")
        armed.run_for(1)
    assert sold(armed) == 2
    for _ in range(120):
        armed.price("MU", "103.20")
        armed.run_for(1)
    assert sold(armed) == 10
    assert len(armed.placed()) == 6
    assert armed.told(MismatchSeen) == []


def test_a_cancel_of_the_traders_is_not_taken_for_an_earlier_one_of_ours(armed: World) -> None:
    armed.cancel_answers = ["refuse"]
    armed.price("MU", "103.50", "103.40")
    armed.price("MU", "103.20", "103.10")
    armed.run_for(7)
    assert len(armed.cancels()) == 1
    armed.price("MU", "102.00")
    armed.run_for(30)
    for order in armed.orders.values():
        if order.report.by_api:
            order.report = replace(order.report, open_qty=Qty(0))
    armed.run_for(30)
    assert [fact.will_reprice for fact in armed.told(OrderEnded)] == [False]
    for _ in range(5):
        armed.price("MU", "103.50")
        armed.run_for(1)
    assert len(armed.placed()) == 1


def test_nothing_rests_at_the_target_before_a_price_was_judged() -> None:
    world = World(now=et("09:29:00"), settings=UsSettings(execution=ExecutionStyle.RESTING))
    world.start()
    world.run_until(et("09:35:00"))
    world.buy("MU", 10, "10")
    world.run_for(60)
    assert world.placed() == []
    assert world.calls_between(et("09:35:00"), world.now, "price") <= 5
    world.price("MU", "100")  # the shares are worth ten times their cost: a split, most likely
    world.run_for(60)
    assert world.placed() == []
    assert len(world.told(QuestionAsked)) == 1


def test_a_resting_order_follows_its_first_price_at_once() -> None:
    world = World(now=et("09:29:00"), settings=UsSettings(execution=ExecutionStyle.RESTING))
    world.start()
    world.run_until(et("09:35:00"))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(2)
    assert [place.order.limit for place in world.placed()] == [usd(103)]


def test_in_premarket_the_order_follows_a_fresh_price_with_its_book(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    premarket.price("MU", "103.40", "103.20")
    crossed = premarket.now
    premarket.run_for(12)
    assert premarket.placed()[0].order.limit == usd("103.20")
    assert premarket.placed_at()[0] - crossed <= timedelta(seconds=11)
    assert premarket.calls_between(crossed, premarket.now, "book") >= 1


def test_without_a_book_the_limit_is_one_tick_under_the_last_price(premarket: World) -> None:
    premarket.has_book = False
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    premarket.price("MU", "103.40")
    premarket.run_for(12)
    assert premarket.placed()[0].order.limit == usd("103.39")


def test_a_silent_socket_is_replaced_by_polling_until_it_comes_back(armed: World) -> None:
    armed.drop_stream()
    armed.run_for(20)
    armed.price("MU", "103.40", "103.20")
    armed.run_for(15)
    assert len(armed.placed()) == 1
    armed.raise_stream()
    armed.run_for(5)
    after = armed.now
    armed.run_for(500)
    assert armed.calls_between(after, armed.now) <= 4


def test_a_lot_of_the_balance_price_only_sells_in_the_socket_window_without_quotes() -> None:
    world = World(now=et("09:29:00"), has_notices=False, has_quotes=False)
    world.start()
    world.run_until(et("09:40:00"))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(30)
    assert len(world.told(BuySeen)) == 1
    world.price("MU", "103.40")
    world.run_for(20)
    assert sum(f.fill.qty for f in world.told(OrderFilled)) == 10


def test_ticks_of_symbols_nobody_holds_share_one_empty_outcome(armed: World) -> None:
    tick = TickSeen(Tick(Symbol("ZZZ"), armed.now, usd("5"), QuoteSource.STREAM))
    armed.desk.handle(tick, armed.now)
    assert armed.desk.handle(tick, armed.now) is armed.desk.handle(tick, armed.now)
