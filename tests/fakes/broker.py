"""A broker whose answers a test sets by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

from engine.model.account import Cash, Holding
from engine.model.ids import BrokerOrderNo
from engine.model.money import Usd
from engine.model.orders import Accepted, CancelIntent, OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import Priority, Quota

NO_CALLS = Quota(0, 0, 4500, 500, 5000)


class FakeBroker:
    """Implements the Broker port; remembers what was placed."""

    def __init__(self, *holdings: Holding) -> None:
        self.holdings = holdings
        self.reports: tuple[OrderReport, ...] = ()
        self.answer: PlaceAnswer = Accepted(BrokerOrderNo("1"))
        self.placed: list[OrderIntent] = []
        self.cancelled: list[CancelIntent] = []

    async def place(self, order: OrderIntent) -> PlaceAnswer:
        self.placed.append(order)
        return self.answer

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        self.cancelled.append(order)
        return self.answer

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding, ...]:
        return self.holdings

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport, ...]:
        return self.reports

    async def fetch_cash(self, priority: Priority) -> Cash:
        zero = Usd(Decimal(0))
        return Cash(datetime(2026, 11, 20, tzinfo=UTC), zero, zero, None)

    def quota(self) -> Quota:
        return NO_CALLS
