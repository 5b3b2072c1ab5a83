"""Writes the user's stops down, in the order in which they were given, and waits for no desk."""

from __future__ import annotations

import asyncio
import logging

from engine.errors import JournalFailed
from engine.flow.answers import Answers
from engine.model.commands import Halt, Pause
from engine.model.facts import CommandAnswered
from engine.model.ids import CommandId, DeskName, DeskState
from engine.ports.clock import Clock
from engine.ports.settings import SettingsStore

log = logging.getLogger(__name__)

WRITTEN_WITHIN_S = 2.5  # human time; the end of the program waits no longer for a slow disk


class UserLatches:
    """The user's latch of each desk in state.db. ``is_ok`` False: a stop could not be written."""

    def __init__(self, store: SettingsStore, clock: Clock, answers: Answers) -> None:
        self._store = store
        self._clock = clock
        self._answers = answers
        self._writing = {desk: asyncio.Lock() for desk in DeskName}
        # Stops that were given while a release waits for its desk.
        self._later: dict[CommandId, tuple[DeskName, list[DeskState]]] = {}
        self.is_ok = True

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
                    wanted = max(stops, key=lambda state: state.rank)
                    await self._store.set_user_latch(desk, wanted, user_id, self._clock.now())
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
            async with asyncio.timeout(WRITTEN_WITHIN_S), self._writing[desk]:
                latches = await self._store.latches(desk)
                if wanted.rank > latches.user.rank:
                    await self._store.set_user_latch(desk, wanted, user_id, self._clock.now())
        except (JournalFailed, TimeoutError):
            self.is_ok = False
            log.exception("the stop could not be written; the desk is stopped all the same")
