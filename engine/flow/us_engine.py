"""Runs the US desk in one mode at a time: builds it from its book, drains it, changes mode."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.desk.us import UsDesk
from engine.errors import JournalFailed
from engine.flow.desk_runner import DeskRunner, Tell
from engine.flow.execution import Execution
from engine.flow.inbox import Inbox
from engine.flow.together import run_together
from engine.model.account import Cash
from engine.model.commands import ApplySettings, Command, Halt, Pause, Resume
from engine.model.events import CashSeen, CommandGiven, Event, Started, TickSeen
from engine.model.ids import CommandId, DeskName, DeskState, Mode
from engine.model.settings import UsSettings
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.ports.feed import Feed
from engine.ports.journal import Journal
from engine.ports.quotes import Quotes
from engine.ports.settings import SettingsStore

log = logging.getLogger(__name__)

DRAIN_S = 6.0


@dataclass(frozen=True, slots=True)
class UsParts:
    """What one mode is made of (wiring's table). ``on_tick``: the simulated broker watches too."""

    mode: Mode
    broker: Broker
    quotes: Quotes
    feed: Feed
    journal: Journal
    on_tick: Callable[[TickSeen], None] | None = None


CatchUp = Callable[[Mode, Journal], Awaitable[None]]
Build = Callable[[Mode], Awaitable[UsParts]]
MakeDesk = Callable[[Mode, UsSettings, Mapping[str, object] | None], UsDesk]


class UsSession:
    """One run of the desk in one mode."""

    def __init__(
        self,
        parts: UsParts,
        desk: UsDesk,
        *,
        clock: Clock,
        tell: Tell,
        date_of: Callable[[datetime], date],
    ) -> None:
        self.parts = parts
        self.desk = desk
        self.inbox = Inbox()
        self._clock = clock
        self.cash: Cash | None = None
        self.execution = Execution(
            parts.broker,
            parts.quotes,
            parts.feed,
            parts.journal,
            clock,
            report=self.receive,
            date_of=date_of,
        )
        self.runner = DeskRunner(
            DeskName.US,
            desk,
            self.inbox,
            clock=clock,
            journal=parts.journal,
            send=self.execution.send,
            tell=tell,
            date_of=date_of,
        )

    def receive(self, event: Event, asked_in: int | None = None) -> None:
        """Whatever comes from the world; ticks also reach the simulated broker.

        ``asked_in``: the clock's generation when an answer was asked for.
        """
        if self.parts.on_tick is not None and isinstance(event, TickSeen):
            self.parts.on_tick(event)
        if isinstance(event, CashSeen):
            self.cash = event.cash
        self.inbox.put(event, self._clock.generation if asked_in is None else asked_in)

    async def run(self) -> None:
        """Run until cancelled. When the book fails, order calls in flight may still finish."""
        await run_together(
            self._run_runner(), self.execution.run(), self.parts.feed.run(self.receive)
        )

    async def drain(self) -> None:
        """Let order calls in flight end, within the deadline; what is left is unresolved."""
        try:
            async with asyncio.timeout(DRAIN_S):
                await self.runner.settle()
                await self.execution.finish_orders()
                await self.runner.settle()
        except TimeoutError:
            log.warning("orders still in flight after %.0f s: left unresolved", DRAIN_S)

    async def _run_runner(self) -> None:
        try:
            await self.runner.run()
        except JournalFailed:
            await self.drain()
            raise


class UsEngine:
    """The service around the sessions; knows the mode in force."""

    def __init__(
        self,
        build: Build,
        make_desk: MakeDesk,
        *,
        mode: Mode,
        settings: Callable[[], UsSettings],
        store: SettingsStore,
        clock: Clock,
        tell: Callable[[Mode], Tell],
        catch_up: CatchUp,
        date_of: Callable[[datetime], date],
    ) -> None:
        self._catch_up = catch_up
        self._build = build
        self._make_desk = make_desk
        self._settings = settings
        self._store = store
        self._clock = clock
        self._tell = tell
        self._date_of = date_of
        self._mode = mode
        self._next: UsSession | None = None
        self._switched = asyncio.Event()
        self._running = asyncio.Event()
        self._switching = asyncio.Lock()
        self._commands = 0
        self._late: list[CommandGiven] = []
        self.session: UsSession | None = None

    @property
    def mode(self) -> Mode:
        """The mode in force."""
        return self.session.parts.mode if self.session is not None else self._mode

    async def run(self) -> None:
        """Sessions one after another, until cancelled."""
        while True:
            session = self._next or await self._open(self._mode)
            self._next = None
            self._mode = session.parts.mode
            self.session = session
            for late in self._late:
                session.inbox.put(late)
            self._late.clear()
            self._switched.clear()
            self._running.set()
            try:
                await self._until_switch(session)
            finally:
                self._running.clear()

    async def switch(self, mode: Mode, persist: Callable[[], Awaitable[None]]) -> bool:
        """Go to another mode; False when an order came up meanwhile. Failing leaves all as it is.

        The new book is opened before the old session decides its last, and ``persist`` writes the
        mode before the new session begins.
        """
        async with self._switching:
            await self._running.wait()
            old = self.session
            fresh = await self._open(mode)
            if old is None or has_live_orders(old.desk, self._clock.now()):
                return False
            old.runner.hold()
            try:
                await persist()
            except BaseException:
                # Whatever broke it off, also a cancellation: a held desk would skip its exits.
                old.runner.go_on()
                raise
            self._next = fresh
            self._running.clear()
            self._switched.set()
            await self._running.wait()
            return True

    def next_command_id(self) -> CommandId:
        """A fresh id for a command to the session in force."""
        self._commands += 1
        return CommandId(f"c{self._commands}")

    def give(self, command: Command) -> CommandId:
        """Put a command into the desk's inbox; the answer comes as a fact."""
        given = CommandGiven(self.next_command_id(), command)
        if self.session is not None and self._running.is_set():
            self.session.inbox.put(given)
        else:
            # Between two sessions: the next one hears it first.
            self._late.append(given)
        return given.command_id

    def apply_settings(self) -> None:
        """Tell the desk that settings changed (chat or file)."""
        self.give(ApplySettings(self._settings()))

    async def drain(self) -> None:
        """Settle the session in force before the process ends."""
        if self.session is not None:
            await self.session.drain()

    async def _until_switch(self, session: UsSession) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(session.run())
                await self._switched.wait()
                await session.drain()
                running.cancel()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _open(self, mode: Mode) -> UsSession:
        parts = await self._build(mode)
        await self._catch_up(mode, parts.journal)
        snapshot = await parts.journal.load_snapshot(DeskName.US)
        desk = self._make_desk(mode, self._settings(), snapshot)
        session = UsSession(
            parts, desk, clock=self._clock, tell=self._tell(mode), date_of=self._date_of
        )
        for command in await self._latch_commands(desk):
            session.inbox.put(CommandGiven(self.next_command_id(), command))
        session.inbox.put(Started())
        return session

    async def _latch_commands(self, desk: UsDesk) -> tuple[Command, ...]:
        """state.db owns the user's latch, the book only has a copy; unreadable is exits only."""
        known = desk.view(self._clock.now()).user_latch
        try:
            wanted = (await self._store.latches(DeskName.US)).user
        except JournalFailed:
            log.exception("latches unreadable: exits only")
            wanted = max(known, DeskState.EXITS_ONLY, key=lambda state: state.rank)
        return () if wanted is known else (_COMMANDS[wanted],)


_COMMANDS: Mapping[DeskState, Command] = {
    DeskState.RUNNING: Resume(),
    DeskState.EXITS_ONLY: Pause(),
    DeskState.HALTED: Halt(),
}


def has_live_orders(desk: UsDesk, now: datetime) -> bool:
    """Whether any own order may still be filled."""
    return any(not order.state.is_final for order in desk.view(now).orders)
