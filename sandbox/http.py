"""One loopback server for everything: KIS REST and sockets, Telegram, Kakao, the controls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.chat_page import ChatPage
from sandbox.control import Control
from sandbox.kis_rest import KisRest
from sandbox.kis_wire import KisReply, KisRequest
from sandbox.kis_ws import KisSocket
from sandbox.krx.master import FILES as MASTER_FILES
from sandbox.krx.master import zipped
from sandbox.model import Server
from sandbox.panel import Panel
from sandbox.switches import DRILLS, Switches
from sandbox.visitors import is_loopback, own_pages_only
from sandbox.ws_settings import SocketSettings

if TYPE_CHECKING:
    from sandbox.kakao_api import KakaoApi
    from sandbox.telegram_api import TelegramApi
    from sandbox.world import World

DEFAULT_HOST = "127.0.0.1"
SHUTDOWN_S = 1.0


@dataclass(slots=True)
class Running:
    """A sandbox that serves. ``market`` is the task that plays the market."""

    world: World
    rest: KisRest
    sockets: dict[Server, KisSocket]
    telegram: TelegramApi | None
    kakao: KakaoApi | None
    host: str
    port: int
    market: asyncio.Task[None]
    _runner: web.AppRunner

    @property
    def url(self) -> str:
        """Root address, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def close(self) -> None:
        """Say goodbye to every client and stop the market."""
        self.market.cancel()
        await asyncio.gather(self.market, return_exceptions=True)
        for socket in self.sockets.values():
            await socket.close()
        if self.telegram is not None:
            self.telegram.close()
        if self.kakao is not None:
            self.kakao.close()
        await self._runner.cleanup()


async def serve(
    world: World,
    *,
    rest: KisRest | None = None,
    telegram: TelegramApi | None = None,
    kakao: KakaoApi | None = None,
    host: str = DEFAULT_HOST,
    port: int = 0,
    socket_settings: SocketSettings | None = None,
) -> Running:
    """Start serving on loopback; port 0 takes a free one.

    Raises:
        ValueError: ``host`` is not a loopback address.
        OSError: The port is taken.
    """
    require_loopback(host)
    rest = rest or KisRest(world)
    sockets = {server: KisSocket(world, server, socket_settings) for server in Server}
    app = web.Application(middlewares=[own_pages_only])
    app.on_response_prepare.append(_date(rest))
    app.add_routes(_routes(world, telegram, kakao))
    app.router.add_get("/master/{name}.zip", _master(world))
    for server, socket in sockets.items():
        app.router.add_route("*", f"/{server.value}/{{tail:.*}}", _kis(rest, server, socket))
    page = ChatPage() if telegram is not None else None
    app.router.add_get("/{tail:.*}", _stray(sockets[Server.REAL], page))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    bound = runner.addresses[0][1]
    market = asyncio.get_running_loop().create_task(world.run())
    return Running(world, rest, sockets, telegram, kakao, host, bound, market, runner)


def _routes(
    world: World, telegram: TelegramApi | None, kakao: KakaoApi | None
) -> list[web.RouteDef]:
    """The messengers that there are, and the controls."""
    routes = [] if telegram is None else [*telegram.routes(), *_switches(world, telegram)]
    return [*routes, *([] if kakao is None else kakao.routes()), *Control(world).routes()]


def _switches(world: World, telegram: TelegramApi) -> list[web.RouteDef]:
    """Of the panel beside the chat, and of the assistant's /drill."""
    interrupt = telegram.store.updates.interrupt
    switches = Switches(world.faults, interrupt)
    drills = Switches(world.faults, interrupt, DRILLS, "/sandbox/drills")
    return [*switches.routes(), *drills.routes(), *Panel(world, switches).routes()]


def require_loopback(host: str) -> None:
    """Refuse every address that others could reach."""
    if not is_loopback(host):
        raise ValueError(f"the sandbox serves on loopback only, not on {host}")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _kis(rest: KisRest, server: Server, socket: KisSocket) -> Handler:
    prefix = f"/{server.value}"

    async def handle(request: web.Request) -> web.StreamResponse:
        if _wants_socket(request):
            return await socket.handler(request)
        call = KisRequest(
            server=server,
            method=request.method,
            path=request.path.removeprefix(prefix),
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query),
            body=await request.text(),
        )
        return await _send(rest, request, rest.handle(call))

    return handle


async def _send(rest: KisRest, request: web.Request, reply: KisReply) -> web.StreamResponse:
    if reply.delay_s:
        await asyncio.sleep(reply.delay_s)
    if reply.abort:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    body = reply.body.encode("utf-8")
    response = web.Response(status=reply.status, headers=reply.headers, body=body)
    if reply.order_no and not reply.delay_s:
        await _send_before_notices(rest, request, response, reply.order_no)
    return response


async def _send_before_notices(
    rest: KisRest, request: web.Request, response: web.Response, order_no: str
) -> None:
    rest.hold_notices(order_no)
    try:
        await response.prepare(request)
        await response.write_eof()
    finally:
        rest.release_notices(order_no)


def _date(rest: KisRest) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Every server's clock is the market's; the library would write this machine's."""

    async def date(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(rest.now(), usegmt=True)

    return date


def _stray(socket: KisSocket, page: ChatPage | None) -> Handler:
    """A socket that names no server, a file of the page, or nothing."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if _wants_socket(request):
            return await socket.handler(request)
        if page is None:
            raise web.HTTPNotFound
        return page.answer(request)

    return handle


def _master(world: World) -> Handler:
    """The master files, which need no key."""
    segments = {name: segment for segment, name in MASTER_FILES.items()}

    async def handle(request: web.Request) -> web.StreamResponse:
        segment = segments.get(request.match_info["name"])
        if segment is None:
            raise web.HTTPNotFound
        world.catch_up()
        content = zipped(segment, world.krx.market.listings())
        return web.Response(body=content, content_type="application/zip")

    return handle


def _wants_socket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
