"""Writes the user's stops down, in the order in which they were given, and waits for no desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.errors import JournalFailed
from engine.flow.answers import Answers
from engine.model.commands import CommandAnswered, Halt, Pause
from engine.model.ids import CommandId, DeskName, DeskState
from engine.ports.clock import Clock
from engine.ports.settings import SettingsStore
from engine.rules.safety import stricter

log = logging.getLogger(__name__)

WRITTEN_WITHIN_S = 2.5  # human time; the end of the program waits no longer for a slow disk
TRY_AGAIN_S = 5.0  # human time


@dataclass(frozen=True, slots=True, eq=False)
class _Owed:
    """A stop that holds but is not on disk. Told apart by identity: a later one is another."""

    latch: DeskState
    user_id: int


class UserLatches:
    """The user's latch of each desk in state.db."""

    def __init__(self, store: SettingsStore, clock: Clock, answers: Answers) -> None:
        self._store = store
        self._clock = clock
        self._answers = answers
        self._writing = {desk: asyncio.Lock() for desk in DeskName}
        # Stops that were given while a release waits for its desk.
        self._later: dict[CommandId, tuple[DeskName, list[DeskState]]] = {}
        self._owed: dict[DeskName, _Owed] = {}
        self._owing = asyncio.Event()

    @property
    def is_ok(self) -> bool:
        """False while a stop could not be written."""
        return not self._owed

    async def run(self, pause: Callable[[float], Awaitable[None]]) -> None:
        """Try again what could not be written, until cancelled. ``pause``: in human time."""
        while True:
            await self._owing.wait()
            await pause(TRY_AGAIN_S)
            await self.write_owed()
            if not self._owed:
                self._owing.clear()

    async def write_owed(self) -> None:
        """Try once to write what could not be written."""
        for desk, owed in tuple(self._owed.items()):
            try:
                await self._write_stop(desk, DeskState.RUNNING, owed.user_id)
            except JournalFailed as error:
                log.warning("the stop of %s is still not written: %s", desk, error)

    async def release(self, desk: DeskName, command_id: CommandId, user_id: int) -> CommandAnswered:
        """Written after the desk did it, with the strictest stop that was given meanwhile.

        Raises:
            TimeoutError: the desk did not answer.
            JournalFailed: it could not be written.
        """
        stops = [DeskState.RUNNING]
        self._later[command_id] = desk, stops
        try:
            answered = await self._answers.wait(command_id)
            if answered.refusal is None:
                async with self._writing[desk]:
                    owed = self._owed.get(desk)
                    wanted = max(stops, key=lambda state: state.rank)
                    await self._store.set_user_latch(desk, wanted, user_id, self._clock.now())
                    self._settle(desk, owed)
        finally:
            del self._later[command_id]
        return answered

    async def keep(self, desk: DeskName, command: Pause | Halt, user_id: int) -> None:
        """A stop only ever gets stricter here; what cannot be written holds all the same."""
        wanted = DeskState.HALTED if isinstance(command, Halt) else DeskState.EXITS_ONLY
        for whose, stops in self._later.values():
            if whose is desk:
                stops.append(wanted)
        try:
            async with asyncio.timeout(WRITTEN_WITHIN_S):
                await self._write_stop(desk, wanted, user_id)
        except (JournalFailed, TimeoutError):
            log.exception("the stop could not be written; the desk is stopped all the same")
            owed = self._owed.get(desk)
            latch = wanted if owed is None else stricter(wanted, owed.latch)
            self._owed[desk] = _Owed(latch, user_id)
            self._owing.set()

    async def _write_stop(self, desk: DeskName, wanted: DeskState, user_id: int) -> None:
        """Write it with what is owed. Raises JournalFailed."""
        async with self._writing[desk]:
            owed = self._owed.get(desk)
            latch = wanted if owed is None else stricter(wanted, owed.latch)
            if latch.rank > (await self._store.latches(desk)).user.rank:
                await self._store.set_user_latch(desk, latch, user_id, self._clock.now())
            self._settle(desk, owed)

    def _settle(self, desk: DeskName, owed: _Owed | None) -> None:
        """A write that knew of ``owed`` is done; what failed since is still owed."""
        if owed is not None and self._owed.get(desk) is owed:
            del self._owed[desk]
