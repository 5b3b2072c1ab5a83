"""The socket towards KIS: opened when something is wanted, kept alive, reopened with patience.

Waits are market time: KIS and the sandbox measure slots and silence in it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import datetime, timedelta

from websockets.exceptions import WebSocketException

from engine.adapters.kis.auth import ApprovalKeeper
from engine.adapters.kis.desk_feed import DeskFeed
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.inlet import Outlets
from engine.adapters.kis.network import Line, OpenLine, open_line
from engine.adapters.kis.registrations import Registrations
from engine.adapters.kis.session import End, Session, SessionOver
from engine.adapters.kis.trial import try_line
from engine.adapters.kis.wishes import Allotment, allot
from engine.errors import BrokerError
from engine.model.events import StreamChanged, StreamState
from engine.model.ids import DeskName
from engine.model.money import Krw, M, Usd
from engine.ports.clock import Clock
from engine.ports.feed import FeedHealth

_log = logging.getLogger(__name__)

_BACKOFF_S = (1, 2, 5, 10, 30, 60)
_IN_USE_S = (30, 90, 180, 300, 600)
_JITTER = 0.2
_PROVEN = timedelta(minutes=1)


class KisSocket:
    """One session at a time for one app key, and a feed of it for each desk."""

    def __init__(
        self,
        endpoint: KisEndpoint,
        approvals: ApprovalKeeper,
        clock: Clock,
        connect: OpenLine = open_line,
    ) -> None:
        self._endpoint = endpoint
        self._approvals = approvals
        self._clock = clock
        self._connect = connect
        self.us: DeskFeed[Usd] = self._feed(DeskName.US)
        self.krx: DeskFeed[Krw] = self._feed(DeskName.KRX)
        self._allotment = Allotment()
        self._wanted_changed = asyncio.Event()
        self._session: Session | None = None
        self._last_frame_at: datetime | None = None
        self._failures: dict[End, int] = {}

    async def run(self) -> None:
        """Keep the session as the desks wish it until cancelled."""
        try:
            while True:
                self._wanted_changed.clear()
                if not self._allotment.registrations:
                    await self._wanted_changed.wait()
                    continue
                over = await self._serve()
                self._tell_down(over)
                await self._back_off(over)
        except Exception:
            # Its owner starts it again; until then the desks must poll.
            self._tell_down(SessionOver(End.LOST, "the socket service broke"))
            raise

    async def try_out(self) -> str:
        """Open the socket once, for the doctor. Raises Unwell or BrokerError."""
        return await try_line(self._connect, self._endpoint, self._approvals)

    def _feed(self, name: DeskName) -> DeskFeed[M]:
        return DeskFeed(
            name, on_wish=self._share_out, on_listener=self._introduce, health=self._health
        )

    def _share_out(self) -> None:
        wishes = {DeskName.US: self.us.wish, DeskName.KRX: self.krx.wish}
        self._allotment = allot(wishes, self._endpoint)
        self._wanted_changed.set()
        if self._session is not None:
            self._session.want(self._allotment)

    def _introduce(self, desk: DeskName) -> None:
        if self._session is not None:
            self._session.tell_again(desk)

    def _health(self, desk: DeskName) -> FeedHealth:
        session = self._session
        if session is None:
            return FeedHealth(connected=False, last_frame_at=self._last_frame_at, registrations=0)
        return FeedHealth(
            connected=True,
            last_frame_at=session.last_frame_at,
            registrations=sum(held.desk is desk for held in session.registrations.active),
        )

    async def _serve(self) -> SessionOver:
        started = self._clock.now()
        over = SessionOver(End.LOST, "ended")
        try:
            key = await self._approvals.key()
            async with self._connect(self._endpoint.websocket_url) as line:
                await self._run_session(line, key)
        except* SessionOver as group:
            over = _first(group)
        except* (OSError, TimeoutError, WebSocketException, BrokerError) as group:
            over = SessionOver(End.LOST, f"not connected: {type(group.exceptions[0]).__name__}")
        if self._clock.now() - started >= _PROVEN and over.end is not End.IN_USE:
            self._failures.clear()
        return over

    async def _run_session(self, line: Line, key: str) -> None:
        self._session = Session(
            line,
            key,
            self._endpoint,
            self._clock,
            Registrations(self._allotment),
            outlets=Outlets(us=self.us.deliver, krx=self.krx.deliver),
            tell=self._tell,
        )
        try:
            await self._session.run()
        finally:
            self._last_frame_at = self._session.last_frame_at
            self._session = None
            # A plain goodbye, also after an error: it frees the slot at once.
            await line.close()

    def _tell(self, desk: DeskName, state: StreamChanged, *, has_failed: bool = False) -> None:
        if desk is DeskName.US:
            self.us.tell(state, has_failed=has_failed)
        else:
            self.krx.tell(state, has_failed=has_failed)

    def _tell_down(self, over: SessionOver) -> None:
        _log.info("socket %s: %s", over.end, over.reason)
        for desk in DeskName:
            # To a desk that wants nothing it makes no difference why.
            is_missed = any(wanted.desk is desk for wanted in self._allotment.registrations)
            state = StreamChanged(
                StreamState.DISCONNECTED,
                has_notices=False,
                has_quotes=False,
                reason=over.reason if is_missed and over.end is not End.ASLEEP else "",
            )
            # A slot that is still held is the same failure as what left it held.
            self._tell(desk, state, has_failed=over.end is End.LOST)

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
