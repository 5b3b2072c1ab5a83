"""The socket towards KIS: opened when something is wanted, kept alive, reopened with patience.

Waits are market time: KIS and the sandbox measure slots and silence in it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket as sockets
from datetime import datetime, timedelta

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from engine.adapters.kis.auth import ApprovalKeeper
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.registrations import Registration, Registrations, registrations_for
from engine.adapters.kis.session import End, Session, SessionOver
from engine.errors import BrokerError
from engine.model.events import StreamChanged, StreamState
from engine.model.instrument import Instrument
from engine.ports.clock import Clock
from engine.ports.feed import FeedEvent, FeedHealth, FeedListener

_log = logging.getLogger(__name__)
# Never below warnings: at debug level the library would write the approval key.
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.WARNING)

_BACKOFF_S = (1, 2, 5, 10, 30, 60)
_IN_USE_S = (30, 90, 180, 300, 600)
_JITTER = 0.2
_PROVEN = timedelta(minutes=1)
_OPEN_S = 5.0
_CLOSE_S = 1.0


class KisFeed:
    """Implements the Feed port: one session at a time for one app key."""

    def __init__(self, endpoint: KisEndpoint, approvals: ApprovalKeeper, clock: Clock) -> None:
        self._endpoint = endpoint
        self._approvals = approvals
        self._clock = clock
        self._wanted: tuple[Registration, ...] = ()
        self._wanted_changed = asyncio.Event()
        self._session: Session | None = None
        self._last_frame_at: datetime | None = None
        self._is_told_down = False
        self._failures: dict[End, int] = {}

    def want(
        self, instruments: tuple[Instrument, ...], *, notices: bool, candidates: int = 0
    ) -> None:
        """Set the complete wish. Nothing wanted closes the socket."""
        self._wanted = registrations_for(instruments, self._endpoint, notices=notices)
        self._wanted_changed.set()
        if self._session is not None:
            self._session.want(self._wanted)

    async def run(self, listener: FeedListener) -> None:
        """Keep the session as wished until cancelled."""
        while True:
            self._wanted_changed.clear()
            if not self._wanted:
                await self._wanted_changed.wait()
                continue
            over = await self._serve(listener)
            self._tell_down(listener, over)
            await self._back_off(over)

    def health(self) -> FeedHealth:
        """How the session is."""
        session = self._session
        if session is None:
            return FeedHealth(connected=False, last_frame_at=self._last_frame_at, registrations=0)
        return FeedHealth(
            connected=True,
            last_frame_at=session.last_frame_at,
            registrations=len(session.registrations.active),
        )

    async def _serve(self, listener: FeedListener) -> SessionOver:
        started = self._clock.now()
        over = SessionOver(End.LOST, "ended")
        try:
            key = await self._approvals.key()
            async with connect(
                self._endpoint.websocket_url,
                ping_interval=None,  # KIS has its own PINGPONG
                open_timeout=_OPEN_S,
                close_timeout=_CLOSE_S,
                compression=None,
                proxy=None,
                logger=_wire_log,
            ) as socket:
                _keep_alive(socket)
                await self._run_session(socket, key, listener)
        except* SessionOver as group:
            over = _first(group)
        except* (OSError, TimeoutError, WebSocketException, BrokerError) as group:
            over = SessionOver(End.LOST, f"not connected: {type(group.exceptions[0]).__name__}")
        if self._clock.now() - started >= _PROVEN and over.end is not End.IN_USE:
            self._failures.clear()
        return over

    async def _run_session(
        self, socket: ClientConnection, key: str, listener: FeedListener
    ) -> None:
        def deliver(event: FeedEvent) -> None:
            self._is_told_down = False
            listener(event)

        wanted = Registrations(self._wanted)
        self._session = Session(socket, key, self._endpoint, self._clock, wanted, deliver)
        try:
            await self._session.run()
        finally:
            self._last_frame_at = self._session.last_frame_at
            self._session = None
            # A plain goodbye, also after an error: it frees the slot at once.
            await socket.close()

    def _tell_down(self, listener: FeedListener, over: SessionOver) -> None:
        _log.info("socket %s: %s", over.end, over.reason)
        if not self._is_told_down:
            self._is_told_down = True
            listener(
                StreamChanged(
                    StreamState.DISCONNECTED,
                    has_notices=False,
                    has_quotes=False,
                    reason="" if over.end is End.ASLEEP else over.reason,
                )
            )

    async def _back_off(self, over: SessionOver) -> None:
        if over.end is End.ASLEEP:
            self._failures.clear()
            return
        failed = self._failures.get(over.end, 0)
        self._failures[over.end] = failed + 1
        if over.end is End.BAD_APPROVAL:
            self._approvals.forget()
            if failed == 0:
                return
        waits = _IN_USE_S if over.end is End.IN_USE else _BACKOFF_S
        seconds = waits[min(failed, len(waits) - 1)] * (1 + random.uniform(0, _JITTER))  # noqa: S311 - spreads load, guards nothing
        await self._clock.sleep_for(timedelta(seconds=seconds))


def _first(group: BaseExceptionGroup[SessionOver]) -> SessionOver:
    for error in group.exceptions:
        return error if isinstance(error, SessionOver) else _first(error)
    raise AssertionError("a group is never empty")


def _keep_alive(socket: ClientConnection) -> None:
    raw = socket.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)
