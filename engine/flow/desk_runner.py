"""The only caller of ``Desk.handle``: journal the outcome, then send, then tell."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, get_args

from engine.desk.base import Desk, Outcome
from engine.errors import JournalFailed
from engine.flow.inbox import Inbox
from engine.flow.together import run_together
from engine.model.events import (
    CallsSeen,
    CashSeen,
    ClockJumped,
    CommandGiven,
    Event,
    FetchFailed,
    HoldingsSeen,
    ReportsSeen,
    TickSeen,
    WakeUp,
)
from engine.model.ids import DeskName
from engine.model.intents import Cancel, Intent, Place
from engine.model.market_events import MarketEvent
from engine.model.money import M, M_co, Money
from engine.model.orders import Side
from engine.ports.clock import Clock
from engine.ports.journal import Entry, Journal, NumberedFact
from engine.ports.recorder import Recorder

log = logging.getLogger(__name__)

# What tells how things stood at a moment. Executions and answers to orders are never too old.
_SIGHTINGS = (
    *(HoldingsSeen, ReportsSeen, CashSeen, FetchFailed, TickSeen, CallsSeen),
    *get_args(MarketEvent),
)


@dataclass(frozen=True, slots=True)
class Decision(Generic[M_co]):
    """An outcome with the durable state as it was right after it."""

    at: datetime
    outcome: Outcome[M_co]
    snapshot: Mapping[str, object]


Send = Callable[[Intent[M]], Awaitable[None]]
Note = Callable[[datetime, Outcome[M]], None]
Tell = Callable[[tuple[NumberedFact, ...]], Awaitable[None]]


class DeskRunner(Generic[M]):
    """Feeds one desk from its inbox and carries its outcomes out in order.

    ``send`` starts the work of an intent and returns quickly; answers come back as events.
    ``tell`` receives journalled facts only. While journal or send wait, the desk goes on deciding.
    After a jump of the clock the desk hears of it first, and of nothing seen or asked for before.
    ``recorder`` takes down exactly what the desk hears, ``note`` what it decided, once it is sent.
    """

    def __init__(
        self,
        name: DeskName,
        desk: Desk[M],
        inbox: Inbox[M],
        *,
        clock: Clock,
        journal: Journal,
        send: Send[M],
        tell: Tell,
        date_of: Callable[[datetime], date],
        recorder: Recorder[M] | None = None,
        note: Note[M] | None = None,
    ) -> None:
        self._name = name
        self._desk = desk
        self._inbox = inbox
        self._clock = clock
        self._journal = journal
        self._send = send
        self._tell = tell
        self._date_of = date_of
        self._recorder = recorder
        self._note = note
        self._decisions: asyncio.Queue[Decision[M]] = asyncio.Queue()
        self._wake_at: datetime | None = None
        self._sooner = asyncio.Event()
        self._generation = clock.generation
        self._skipped = clock.skipped
        self._may_decide = asyncio.Event()
        self._may_decide.set()
        self._taken: tuple[CommandGiven, ...] = ()
        self.last_event_at: datetime | None = None

    async def run(self) -> None:
        """Run until cancelled; JournalFailed and InvariantBroken come out as they are."""
        await run_together(self._decide(), self._carry_out(), self._wake(), self._notice_jumps())

    def hold(self) -> None:
        """Decide nothing more until ``go_on``; what is decided is still carried out."""
        self._may_decide.clear()

    def go_on(self) -> None:
        """Decide again."""
        self._may_decide.set()

    def undecided(self) -> tuple[CommandGiven, ...]:
        """Commands that came too late for this desk, when it was held."""
        return (*self._taken, *self._inbox.commands())

    async def settle(self) -> None:
        """Wait until everything decided so far was journalled, sent and told."""
        await self._decisions.join()

    async def _decide(self) -> None:
        while True:
            letter = await self._inbox.get()
            if isinstance(letter.event, CommandGiven):
                self._taken = (letter.event,)
            await self._may_decide.wait()
            self._taken = ()
            generation, skipped, now = self._moment()
            if generation != self._generation:
                before = now - (skipped - self._skipped)
                self._generation, self._skipped = generation, skipped
                log.info("market time jumped from %s to %s", before, now)
                self._handle(ClockJumped(before, now), now)
            is_old = letter.asked_in not in (None, generation)
            if not is_old or not isinstance(letter.event, _SIGHTINGS):
                self._handle(letter.event, now)
            self.last_event_at = now

    def _moment(self) -> tuple[int, timedelta, datetime]:
        """Generation, sum of jumps and time, none of them from before a jump between them."""
        while True:
            generation, skipped, now = (
                self._clock.generation,
                self._clock.skipped,
                self._clock.now(),
            )
            if self._clock.generation == generation:
                return generation, skipped, now

    def _handle(self, event: Event[M], now: datetime) -> None:
        if self._recorder is None:
            outcome = self._desk.handle(event, now)
        else:
            self._recorder.given(event, now)
            outcome = self._desk.handle(event, now)
            self._recorder.wanted(outcome.intents)
        if outcome.wake_at is not None and (
            self._wake_at is None or outcome.wake_at < self._wake_at
        ):
            self._sooner.set()
        self._wake_at = outcome.wake_at
        if outcome.intents or outcome.facts or outcome.is_durable:
            snapshot = self._desk.snapshot() if must_be_journalled(outcome) else {}
            self._decisions.put_nowait(Decision(now, outcome, snapshot))

    async def _carry_out(self) -> None:
        while True:
            decision = await self._decisions.get()
            try:
                await self._carry_out_one(decision)
            finally:
                self._decisions.task_done()

    async def _carry_out_one(self, decision: Decision[M]) -> None:
        told: tuple[NumberedFact, ...] = ()
        if must_be_journalled(decision.outcome):
            try:
                told = await self._journal.append(self._entry(decision))
            except JournalFailed:
                await self._place_due_exits(decision)
                raise
        for intent in decision.outcome.intents:
            await self._send(intent)
        if self._note is not None:
            self._note(decision.at, decision.outcome)
        if told:
            await self._tell(told)

    async def _place_due_exits(self, failed: Decision[M]) -> None:
        """The book cannot be written: exits that are due go out once all the same."""
        due = [failed]
        while not self._decisions.empty():
            due.append(self._decisions.get_nowait())
            self._decisions.task_done()
        for decision in due:
            for intent in decision.outcome.intents:
                if isinstance(intent, Place) and intent.order.side is Side.SELL:
                    order = intent.order
                    log.error("exit %s of %s: no journal", order.client_order_id, order.symbol)
                    await self._send(intent)

    def _entry(self, decision: Decision[M]) -> Entry:
        outcome = decision.outcome
        return Entry(
            desk=self._name,
            at=decision.at,
            exchange_date=self._date_of(decision.at),
            orders=tuple(i.order for i in outcome.intents if isinstance(i, Place)),
            cancels=tuple(i.order for i in outcome.intents if isinstance(i, Cancel)),
            facts=outcome.facts,
            snapshot=decision.snapshot,
        )

    async def _wake(self) -> None:
        while True:
            target = self._wake_at
            if target is None or not await self._reached(target):
                if target is None:
                    self._sooner.clear()
                    await self._sooner.wait()
                continue
            if self._wake_at is not None and self._clock.now() >= self._wake_at:
                self._wake_at = None
                self._inbox.put(WakeUp())

    async def _reached(self, target: datetime) -> bool:
        """Sleep until ``target``; False when something sooner came up."""
        self._sooner.clear()
        async with asyncio.TaskGroup() as group:
            sleeper = group.create_task(self._clock.sleep_until(target))
            sooner = group.create_task(self._sooner.wait())
            await asyncio.wait({sleeper, sooner}, return_when=asyncio.FIRST_COMPLETED)
            reached = sleeper.done()
            sleeper.cancel()
            sooner.cancel()
        return reached

    async def _notice_jumps(self) -> None:
        while True:
            await self._clock.next_jump()
            self._inbox.put(WakeUp())


def must_be_journalled(outcome: Outcome[Money]) -> bool:
    """Whether the outcome holds anything that must survive a crash."""
    has_order = any(isinstance(intent, Place | Cancel) for intent in outcome.intents)
    return outcome.is_durable or bool(outcome.facts) or has_order
