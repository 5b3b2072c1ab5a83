"""The published python-kis, an independent client, trades Korean shares against the sandbox."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox.krx.account import KrxAccount
from sandbox.krx.hours import at, next_trading_day
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Server
from sandbox.scenario import Scenario, StartingHolding
from sandbox.session import KST
from tests.sandbox.kis_child import Child, child_of, python_kis
from tests.sandbox.krx_desk import LISTINGS, SHARE, KrxScript, trade

# python-kis compares the token's end with the machine's clock: the day must lie ahead.
DAY = next_trading_day(datetime.now(KST).date())


@pytest.fixture
def child() -> Iterator[Child]:
    opening = KrxPrint(at(DAY, time(9)), Decimal(10_000), 500, kind=PrintKind.AUCTION)
    later = [trade(opening.at + timedelta(minutes=n), 10_000 + 10 * n) for n in range(1, 41)]
    scenario = Scenario(
        start=at(DAY, time(10)),
        krx=KrxScenario(LISTINGS, KrxScript({SHARE: [opening, *later]}, days=120)),
        holdings=(StartingHolding(Server.REAL, SHARE, 7, Decimal(9_500)),),
    )
    with child_of(scenario) as running:
        yield running


@pytest.fixture
def client(child: Child, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with python_kis(child, monkeypatch) as kis:
        yield kis


@pytest.fixture
def account(child: Child) -> KrxAccount:
    return child.world.krx.books.accounts[Server.REAL]


def test_python_kis_reads_quote_book_charts_and_balance(child: Child, client: Any) -> None:
    share = client.stock(SHARE, market="KRX")
    assert share.name == "한빛소재"
    quote = share.quote()
    assert (quote.price, quote.change, quote.tick) == (10_400, 400, 10)
    assert (quote.high_limit, quote.low_limit) == (13_000, 7_000)
    assert (quote.halt, quote.risk) == (False, "none")

    book = share.orderbook()
    assert (book.ask_price.price, book.bid_price.price) == (10_400, 10_390)
    assert len(book.asks) == 10

    # Its pages: by thirty minutes, and by a hundred days.
    minutes = share.day_chart().bars
    assert len(minutes) == 41
    assert (minutes[0].open, minutes[-1].close) == (10_000, 10_400)
    days = share.daily_chart(end=DAY).bars
    assert len(days) == 121
    assert days[-1].close == 10_400

    balance = client.account().balance("KR")
    (held,) = balance.stocks
    assert (held.symbol, held.qty, held.purchase_price) == (SHARE, 7, 9_500)
    assert balance.deposits["KRW"].amount == 50_000_000


def test_python_kis_buys_sells_changes_cancels_and_lists(
    child: Child, client: Any, account: KrxAccount
) -> None:
    share = client.stock(SHARE, market="KRX")
    assert share.orderable_amount(price=10_400).amount == 50_000_000
    bought = share.buy(price=10_400, qty=3)
    child.until(lambda: account.held(SHARE) == 10)
    sold = share.sell(qty=2)
    child.until(lambda: account.held(SHARE) == 8)

    resting = share.sell(price=12_000, qty=4)
    child.until(lambda: account.sellable(SHARE) == 4)
    pending = client.account().pending_orders("KR")
    assert [entry.order_number.number for entry in pending.orders] == [resting.number]
    changed = resting.modify(price=12_500)
    key = (DAY, changed.branch, changed.number)
    child.until(lambda: account.orders[key].open_qty == 4)
    assert account.orders[key].request.limit == 12_500
    changed.cancel()
    child.until(lambda: account.sellable(SHARE) == 8)
    assert client.account().pending_orders("KR").orders == []

    done = {order.number: order for order in client.account().daily_orders(DAY, DAY).orders}
    assert (done[bought.number].executed_qty, done[bought.number].price) == (3, 10_400)
    assert (done[sold.number].executed_qty, done[sold.number].price) == (2, 10_390)
    assert done[resting.number].executed_qty == 0


def test_python_kis_reads_what_sales_brought(
    child: Child, client: Any, account: KrxAccount
) -> None:
    share = client.stock(SHARE, market="KRX")
    share.sell(price=10_390, qty=5)
    child.until(lambda: account.held(SHARE) == 2)
    (sale,) = account.executions
    profits = client.account().profits(start=DAY, end=DAY, country="KR")
    (row,) = profits.orders
    assert row.symbol.endswith(SHARE)
    assert (row.quantity, row.sell_amount) == (5, 51_950)
    assert (row.buy_price, row.time_kst.date()) == (9_500, DAY)
    assert profits.fees == sale.fee
