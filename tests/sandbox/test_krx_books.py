from decimal import Decimal

import pytest

from sandbox.krx.divisions import Division
from sandbox.model import NoticeKind, Server, Side
from sandbox.orders import OrderStatus
from tests.sandbox.krx_floor import OTHER, SHARE, KrxStage, at_ten, kst, taken


@pytest.fixture
def stage() -> KrxStage:
    return at_ten()


def test_an_order_is_matched_only_when_the_exchange_has_taken_it(stage: KrxStage) -> None:
    order = stage.buy(5, 10_010)
    stage.wait(0.049)
    assert (order.status, order.filled, stage.kinds()) == (OrderStatus.SENT, 0, ["received"])
    stage.wait(0.001)
    assert (order.status, order.filled) == (OrderStatus.FILLED, 5)
    assert stage.kinds() == ["received", "confirmed", "fill"]


def test_an_arriving_order_eats_the_book_level_by_level_and_rests_at_its_limit(
    stage: KrxStage,
) -> None:
    order = stage.buy(100, 10_020)
    stage.wait()
    assert stage.fills() == [(20, 10_010), (50, 10_020)]
    assert (order.open_qty, order.status) == (30, OrderStatus.OPEN)


def test_no_share_of_a_book_is_sold_twice(stage: KrxStage) -> None:
    first, second = stage.buy(15, 10_010), stage.buy(15, 10_010)
    stage.wait()
    assert (first.filled, second.filled) == (15, 5)


def test_each_customer_meets_the_whole_book(stage: KrxStage) -> None:
    orders = [stage.buy(20, 10_010, server=server) for server in Server]
    stage.wait()
    assert [order.filled for order in orders] == [20, 20]


def test_a_new_print_brings_a_new_book(stage: KrxStage) -> None:
    stage.trade(kst(10, 1), 10_010, 5, asks=[(10_010, 40)])
    stage.buy(20, 10_010)
    stage.until(kst(10, 2))
    later = stage.buy(50, 10_010)
    stage.wait()
    assert later.filled == 40


def test_a_resting_order_trades_at_its_limit_up_to_the_size_printed(stage: KrxStage) -> None:
    stage.hold(10)
    stage.trade(kst(10, 1), 10_090, 500)
    stage.trade(kst(10, 2), 10_110, 7)
    order = stage.sell(10, 10_100)
    stage.until(kst(10, 1, 30))
    assert order.filled == 0
    stage.until(kst(10, 3))
    assert (order.open_qty, stage.fills()) == (3, [(7, 10_100)])


def test_a_print_is_shared_best_price_first_then_earlier_order(stage: KrxStage) -> None:
    stage.hold(60)
    stage.trade(kst(10, 5), 10_300, 25)
    early, late = stage.sell(20, 10_200), stage.sell(20, 10_200)
    stage.wait()
    best = stage.sell(20, 10_100)
    stage.until(kst(10, 6))
    assert [best.filled, early.filled, late.filled] == [20, 5, 0]


def test_a_market_order_waits_with_its_rest_for_the_next_book(stage: KrxStage) -> None:
    order = stage.buy(80, 0, Division.MARKET)
    stage.wait()
    assert (order.filled, order.status) == (70, OrderStatus.OPEN)
    stage.trade(kst(10, 1), 10_050, 5, asks=[(10_060, 300)])
    stage.until(kst(10, 2))
    assert [fill.price for fill in stage.account.executions] == [10_010, 10_020, 10_060]
    assert order.status is OrderStatus.FILLED


def test_best_and_first_in_line_take_their_price_from_the_book(stage: KrxStage) -> None:
    best, first = stage.buy(25, 0, "03"), stage.buy(5, 0, "04")
    stage.wait()
    assert best.limit == 10_010
    assert (best.filled, best.open_qty) == (20, 5)
    assert first.limit == 10_000
    # From now on a named price is what they hold back.
    assert stage.account.buying_power() == stage.account.cash - 5 * 10_010 - 5 * 10_000
    assert first.filled == 0


def test_best_is_refused_by_the_exchange_where_nobody_stands(stage: KrxStage) -> None:
    stage.trade(kst(10, 1), 13_000, 5, asks=[])
    stage.until(kst(10, 2))
    order = stage.buy(5, 0, "03")
    stage.wait()
    assert (order.status, order.rejected) == (OrderStatus.REFUSED, 5)
    assert stage.kinds() == ["received", "refused"]


