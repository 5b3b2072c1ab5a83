"""The KIS WebSocket: connections, tasks and market time around the session machine."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from contextlib import suppress
from datetime import datetime, timedelta

from aiohttp import WSMsgType, web

from sandbox.carrier import Carrier, Upgraded
from sandbox.krx.ws_feed import KrxFeed
from sandbox.model import MarketClock, Server
from sandbox.ws_feed import Feed, Record
from sandbox.ws_registrations import AppKeySlot
from sandbox.ws_session import Service, SocketSession, Verdict
from sandbox.ws_settings import Layout, SocketSettings
from sandbox.ws_trouble import CHANNEL
from sandbox.ws_us import UsFeed
from sandbox.ws_world import SocketWorld


class KisSocket:
    """One server's WebSocket: every connection, the one slot, the layout in force."""

    def __init__(
        self, world: SocketWorld, server: Server, settings: SocketSettings | None = None
    ) -> None:
        self._world = world
        self._server = server
        self._settings = settings or SocketSettings()
        self._slot = AppKeySlot(timedelta(seconds=self._settings.slot_hold_seconds))
        customer = world.credentials[server]
        self._service = Service(
            customer=customer,
            is_approved=lambda key: world.approvals.valid(server, key),
            forge=self._forge,
            latest=self._latest,
            faults=world.faults,
            slot=self._slot,
            layout=Layout(self._settings.widths),
            settings=self._settings,
            verdicts=[],
        )
        self._pending: list[Record] = []
        self._lines: set[_Line] = set()
        self.frames_sent: Tally[str] = Tally()
        self._feeds: tuple[Feed, ...] = (
            UsFeed(world.market, world.books, customer, self),
            KrxFeed(world.krx.market, world.krx.books, customer, self),
        )

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return len(self._lines)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every request so far and how it was answered."""
        return tuple(self._service.verdicts)

    async def handler(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until either side ends it.

        Raises:
            web.HTTPServiceUnavailable: a scripted ``refuse``.
        """
        if self.is_refused():
            raise web.HTTPServiceUnavailable
        response = web.WebSocketResponse(autoping=False, compress=False)
        await response.prepare(request)
        await self.serve(Upgraded(response, request))
        return response

    def is_refused(self) -> bool:
        """Whether a scripted ``refuse`` strikes this connection."""
        return self._world.faults.take(CHANNEL, self._server.value, "refuse") is not None

    async def serve(self, carrier: Carrier) -> None:
        """Serve an open connection until either side ends it."""
        session = SocketSession(self._service, self._world.clock.now())
        line = _Line(session, carrier, self._world.clock, self.frames_sent)
        self._lines.add(line)
        try:
            await line.run()
        finally:
            self._lines.discard(line)
            is_clean = line.is_closed or session.frees_slot
            self._slot.leave(session, self._world.clock.now(), is_clean=is_clean)

    async def close(self) -> None:
        """Say goodbye to every client; for the shutdown of the HTTP server."""
        for line in tuple(self._lines):
            await line.close()

    def wants(self, tr_id: str, tr_key: str) -> bool:
        """Whether a connection has registered that key, and could receive it now."""
        # A jump plays hours in no time: nobody could have received those quotes.
        return not self._world.jumping and any(
            line.session.wants(tr_id, tr_key) for line in self._lines
        )

    def keys(self, tr_id: str) -> set[str]:
        """The keys of that TR that a connection could receive now."""
        if self._world.jumping:
            return set()
        return {key for line in self._lines for key in line.session.registrations.keys(tr_id)}

    def quote(self, record: Record) -> None:
        """Send a quote, together with the others of this instant."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pending.append(record)

    def notice(self, record: Record) -> None:
        """Send an order notice at once."""
        now = self._world.clock.now()
        for line in tuple(self._lines):
            line.send(line.session.notice(record, now))

    def _flush(self) -> None:
        records, self._pending = self._pending, []
        now = self._world.clock.now()
        for line in tuple(self._lines):
            line.send(line.session.quotes(records, now))

    def _latest(self, tr_id: str, tr_key: str) -> Record | None:
        told = (feed.latest(tr_id, tr_key) for feed in self._feeds)
        return next((record for record in told if record is not None), None)

    def _forge(self, tr_id: str, symbol: str, now: datetime) -> Record:
        feed = next(feed for feed in self._feeds if feed.notices == tr_id)
        return feed.forge(symbol, now)


class _Line:
    """One open connection: its session, what waits to be written, and its three tasks."""

    def __init__(
        self,
        session: SocketSession,
        carrier: Carrier,
        clock: MarketClock,
        tally: Tally[str],
    ) -> None:
        self.session = session
        self.is_closed = False  # by a Close, not by a cut
        self._carrier = carrier
        self._clock = clock
        self._tally = tally
        self._outbox: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        """Serve until the end. A server may cancel this as soon as the transport is gone."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._write()), group.create_task(self._keep_time())]
            self.is_closed = await self._read()
            for task in tasks:
                task.cancel()

    def send(self, texts: list[str]) -> None:
        """Queue frames, or cut the line if the session says so."""
        if self.session.is_dropped:
            self._carrier.abort()
            return
        for text in texts:
            self._outbox.put_nowait(text)

    async def close(self) -> None:
        """A Close from our side."""
        await self._carrier.goodbye()

    async def _read(self) -> bool:
        while True:
            message = await self._carrier.receive()
            now = self._clock.now()
            if message.type is WSMsgType.TEXT:
                self.send(self.session.receive(message.data, now))
            elif message.type is WSMsgType.BINARY:
                self.send(self.session.receive("", now))
            elif message.type is WSMsgType.PONG:
                self.session.pong(bytes(message.data).decode(errors="replace"))
            elif message.type is WSMsgType.PING:
                await self._answer_ping(bytes(message.data))
            else:
                return message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING)

    async def _answer_ping(self, payload: bytes) -> None:
        if self.session.is_silent(self._clock.now()):
            return
        with suppress(ConnectionError):
            await self._carrier.pong(payload)

    async def _write(self) -> None:
        while True:
            text = await self._outbox.get()
            try:
                await self._carrier.send_str(text)
            except ConnectionError:
                return  # the reader sees the end too, and ends the line
            self._tally[_tr_id(text)] += 1

    async def _keep_time(self) -> None:
        while not self.session.is_dropped:
            await self._clock.sleep_until(self.session.wake_at)
            self.send(self.session.tick(self._clock.now()))


def _tr_id(text: str) -> str:
    """The TR of a data frame; ``system`` for the others."""
    return text.split("|", 2)[1] if text[:2] in ("0|", "1|") else "system"
