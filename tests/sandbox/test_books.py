from decimal import Decimal

import pytest

from sandbox.acceptance import Reason, Refused
from sandbox.model import NoticeKind, Server, Side
from sandbox.orders import Division, Order, OrderRequest, OrderStatus
from tests.sandbox.kis_desk import KisDesk, et, prints


def place(
    desk: KisDesk,
    side: Side,
    qty: int,
    limit: str,
    division: Division = Division.LIMIT,
    server: Server = Server.REAL,
) -> Order:
    result = desk.world.books.place(
        OrderRequest(server, side, "AAPL", qty, Decimal(limit), division)
    )
    assert isinstance(result, Order)
    return result


def refused(desk: KisDesk, side: Side, qty: int, limit: str) -> Reason:
    result = desk.world.books.place(OrderRequest(Server.REAL, side, "AAPL", qty, Decimal(limit)))
    assert isinstance(result, Refused)
    return result.reason


def test_a_marketable_sell_trades_at_the_bid_up_to_the_size_shown() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 30)))
    desk.hold("AAPL", 100, "90")
    order = place(desk, Side.SELL, 50, "95.00")
    desk.wait(1)
    assert (order.filled, order.average) == (30, Decimal("100.00"))
    assert order.open_qty == 20


def test_a_book_is_not_taken_twice() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 30)))
    desk.hold("AAPL", 100, "90")
    first, second = place(desk, Side.SELL, 20, "95.00"), place(desk, Side.SELL, 20, "95.00")
    desk.wait(1)
    assert (first.filled, second.filled) == (20, 10)


def test_a_new_print_brings_a_new_book() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 20), (et(10, 1), "100.00", 30)))
    desk.hold("AAPL", 100, "90")
    place(desk, Side.SELL, 20, "95.00")
    desk.until(et(10, 2))
    later = place(desk, Side.SELL, 40, "95.00")
    desk.wait(1)
    assert later.filled == 30


def test_a_resting_sell_trades_at_its_limit_only_when_the_market_gets_there() -> None:
    desk = KisDesk(
        prints((et(9, 59), "100.00", 30), (et(10, 1), "102.99", 500), (et(10, 2), "103.10", 7))
    )
    desk.hold("AAPL", 10, "100")
    order = place(desk, Side.SELL, 10, "103.00")
    desk.until(et(10, 1, 30))
    assert order.filled == 0
    desk.until(et(10, 3))
    assert (order.filled, order.average, order.open_qty) == (7, Decimal("103.00"), 3)


def test_a_print_is_shared_best_price_first_then_earlier_order() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 30), (et(10, 5), "105.00", 25)))
    desk.hold("AAPL", 60, "90")
    late_and_cheap_asked_last = [
        place(desk, Side.SELL, 20, "104.00"),
        place(desk, Side.SELL, 20, "104.00"),
    ]
    desk.wait(1)
    best = place(desk, Side.SELL, 20, "103.00")
    desk.until(et(10, 6))
    assert [best.filled, *(order.filled for order in late_and_cheap_asked_last)] == [20, 5, 0]


def test_real_and_paper_books_do_not_share_a_print() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 30), (et(10, 5), "105.00", 10)))
    orders = []
    for server in Server:
        desk.hold("AAPL", 10, "90", server)
        orders.append(place(desk, Side.SELL, 10, "104.00", server=server))
    desk.until(et(10, 6))
    assert [order.filled for order in orders] == [10, 10]


def test_a_buy_averages_the_cost_and_pays_fees_to_the_cent() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(10, 5), "101.00", 99)), fee_pct="0.25")
    place(desk, Side.BUY, 10, "100.01")
    desk.until(et(10, 6))
    place(desk, Side.BUY, 5, "101.01")
    desk.wait(1)
    account = desk.world.books.accounts[Server.REAL]
    assert account.holdings["AAPL"].qty == 15
    assert account.holdings["AAPL"].average == Decimal("100.3433")
    paid = Decimal("1000.10") + Decimal("2.50") + Decimal("505.05") + Decimal("1.26")
    assert account.cash == Decimal("10000.00") - paid


