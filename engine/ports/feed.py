"""Prices and notices that come by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.events import NoticeSeen, StreamChanged, TickSeen
from engine.model.instrument import Instrument
from engine.model.market_events import OperationSeen
from engine.model.money import M, M_co

FeedEvent = TickSeen[M] | NoticeSeen[M] | StreamChanged | OperationSeen
FeedListener = Callable[[FeedEvent[M]], None]


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """For /health: no amounts, no keys."""

    connected: bool
    last_frame_at: datetime | None
    registrations: int


class Feed(Protocol[M_co]):
    """What one desk hears of the socket session that all desks share."""

    def want(
        self, instruments: tuple[Instrument, ...], *, notices: bool, candidates: int = 0
    ) -> None:
        """Set the desk's complete wish, best first.

        The last ``candidates`` of the instruments give way to what other desks hold; the session
        connects, registers and releases to meet what fits.
        """
        ...

    async def run(self, listener: FeedListener[M_co]) -> None:
        """Hear until cancelled; then nothing is wanted any more."""
        ...

    def health(self) -> FeedHealth:
        """How the session is, and how much of it this desk has."""
        ...
