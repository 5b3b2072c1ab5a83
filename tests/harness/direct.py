"""The sandbox without a network: calls go to it directly, the socket is a pair in memory.

What leaves the assistant arrives, whoever lives to hear the answer: a call in flight is a task of
the network, and a process that ends says no goodbye on its socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from engine.adapters.kis.network import Network
from sandbox.kis_rest import KisRest
from sandbox.kis_wire import KisReply, KisRequest
from sandbox.kis_ws import KisSocket
from sandbox.krx.master import FILES, zipped
from sandbox.model import Server
from sandbox.world import World
from tests.harness.line_pair import LinePair

ADDRESS = "http://127.0.0.1:1"  # loopback, where nobody listens
Latency = Callable[[], float]
T = TypeVar("T")


def _none() -> float:
    return 0.0


@dataclass(slots=True)
class Direct:
    """A sandbox that serves without a socket. ``latency``: seconds of one way, market time."""

    world: World
    latency: Latency = _none
    rest: KisRest = field(init=False)
    sockets: dict[Server, KisSocket] = field(init=False)
    market: asyncio.Task[None] = field(init=False)
    _lines: set[LinePair] = field(default_factory=set)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rest = KisRest(self.world)
        self.sockets = {server: KisSocket(self.world, server) for server in Server}
        self.market = asyncio.get_running_loop().create_task(self.world.run())

    @property
    def url(self) -> str:
        """Root address, without a slash at the end."""
        return ADDRESS

    def network(self) -> Network:
        """The way there, for one process."""
        return Network(_Transport(self), self.open_line)

    def hang_up(self) -> None:
        """The process at the other end is gone: no goodbye, the slot stays held."""
        for line in tuple(self._lines):
            line.die()

    async def close(self) -> None:
        """Say goodbye to every client and stop the market."""
        self.market.cancel()
        for socket in self.sockets.values():
            await socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self.market, *self._tasks, return_exceptions=True)

    async def call(self, request: KisRequest) -> tuple[KisReply, asyncio.Event]:
        """What the server does with a call, whether or not anybody waits for the answer.

        The event, once set, lets the notices of the order out.
        """
        await asyncio.sleep(self.latency())
        reply, heard = self.rest.handle(request), asyncio.Event()
        if reply.order_no and not reply.delay_s:
            self.rest.hold_notices(reply.order_no)
            self.spawn(self._release(reply.order_no, heard))
        await asyncio.sleep(reply.delay_s + self.latency())
        return reply, heard

    async def _release(self, order_no: str, heard: asyncio.Event) -> None:
        """The answer of an order is on the wire before its notices."""
        try:
            async with asyncio.timeout(1):
                await heard.wait()
        except TimeoutError:
            pass  # nobody lived to hear it
        self.rest.release_notices(order_no)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that outlives whoever asked for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @asynccontextmanager
    async def open_line(self, url: str) -> AsyncIterator[LinePair]:
        """A socket towards the server of that address.

        Raises:
            ConnectionRefusedError: a scripted refusal.
        """
        server = Server(urlsplit(url).path.split("/")[1])
        await asyncio.sleep(self.latency())
        if self.sockets[server].is_refused():
            raise ConnectionRefusedError
        line = LinePair(self.latency)
        self.spawn(self.sockets[server].serve(line.server))
        self._lines.add(line)
        try:
            yield line
        finally:
            self._lines.discard(line)
            await line.close()


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, direct: Direct) -> None:
        self._direct = direct

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        place, _, rest = request.url.path.lstrip("/").partition("/")
        if place == "master":
            return self._master(rest)
        call = KisRequest(
            server=Server(place),
            method=request.method,
            path=f"/{rest}",
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.url.params),
            body=(await request.aread()).decode(),
        )
        patience = request.extensions["timeout"]["read"]
        doing = self._direct.spawn(self._direct.call(call))
        try:
            async with asyncio.timeout(patience):
                reply, heard = await asyncio.shield(doing)
        except TimeoutError:
            raise httpx.ReadTimeout("", request=request) from None
        asyncio.get_running_loop().call_soon(heard.set)
        if reply.abort:
            raise httpx.RemoteProtocolError("", request=request)
        date = format_datetime(self._direct.rest.now(), usegmt=True)
        headers = {"Date": date, **reply.headers}
        return httpx.Response(reply.status, headers=headers, content=reply.body.encode())

    def _master(self, name: str) -> httpx.Response:
        segments = {f"{file}.zip": segment for segment, file in FILES.items()}
        self._direct.world.catch_up()
        listings = self._direct.world.krx.market.listings()
        return httpx.Response(200, content=zipped(segments[name], listings))