def test_a_sale_realises_price_less_cost_less_fee() -> None:
    desk = KisDesk(prints((et(9, 59), "103.00", 99)), fee_pct="0.25")
    desk.hold("AAPL", 10, "100")
    place(desk, Side.SELL, 10, "103.00")
    desk.wait(1)
    account = desk.world.books.accounts[Server.REAL]
    assert account.realised == Decimal("30.00") - Decimal("2.58")
    assert account.cash == Decimal(10000) + Decimal("1030.00") - Decimal("2.58")
    assert account.holdings == {}


def test_shares_committed_to_a_resting_sell_cannot_be_sold_again() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    place(desk, Side.SELL, 7, "120.00")
    assert refused(desk, Side.SELL, 4, "120.00") is Reason.NO_SHARES
    place(desk, Side.SELL, 3, "120.00")


def test_cash_committed_to_a_resting_buy_cannot_be_spent_again() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)), cash="1000")
    place(desk, Side.BUY, 9, "90.00")
    assert refused(desk, Side.BUY, 3, "90.00") is Reason.NO_CASH
    place(desk, Side.BUY, 2, "90.00")


def test_an_order_that_would_meet_ones_own_is_refused() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    place(desk, Side.SELL, 5, "103.00")
    assert refused(desk, Side.BUY, 5, "103.00") is Reason.SELF_TRADE
    place(desk, Side.BUY, 5, "102.99")


def test_an_order_lives_until_the_close_and_frees_its_shares_then() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "120.00")
    desk.until(et(15, 59, 59))
    assert order.open_qty == 10
    desk.until(et(16))
    assert order.status is OrderStatus.EXPIRED
    assert desk.world.books.accounts[Server.REAL].sellable("AAPL") == 10


def test_an_amendment_moves_the_order_to_a_new_number() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(10, 5), "102.00", 99)))
    desk.hold("AAPL", 10, "90")
    old = place(desk, Side.SELL, 10, "103.00")
    desk.wait(1)
    new = desk.world.books.amend(Server.REAL, old.no, 10, Decimal("101.50"))
    assert isinstance(new, Order)
    desk.wait(1)
    assert (old.status, old.open_qty) == (OrderStatus.REPLACED, 0)
    assert (new.original_no, new.open_qty) == (old.no, 10)
    assert int(new.no) > int(old.no)
    desk.until(et(10, 6))
    assert (new.filled, new.average) == (10, Decimal("101.50"))
    assert desk.kinds() == [
        "received", "confirmed", "received", "amended", "fill"
    ]  # fmt: skip


def test_a_cancellation_frees_the_open_rest_only() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 4)))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "100.00")
    desk.wait(1)
    cancel = desk.world.books.cancel(Server.REAL, order.no, 6)
    assert isinstance(cancel, Order)
    desk.wait(1)
    assert (order.filled, order.open_qty, order.status) == (4, 0, OrderStatus.CANCELLED)
    assert desk.world.books.accounts[Server.REAL].sellable("AAPL") == 6
    assert desk.notices[-1].kind is NoticeKind.CANCELLED
    assert desk.notices[-1].original_no == order.no


def test_a_fill_that_overtakes_a_cancellation_wins() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(10, 0, 10.02), "103.00", 10)))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "103.00")
    desk.until(et(10, 0, 10))
    cancel = desk.world.books.cancel(Server.REAL, order.no, 10)
    assert isinstance(cancel, Order)
    desk.wait(1)
    assert (order.filled, order.status) == (10, OrderStatus.FILLED)
    assert cancel.status is OrderStatus.REFUSED
    assert desk.kinds()[-1] == "refused"


def test_a_fill_that_overtakes_an_amendment_wins() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(10, 0, 10.02), "103.00", 4)))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "103.00")
    desk.until(et(10, 0, 10))
    amended = desk.world.books.amend(Server.REAL, order.no, 10, Decimal("102.00"))
    assert isinstance(amended, Order)
    desk.wait(1)
    assert (order.filled, order.open_qty) == (4, 6)
    assert (amended.status, amended.open_qty) == (OrderStatus.REFUSED, 0)
    assert desk.world.books.accounts[Server.REAL].sellable("AAPL") == 0


