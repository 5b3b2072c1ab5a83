"""One run of a desk in one mode: its inbox, its runner, and how its orders are settled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic

from typing_extensions import TypeVar

from engine.desk.base import SwitchableDesk
from engine.errors import InvariantBroken, JournalFailed
from engine.flow.decisions import Decisions
from engine.flow.desk_runner import DeskRunner, Tell
from engine.flow.execution import Execution
from engine.flow.inbox import Inbox
from engine.flow.tape import Tape
from engine.flow.together import run_together
from engine.model.account import Cash
from engine.model.events import (
    CallsSeen,
    CashSeen,
    Event,
    TickSeen,
)
from engine.model.ids import DeskName, Mode
from engine.model.money import M
from engine.ports.broker import Broker
from engine.ports.calls import Calls
from engine.ports.clock import Clock
from engine.ports.feed import Feed
from engine.ports.journal import Journal, Unsettled
from engine.ports.market_data import MarketData
from engine.ports.profits import BrokerDays, Profits
from engine.ports.quotes import Quotes
from engine.ports.recorder import Recorder

log = logging.getLogger(__name__)

DRAIN_S = 6.0


@dataclass(frozen=True, slots=True)
class Parts(Generic[M]):
    """What one mode is made of (wiring's table).

    ``calls``: how the desk's calls fare; ``on_tick``: the simulated broker watches too; ``market``:
    for a desk that scans; ``profits`` and ``broker_days``: where the account is a real one.
    """

    mode: Mode
    broker: Broker[M]
    quotes: Quotes[M]
    feed: Feed[M]
    journal: Journal
    calls: Calls
    on_tick: Callable[[TickSeen[M]], None] | None = None
    market: MarketData | None = None
    profits: Profits[M] | None = None
    broker_days: BrokerDays | None = None


D = TypeVar("D", bound=SwitchableDesk[Any], default=SwitchableDesk[Any])


class Session(Generic[M, D]):
    """One run of the desk in one mode."""

    def __init__(
        self,
        name: DeskName,
        parts: Parts[M],
        desk: D,
        *,
        clock: Clock,
        tell: Tell,
        date_of: Callable[[datetime], date],
        tape: Tape[M] | None = None,
        recorder: Recorder[M] | None = None,
        unsettled: tuple[Unsettled, ...] = (),
    ) -> None:
        self.parts = parts
        self.desk = desk
        self.unsettled = unsettled
        self.inbox = Inbox[M]()
        self._clock = clock
        self._tape = tape
        self._recorder = recorder
        self.cash: Cash[M] | None = None
        self.execution = Execution(
            *(parts.broker, parts.quotes, parts.feed, parts.journal, clock),
            report=self.receive,
            date_of=date_of,
            market=parts.market,
        )
        self.decisions = Decisions(name, parts.mode)
        self.runner = DeskRunner(
            *(name, desk, self.inbox),
            clock=clock,
            journal=parts.journal,
            send=self.execution.send,
            tell=tell,
            date_of=date_of,
            recorder=recorder,
            note=self.decisions.note,
        )

    def receive(self, event: Event[M], asked_in: int | None = None) -> None:
        """Whatever comes from the world; ticks also reach the simulated broker.

        ``asked_in``: the clock's generation when an answer was asked for.
        """
        if isinstance(event, TickSeen):
            if self.parts.on_tick is not None:
                self.parts.on_tick(event)
            if self._tape is not None:
                self._tape.add(event.tick)
        if isinstance(event, CashSeen):
            self.cash = event.cash
        self.inbox.put(event, self._clock.generation if asked_in is None else asked_in)

    async def run(self) -> None:
        """Run until cancelled. When the book fails, order calls in flight may still finish."""
        try:
            await run_together(
                self._run_runner(),
                self.execution.run(),
                self.parts.feed.run(self.receive),
                self.parts.calls.run(lambda tally: self.receive(CallsSeen(tally))),
            )
        finally:
            if self._recorder is not None:
                self._recorder.close()

    async def drain(self) -> None:
        """Let order calls in flight end, within the deadline; what is left is unresolved."""
        async with _within_deadline():
            await self.runner.settle()
            await self.execution.finish_orders()
            await self.runner.settle()

    async def leave(self) -> None:
        """As ``drain``, with a desk that still decides: its answers may call for a cancel."""
        async with _within_deadline():
            while True:
                await self.inbox.until_handled()
                await self.runner.settle()
                if not self.execution.in_flight:
                    return
                await self.execution.finish_orders()

    async def _run_runner(self) -> None:
        try:
            await self.runner.run()
        except JournalFailed:
            await self.drain()
            raise
        except InvariantBroken:
            async with _within_deadline():
                await self.execution.finish_orders()
            raise


@asynccontextmanager
async def _within_deadline() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(DRAIN_S):
            yield
    except TimeoutError:
        log.warning("orders still in flight after %.0f s: left unresolved", DRAIN_S)
