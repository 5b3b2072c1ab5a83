"""How KIS is reached: the one place where a connection is opened, or stood in for."""

from __future__ import annotations

import logging
import socket as sockets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import httpx
from websockets.asyncio.client import connect

# Never below warnings: at debug level the library would write the approval key.
_wire_log = logging.getLogger(f"{__name__}.wire")
_wire_log.setLevel(logging.WARNING)

_OPEN_S = 5.0
_CLOSE_S = 1.0


class Line(Protocol):
    """An open socket. Once it is closed, both ways raise websockets' ConnectionClosed.

    Iterating ends without an error where the server said goodbye.
    """

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """What the server says, one message after another."""
        ...

    async def send(self, message: str) -> None:
        """Say something."""
        ...

    async def close(self) -> None:
        """A plain goodbye; it frees the slot at once. Closing twice is harmless."""
        ...


OpenLine = Callable[[str], AbstractAsyncContextManager[Line]]


@asynccontextmanager
async def open_line(url: str) -> AsyncIterator[Line]:
    """Connect to ``url``; closed when the block is left.

    Raises:
        OSError, TimeoutError, WebSocketException: no connection.
    """
    async with connect(
        url,
        ping_interval=None,  # KIS has its own PINGPONG
        open_timeout=_OPEN_S,
        close_timeout=_CLOSE_S,
        compression=None,
        proxy=None,
        logger=_wire_log,
    ) as socket:
        raw = socket.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)
        yield socket


@dataclass(frozen=True, slots=True)
class Network:
    """``transport`` None: connections of our own (ADR 0021)."""

    transport: httpx.AsyncBaseTransport | None = None
    open_line: OpenLine = open_line
