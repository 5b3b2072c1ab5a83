"""The account at the broker, for one market and one mode."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from engine.model.account import Cash, Holding
from engine.model.orders import CancelIntent, OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import Priority, Quota


class Broker(Protocol):
    """Orders are sent at most once; reads may be retried inside.

    Reads raise BrokerUnavailable, RateLimited, AuthExpired, BrokerRefused, PayloadError or
    QuotaExhausted. ``place`` and ``cancel`` never raise those: an unclear end is OutcomeUnknown.
    """

    async def place(self, order: OrderIntent) -> PlaceAnswer:
        """Send one order, once."""
        ...

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """Ask to take an order back, once. Accepted does not mean that it is gone."""
        ...

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding, ...]:
        """All US holdings, one row a symbol."""
        ...

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport, ...]:
        """Orders and executions between two US dates, both included."""
        ...

    async def fetch_cash(self, priority: Priority) -> Cash:
        """Dollars and the won rate."""
        ...

    def quota(self) -> Quota:
        """Calls spent by this desk so far."""
        ...
