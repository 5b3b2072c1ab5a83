"""Feeds for modes that have less than the whole stream."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Generic

from engine.model.events import NoticeSeen, StreamChanged, StreamState
from engine.model.instrument import Instrument
from engine.model.money import M
from engine.ports.feed import Feed, FeedEvent, FeedHealth, FeedListener


class QuotesOnly(Generic[M]):
    """The stream without notices: those of another account, or none for lack of an HTS ID."""

    def __init__(self, feed: Feed[M]) -> None:
        self._feed = feed

    def want(
        self, instruments: tuple[Instrument, ...], *, notices: bool, candidates: int = 0
    ) -> None:
        """Quotes as wished; nobody registers for notices, but they keep no socket open either."""
        del notices
        self._feed.want(instruments, notices=False, candidates=candidates)

    async def run(self, listener: FeedListener[M]) -> None:
        """Pass on everything but notices."""

        def heard(event: FeedEvent[M]) -> None:
            if isinstance(event, StreamChanged):
                listener(replace(event, has_notices=False))
            elif not isinstance(event, NoticeSeen):
                listener(event)

        await self._feed.run(heard)

    def health(self) -> FeedHealth:
        """Of the stream inside."""
        return self._feed.health()


class NoFeed(Generic[M]):
    """A mode without any stream: paper without a real key beside it."""

    def want(
        self, instruments: tuple[Instrument, ...], *, notices: bool, candidates: int = 0
    ) -> None:
        """Nothing can be had."""

    async def run(self, listener: FeedListener[M]) -> None:
        """Say once that there is no stream."""
        listener(StreamChanged(StreamState.DISCONNECTED, has_notices=False, has_quotes=False))
        await asyncio.Event().wait()

    def health(self) -> FeedHealth:
        """Never connected."""
        return FeedHealth(connected=False, last_frame_at=None, registrations=0)
