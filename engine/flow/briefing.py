"""What a desk hears first when it begins in a mode: what holds it back, and orders of before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Generic, cast

from engine.desk.latches import Cause
from engine.errors import JournalFailed
from engine.flow.session import D, Session
from engine.model.commands import Command, Halt, Pause, Resume, TripGuard
from engine.model.events import CommandGiven, PlaceAnswered, Started
from engine.model.ids import CommandId, DeskName, DeskState
from engine.model.money import M
from engine.model.orders import OrderIntent
from engine.model.state_facts import Trouble
from engine.ports.clock import Clock
from engine.ports.settings import Guard, SettingsStore
from engine.rules.safety import stricter

log = logging.getLogger(__name__)

_STOPS: Mapping[DeskState, tuple[Command, ...]] = {
    DeskState.RUNNING: (),
    DeskState.EXITS_ONLY: (Pause(),),
    DeskState.HALTED: (Halt(),),
}


class Briefing(Generic[M, D]):
    """Of one desk. ``next_command_id``: fresh ids for what it is told."""

    def __init__(
        self,
        name: DeskName,
        store: SettingsStore,
        clock: Clock,
        next_command_id: Callable[[], CommandId],
    ) -> None:
        self._name = name
        self._store = store
        self._clock = clock
        self._next_command_id = next_command_id

    async def wanted_latch(self, desk: D) -> DeskState:
        """At a start: the stricter of state.db and the book, as either may miss the last stop.

        Unreadable is exits only.
        """
        written = DeskState.EXITS_ONLY
        try:
            written = (await self._store.latches(self._name)).user
        except JournalFailed:
            log.exception("latches unreadable: exits only")
        return stricter(written, desk.user_latch)

    def tell(
        self, session: Session[M, D], wanted: DeskState, guards: tuple[TripGuard, ...] = ()
    ) -> None:
        """Begin with the user's latch where it stands; a book of another mode has an old copy."""
        known = session.desk.user_latch
        release: tuple[Command, ...] = (Resume(),) if wanted.rank < known.rank else ()
        stops = () if wanted is known else (*release, *_STOPS[wanted])
        for command in (*stops, *guards):
            session.inbox.put(CommandGiven(self._next_command_id(), command))
        for one in session.unsettled:
            if one.answer is not None:
                # Written down, and perhaps the process died before the desk heard of it.
                session.inbox.put(PlaceAnswered(one.order.client_order_id, one.answer))
        unanswered = tuple(one.order for one in session.unsettled if one.answer is None)
        session.inbox.put(Started(cast("tuple[OrderIntent[M], ...]", unanswered)))

    async def note_guard(self, desk: D) -> None:
        """The guard's latch belongs to a mode's book; state.db shows that of the mode in force."""
        causes = desk.guard_causes
        guard = Guard()
        if causes:
            *_, last = causes.values()
            guard = Guard(DeskState.EXITS_ONLY, last.reason, last.measured, last.limit)
        try:
            shown = (await self._store.latches(self._name)).guard
            if shown.state is not guard.state or causes:
                await self._store.set_guard_latch(self._name, guard, self._clock.now())
        except JournalFailed:
            log.exception("the guard's latch could not be written; the desk keeps it in its book")


def from_outside(causes: Mapping[Trouble, Cause]) -> tuple[TripGuard, ...]:
    """Of the guard's causes those that are no book's own: another mode does not end them."""
    return tuple(
        TripGuard(cause.reason, is_conflict=trouble is Trouble.CONFLICT)
        for trouble, cause in causes.items()
        if trouble in (Trouble.CONFLICT, Trouble.SERVICE)
    )
