"""What one desk wants of the socket session and hears from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic

from engine.adapters.kis.wishes import Wish
from engine.model.events import StreamChanged, StreamState
from engine.model.ids import DeskName
from engine.model.instrument import Instrument
from engine.model.money import M
from engine.ports.feed import FeedEvent, FeedHealth, FeedListener


class DeskFeed(Generic[M]):
    """Implements the Feed port over a session that another desk uses as well."""

    def __init__(
        self,
        name: DeskName,
        *,
        on_wish: Callable[[], None],
        on_listener: Callable[[DeskName], None],
        health: Callable[[DeskName], FeedHealth],
    ) -> None:
        self._name = name
        self._on_wish = on_wish
        self._on_listener = on_listener
        self._health = health
        self._listener: FeedListener[M] | None = None
        self._down: StreamChanged | None = None
        self.wish = Wish()

    def want(
        self, instruments: tuple[Instrument, ...], *, notices: bool, candidates: int = 0
    ) -> None:
        """Set the complete wish. Nothing wanted by any desk closes the socket."""
        self.wish = Wish(instruments, notices, candidates)
        self._on_wish()

    async def run(self, listener: FeedListener[M]) -> None:
        """Hear until cancelled; the session itself is run by its owner."""
        self._listener, self._down = listener, None
        self._on_listener(self._name)
        try:
            await asyncio.Event().wait()
        finally:
            self._listener = None
            self.want((), notices=False)

    def health(self) -> FeedHealth:
        """How the session is, and how much of it this desk has."""
        return self._health(self._name)

    def deliver(self, event: FeedEvent[M]) -> None:
        """Pass on what came; nobody listens between two modes."""
        if self._listener is not None:
            self._down = None
            self._listener(event)

    def tell(self, state: StreamChanged, *, has_failed: bool = False) -> None:
        """Say how the stream is. That it stays away is said once, and again with a reason.

        ``has_failed``: an attempt to bring it back has, which is always said.
        """
        if state.state is StreamState.CONNECTED:
            self.deliver(state)
        elif self._listener is not None and (
            self._down is None or (state.reason and (has_failed or not self._down.reason))
        ):
            self._down = state
            self._listener(state)
