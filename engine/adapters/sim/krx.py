"""Dry run in Korea: a won account of its own, filled by what the market shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from engine.adapters.sim.krx_account import Costs, KrxSimAccount, SimBooks
from engine.adapters.sim.krx_memory import from_text, to_text
from engine.model.account import Cash, Holding
from engine.model.events import TickSeen
from engine.model.money import Krw
from engine.model.orders import CancelIntent, OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import Priority, Quota
from engine.ports.chat_store import ChatValues
from engine.ports.clock import Clock

__all__ = ["Costs", "KrxSimBroker"]

_KEY = "sim.krx"
_KEPT = timedelta(days=2)


class KrxSimBroker:
    """Implements Broker[Krw]. Begins with ``opening_cash`` and nothing else.

    ``quota``: real reads cost real calls. ``memory`` None: the account ends with the process.
    """

    def __init__(
        self,
        clock: Clock,
        date_of: Callable[[datetime], date],
        costs: Costs,
        *,
        opening_cash: Callable[[], Awaitable[Krw]],
        quota: Callable[[], Quota],
        memory: ChatValues | None = None,
    ) -> None:
        self._clock = clock
        self._date_of = date_of
        self._costs = costs
        self._opening_cash = opening_cash
        self._quota = quota
        self._memory = memory
        self._known: KrxSimAccount | None = None
        self._stored = ""

    def on_tick(self, event: TickSeen[Krw]) -> None:
        """Every price the desk sees may fill what rests here."""
        if self._known is not None:
            self._known.on_tick(event.tick, self._clock.now())

    async def place(self, order: OrderIntent[Krw]) -> PlaceAnswer:
        """Take an order that the account can carry; anything else is refused."""
        account = await self._account()
        answer = account.place(order, self._clock.now())
        await self._save(account)
        return answer

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """End the open part."""
        account = await self._account()
        answer = account.cancel(order, self._clock.now())
        await self._save(account)
        return answer

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding[Krw], ...]:
        """What was bought here and not sold."""
        del priority
        account = await self._account()
        found = account.holdings(self._clock.now())
        await self._save(account)
        return found

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport[Krw], ...]:
        """The simulated orders of these dates."""
        del priority
        account = await self._account()
        found = account.reports(first, last, self._clock.now())
        await self._save(account)
        return found

    async def fetch_cash(self, priority: Priority) -> Cash[Krw]:
        """Cash, and what open buys leave of it."""
        del priority
        account = await self._account()
        return account.cash(self._clock.now())

    def quota(self) -> Quota:
        """Calls spent by the reads beside it."""
        return self._quota()

    async def _account(self) -> KrxSimAccount:
        """Loaded with the first call; prices before it fill nothing, since nothing rests yet."""
        if self._known is None:
            loaded = await self._load()
            if self._known is None:  # else another call was quicker
                self._known = loaded
        return self._known

    async def _load(self) -> KrxSimAccount:
        if self._memory is not None:
            self._stored = await self._memory.get(_KEY) or ""
        if self._stored:
            books = from_text(self._stored)
        else:
            books = SimBooks(cash=await self._opening_cash())
        return KrxSimAccount(books, self._date_of, self._costs)

    async def _save(self, account: KrxSimAccount) -> None:
        """Fills included: what a tick changed is written with the next read."""
        if self._memory is None:
            return
        oldest = self._clock.now() - _KEPT
        orders = account.books.orders
        for number in [n for n, order in orders.items() if order.resting.placed_at <= oldest]:
            del orders[number]
        text = to_text(account.books)
        if text != self._stored:
            await self._memory.put(_KEY, text)
            self._stored = text
