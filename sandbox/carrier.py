"""What carries a socket session: a connection of aiohttp's, or whatever stands in for one."""

from __future__ import annotations

from typing import Protocol

from aiohttp import WSCloseCode, WSMessage, web


class Carrier(Protocol):
    """What carries a connection. Sending raises ConnectionError once it is gone."""

    async def receive(self) -> WSMessage:
        """The next message; after the end, a CLOSE, CLOSED or ERROR."""
        ...

    async def send_str(self, text: str) -> None:
        """Send a text frame."""
        ...

    async def pong(self, payload: bytes) -> None:
        """Answer a Ping."""
        ...

    async def goodbye(self) -> None:
        """Send a Close."""
        ...

    def abort(self) -> None:
        """Cut it without a Close."""
        ...


class Upgraded:
    """A connection that came through aiohttp."""

    def __init__(self, response: web.WebSocketResponse, request: web.Request) -> None:
        self._response = response
        self._request = request

    async def receive(self) -> WSMessage:
        """The next message."""
        return await self._response.receive()

    async def send_str(self, text: str) -> None:
        """Send a text frame."""
        await self._response.send_str(text)

    async def pong(self, payload: bytes) -> None:
        """Answer a Ping."""
        await self._response.pong(payload)

    async def goodbye(self) -> None:
        """Send a Close."""
        await self._response.close(code=WSCloseCode.GOING_AWAY)

    def abort(self) -> None:
        """Cut it without a Close."""
        if self._request.transport is not None:
            self._request.transport.abort()
