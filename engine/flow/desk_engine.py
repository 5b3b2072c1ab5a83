"""Runs a desk in one mode at a time: builds it from its book, drains it, changes mode."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Generic

from engine.flow.briefing import Briefing, from_outside
from engine.flow.desk_runner import Tell
from engine.flow.session import D, Parts, Session
from engine.flow.tape import Tape
from engine.model.commands import ApplySettings, Command, Halt, Leave, Pause, Resume, TripGuard
from engine.model.events import CommandGiven
from engine.model.ids import CommandId, DeskName, Mode
from engine.model.krx_settings import KrxSettings
from engine.model.money import M
from engine.model.settings import UsSettings
from engine.ports.clock import Clock
from engine.ports.journal import Journal
from engine.ports.recorder import Heading, Recorder
from engine.ports.settings import SettingsStore

CatchUp = Callable[[Mode, Journal], Awaitable[None]]
Build = Callable[[Mode], Awaitable[Parts[M]]]
MakeDesk = Callable[[Mode, Mapping[str, object] | None], D]
Record = Callable[[Heading], Recorder[M]]
Settings = UsSettings | KrxSettings
_LATCHING = (Pause, Halt, Resume, TripGuard)


class DeskEngine(Generic[M, D]):
    """The service around a desk's sessions; knows the mode in force."""

    def __init__(
        self,
        name: DeskName,
        build: Build[M],
        make_desk: MakeDesk[D],
        *,
        mode: Mode,
        settings: Callable[[Mode], Settings],
        store: SettingsStore,
        clock: Clock,
        tell: Callable[[Mode], Tell],
        catch_up: CatchUp,
        date_of: Callable[[datetime], date],
        record: Record[M] | None = None,
    ) -> None:
        self.name = name
        self._catch_up = catch_up
        self._build = build
        self._make_desk = make_desk
        self._settings = settings
        self._briefing = Briefing[M, D](name, store, clock, self.next_command_id)
        self._clock = clock
        self._tell = tell
        self._date_of = date_of
        self._record = record
        self._mode = mode
        self._next: Session[M, D] | None = None
        self._switched = asyncio.Event()
        self._running = asyncio.Event()
        self._switching = asyncio.Lock()
        self._commands = 0
        self._late: list[CommandGiven] = []
        self._taken = 0
        self.session: Session[M, D] | None = None
        self.tape = Tape[M]()

    @property
    def mode(self) -> Mode:
        """The mode in force."""
        return self.session.parts.mode if self.session is not None else self._mode

    @property
    def running_mode(self) -> Mode | None:
        """The mode in force while the desk runs; None at a start, a failure and a switch."""
        return self.mode if self._running.is_set() else None

    async def run(self) -> None:
        """Sessions one after another, until cancelled."""
        while True:
            session = self._next
            if session is None:
                session = await self._open(self._mode)
                self._briefing.tell(session, await self._briefing.wanted_latch(session.desk))
            self._next = None
            self._mode = session.parts.mode
            await self._briefing.note_guard(session.desk)
            self.session = session
            session.decisions.begun()
            self._hear_late(session)
            self._switched.clear()
            self._running.set()
            try:
                await self._until_switch(session)
            finally:
                self._running.clear()

    async def switch(self, mode: Mode, persist: Callable[[], Awaitable[None]]) -> bool:
        """Go to another mode; False when it is in force or an order came up meanwhile.

        The new book is opened before the old session decides its last, and ``persist`` writes the
        mode before the new session begins. A stop given meanwhile holds in the new one, and so
        does what a guard outside the desk wants. Failing leaves all as it is.
        """
        async with self._switching:
            await self._running.wait()
            old = self.session
            if old is None:
                return False
            if old.parts.mode is mode:  # by now; its book has one reader
                await persist()
                return False
            fresh = await self._open(mode)
            if old.desk.stays_for:
                return False
            old.runner.hold()
            self._running.clear()
            try:
                await persist()
            except BaseException:
                # Whatever broke it off, also a cancellation: a held desk would skip its exits.
                self._running.set()
                self._hear_late(old)
                old.runner.go_on()
                raise
            guards = from_outside(old.desk.guard_causes)
            self._briefing.tell(fresh, old.desk.user_latch, guards)
            too_late = old.runner.undecided()
            self._late[:0] = [late for late in too_late if isinstance(late.command, _LATCHING)]
            self._next = fresh
            self._switched.set()
            await self._running.wait()
            return True

    def next_command_id(self) -> CommandId:
        """A fresh id for a command to the session in force."""
        self._commands += 1
        return CommandId(f"{self.name}-c{self._commands}")  # one listener hears all desks

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
        self.give(ApplySettings(self._settings(self.mode)))

    async def drain(self) -> None:
        """Enter nothing more and settle the session in force before the process ends."""
        if self.session is not None and self._running.is_set():
            self.give(Leave())
            await self.session.leave()

    async def finish_orders(self) -> None:
        """Another desk ends the process: wait for the order calls that are out."""
        if self.session is not None and self._running.is_set():
            await self.session.drain()

    def is_serviced(self) -> bool:
        """Whether the desk runs and took something from its inbox since this was asked last.

        An empty inbox needs nobody.
        """
        session, before = self.session, self._taken
        if session is None or not self._running.is_set():
            return False
        self._taken = session.inbox.taken
        return not len(session.inbox) or self._taken != before

    async def until_briefed(self) -> None:
        """Wait until the session in force has heard what holds it back: its view shows it."""
        await self._running.wait()
        if self.session is not None:
            await self.session.inbox.until_handled()

    async def _until_switch(self, session: Session[M, D]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(session.run())
                await self._switched.wait()
                await session.drain()
                running.cancel()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _open(self, mode: Mode) -> Session[M, D]:
        parts = await self._build(mode)
        await self._catch_up(mode, parts.journal)
        snapshot = await parts.journal.load_snapshot(self.name)
        unsettled = await parts.journal.unsettled(self.name)
        desk = self._make_desk(mode, snapshot)
        return Session(
            *(self.name, parts, desk),
            clock=self._clock,
            tell=self._tell(mode),
            date_of=self._date_of,
            tape=self.tape,
            recorder=self._recorder(parts, snapshot),
            unsettled=unsettled,
        )

    def _recorder(
        self, parts: Parts[M], snapshot: Mapping[str, object] | None
    ) -> Recorder[M] | None:
        if self._record is None:
            return None
        facilities = parts.market.facilities if parts.market is not None else None
        now, settings = self._clock.now(), self._settings(parts.mode)
        return self._record(Heading(self.name, parts.mode, now, settings, snapshot, facilities))

    def _hear_late(self, session: Session[M, D]) -> None:
        for late in self._late:
            if isinstance(late.command, ApplySettings):  # it was meant for the mode before
                settings = self._settings(session.parts.mode)
                session.inbox.put(CommandGiven(late.command_id, ApplySettings(settings)))
            else:
                session.inbox.put(late)
        self._late.clear()
