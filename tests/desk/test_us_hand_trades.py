"""What the trader trades in the app neither hides what became of a sale nor keeps it in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.commands import Pause
from engine.model.events import FetchKind
from engine.model.ids import BrokerOrderNo, Qty
from engine.model.mismatches import MismatchAsked, MismatchKind
from engine.model.order_facts import OrderResolved, OrderUnresolved, SoldElsewhere
from engine.model.orders import Side
from engine.model.position_facts import BuySeen
from tests.desk.test_reconciliation import asked, settled
from tests.desk.us_late import Late, armed_late
from tests.desk.world import World, et

AFTER = (-8, -2, 0.5, 3, 9.5, 11, 20)  # seconds from the order to his trade
TRADES = ("bought", "sold", "bought by an old order", "sold by an old order", "sale typed")


def sale(world: Late, how: str) -> None:
    """An order to sell, of which nobody hears; below the target from then on."""
    world.place_answers = [how]
    for _ in range(600):
        if world.told(OrderUnresolved):
            break
        world.price("MU", "103.05")
        world.run_for(0.1)
    world.price("MU", "102")


def waiting_sale(world: Late) -> BrokerOrderNo:
    """An order to sell that the market went away from."""
    world.price("MU", "103.50", "103.40")
    world.price("MU", "102")
    world.run_for(1)
    (number,) = (number for number, order in world.orders.items() if order.report.by_api)
    return number


def play(world: Late, how: str, trade: str, after_s: float, qty: int) -> None:
    """The sale and his trade, one after the other, and two minutes."""
    side = Side.BUY if trade.startswith("bought") else Side.SELL
    is_old = trade.endswith("an old order")
    number = world.type_by_hand(side, qty, "100") if is_old else None
    world.run_for(30)
    world.drops_notices = True
    if after_s >= 0:
        sale(world, how)
        world.run_for(after_s)
    if number is not None:
        world.fill_by_hand(number)
    elif trade == "bought":
        world.buy("MU", qty, "100")
    elif trade == "sold":
        world.sell_elsewhere("MU", qty, "103")
    else:
        world.type_by_hand(Side.SELL, qty, "110")
    if after_s < 0:
        world.run_for(-after_s)
        sale(world, how)
    world.run_for(120)


def late(lists_s: int, balances_s: int) -> Late:
    world = armed_late()
    world.lists_late = timedelta(seconds=lists_s)
    world.balances_late = timedelta(seconds=balances_s)
    return world


@pytest.mark.parametrize("after_s", AFTER)
@pytest.mark.parametrize("trade", TRADES)
def test_a_lost_sale_is_settled_beside_any_trade_by_hand(trade: str, after_s: float) -> None:
    for records_s in ((0, 0), (8, 0), (0, 8), (8, 8)):
        world = late(*records_s)
        play(world, "lost", trade, after_s, 3)
        (resolved,) = world.told(OrderResolved)
        assert resolved.broker_order_no is None
        assert world.told(MismatchAsked) == []
        waited = world.told_at(OrderResolved)[0] - world.told_at(OrderUnresolved)[0]
        late_s = 0 if records_s == (0, 0) else 36
        assert waited <= timedelta(seconds=max(after_s, 0) + 23 + late_s)


def test_a_lost_sale_is_settled_soon_after_the_last_of_many_trades_by_hand() -> None:
    world = armed_late()
    sale(world, "lost")
    for _ in range(6):
        world.run_for(9)
        world.sell_elsewhere("MU", 1, "103")
    world.run_for(30)
    assert world.told(OrderResolved)[0].broker_order_no is None
    assert world.told(MismatchAsked) == []


@pytest.mark.parametrize("after_s", AFTER)
@pytest.mark.parametrize("trade", ["bought", "bought by an old order"])
def test_as_many_bought_by_hand_hide_no_executed_sale(trade: str, after_s: float) -> None:
    for records_s in ((0, 0), (8, 0), (0, 8), (8, 8)):
        world = late(*records_s)
        play(world, "hidden", trade, after_s, 10)
        assert_in_doubt(world)


@pytest.mark.parametrize("after_s", [3, 6, 9.5])
def test_as_many_sold_by_hand_hide_no_executed_sale(after_s: float) -> None:
    world = late(0, 8)
    world.command(Pause())
    world.buy("MU", 20, "100")  # never armed: not the desk's to sell
    world.run_for(60)
    play(world, "hidden", "sold", after_s, 10)
    assert_in_doubt(world)


def assert_in_doubt(world: Late) -> None:
    assert world.told(OrderResolved) == []
    assert len(world.placed()) == 1
    assert len(asked(world, MismatchKind.ORDER_IN_DOUBT)) == 1


def test_a_sale_by_hand_that_was_taken_back_hides_no_open_order() -> None:
    world = armed_late()
    number = world.type_by_hand(Side.SELL, 10, "110")
    world.run_for(400)
    report = world.orders[number].report
    world.orders[number].report = replace(report, open_qty=Qty(0))
    world.run_for(400)
    world.price("MU", "100")
    world.place_answers = ["hidden"]
    world.price("MU", "103.05", "103.05")
    world.price("MU", "102")  # so it is not executed
    world.run_for(120)
    assert_in_doubt(world)


def test_a_lost_sale_is_settled_by_the_list_of_ten_seconds_after_the_balance() -> None:
    world = armed_late()
    sale(world, "lost")
    world.run_for(21)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_a_lost_sale_is_settled_in_premarket(premarket: World) -> None:
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    premarket.place_answers = ["lost"]
    for _ in range(60):
        premarket.price("MU", "103.05")
        premarket.run_for(1)
    (resolved,) = premarket.told(OrderResolved)
    assert resolved.broker_order_no is None


def test_the_trader_is_asked_though_no_list_comes_any_more() -> None:
    world = armed_late()
    sale(world, "lost")
    world.run_for(13)
    world.failing = {FetchKind.REPORTS}
    world.run_for(200)
    assert len(asked(world, MismatchKind.ORDER_IN_DOUBT)) == 1


def test_a_balance_that_is_late_with_a_sale_by_hand_brings_no_buy() -> None:
    world = armed_late()
    world.balances_late = timedelta(seconds=8)
    world.sell_elsewhere("MU", 3, "101")
    world.run_for(60)
    assert [fact.qty for fact in world.told(SoldElsewhere)] == [3]
    assert [fact.qty for fact in world.told(BuySeen)] == [10]


@pytest.mark.parametrize("after_s", [-8, -2, 3, 9])
def test_as_many_bought_by_hand_end_no_executed_sale_that_vanished(after_s: float) -> None:
    world = armed_late()
    number = waiting_sale(world)
    world.hidden.add(number)
    world.lists_late = timedelta(seconds=8)
    world.drops_notices, world.cancel_answers = True, ["refuse"] * 9
    world.run_for(50)
    world.fill(number, 10)
    world.at(world.now + timedelta(seconds=22 + after_s), lambda: world.buy("MU", 10, "100"))
    while not settled(world, MismatchKind.VANISHED_ORDER):
        world.run_for(1)
        assert world.now < et("09:49:00")
    assert len(world.cancels()) == 1
    assert [gone.qty for gone in world.told(SoldElsewhere)] == [10]  # so nothing is sold twice


@pytest.mark.parametrize("bought", [0, 5])
@pytest.mark.parametrize("balances_s", [0, 8])
def test_a_sale_the_exchange_dropped_is_over_though_he_trades(balances_s: int, bought: int) -> None:
    world = late(0, balances_s)
    del world.orders[waiting_sale(world)]
    for _ in range(800):
        world.run_for(0 if world.cancels() else 0.1)
    if bought:
        world.buy("MU", bought, "102")
    world.run_for(100)
    assert len(settled(world, MismatchKind.VANISHED_ORDER)) == 1
    assert world.told(MismatchAsked) == []


def test_a_sale_nobody_lists_is_not_over_before_its_cancel_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = armed_late()
    del world.orders[waiting_sale(world)]
    monkeypatch.setattr(world, "_cancel", lambda _: None)
    world.run_for(700)
    assert settled(world, MismatchKind.VANISHED_ORDER) == []
    assert len(asked(world, MismatchKind.VANISHED_ORDER)) == 1
