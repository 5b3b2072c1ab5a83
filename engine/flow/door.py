"""What the chat's door knows of one desk: its engine, its day, what its market allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Generic

from engine.errors import TradingError
from engine.flow.day import DaySales
from engine.flow.desk_engine import DeskEngine
from engine.flow.sales import sale_view
from engine.flow.session import D
from engine.model.account import Cash
from engine.model.events import CashSeen, HoldingsSeen
from engine.model.ids import DeskName, Mode
from engine.model.live import Evidence
from engine.model.money import M, Money
from engine.model.quota import Priority, Quota
from engine.model.views import BalanceView, DayView, SaleView
from engine.ports.clock import Clock
from engine.rules.live import NOT_READ

NO_QUOTA = Quota(0, 0, 0, 0, 0)
_HANDLED_S = 5.0
_COMES_UP_IN, _LOOK_AGAIN = timedelta(seconds=8), timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True)
class Door(Generic[M, D]):
    """Reads of one desk. ``nothing``: zero in its currency.

    ``refusal`` says why a mode cannot be had here, empty when it can; ``note`` where a mode's
    quotes and fills come from; ``confirm_live`` writes down what a LIVE confirmation is for;
    ``evidence`` measures what speaks for LIVE.
    """

    engine: DeskEngine[M, D]
    day: DaySales
    nothing: M
    clock: Clock
    date_of: Callable[[datetime], date]
    refusal: Callable[[Mode], str]
    note: Callable[[Mode], str]
    confirm_live: Callable[[], Awaitable[None]]
    evidence: Callable[[], Awaitable[Evidence]]

    @property
    def name(self) -> DeskName:
        """Whose it is."""
        return self.engine.name

    @property
    def desk(self) -> D | None:
        """The desk in force; None between two modes and before the start."""
        return self.engine.session.desk if self.engine.session is not None else None

    @property
    def cash(self) -> Cash[M] | None:
        """As last read."""
        return self.engine.session.cash if self.engine.session is not None else None

    def quota(self) -> Quota:
        """Calls spent."""
        session = self.engine.session
        return session.parts.broker.quota() if session is not None else NO_QUOTA

    def why_not(self, mode: Mode) -> str:
        """Why the desk cannot go to the mode now."""
        if mode is self.engine.mode:
            return "already"
        stays_for = self.desk.stays_for if self.desk is not None else ""
        return stays_for or self.refusal(mode)

    def balance(self, market_value: M) -> BalanceView[M]:
        """Cash as last read beside what the holdings are worth."""
        cash = self.cash
        return BalanceView(
            at=cash.at if cash else None,
            deposit=cash.deposit if cash else None,
            orderable=cash.orderable if cash else None,
            market_value=market_value,
            fx=cash.fx if cash else None,
            is_outdated=cash is not None and self.day.has_traded(cash.at, self.engine.mode),
        )

    async def refresh(self) -> bool:
        """One balance and one cash call on the trader's wish; False when refused or failed."""
        session = self.engine.session
        if session is None:
            return False
        broker = session.parts.broker
        try:
            asked_in, asked_at = self.clock.generation, self.clock.now()
            holdings = await broker.fetch_holdings(Priority.RECONCILE)
            session.receive(HoldingsSeen(holdings, asked_at, broker.quota()), asked_in)
            session.receive(CashSeen(await broker.fetch_cash(Priority.RECONCILE)))
            async with asyncio.timeout(_HANDLED_S):  # the mode may change meanwhile
                await session.inbox.until_handled()
        except (TradingError, TimeoutError):
            return False
        return True

    async def measure(self) -> Evidence:
        """What speaks for LIVE, after a look at the account that the books are compared with."""
        await self._until_up()
        is_read = await self.refresh()
        seen = await self.evidence()
        return seen if is_read else replace(seen, unsettled=(NOT_READ,))

    async def _until_up(self) -> None:
        """Whoever asks in the first second gets an answer all the same."""
        until = self.clock.now() + _COMES_UP_IN
        while self.engine.session is None and self.clock.now() < until:
            await self.clock.sleep_for(_LOOK_AGAIN)

    async def sales(self, limit: int) -> tuple[SaleView[Money], ...]:
        """Latest sales first, from the book of the mode in force."""
        session = self.engine.session
        if session is None:
            return ()
        rows = await session.parts.journal.sales(self.name, None, limit)
        return tuple(sale_view(row) for row in rows)

    async def today(self) -> DayView[Money]:
        """Sums of today's sales. Raises JournalFailed."""
        session = self.engine.session
        journal = session.parts.journal if session is not None else None
        return await self.day.read(journal, self.date_of(self.clock.now()))
