from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from engine.desk import blotter
from engine.desk.own_order import OwnOrder
from engine.desk.us.book import UsBook
from engine.errors import InvariantBroken
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.orders import OrderIntent, OrderReason, OrderReport, OrderState, Side
from tests.desk.world import et, usd

NOW = et("10:00:00")
TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)
S = OrderState
ALLOWED = {
    (S.INTENDED, S.ACCEPTED),
    (S.INTENDED, S.REJECTED),
    (S.INTENDED, S.UNRESOLVED),
    (S.ACCEPTED, S.PARTIAL),
    (S.ACCEPTED, S.FILLED),
    (S.ACCEPTED, S.CANCELLED),
    (S.ACCEPTED, S.REJECTED),
    (S.PARTIAL, S.FILLED),
    (S.PARTIAL, S.CANCELLED),
    (S.UNRESOLVED, S.ACCEPTED),
    (S.UNRESOLVED, S.REJECTED),
    (S.UNRESOLVED, S.NOT_PLACED),
    (S.CANCELLED, S.FILLED),
    (S.NOT_PLACED, S.ACCEPTED),
}


def order(state: OrderState = S.INTENDED) -> OwnOrder:
    intent = OrderIntent(
        ClientOrderId("us-o1"),
        DeskName.US,
        Symbol("MU"),
        Exchange.NASD,
        Side.SELL,
        Qty(10),
        usd("103"),
        OrderReason.TARGET,
        usd("103"),
        NOW,
    )
    return OwnOrder(intent, state, usd("100"), NOW, NOW.date())


def report(number: str) -> OrderReport:
    """A row about such an order."""
    intent = order().intent
    return OrderReport(
        BrokerOrderNo(number),
        None,
        intent.symbol,
        intent.exchange,
        intent.side,
        intent.qty,
        Qty(0),
        intent.qty,
        None,
        intent.limit,
        NOW,
        is_rejected=False,
        reject_reason="",
        by_api=True,
    )


@pytest.mark.parametrize(("before", "after"), list(product(OrderState, OrderState)))
def test_every_pair_of_states_is_allowed_or_refused(before: OrderState, after: OrderState) -> None:
    entry = order(before)
    if (before, after) in ALLOWED:
        blotter.change(entry, after, NOW)
        assert entry.state is after
    else:
        with pytest.raises(InvariantBroken):
            blotter.change(entry, after, NOW)
        assert entry.state is before


def test_a_final_order_holds_no_shares() -> None:
    for state in OrderState:
        assert (order(state).left_qty == 0) is state.is_final


def test_an_order_is_found_by_our_id_and_by_the_brokers_number() -> None:
    book = UsBook()
    entry = order(S.ACCEPTED)
    entry.broker_order_no = BrokerOrderNo("77")
    book.orders[entry.intent.client_order_id] = entry
    assert blotter.find_order(book.orders, ClientOrderId("us-o1")) is entry
    assert blotter.find_order(book.orders, BrokerOrderNo("77")) is entry
    assert blotter.find_order(book.orders, BrokerOrderNo("78")) is None


def test_a_record_is_ours_by_number_stock_side_size_and_day() -> None:
    entry = order(S.ACCEPTED)
    entry.broker_order_no = BrokerOrderNo("77")
    orders, ours = {entry.intent.client_order_id: entry}, report("77")
    assert blotter.by_number(orders, ours, TODAY) is entry
    assert blotter.by_number(orders, ours, None) is entry
    assert blotter.by_number(orders, report("9"), TODAY, number=BrokerOrderNo("77")) is entry
    assert blotter.by_number(orders, replace(ours, symbol=Symbol("AMD")), TODAY) is None
    assert blotter.by_number(orders, replace(ours, side=Side.BUY), TODAY) is None
    assert blotter.by_number(orders, replace(ours, order_qty=Qty(50)), TODAY) is None
    assert blotter.by_number(orders, ours, TOMORROW) is None
    assert blotter.by_number(orders, ours, TOMORROW, on_any_day=True) is entry
    entry.state = S.FILLED
    assert blotter.by_number(orders, ours, TOMORROW, on_any_day=True) is None


def test_old_orders_are_forgotten_and_open_ones_kept() -> None:
    book = UsBook()
    for number, state in enumerate((S.FILLED, S.ACCEPTED)):
        book.orders[ClientOrderId(str(number))] = order(state)
    blotter.forget_old(book.orders, date(2026, 3, 20), date(2026, 3, 19))
    assert [entry.state for entry in book.orders.values()] == [S.ACCEPTED]
