from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from engine.model.entry_facts import HoldReason, PositionHeld, SymbolHalted
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.mismatches import MismatchSeen
from engine.model.money import Krw
from engine.model.order_facts import OrderEnded, OrderFilled, OrderRejected
from engine.model.orders import OrderIntent, OrderKind, OrderReason, Side
from tests.desk.krx_world import A, KrxWorld, entered, krw, kst, opened, opened_late

QUIET = ExitSettings(
    stop_loss_pct=Decimal(2),
    take_profit_pct=None,
    trailing_arm_pct=None,
    failed_breakout_pct=None,
    time_stop_min=None,
)


def exits(world: KrxWorld) -> list[OrderIntent[Krw]]:
    return [place.order for place in world.placed(Side.SELL)]


def quiet(**changes: object) -> KrxSettings:
    return KrxSettings(exits=replace(QUIET, **changes))  # type: ignore[arg-type]  # test shorthand


def test_the_stop_loss_sells_all_a_few_ticks_under_the_bid() -> None:
    world = entered(settings=quiet())
    world.price(A, 10_010)
    assert exits(world) == []
    world.price(A, 10_000)
    (order,) = exits(world)
    assert (order.reason, order.qty, order.kind) == (OrderReason.STOP_LOSS, 195, OrderKind.LIMIT)
    assert (order.limit, order.decision_price) == (krw(9_970), krw(10_000))
    world.run_for(1)
    (sold,) = world.told(OrderFilled)
    assert (sold.gain, sold.left_qty) == (krw(-210 * 195), 0)
    assert sold.fee == krw(292)  # 0.015 % of 1,950,000, cut
    assert sold.tax == krw(3_900)  # 0.20 %
    assert world.positions == {}


@pytest.mark.parametrize(
    ("settings", "prices", "reason"),
    [
        (quiet(take_profit_pct=Decimal(3)), (10_500, 10_520), OrderReason.TAKE_PROFIT),
        (
            quiet(trailing_arm_pct=Decimal(2), trailing_give_pct=Decimal(1)),
            (10_430, 10_330, 10_320),
            OrderReason.TRAILING_STOP,
        ),
        (quiet(failed_breakout_pct=Decimal("0.5")), (10_100, 10_090), OrderReason.FAILED_BREAKOUT),
    ],
)
def test_each_rule_waits_for_its_price(
    settings: KrxSettings, prices: tuple[int, ...], reason: OrderReason
) -> None:
    world = entered(settings=settings)
    for price in prices[:-1]:
        world.price(A, price)
        world.run_for(1)
    assert exits(world) == []
    world.price(A, prices[-1])
    assert [order.reason for order in exits(world)] == [reason]


def test_the_time_stop_needs_no_new_price() -> None:
    world = entered(settings=quiet(time_stop_min=10))
    bought_at = world.position().opened_at
    while world.now < bought_at + timedelta(minutes=11):
        world.price(A, 10_220)
        world.run_for(4)
    (order, *_) = exits(world)
    assert order.reason is OrderReason.TIME_STOP
    assert order.decided_at - bought_at >= timedelta(minutes=10)
    assert order.decided_at - bought_at < timedelta(minutes=10, seconds=5)


def test_a_part_goes_at_the_first_target_and_the_rest_by_the_other_rules() -> None:
    world = entered(settings=quiet(scale_out_pct=Decimal(2), scale_out_share_pct=40))
    world.price(A, 10_420)
    (part,) = exits(world)
    assert (part.reason, part.qty) == (OrderReason.SCALE_OUT, 78)
    world.run_for(1)
    assert world.position().qty == 117
    assert world.position().has_scaled_out
    world.price(A, 10_500)
    world.run_for(2)
    assert len(exits(world)) == 1
    world.price(A, 10_000)
    world.run_for(1)
    assert exits(world)[-1].qty == 117
    first, last = world.told(OrderFilled)
    # the last shares take all cost that is left
    assert first.gain + last.gain == krw(78 * 10_420 + 117 * 10_000 - 195 * 10_210)


def test_an_open_part_makes_way_for_the_whole() -> None:
    world = entered(settings=quiet(scale_out_pct=Decimal(2)))
    world.fills_orders = False
    world.price(A, 10_420)
    world.run_for(1)
    world.price(A, 10_000)
    assert len(world.cancels()) == 1
    world.run_for(3)
    assert [order.qty for order in exits(world)] == [97, 98, 97]


def test_an_exit_takes_open_entries_of_the_stock_back() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.fill(world.number_of(), 50)
    world.run_for(1)
    world.price(A, 9_900)
    assert [cancel.order.qty for cancel in world.cancels()] == [145]
    assert [order.qty for order in exits(world)] == [50]
    world.run_for(5)
    (ended,) = world.told(OrderEnded)
    assert not ended.will_reprice


def test_an_exit_is_priced_anew_when_the_bid_gives_way_and_never_given_up() -> None:
    world = entered()
    world.fills_orders = False
    world.price(A, 10_000)
    world.run_for(4)
    world.price(A, 9_900)
    world.run_for(4)
    assert len(world.cancels()) == 1
    world.run_for(3)
    assert [order.limit for order in exits(world)] == [krw(9_970), krw(9_870)]
    for price in (9_800, 9_700, 9_600, 9_500):
        world.price(A, price)
        world.run_for(12)
    assert len(exits(world)) >= 5


def test_an_exit_that_the_market_still_reaches_is_left_in_the_book() -> None:
    world = entered()
    world.fills_orders = False
    world.price(A, 10_000)
    for _ in range(10):
        world.run_for(3)
        world.price(A, 9_990)
    assert world.cancels() == []


