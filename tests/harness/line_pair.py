"""A socket as two queues: one end is the engine's Line, the other the sandbox's Carrier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from enum import Enum

from aiohttp import WSMessage, WSMsgType
from websockets.exceptions import ConnectionClosedError


class _End(Enum):
    GOODBYE = "goodbye"
    CUT = "cut"


class LinePair:
    """The client's end. ``latency``: seconds of one way; frames keep their order."""

    def __init__(self, latency: Callable[[], float]) -> None:
        self._loop = asyncio.get_running_loop()
        self._latency = latency
        self._inbox: asyncio.Queue[str | _End] = asyncio.Queue()
        self._last_due = 0.0
        self.is_open = True
        self.server = _ServerEnd(self)

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        while True:
            message = await self._inbox.get()
            if message is _End.GOODBYE:
                return
            if isinstance(message, _End):
                raise ConnectionClosedError(None, None)
            yield message

    async def send(self, message: str) -> None:
        if not self.is_open:
            raise ConnectionClosedError(None, None)
        self.server.hear(WSMsgType.TEXT, message)

    async def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.server.hear(WSMsgType.CLOSE)

    def die(self) -> None:
        """Gone without a word."""
        if self.is_open:
            self.is_open = False
            self.server.hear(WSMsgType.ERROR)

    def hear(self, message: str | _End) -> None:
        """From the server, after the way here."""
        self._last_due = max(self._last_due, self._loop.time() + self._latency())
        if self._last_due <= self._loop.time():
            self._inbox.put_nowait(message)
        else:
            self._loop.call_at(self._last_due, self._inbox.put_nowait, message)


class _ServerEnd:
    def __init__(self, client: LinePair) -> None:
        self._client = client
        self._inbox: asyncio.Queue[WSMessage] = asyncio.Queue()

    def hear(self, kind: WSMsgType, data: str = "") -> None:
        self._inbox.put_nowait(WSMessage(kind, data, ""))

    async def receive(self) -> WSMessage:
        return await self._inbox.get()

    async def send_str(self, text: str) -> None:
        if not self._client.is_open:
            raise ConnectionResetError
        self._client.hear(text)

    async def pong(self, payload: bytes) -> None:
        """The client sends no Ping."""

    async def goodbye(self) -> None:
        self._end(_End.GOODBYE)

    def abort(self) -> None:
        self._end(_End.CUT)

    def _end(self, end: _End) -> None:
        if self._client.is_open:
            self._client.is_open = False
            self._client.hear(end)
            self.hear(WSMsgType.CLOSED)