@pytest.mark.parametrize(
    ("division", "limit", "qty", "filled"),
    [
        ("11", 10_010, 30, 20),
        ("12", 10_010, 30, 0),
        ("12", 10_020, 30, 30),
        ("13", 0, 100, 70),
        ("14", 0, 100, 0),
        ("14", 0, 70, 70),
        ("15", 0, 30, 20),
        ("16", 0, 30, 0),
        ("16", 0, 20, 20),
    ],
)
def test_ioc_keeps_what_it_got_and_fok_takes_all_or_nothing(
    stage: KrxStage, division: str, limit: int, qty: int, filled: int
) -> None:
    order = stage.buy(qty, limit, division)
    stage.wait()
    assert (order.filled, order.open_qty, order.cancelled) == (filled, 0, qty - filled)
    last = stage.notices[-1]
    if filled < qty:
        assert (last.kind, last.qty, order.status) == (
            NoticeKind.LAPSED, qty - filled, OrderStatus.CANCELLED,
        )  # fmt: skip
        assert last.lasts.value == ("1" if division in {"11", "13", "15"} else "2")
    else:
        assert (last.kind, order.status) == (NoticeKind.FILL, OrderStatus.FILLED)
    assert stage.account.buying_power() == stage.account.cash


def test_a_stop_limit_sleeps_until_its_trigger_has_traded(stage: KrxStage) -> None:
    stage.hold(10)
    stage.trade(kst(10, 1), 9_910, 50)
    stage.trade(kst(10, 2), 9_900, 50, bids=[(9_890, 4)])
    order = stage.sell(10, 9_880, Division.STOP, trigger=Decimal(9_900))
    stage.until(kst(10, 1, 30))
    assert (order.filled, order.open_qty, order.triggered_at) == (0, 10, None)
    stage.until(kst(10, 3))
    assert (order.triggered_at, stage.fills()) == (kst(10, 2), [(4, 9_890)])


def test_an_order_by_hand_trades_at_once_in_either_market(stage: KrxStage) -> None:
    by_hand = taken(stage.books.hand_order(Server.REAL, Side.BUY, SHARE, 3))
    stage.wait()
    assert (by_hand.filled, by_hand.request.media) == (3, "모바일")
    stage.trade(kst(16, 1), 10_000, 10)
    stage.until(kst(16, 2))
    later = taken(stage.books.hand_order(Server.REAL, Side.BUY, SHARE, 3, Decimal(10_010)))
    stage.wait()
    assert (later.division, later.filled) == (Division.AFTER_LIMIT, 3)


def test_notices_can_be_held_back_and_hurried(stage: KrxStage) -> None:
    order = stage.buy(3, 10_010)
    stage.books.hold_notices(order.no)
    stage.wait()
    assert stage.kinds() == []
    stage.books.release_notices(order.no)
    assert stage.kinds() == ["received", "confirmed", "fill"]
    hurried = stage.buy(3, 10_010)
    stage.books.settle_now(hurried.no)
    assert hurried.filled == 3


def test_a_notice_tells_what_the_wire_needs(stage: KrxStage) -> None:
    order = stage.buy(3, 10_020)
    stage.wait()
    fill = stage.notices[-1]
    assert (fill.qty, int(fill.price), int(fill.order_price)) == (3, 10_010, 10_020)
    assert fill.order_qty == 3
    assert (fill.branch, fill.division, fill.exchange) == ("06010", "00", "KRX")
    paper = stage.buy(3, 10_020, server=Server.PAPER)
    assert (order.branch, paper.branch, len(order.no)) == ("06010", "91252", 10)


def test_an_order_of_another_symbol_is_left_alone(stage: KrxStage) -> None:
    order = stage.buy(3, 9_900, symbol=OTHER)
    stage.trade(kst(10, 1), 9_900, 50)
    stage.until(kst(10, 2))
    assert order.filled == 0


def test_the_report_holds_every_order_and_fill(stage: KrxStage) -> None:
    stage.buy(3, 10_010)
    stage.wait()
    report = stage.books.report()["real"]
    assert isinstance(report, dict)
    assert report["holdings"] == {
        SHARE: {"qty": 3, "average": "10010.0000", "exchange": "KRX", "sellable": 3}
    }
    assert [fill["price"] for fill in report["fills"]] == ["10010"]
    assert report["cash"] == str(100_000_000 - 30_030)