def test_a_refused_exit_is_tried_again_and_again_with_growing_pauses() -> None:
    world = entered()
    world.place_answers = ["reject"] * 4
    world.price(A, 10_000)
    for _ in range(200):
        world.run_for(1)
        world.price(A, 10_000)
    tried = [order.decided_at for order in exits(world)]
    assert len(tried) == 5
    pauses = [(b - a).total_seconds() for a, b in pairwise(tried)]
    assert pauses == sorted(pauses)
    assert world.positions == {}
    assert len(world.told(OrderRejected)) == 1  # the same reason is told once
    (mismatch,) = world.told(MismatchSeen)
    assert "3 x" in mismatch.broker


def test_in_a_trading_halt_nothing_is_ordered_and_it_is_said_once() -> None:
    world = entered()
    world.halt(A, is_halted=True)
    (halted,) = world.told(SymbolHalted)
    assert (halted.is_volatility, halted.is_over) == (False, False)
    world.price(A, 9_800, is_halted=True)
    world.run_for(30)
    assert exits(world) == []
    (held,) = world.told(PositionHeld)
    assert held.reason is HoldReason.TRADING_HALT
    world.price(A, 9_800)
    world.run_for(1)
    assert [order.reason for order in exits(world)] == [OrderReason.STOP_LOSS]
    assert [fact.is_over for fact in world.told(SymbolHalted)] == [False, True]


def test_in_a_volatility_halt_a_stop_waits_for_the_auction_as_a_market_order() -> None:
    world = entered()
    world.price(A, 9_900, has_vi=True)
    (order,) = exits(world)
    assert (order.kind, order.limit) == (OrderKind.MARKET, krw(7_000))
    world.run_for(60)
    assert world.told(OrderFilled) == []
    world.price(A, 9_700)
    world.run_for(1)
    assert world.told(OrderFilled)[0].fill.price == krw(9_700)


def test_in_a_volatility_halt_a_profit_is_not_taken() -> None:
    world = entered()
    world.price(A, 11_000, has_vi=True)
    world.run_for(5)
    assert exits(world) == []
    world.price(A, 11_000)
    assert [order.reason for order in exits(world)] == [OrderReason.TAKE_PROFIT]


def test_at_the_upper_limit_a_profit_is_held_by_rule() -> None:
    world = entered()
    world.price(A, 13_000, ask=None)
    world.run_for(5)
    assert exits(world) == []
    assert [held.reason for held in world.told(PositionHeld)] == [HoldReason.UPPER_LIMIT]
    world.price(A, 12_900)
    assert [order.reason for order in exits(world)] == [OrderReason.TAKE_PROFIT]


def test_everything_is_sold_before_the_close() -> None:
    world = entered(opened_late(settings=quiet()))
    world.run_until(kst("15:14:59"))
    assert exits(world) == []
    world.run_until(kst("15:15:03"))
    (order,) = exits(world)
    assert (order.reason, order.kind) == (OrderReason.END_OF_DAY, OrderKind.LIMIT)
    world.run_for(2)
    assert world.positions == {}


def test_what_is_left_goes_into_the_closing_auction_as_a_market_order() -> None:
    world = entered(opened_late(settings=quiet()))
    world.fills_orders = False
    world.run_until(kst("15:20:30"))
    orders = exits(world)
    assert orders[0].kind is OrderKind.LIMIT
    assert (orders[-1].kind, orders[-1].limit) == (OrderKind.MARKET, krw(7_000))
    count = len(orders)
    world.run_until(kst("15:29:59"))
    assert len(exits(world)) == count


def test_the_closing_print_is_counted_although_the_phase_is_over() -> None:
    world = entered(opened_late(settings=quiet(), has_notices=False))
    world.fills_orders = False
    world.run_until(kst("15:30:08"))  # the auction ends up to half a minute later
    world.fill(world.number_of(), 195, 10_150)
    world.run_until(kst("15:39:00"))
    (sold,) = world.told(OrderFilled)
    assert sold.fill.price == krw(10_150)
    assert world.positions == {}


def test_a_position_that_could_not_be_sold_is_sold_the_next_morning() -> None:
    world = entered(opened_late(settings=quiet()))
    world.fills_orders = False
    world.run_until(kst("15:31:00"))
    world.end_orders()
    world.fills_orders = True
    next_day = kst("09:00:01", world.now.date() + timedelta(days=1))
    world.run_until(next_day)
    assert world.position().qty == 195
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}
    assert exits(world)[-1].reason is OrderReason.STOP_LOSS


def test_before_the_open_and_after_the_close_nothing_is_sold() -> None:
    world = entered(opened_late(settings=quiet()))
    world.fills_orders = False
    world.run_until(kst("15:30:01"))
    count = len(exits(world))
    world.price(A, 9_000)
    world.run_until(kst("18:00:00"))
    assert len(exits(world)) == count


def test_without_a_stream_prices_are_asked_for_and_stops_still_go() -> None:
    world = entered()
    world.drop_stream()
    world.price(A, 9_900)
    world.run_for(12)
    assert [order.reason for order in exits(world)] == [OrderReason.STOP_LOSS]


def test_a_held_stock_that_left_every_list_is_still_sold() -> None:
    world = entered()
    del world.listings[A]
    world.settings = KrxSettings()
    world.restart()
    world.run_for(1)
    world.listings[A] = replace(world.listings[world.symbols[1]], symbol=A)
    world.price(A, 9_900)
    world.run_for(12)
    assert exits(world)[-1].reason is OrderReason.STOP_LOSS
