"""What happens to journalled facts: latches kept, alerts queued, listeners told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from engine.flow.alerts import alert_of
from engine.flow.desk_runner import Tell
from engine.flow.publisher import Publisher
from engine.model.facts import AnyFact
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.state_facts import StateChanged
from engine.ports.chat_store import Outbox
from engine.ports.journal import Journal, NumberedFact
from engine.ports.settings import Guard

AT_MOST = timedelta(hours=24)


class GuardKeeper(Protocol):
    """The part of the settings store that is needed here."""

    async def set_guard_latch(self, desk: DeskName, guard: Guard, at: datetime) -> None:
        """Persist the guard's latch alone; the user's belongs to the chat's door."""
        ...


class Teller:
    """One per process; ``for_book`` gives the teller of a mode's book."""

    def __init__(
        self,
        store: GuardKeeper,
        outbox: Outbox,
        publisher: Publisher,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._publisher = publisher
        self._now = now
        self.on_news: list[Callable[[], None]] = []
        self.on_gone: list[Callable[[Symbol, datetime], Awaitable[None]]] = []

    def for_book(self, mode: Mode) -> Tell:
        """Facts of this mode's book."""

        async def tell(facts: tuple[NumberedFact, ...]) -> None:
            await self._tell(mode, facts)

        return tell

    async def catch_up(self, mode: Mode, journal: Journal) -> None:
        """Queue what a crash between book and outbox left out.

        An outbox that knows nothing of the book (state.db is new) takes the last day of it. A book
        that ends before what the outbox knows was replaced: its numbers come again.
        """
        # In this order: another desk of the same book may be telling meanwhile.
        newest, last = await self._outbox.newest(mode.value), await journal.last_seq()
        if newest is not None and newest > last:
            await self._outbox.forget_after(mode.value, last)
        since = self._now() - AT_MOST if newest is None else None
        for numbered in await journal.facts_after(min(newest or 0, last), since):
            await self._queue(mode, numbered)
        self.wake()

    def wake(self) -> None:
        """The outbox got something."""
        for wake in self.on_news:
            wake()

    async def _tell(self, mode: Mode, facts: tuple[NumberedFact, ...]) -> None:
        has_news = False
        for numbered in facts:
            fact = numbered.fact
            if isinstance(fact, StateChanged):
                guard = Guard(fact.guard_latch, fact.reason, fact.measured, fact.limit)
                await self._store.set_guard_latch(numbered.desk, guard, self._now())
            await self._forget(fact, numbered.at)
            has_news |= await self._queue(mode, numbered)
        for numbered in facts:
            self._publisher.publish(numbered)
        if has_news:
            self.wake()

    async def _queue(self, mode: Mode, numbered: NumberedFact) -> bool:
        alert = alert_of(numbered.fact, numbered.desk)
        if alert is None:
            return False
        await self._outbox.put(mode.value, numbered, alert)
        return True

    async def _forget(self, fact: AnyFact, at: datetime) -> None:
        """A holding that is gone takes its kept target along."""
        symbol: Symbol | None = None
        if isinstance(fact, OrderFilled) and fact.left_qty == 0:
            symbol = fact.order.symbol
        elif isinstance(fact, SoldElsewhere) and fact.left_qty == 0:
            symbol = fact.symbol
        if symbol is not None:
            for forget in self.on_gone:
                await forget(symbol, at)
