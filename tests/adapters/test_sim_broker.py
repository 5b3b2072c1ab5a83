"""The simulated broker sells nothing for real and flatters nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.sim.broker import SimBroker
from engine.model.account import Holding
from engine.model.events import TickSeen
from engine.model.ids import ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Usd
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OrderReason,
    OrderReport,
    Rejected,
    Side,
)
from engine.model.quota import Priority
from engine.model.quotes import QuoteSource, Tick
from tests.fakes.broker import FakeBroker

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
AAPL = Symbol("AAPL")


class HandClock:
    generation = 0
    skipped = timedelta(0)

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    async def sleep_until(self, moment: datetime) -> None:
        self.at = max(self.at, moment)

    async def sleep_for(self, span: timedelta) -> None:
        self.at += span

    async def next_jump(self) -> tuple[datetime, datetime]:
        return self.at, self.at


class Memory:
    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.rows.get(key)

    async def put(self, key: str, value: str) -> None:
        self.rows[key] = value


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def holding(qty: int) -> Holding:
    return Holding(AAPL, Exchange.NASD, "Apple", Qty(qty), Qty(qty), usd("100"), usd("103"))


def sell(qty: int, limit: str) -> OrderIntent:
    return OrderIntent(
        client_order_id=ClientOrderId("o1"),
        desk=DeskName.US,
        symbol=AAPL,
        exchange=Exchange.NASD,
        side=Side.SELL,
        qty=Qty(qty),
        limit=usd(limit),
        reason=OrderReason.TARGET,
        decision_price=usd(limit),
        decided_at=START,
    )


def tick(price: str, *, bid: str | None, at: datetime, volume: int | None = None) -> TickSeen:
    quote = Tick(AAPL, at, usd(price), QuoteSource.STREAM, usd(bid) if bid else None, None, volume)
    return TickSeen(quote)


class Desk:
    def __init__(self, qty: int = 10) -> None:
        self.clock, self.memory = HandClock(), Memory()
        self.real = FakeBroker(holding(qty))
        self.sim = SimBroker(self.real, self.clock, self.memory, datetime.date)

    async def visible(self) -> int:
        rows = await self.sim.fetch_holdings(Priority.QUOTE)
        return sum(row.qty for row in rows)

    async def report(self) -> OrderReport:
        rows = await self.sim.fetch_reports(DAY, DAY, Priority.QUOTE)
        return rows[-1]

    def see(self, price: str, bid: str | None, after_s: float, volume: int | None = None) -> None:
        self.clock.at = START + timedelta(seconds=after_s)
        self.sim.on_tick(tick(price, bid=bid, at=self.clock.at, volume=volume))


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_no_order_ever_reaches_the_real_broker(desk: Desk) -> None:
    await desk.visible()
    assert isinstance(await desk.sim.place(sell(10, "103")), Accepted)
    desk.see("103", "103", 1)
    assert desk.real.placed == []


async def test_a_sale_needs_a_bid_at_the_limit(desk: Desk) -> None:
    await desk.visible()
    await desk.sim.place(sell(10, "103"))
    desk.see("103", "102.99", 1)
    assert (await desk.report()).filled_qty == 0
    desk.see("103", "103.05", 2)
    report = await desk.report()
    assert (report.filled_qty, report.avg_price) == (10, usd("103"))


async def test_nothing_fills_within_the_first_half_second(desk: Desk) -> None:
    await desk.visible()
    await desk.sim.place(sell(10, "103"))
    desk.see("104", "104", 0.4)
    assert (await desk.report()).filled_qty == 0


async def test_a_resting_order_takes_a_tenth_of_the_volume_at_most(desk: Desk) -> None:
    await desk.visible()
    desk.see("102", "102", 0, volume=1000)
    await desk.sim.place(sell(10, "103"))
    desk.see("103", "103", 1, volume=1045)
    assert (await desk.report()).filled_qty == 4
    desk.see("103", "103", 2, volume=1045)
    assert (await desk.report()).filled_qty == 4


async def test_sold_shares_stay_hidden_until_the_real_quantity_changes(desk: Desk) -> None:
    await desk.visible()
    await desk.sim.place(sell(10, "103"))
    desk.see("103", "103", 1)
    assert await desk.visible() == 0
    desk.real.holdings = (holding(15),)
    assert await desk.visible() == 5
    desk.real.holdings = (holding(3),)
    assert await desk.visible() == 0
    desk.real.holdings = (holding(8),)
    assert await desk.visible() == 5


async def test_shares_cannot_be_sold_twice(desk: Desk) -> None:
    await desk.visible()
    await desk.sim.place(sell(6, "103"))
    assert isinstance(await desk.sim.place(sell(6, "103")), Rejected)


async def test_a_cancelled_order_fills_no_more(desk: Desk) -> None:
    await desk.visible()
    answer = await desk.sim.place(sell(10, "103"))
    assert isinstance(answer, Accepted)
    number = answer.broker_order_no
    await desk.sim.cancel(CancelIntent(ClientOrderId("o1"), number, AAPL, Exchange.NASD, Qty(10)))
    desk.see("104", "104", 1)
    report = await desk.report()
    assert (report.filled_qty, report.open_qty) == (0, 0)


async def test_a_restart_forgets_no_simulated_sale(desk: Desk) -> None:
    await desk.visible()
    await desk.sim.place(sell(10, "103"))
    desk.see("103", "103", 1)
    await desk.report()
    again = SimBroker(desk.real, desk.clock, desk.memory, datetime.date)
    assert await again.fetch_holdings(Priority.QUOTE) == ()
    assert len(await again.fetch_reports(DAY, DAY, Priority.QUOTE)) == 1


async def test_a_bid_from_before_the_order_does_not_fill_it(desk: Desk) -> None:
    await desk.visible()
    desk.sim.on_tick(tick("104", bid="104", at=START, volume=1))
    await desk.sim.place(sell(10, "103"))
    desk.clock.at = START + timedelta(seconds=2)
    assert (await desk.report()).filled_qty == 0


async def test_shares_committed_to_a_real_open_sell_are_not_free(desk: Desk) -> None:
    desk.real.holdings = (replace(holding(10), sellable_qty=Qty(4)),)
    await desk.visible()
    assert isinstance(await desk.sim.place(sell(5, "103")), Rejected)


async def test_order_numbers_are_never_used_twice(desk: Desk) -> None:
    await desk.visible()
    first = await desk.sim.place(sell(2, "103"))
    desk.clock.at = START + timedelta(days=3)
    await desk.visible()
    again = SimBroker(desk.real, desk.clock, desk.memory, datetime.date)
    await again.fetch_holdings(Priority.QUOTE)
    assert await again.place(sell(2, "103")) != first


async def test_a_day_order_ends_with_its_date(desk: Desk) -> None:
    await desk.visible()
    await desk.sim.place(sell(10, "103"))
    desk.see("104", "104", 24 * 3600)
    assert await desk.visible() == 10
    assert isinstance(await desk.sim.place(sell(10, "103")), Accepted)
    first, second = await desk.sim.fetch_reports(DAY, DAY, Priority.QUOTE)
    assert (first.filled_qty, first.open_qty) == (0, 0)
    assert second.open_qty == 10
