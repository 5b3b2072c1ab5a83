"""The published python-kis, an independent client, trades against the sandbox."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from time import monotonic, sleep
from typing import Any

import pytest

from sandbox.books import Books
from sandbox.http import Running, serve
from sandbox.model import Server
from sandbox.scenario import Scenario, StartingHolding, build
from sandbox.session import ET, at, next_trading_day


@dataclass
class Child:
    """A sandbox in a thread, for a client that blocks."""

    loop: asyncio.AbstractEventLoop
    running: Running

    @property
    def books(self) -> Books:
        return self.running.world.books

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait, with the market's task running beside, for at most five seconds."""
        give_up = monotonic() + 5
        while not condition():
            assert monotonic() < give_up
            sleep(0.01)


@pytest.fixture
def child() -> Iterator[Child]:
    # python-kis compares the token's end with the machine's clock: the day must lie ahead.
    day = next_trading_day(datetime.now(ET).date())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Running:
        holding = StartingHolding(Server.REAL, "AAPL", 7, Decimal("200.00"))
        scenario = Scenario(start=at(day, time(10)), holdings=(holding,))
        return await serve(build(scenario))

    running = asyncio.run_coroutine_threadsafe(start(), loop).result(15)
    yield Child(loop, running)
    asyncio.run_coroutine_threadsafe(running.close(), loop).result(15)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(15)
    loop.close()


@pytest.fixture
def client(child: Child, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import pykis  # noqa: PLC0415 - loads slowly and warns; only this test pays for it
    import pykis.kis  # noqa: PLC0415

    monkeypatch.setattr(pykis.kis, "REAL_DOMAIN", f"{child.running.url}/real")
    # Its hosts have no path in front; the sandbox's have one.
    monkeypatch.setattr(pykis.kis, "urljoin", lambda host, path: host + path)
    owner = child.running.world.credentials[Server.REAL]
    kis = pykis.PyKis(
        id=owner.hts_id,
        account=f"{owner.account[:8]}-{owner.account[8:]}",
        appkey=owner.app_key,
        secretkey=owner.app_secret,
        use_websocket=False,
        keep_token=False,
    )
    yield kis
    kis.close()


def test_python_kis_reads_a_price_and_a_balance_and_places_and_cancels(
    child: Child, client: Any
) -> None:
    apple = client.stock("AAPL", market="NASDAQ")
    assert apple.name == "애플"
    quote = apple.quote()
    assert quote.price == child.running.world.market.price("AAPL")

    (held,) = [s for s in client.account().balance("US").stocks if s.symbol == "AAPL"]
    assert (held.qty, held.purchase_price) == (7, Decimal("200.00"))

    target = (quote.price * Decimal("1.2")).quantize(Decimal("0.01"))
    order = apple.sell(price=target, qty=3)
    sells = child.books.accounts[Server.REAL]
    placed = sells.orders[order.number.zfill(10)]
    assert (placed.request.qty, placed.request.limit) == (3, target)

    pending = client.account().pending_orders("US")
    assert [entry.order_number.number for entry in pending.orders] == [order.number]
    order.cancel()
    # Sent is not yet done: the exchange takes its moment.
    child.until(lambda: placed.open_qty == 0)
    assert client.account().pending_orders("US").orders == []
    assert sells.sellable("AAPL") == 7
