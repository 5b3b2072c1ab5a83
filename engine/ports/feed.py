"""Prices and notices that come by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.events import NoticeSeen, StreamChanged, TickSeen
from engine.model.instrument import Instrument

FeedEvent = TickSeen | NoticeSeen | StreamChanged
FeedListener = Callable[[FeedEvent], None]


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """For /health: no amounts, no keys."""

    connected: bool
    last_frame_at: datetime | None
    registrations: int


class Feed(Protocol):
    """One socket session, shared by all who want something from it."""

    def want(self, instruments: tuple[Instrument, ...], *, notices: bool) -> None:
        """Set the complete wish; the session connects, registers and releases to meet it."""
        ...

    async def run(self, listener: FeedListener) -> None:
        """Keep the session as wished until cancelled."""
        ...

    def health(self) -> FeedHealth:
        """How the session is."""
        ...
