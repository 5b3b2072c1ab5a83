"""The published python-kis, an independent client, trades US shares against the sandbox."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox.model import Server, Side
from sandbox.orders import Execution
from sandbox.scenario import Scenario, StartingHolding
from sandbox.session import ET, at, next_trading_day
from tests.sandbox.kis_child import Child, child_of, python_kis


@pytest.fixture
def child() -> Iterator[Child]:
    # python-kis compares the token's end with the machine's clock: the day must lie ahead.
    day = next_trading_day(datetime.now(ET).date())
    holding = StartingHolding(Server.REAL, "AAPL", 7, Decimal("200.00"))
    with child_of(Scenario(start=at(day, time(10)), holdings=(holding,))) as running:
        yield running


@pytest.fixture
def client(child: Child, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with python_kis(child, monkeypatch) as kis:
        yield kis


def test_python_kis_reads_a_price_and_a_balance_and_places_and_cancels(
    child: Child, client: Any
) -> None:
    apple = client.stock("AAPL", market="NASDAQ")
    assert apple.name == "애플"
    quote = apple.quote()
    assert quote.price == child.world.market.price("AAPL")

    (held,) = [s for s in client.account().balance("US").stocks if s.symbol == "AAPL"]
    assert (held.qty, held.purchase_price) == (7, Decimal("200.00"))

    target = (quote.price * Decimal("1.2")).quantize(Decimal("0.01"))
    order = apple.sell(price=target, qty=3)
    sells = child.world.books.accounts[Server.REAL]
    placed = sells.orders[order.number.zfill(10)]
    assert (placed.request.qty, placed.request.limit) == (3, target)

    pending = client.account().pending_orders("US")
    assert [entry.order_number.number for entry in pending.orders] == [order.number]
    order.cancel()
    # Sent is not yet done: the exchange takes its moment.
    child.until(lambda: placed.open_qty == 0)
    assert client.account().pending_orders("US").orders == []
    assert sells.sellable("AAPL") == 7


def test_python_kis_reads_what_sales_of_earlier_days_brought(child: Child, client: Any) -> None:
    now = child.world.clock.now()
    yesterday, fee = now - timedelta(days=1), Decimal("3.75")
    for at_, symbol in ((yesterday, "AAPL"), (now, "KO")):
        child.world.books.accounts[Server.REAL].executions.append(
            Execution(
                *(Server.REAL, "0000037400", at_, Side.SELL, symbol, 7, Decimal("214.50"), fee),
                Decimal("97.75"),
            )
        )
    days = yesterday.astimezone(ET).date(), now.astimezone(ET).date()
    profits = client.account().profits(*days, country="US")
    (row,) = profits.orders
    assert (row.symbol, row.quantity, row.buy_price) == ("AAPL", 7, 200)
    assert (row.sell_amount, row.buy_amount) == (Decimal("1501.5"), 1400)
    assert profits.fees == fee * row.exchange_rate
