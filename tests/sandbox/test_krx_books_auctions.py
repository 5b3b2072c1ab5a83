from datetime import date
from decimal import Decimal

import pytest

from sandbox.krx.acceptance import Reason
from sandbox.krx.divisions import Division
from sandbox.krx.model import SymbolState
from sandbox.model import Server, Side
from sandbox.orders import OrderStatus
from tests.sandbox.krx_floor import FUND, SHARE, KrxStage, at_ten, kst, reason, taken

CONTINUOUS_ONLY = ("03", "04", "11", "12", "13", "14", "15", "16")


@pytest.fixture
def stage() -> KrxStage:
    return at_ten()


def test_the_opening_auction_trades_every_willing_order_at_one_price() -> None:
    stage = KrxStage(kst(8, 40))
    stage.hold(100)
    stage.trade(kst(9), 10_050, 40, auction=True)
    unwilling = stage.buy(10, 10_040)
    limit = stage.buy(30, 10_100)
    market = stage.buy(30, 0, Division.MARKET)
    sale = stage.sell(10, 9_990)
    stage.until(kst(8, 59, 59))
    assert limit.filled == market.filled == 0
    stage.until(kst(9))
    assert [order.filled for order in (market, limit, unwilling, sale)] == [30, 10, 0, 10]
    assert {fill.price for fill in stage.account.executions} == {Decimal(10_050)}


def test_what_an_auction_leaves_meets_the_next_book_at_its_price() -> None:
    stage = KrxStage(kst(8, 40))
    stage.trade(kst(9), 10_050, 10, asks=[(10_050, 99)], auction=True)
    stage.trade(kst(9, 0, 1), 10_040, 5, asks=[(10_040, 15)])
    order = stage.buy(30, 10_100)
    stage.until(kst(9, 0, 2))
    assert stage.fills() == [(10, 10_050), (15, 10_040)]
    assert order.open_qty == 5


def test_the_closing_auction_trades_at_the_close_and_what_it_leaves_expires(
    stage: KrxStage,
) -> None:
    stage.hold(50)
    stage.until(kst(15, 21))
    stage.trade(kst(15, 30), 9_950, 30, auction=True)
    market, limit = stage.sell(20, 0, Division.MARKET), stage.sell(20, 9_950)
    too_dear = stage.sell(10, 9_960)
    stage.until(kst(15, 29, 59))
    assert market.filled == limit.filled == 0
    stage.until(kst(15, 31))
    assert [order.filled for order in (market, limit, too_dear)] == [20, 10, 0]
    assert [order.status for order in (limit, too_dear)] == [OrderStatus.EXPIRED] * 2
    assert stage.account.sellable(SHARE) == 20
    assert {fill.at for fill in stage.account.executions} == {kst(15, 30)}


def test_an_order_that_rested_meets_the_book_after_an_interruption_anew(stage: KrxStage) -> None:
    stage.trade(kst(10, 2, 10), 9_700, 10, asks=[(9_700, 99)], auction=True)
    stage.trade(kst(10, 2, 11), 9_710, 5, asks=[(9_720, 15)])
    stage.buy(30, 9_900)
    stage.until(kst(10, 3))
    assert stage.fills() == [(10, 9_700), (15, 9_720)]


def test_an_auction_short_of_the_trigger_leaves_a_stop_limit_asleep(stage: KrxStage) -> None:
    stage.trade(kst(10, 2, 10), 10_300, 99, auction=True)
    order = stage.buy(5, 10_500, Division.STOP, trigger=Decimal(10_400))
    stage.until(kst(10, 3))
    assert (order.filled, order.open_qty) == (0, 5)


def test_the_rest_of_a_best_order_lives_to_the_close(stage: KrxStage) -> None:
    order = stage.buy(25, 0, "03")
    stage.until(kst(15, 29, 59))
    assert (order.filled, order.open_qty) == (20, 5)
    stage.until(kst(15, 30))
    assert order.status is OrderStatus.EXPIRED


def test_a_conditional_limit_becomes_market_in_the_closing_auction(stage: KrxStage) -> None:
    order = stage.buy(10, 9_500, Division.CONDITIONAL)
    stage.trade(kst(15, 30), 9_950, 30, auction=True)
    stage.until(kst(15, 20))
    assert (order.limit, order.filled) == (None, 0)
    stage.until(kst(15, 31))
    assert stage.fills() == [(10, 9_950)]


def test_a_volatility_interruption_keeps_market_orders_waiting_for_its_auction(
    stage: KrxStage,
) -> None:
    stage.interrupt()
    market, limit = stage.buy(10, 0, Division.MARKET), stage.buy(10, 10_400)
    stage.wait(30)
    assert (market.status, market.filled, limit.filled) == (OrderStatus.OPEN, 0, 0)
    stage.trade(kst(10, 2, 10), 10_350, 15, auction=True)
    stage.until(kst(10, 3))
    assert (market.filled, limit.filled) == (10, 5)
    assert {fill.price for fill in stage.account.executions} == {Decimal(10_350)}


def test_types_of_continuous_trading_are_not_taken_in_an_interruption(stage: KrxStage) -> None:
    stage.interrupt()
    for division in CONTINUOUS_ONLY:
        limit = 10_010 if division in {"11", "12"} else 0
        assert stage.refused(Side.BUY, 1, limit, division) is Reason.IN_AUCTION