def test_a_filled_order_cannot_be_cancelled() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "100.00")
    desk.wait(1)
    assert desk.world.books.cancel(Server.REAL, order.no, 10) == Refused(Reason.NOTHING_OPEN)
    assert desk.world.books.cancel(Server.REAL, "99", 10) == Refused(Reason.NO_SUCH_ORDER)


def test_a_refusal_by_the_exchange_comes_after_the_acceptance() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    request = OrderRequest(Server.REAL, Side.SELL, "AAPL", 10, Decimal("100.00"))
    order = desk.world.books.place(request, refuse_later="거래정지")
    assert isinstance(order, Order)
    desk.wait(1)
    assert (order.status, order.reject_reason, order.filled) == (
        OrderStatus.REFUSED, "거래정지", 0,
    )  # fmt: skip
    assert desk.kinds() == ["received", "refused"]
    assert desk.world.books.accounts[Server.REAL].sellable("AAPL") == 10


def test_an_order_by_hand_trades_at_once_and_says_who_placed_it() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    order = desk.world.books.hand_order(Server.REAL, Side.BUY, "AAPL", 3)
    assert isinstance(order, Order)
    desk.wait(1)
    assert (order.filled, order.request.media) == (3, "모바일")
    assert desk.world.books.accounts[Server.REAL].held("AAPL") == 3


def test_a_halt_keeps_an_arriving_order_waiting() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.tape.halts.add("AAPL")
    order = place(desk, Side.BUY, 3, "101.00")
    desk.wait(5)
    assert (order.status, order.filled) == (OrderStatus.OPEN, 0)


def test_an_opening_order_waits_for_the_first_regular_print() -> None:
    script = prints((et(9), "100.00", 99), (et(9, 15), "104.00", 99), (et(9, 30, 1), "103.00", 99))
    desk = KisDesk(script, start=et(9, 10))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "102.00", Division.LOO)
    desk.until(et(9, 29))
    assert order.filled == 0
    desk.until(et(9, 30, 2))
    assert (order.filled, order.average) == (10, Decimal("103.00"))


def test_a_closing_order_trades_at_the_last_price() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(15, 59), "101.00", 1)))
    desk.hold("AAPL", 10, "90")
    order = place(desk, Side.SELL, 10, "0", Division.MOC)
    desk.until(et(15, 59, 30))
    assert order.filled == 0
    desk.until(et(16))
    assert (order.filled, order.average) == (10, Decimal("101.00"))


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (et(3, 59, 59), Reason.BEFORE_OPEN),
        (et(16), Reason.AFTER_CLOSE),
        (et(12, day=et(12).date().replace(day=22)), Reason.NOT_TRADING_DAY),
        (et(12, day=et(12).date().replace(day=26)), Reason.NOT_TRADING_DAY),
        (et(13, day=et(12).date().replace(day=27)), Reason.AFTER_CLOSE),
    ],
)
def test_orders_are_taken_in_the_session_only(moment, reason) -> None:  # type: ignore[no-untyped-def]
    desk = KisDesk(start=moment)
    assert refused(desk, Side.BUY, 1, "10.00") is reason


def test_premarket_takes_orders_from_four() -> None:
    desk = KisDesk(start=et(4))
    place(desk, Side.BUY, 1, "10.00")


def test_the_report_holds_every_order_and_fill() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)), fee_pct="0.25")
    place(desk, Side.BUY, 3, "100.01")
    desk.wait(1)
    report = desk.world.books.accounts[Server.REAL].report()
    assert report["cash"] == str(Decimal("10000.00") - Decimal("300.03") - Decimal("0.75"))
    assert report["holdings"] == {
        "AAPL": {"qty": 3, "average": "100.0100", "exchange": "NASD", "sellable": 3}
    }
    fills = report["fills"]
    assert isinstance(fills, list)
    assert [(fill["qty"], fill["price"], fill["fee"]) for fill in fills] == [(3, "100.01", "0.75")]
