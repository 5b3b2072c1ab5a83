"""The clock jumps: into another window, over days, back by minutes; nothing is decided blindly."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.model.commands import CommandAnswered, Refusal, SellNow
from engine.model.day_facts import DaySummary, Window, WindowChanged
from engine.model.events import FetchKind
from engine.model.ids import Qty, Symbol
from engine.model.intents import FetchCash, FetchHoldings, FetchPrice, FetchReports, Watch
from engine.model.order_facts import OrderEnded, OrderFilled, OrderResolved, SoldElsewhere
from engine.model.position_facts import BuySeen
from engine.model.state_facts import StateChanged, TroubleBegan
from tests.desk.world import World, et

READS = FetchHoldings | FetchReports | FetchPrice | FetchCash
TOMORROW = "2026-03-11"
LATER, BACK = et("11:30:00"), et("09:31:00")
both_ways = pytest.mark.parametrize("to", [LATER, BACK])


def windows_told(world: World) -> list[Window]:
    return [fact.window for fact in world.told(WindowChanged)]


def reads_since(world: World, count: int) -> list[type]:
    return [type(intent) for _, intent in world.intents[count:] if isinstance(intent, READS)]


def open_order(world: World) -> None:
    """An order above the market, accepted and not filled."""
    world.price("MU", "103.50", "103.40")
    world.price("MU", "102.00")
    world.run_for(1)
    assert len(world.placed()) == 1
    assert not world.told(OrderFilled)


@both_ways
def test_the_account_is_read_before_anything_is_decided(armed: World, to: datetime) -> None:
    count = len(armed.intents)
    armed.jump(to)
    assert set(reads_since(armed, count)) == {FetchHoldings, FetchReports}
    armed.price("MU", "103.05")
    armed.price("MU", "103.06")
    assert armed.placed() == []
    armed.run_for(1)
    armed.price("MU", "103.07")
    armed.run_for(1)
    assert len(armed.placed()) == 1
    assert armed.now - to < timedelta(seconds=5)


@both_ways
def test_prices_from_before_a_jump_count_for_nothing(armed: World, to: datetime) -> None:
    armed.price("MU", "102.99")
    armed.frozen = {Symbol("MU"): armed.ticks[Symbol("MU")].price}
    armed.jump(to)
    armed.shares[Symbol("MU")].qty = 0
    armed.run_for(60)
    assert armed.placed() == []


@both_ways
def test_an_order_in_flight_is_answered_after_the_jump_and_is_the_only_one(
    armed: World, to: datetime
) -> None:
    armed.price("MU", "103.05", "103.00")
    assert len(armed.placed()) == 1
    armed.jump(to)
    for _ in range(40):
        armed.price("MU", "103.06")
        armed.run_for(1)
    assert len(armed.placed()) == 1
    assert sum(fact.fill.qty for fact in armed.told(OrderFilled)) == 10


@both_ways
def test_an_order_in_doubt_is_looked_up_anew(armed: World, to: datetime) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.run_for(1)
    armed.jump(to)
    armed.run_for(1)
    assert armed.told(OrderResolved) == []
    armed.run_for(60)
    assert [fact.broker_order_no for fact in armed.told(OrderResolved)] == [None]
    assert armed.told_at(OrderResolved)[0] - to >= timedelta(seconds=8)


@both_ways
def test_an_order_in_doubt_is_found_by_the_broker_s_time(armed: World, to: datetime) -> None:
    armed.place_answers = ["live_unknown"]
    armed.price("MU", "103.50", "103.40")
    armed.price("MU", "102.00")
    armed.run_for(1)
    armed.jump(to)
    armed.run_for(60)
    assert [fact.broker_order_no is None for fact in armed.told(OrderResolved)] == [False]
    armed.price("MU", "103.60")
    armed.run_for(20)
    assert sum(fact.fill.qty for fact in armed.told(OrderFilled)) == 10
    assert len(armed.placed()) == 1
    assert armed.told(SoldElsewhere) == []


@both_ways
def test_an_open_order_and_its_fill_outlive_a_jump(armed: World, to: datetime) -> None:
    open_order(armed)
    armed.jump(to)
    armed.run_for(5)
    armed.price("MU", "103.60")
    armed.run_for(10)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10
    assert len(armed.placed()) == 1


@both_ways
def test_what_was_filled_in_the_skipped_stretch_is_told_once(armed: World, to: datetime) -> None:
    open_order(armed)
    armed.drops_notices = True
    number = next(n for n, o in armed.orders.items() if o.report.by_api)
    armed.fill(number, 10)
    armed.jump(to)
    armed.run_for(120)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10
    assert armed.told(SoldElsewhere) == []
    assert len(armed.told(BuySeen)) == 1


def test_a_new_buy_after_the_clock_was_set_back_is_news_at_once(armed: World) -> None:
    armed.price("MU", "103.05")
    armed.price("MU", "103.06")
    armed.run_for(30)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10
    armed.jump(BACK)
    armed.run_for(2)
    armed.drops_notices = True
    armed.drop_stream()
    armed.price("MU", "100")
    armed.buy("MU", 3, "100")
    armed.run_for(25)
    assert [fact.qty for fact in armed.told(BuySeen)] == [10, 3]


def test_a_sale_by_hand_does_not_come_hours_later(armed: World) -> None:
    armed.failing = {FetchKind.PRICE}
    armed.command(SellNow(Symbol("MU"), None))
    armed.failing = set()
    armed.jump(LATER)
    armed.run_for(30)
    assert [fact.refusal for fact in armed.told(CommandAnswered)] == [Refusal.NO_PRICE]
    assert armed.placed() == []


def test_a_sale_by_hand_goes_on_when_the_clock_is_set_back(armed: World) -> None:
    armed.command(SellNow(Symbol("MU"), None))
    armed.jump(BACK)
    assert armed.placed() == []
    armed.run_for(2)
    assert [fact.refusal for fact in armed.told(CommandAnswered)] == [None]
    assert len(armed.placed()) == 1


def test_a_sale_by_hand_waits_no_longer_when_the_clock_is_set_back(armed: World) -> None:
    armed.failing = {FetchKind.HOLDINGS}
    armed.command(SellNow(Symbol("MU"), None))
    armed.jump(BACK)
    armed.run_for(10)
    assert [fact.refusal for fact in armed.told(CommandAnswered)] == [Refusal.NO_PRICE]


def test_a_buy_not_confirmed_yet_is_sold_although_the_clock_was_set_back(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(0.1)
    regular.jump(BACK)
    for _ in range(10):
        regular.price("MU", "103.05")
        regular.run_for(1)
    assert len(regular.placed()) == 1


def test_the_pause_after_a_refusal_is_no_longer_when_the_clock_is_set_back(armed: World) -> None:
    armed.place_answers = ["reject"]
    armed.price("MU", "103.05")
    armed.run_for(1)
    armed.jump(BACK)
    for _ in range(20):
        armed.price("MU", "103.05")
        armed.run_for(1)
    assert len(armed.placed()) == 2


def test_polling_goes_on_at_once_when_the_clock_is_set_back(premarket: World) -> None:
    premarket.hold("MU", 10, "100")
    premarket.price("MU", "100")
    premarket.run_until(et("05:00:00"))
    premarket.jump(et("04:50:00"))
    calls = len(premarket.calls)
    premarket.run_for(60)
    assert len(premarket.calls) - calls >= 6


def test_following_up_goes_on_when_the_clock_is_set_back(armed: World) -> None:
    open_order(armed)
    armed.run_until(et("12:20:00"))
    armed.jump(et("12:05:00"))
    calls = len(armed.calls)
    armed.run_for(180)
    assert 2 <= len(armed.calls) - calls <= 4


@pytest.mark.parametrize("cancels", [[], ["refuse"]])
def test_an_order_the_market_left_is_repriced_although_the_clock_was_set_back(
    armed: World, cancels: list[str]
) -> None:
    open_order(armed)
    armed.cancel_answers = cancels
    if cancels:
        for _ in range(200):
            armed.price("MU", "103.20", "103.10")
            armed.run_for(1)
            if armed.cancels():
                break
        armed.run_for(1)
    armed.jump(armed.now - timedelta(minutes=4))
    asked = len(armed.cancels())
    for _ in range(armed.settings.reprice_after_s + 20):
        armed.price("MU", "103.20", "103.10")
        armed.run_for(1)
    assert len(armed.cancels()) > asked


@both_ways
def test_half_a_proof_from_before_a_jump_does_not_clear_an_order(
    armed: World, to: datetime
) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.failing = {FetchKind.HOLDINGS}
    armed.run_for(13)  # the list has shown nothing by now
    armed.failing = {FetchKind.REPORTS}
    armed.jump(to)
    armed.run_for(60)
    assert armed.told(OrderResolved) == []


@both_ways
def test_a_read_that_fails_on_a_machine_that_slept_is_no_trouble(
    armed: World, to: datetime
) -> None:
    armed.failing = {FetchKind.HOLDINGS}
    armed.drop_stream()
    armed.run_for(10)
    began = len(armed.told(TroubleBegan))
    armed.failing = set()
    armed.jump(to)
    armed.run_for(360)
    assert len(armed.told(TroubleBegan)) == began
    assert armed.told(StateChanged) == []


def test_from_premarket_into_the_socket_window(premarket: World) -> None:
    premarket.hold("MU", 10, "100")
    premarket.price("MU", "100")
    premarket.run_for(20)
    premarket.jump(et("10:15:00"))
    assert windows_told(premarket)[-1] is Window.REGULAR
    assert premarket.wake() <= premarket.now + timedelta(seconds=1)
    premarket.run_for(3)
    assert premarket.watch.notices
    assert len(premarket.told(BuySeen)) == 1
    premarket.price("MU", "103.10")
    premarket.price("MU", "103.11")
    premarket.run_for(3)
    assert len(premarket.placed()) == 1


def test_over_the_end_of_the_window_the_desk_sleeps_until_the_next_readiness(armed: World) -> None:
    armed.jump(et("13:40:00"))
    assert windows_told(armed)[-2:] == [Window.REGULAR, Window.ASLEEP]
    assert armed.wake() == et("03:50:00", TOMORROW)
    armed.run_until(et("03:49:59", TOMORROW))
    assert armed.calls_between(et("13:40:00"), armed.now) == 0
    watches = [intent for _, intent in armed.intents if isinstance(intent, Watch)]
    assert watches[-1] == Watch((), notices=False)
    assert armed.told(DaySummary) == []  # more than an hour late


def test_over_the_end_with_an_open_order_it_is_followed(armed: World) -> None:
    open_order(armed)
    armed.jump(et("12:05:00"))
    assert windows_told(armed)[-1] is Window.FOLLOW_UP
    armed.run_for(300)
    assert 4 <= armed.calls_between(et("12:05:00"), armed.now) <= 7
    armed.price("MU", "103.60")
    armed.run_for(61)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10
    assert armed.window() is Window.ASLEEP


def test_into_the_next_day_s_premarket_with_yesterday_s_order(armed: World) -> None:
    open_order(armed)
    armed.jump(et("05:00:00", TOMORROW))
    assert windows_told(armed)[-1] is Window.PREMARKET
    assert armed.told(OrderEnded) == []
    for order in armed.orders.values():
        order.report = replace(order.report, open_qty=Qty(0))  # day orders end with their day
    armed.run_for(5)
    assert [fact.filled_qty for fact in armed.told(OrderEnded)] == [0]
    for _ in range(60):
        armed.price("MU", "103.60")
        armed.run_for(1)
    assert len(armed.placed()) == 2
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10


@pytest.mark.timeout(60)
def test_over_a_weekend_into_the_night_nothing_is_read_before_the_readiness(armed: World) -> None:
    friday, monday = "2026-03-13", "2026-03-16"
    armed.run_until(et("10:00:00", friday))
    armed.jump(et("02:00:00", monday))
    armed.run_until(et("03:49:59", monday))
    assert armed.calls_between(et("02:00:00", monday), armed.now) == 0
    armed.run_until(et("04:00:01", monday))
    assert armed.window() is Window.PREMARKET
    assert armed.calls_between(et("03:50:00", monday), armed.now) > 0


def test_the_summary_is_told_once_however_often_its_moment_comes(armed: World) -> None:
    armed.jump(et("12:30:00"))
    armed.jump(et("12:05:00"))
    armed.run_until(et("12:15:00"))
    armed.jump(et("11:58:00"))
    armed.run_until(et("12:45:00"))
    assert len(armed.told(DaySummary)) == 1


def test_a_clock_that_was_days_ahead_brings_no_old_trades_as_news(armed: World) -> None:
    armed.sell_elsewhere("MU", 4, "101")
    armed.run_for(20)
    right = armed.now
    armed.jump(et("09:40:00", "2026-03-17"))
    armed.jump(right)
    armed.run_for(120)
    assert len(armed.told(BuySeen)) == 1
    assert [fact.qty for fact in armed.told(SoldElsewhere)] == [4]
    assert [p.qty for p in armed.desk.view(armed.now).positions] == [6]


def test_a_sale_heard_of_a_day_later_is_of_the_day_of_its_order(armed: World) -> None:
    open_order(armed)
    (number,) = (number for number, order in armed.orders.items() if order.report.open_qty)
    armed.drops_notices = True
    armed.fill(number, 4)
    armed.run_for(30)
    armed.fill(number, 6)
    armed.now = et("03:50:00", TOMORROW)
    armed.restart()
    armed.run_until(et("04:05:00", TOMORROW))
    first, late = (fact.fill for fact in armed.told(OrderFilled))
    assert first.at == armed.told_at(OrderFilled)[0]
    assert (late.qty, late.at) == (6, et("16:00:00"))


def test_after_the_clock_was_set_back_a_day_nothing_was_executed_in_the_future(
    armed: World,
) -> None:
    open_order(armed)
    (number,) = (number for number, order in armed.orders.items() if order.report.open_qty)
    armed.jump(et("10:00:00", "2026-03-09"))
    armed.fill(number, 10)
    armed.run_for(30)
    (filled,) = armed.told(OrderFilled)
    assert filled.fill.at <= armed.told_at(OrderFilled)[0]
