"""The Bot API over HTTP, one bot, as PTB 22.8 and a strict server see it.

Faults on channel ``telegram`` (target: the method's name or ``*``):

| kind | value | what happens |
|---|---|---|
| http500 | | 500 with JSON, nothing done |
| bad_gateway | | 502 with an HTML page, nothing done |
| reset | | connection dies, nothing done |
| black_hole | | no answer until the client gives up, nothing done |
| lost_answer | | done, then the connection dies |
| flood | seconds | 429 with ``retry_after``, nothing done |
| slow | seconds | the call is handled that much later |
| unauthorized | | 401, nothing done |
| echo | | 400 in words that repeat the address, token and all; nothing done |
| conflict | | 409, as if another program polled; nothing done |
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.chat_stream import ChatStream
from sandbox.model import Fault, FaultDesk
from sandbox.telegram_account import AccountMethods
from sandbox.telegram_call import Call, read_call
from sandbox.telegram_chat import ChatUser, TelegramChat
from sandbox.telegram_control import TelegramControl
from sandbox.telegram_delivery import Delivery
from sandbox.telegram_limits import FloodGate, TelegramLimits
from sandbox.telegram_media import MediaMethods
from sandbox.telegram_methods import MessageMethods, Method
from sandbox.telegram_records import JsonObject
from sandbox.telegram_refusal import Refusal, flood
from sandbox.telegram_store import ChatStore
from sandbox.telegram_updates import CONFLICT, UpdateQueue

__all__ = ["FAULTS", "ChatUser", "TelegramApi", "TelegramLimits"]

FAULTS = (
    "http500",
    "bad_gateway",
    "reset",
    "black_hole",
    "lost_answer",
    "flood",
    "slow",
    "unauthorized",
    "conflict",
    "echo",
)

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>"
)
_LOOK_S = 0.05  # how often a black hole looks whether its client has gone


class TelegramApi:
    """Wires the parts and answers HTTP. ``now`` is human time, aware.

    ``chat`` is the hand of the people; ``close`` must be called when the server stops, or an
    open long poll holds it up.
    """

    def __init__(
        self,
        faults: FaultDesk,
        *,
        token: str,
        users: Sequence[ChatUser],
        now: Callable[[], datetime],
        limits: TelegramLimits | None = None,
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise ValueError("a bot token looks like 123456:letters-and-digits")
        limits = limits or TelegramLimits()
        self._faults = faults
        self._token = token
        self._closing = asyncio.Event()
        bot: JsonObject = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Sandbox",
            "username": "sandbox_bot",
        }
        self.store = ChatStore(bot, users, UpdateQueue(limits, now), now)
        self.chat = TelegramChat(self.store)
        self._control = TelegramControl(self.chat)
        self._stream = ChatStream(self.store)
        delivery = Delivery(self.store, FloodGate(limits, now), limits)
        methods: dict[str, Method] = {
            **MessageMethods(self.store, delivery, limits).table(),
            **MediaMethods(self.store, delivery).table(),
            **AccountMethods(self.store).table(),
        }
        self._methods = {name.lower(): (name, method) for name, method in methods.items()}

    def routes(self) -> list[web.RouteDef]:
        """Bot API, file downloads, controls and events, for the root of an application."""
        return [
            web.get("/telegram/bot{token}/{method}", self._serve),
            web.post("/telegram/bot{token}/{method}", self._serve),
            web.get("/telegram/file/bot{token}/{path:.+}", self._download),
            *self._control.routes(),
            *self._stream.routes(),
        ]

    def close(self) -> None:
        """End long polls, black holes and streams of events."""
        self._closing.set()
        self.store.updates.close()
        self._stream.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request)
            name, method = self._find(request.match_info["method"])
        except Refusal as refusal:
            return _refused(refusal)
        fault = self._faults.take("telegram", name, *FAULTS)
        kind = fault.kind if fault is not None else ""
        if fault is not None and kind not in {"slow", "lost_answer"}:
            self.store.log(name, {}, 0, "", kind)
            return await self._strike(request, fault)
        if fault is not None and kind == "slow":
            await self._pause(float(fault.value or 1))
        response = await self._answer(request, name, method, kind)
        return _cut(request) if kind == "lost_answer" else response

    async def _answer(
        self, request: web.Request, name: str, method: Method, fault: str
    ) -> web.Response:
        call = Call(name)
        try:
            call = await read_call(request, name)
            result = method(call)
            if inspect.isawaitable(result):
                result = await result
        except Refusal as refusal:
            self.store.log(name, call.shown(), refusal.code, refusal.description, fault)
            return _refused(refusal)
        self.store.log(name, call.shown(), 200, "", fault)
        return _json({"ok": True, "result": result}, 200)

    async def _strike(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case "http500":
                body = {
                    "ok": False,
                    "error_code": 500,
                    "description": "Internal Server Error",
                }
                return _json(body, 500)
            case "bad_gateway":
                return web.Response(status=502, text=_BAD_GATEWAY, content_type="text/html")
            case "flood":
                return _refused(flood(int(float(fault.value or 1))))
            case "unauthorized":
                return _refused(Refusal("", code=401))
            case "echo":
                return _refused(Refusal(f"{request.url} is wrong"))
            case "conflict":
                return _refused(Refusal(CONFLICT, code=409))
            case "black_hole":
                await self._swallow(request)
        return _cut(request)

    async def _swallow(self, request: web.Request) -> None:
        while request.transport is not None and not request.transport.is_closing():
            await self._pause(_LOOK_S)
            if self._closing.is_set():
                return

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
        except Refusal as refusal:
            return _refused(refusal)
        stored = self.store.files.at_path(request.match_info["path"])
        if stored is None:
            return _refused(Refusal("", code=404))
        return web.Response(body=stored.content, content_type="application/octet-stream")

    def _check_token(self, request: web.Request) -> None:
        """A token of another bot is 401; what is no token at all is 404, as on the hosted API."""
        token = request.match_info["token"]
        if not _TOKEN.fullmatch(token):
            raise Refusal("", code=404)
        if token != self._token:
            raise Refusal("", code=401)

    def _find(self, raw: str) -> tuple[str, Method]:
        found = self._methods.get(raw.lower())
        if found is None:
            raise Refusal("method not found", code=404)
        return found


def _refused(refusal: Refusal) -> web.Response:
    response = _json(refusal.body(), refusal.code)
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _json(body: dict[str, Any], status: int) -> web.Response:
    return web.json_response(body, status=status)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
