from decimal import Decimal

import pytest

from sandbox.krx.acceptance import Reason
from sandbox.krx.divisions import Division
from sandbox.model import Server, Side
from sandbox.orders import OrderStatus
from tests.sandbox.krx_floor import KrxStage, at_ten, kst, taken


@pytest.fixture
def stage() -> KrxStage:
    return at_ten()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"symbol": "999999"}, Reason.UNKNOWN_SYMBOL),
        ({"qty": 0}, Reason.BAD_QTY),
        ({"limit": 10_005}, Reason.OFF_TICK),
        ({"limit": 0}, Reason.OFF_TICK),
        ({"limit": 13_010}, Reason.OUTSIDE_BAND),
        ({"limit": 6_990}, Reason.OUTSIDE_BAND),
        ({"limit": 10_000, "division": "01"}, Reason.PRICE_NOT_WANTED),
        ({"division": "22"}, Reason.NO_TRIGGER),
        ({"trigger": Decimal(10_100)}, Reason.NO_TRIGGER),
        ({"division": "22", "trigger": Decimal(10_005)}, Reason.OFF_TICK),
        ({"division": "07"}, Reason.BAD_DIVISION),
        ({"division": "21"}, Reason.BAD_DIVISION),
        ({"division": "27"}, Reason.BAD_DIVISION),
        ({"venue": "NXT"}, Reason.BAD_VENUE),
        ({"venue": "SOR", "division": "02"}, Reason.BAD_DIVISION),
        ({"venue": "SOR", "server": Server.PAPER}, Reason.BAD_VENUE),
        ({"venue": "NXT", "server": Server.PAPER}, Reason.BAD_VENUE),
        ({"division": "11", "server": Server.PAPER}, Reason.BAD_DIVISION),
        ({"qty": 10_001}, Reason.NO_CASH),
    ],
)
def test_an_order_is_refused_for(
    stage: KrxStage, changes: dict[str, object], expected: Reason
) -> None:
    fields: dict[str, object] = {"qty": 1, "limit": 10_000} | changes
    assert stage.refused(Side.BUY, **fields) is expected  # type: ignore[arg-type]  # a table
    assert stage.account.orders == {}


def test_best_execution_trades_on_the_krx_and_is_told_as_asked(stage: KrxStage) -> None:
    order = stage.buy(5, 10_010, venue="SOR")
    stage.wait()
    assert (order.filled, stage.notices[-1].venue) == (5, "SOR")


def test_paper_takes_the_first_five_types(stage: KrxStage) -> None:
    for division in ("00", "01", "02", "03", "04"):
        limit = 10_000 if division in {"00", "02"} else 0
        stage.buy(1, limit, division, server=Server.PAPER)


def test_a_market_buy_needs_cash_at_the_upper_limit() -> None:
    stage = KrxStage(cash="130000", fee_pct="0.0140527")
    stage.trade(kst(9, 59), 10_000, 30)
    stage.until(kst(10))
    assert stage.refused(Side.BUY, 10, 0, Division.MARKET) is Reason.NO_CASH
    order = stage.buy(9, 0, Division.MARKET)
    assert stage.account.buying_power() == 130_000 - 117_000 - 16
    stage.wait()
    assert order.filled == 9
    assert stage.account.buying_power() == 130_000 - 90_090 - 12


def test_so_does_a_conditional_buy_that_may_become_one() -> None:
    stage = KrxStage(cash="130000")
    assert stage.refused(Side.BUY, 11, 9_000, Division.CONDITIONAL) is Reason.NO_CASH
    stage.buy(10, 9_000, Division.CONDITIONAL)


def test_shares_and_cash_of_live_orders_cannot_be_used_again() -> None:
    stage = KrxStage(cash="100000")
    stage.hold(10)
    stage.sell(7, 10_500)
    assert stage.refused(Side.SELL, 4, 10_500) is Reason.NO_SHARES
    stage.sell(3, 10_500)
    stage.buy(9, 9_900)
    assert stage.refused(Side.BUY, 2, 9_900) is Reason.NO_CASH
    stage.buy(1, 9_900)


def test_a_refusal_by_the_exchange_frees_what_was_held(stage: KrxStage) -> None:
    order = taken(stage.books.place(stage.buy(1, 9_000).request, refuse_later="거래소 거부"))
    stage.wait()
    assert (order.status, order.reject_reason) == (OrderStatus.REFUSED, "거래소 거부")
    assert stage.account.buying_power() == stage.account.cash - 9_000
