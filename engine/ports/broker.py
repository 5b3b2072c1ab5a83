"""The account at the broker, for one market and one mode."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from engine.model.account import Cash, Holding
from engine.model.money import M
from engine.model.orders import CancelIntent, OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import Priority, Quota


class Broker(Protocol[M]):
    """Orders are sent at most once; reads may be retried inside. Dates are the exchange's.

    Reads raise BrokerUnavailable, RateLimited, AuthExpired, BrokerRefused, PayloadError or
    QuotaExhausted. ``place`` and ``cancel`` never raise those: an unclear end is OutcomeUnknown.
    """

    async def place(self, order: OrderIntent[M]) -> PlaceAnswer:
        """Send one order, once."""
        ...

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """Ask to take an order back, once. Accepted does not mean that it is gone."""
        ...

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding[M], ...]:
        """All holdings of the market, one row a symbol."""
        ...

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport[M], ...]:
        """Orders and executions between two dates, both included."""
        ...

    async def fetch_cash(self, priority: Priority) -> Cash[M]:
        """Cash, for dollars with the won rate."""
        ...

    def quota(self) -> Quota:
        """Calls spent by this desk so far."""
        ...