def test_an_interruption_on_the_way_to_the_exchange_refuses_them_there(stage: KrxStage) -> None:
    order = stage.buy(5, 0, Division.MARKET_IOC)
    stage.interrupt()
    stage.wait()
    assert (order.status, order.filled) == (OrderStatus.REFUSED, 0)


def test_a_halted_symbol_takes_no_orders_and_lets_go_of_old_ones(stage: KrxStage) -> None:
    stage.hold(10)
    order, on_its_way = stage.sell(4, 10_500), None
    stage.wait()
    on_its_way = stage.sell(1, 10_000)
    stage.floor.states[SHARE] = SymbolState(halted=True)
    assert stage.refused(Side.SELL, 1, 10_000) is Reason.HALTED
    amended = stage.books.amend(Server.REAL, order.no, None, Decimal(10_400))
    assert reason(amended) is Reason.HALTED
    taken(stage.books.cancel(Server.REAL, order.no))
    stage.wait()
    assert (on_its_way.status, order.status) == (OrderStatus.REFUSED, OrderStatus.CANCELLED)


@pytest.mark.parametrize(
    ("moment", "division", "expected"),
    [
        (kst(8, 29, 59), "00", Reason.BEFORE_OPEN),
        (kst(15, 30), "00", Reason.AFTER_CLOSE),
        (kst(17), "01", Reason.AFTER_CLOSE),
        (kst(8, 59), "03", Reason.BEFORE_OPEN),
        (kst(15, 20), "13", Reason.AFTER_CLOSE),
        (kst(8, 40), "05", Reason.AFTER_CLOSE),
        (kst(15, 29), "06", Reason.BEFORE_OPEN),
        (kst(16), "06", Reason.AFTER_CLOSE),
        (kst(15, 59), "41", Reason.BEFORE_OPEN),
        (kst(20), "44", Reason.AFTER_CLOSE),
        (kst(10, day=date(2026, 11, 21)), "00", Reason.NOT_TRADING_DAY),
        (kst(10, day=date(2026, 12, 31)), "00", Reason.NOT_TRADING_DAY),
        (kst(9, 29, day=date(2026, 1, 2)), "00", Reason.BEFORE_OPEN),
        (kst(16, 30, day=date(2026, 11, 19)), "00", Reason.AFTER_CLOSE),
        (kst(17, day=date(2026, 9, 11)), "41", Reason.BAD_DIVISION),
    ],
)
def test_each_type_is_taken_in_its_own_stretch_of_the_day_only(
    moment: object, division: str, expected: Reason
) -> None:
    stage = KrxStage(moment)  # type: ignore[arg-type]  # parametrized
    limit = 10_000 if division in {"00", "41"} else 0
    assert stage.refused(Side.BUY, 1, limit, division) is expected


@pytest.mark.parametrize(
    ("moment", "division"),
    [
        (kst(8, 30), "00"), (kst(15, 29, 59), "01"), (kst(9), "11"), (kst(15, 19, 59), "04"),
        (kst(8, 30), "05"), (kst(15, 30), "06"), (kst(16), "41"), (kst(19, 59, 59), "47"),
        (kst(16, 29, day=date(2026, 11, 19)), "00"),
    ],
)  # fmt: skip
def test_the_edges_of_a_stretch_belong_to_it(moment: object, division: str) -> None:
    stage = KrxStage(moment)  # type: ignore[arg-type]  # parametrized
    stage.buy(1, 10_000 if division in {"00", "11", "41"} else 0, division)


def test_an_order_that_reaches_the_exchange_after_the_close_is_refused_there() -> None:
    stage = KrxStage(kst(15, 29, 59.98))
    order = stage.buy(1, 10_000)
    stage.wait(0.1)
    assert order.status is OrderStatus.REFUSED


def test_orders_at_a_closing_price_find_nobody_and_end_with_their_stretch() -> None:
    stage = KrxStage(kst(15, 35))
    stage.hold(5)
    order = stage.sell(5, 0, Division.AFTER_HOURS)
    stage.trade(kst(16), 10_100, 50)
    stage.until(kst(15, 59))
    assert order.open_qty == 5
    stage.until(kst(16, 0, 1))
    assert (order.status, order.filled) == (OrderStatus.EXPIRED, 0)


def test_the_after_market_has_a_book_of_its_own_and_no_funds() -> None:
    stage = KrxStage(kst(16, 1))
    assert stage.refused(Side.BUY, 1, 10_000, "41", symbol=FUND) is Reason.BAD_DIVISION
    resting = stage.buy(10, 9_900, "41")
    stage.trade(kst(16, 2), 10_000, 10)
    stage.trade(kst(16, 3), 9_900, 6)
    stage.until(kst(16, 2, 30))
    taker, ioc = stage.buy(4, 0, "44"), stage.buy(90, 0, "45")
    stage.until(kst(16, 4))
    assert stage.fills() == [(4, 10_010), (6, 10_010), (6, 9_900)]
    assert taker.status is OrderStatus.FILLED
    assert (ioc.filled, ioc.cancelled) == (6, 84)
    assert resting.filled == 6
    stage.until(kst(20, 0, 1))
    assert resting.status is OrderStatus.EXPIRED
