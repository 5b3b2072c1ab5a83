"""Chrome DevTools Protocol over one socket: calls, their answers, and events.

Sessions are flat: every page of a browser speaks through the browser's own socket and is told
apart by its session id ("" is the browser itself). Method and event names are the protocol's:
https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ANSWER_S = 15.0

Json = dict[str, Any]
Listener = Callable[[Json], None]


class DevToolsError(Exception):
    """The browser refused a call, a script in the page failed, or a wait ran out."""


class Wire:
    """The socket of one browser. Made by ``connected``."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last_id = 0
        self._asked: dict[int, asyncio.Future[Json]] = {}
        self._listeners: dict[tuple[str, str], Listener] = {}

    async def call(self, method: str, session: str = "", /, **params: object) -> Json:
        """Ask and wait for the answer.

        Raises:
            DevToolsError: The browser refused, is gone, or did not answer.
        """
        self._last_id += 1
        number = self._last_id
        request: Json = {"id": number, "method": method, "params": params}
        if session:
            request["sessionId"] = session
        answer = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            await self._socket.send(json.dumps(request))
            return await asyncio.wait_for(answer, ANSWER_S)
        except TimeoutError:
            raise DevToolsError(f"{method}: no answer within {ANSWER_S:.0f} s") from None
        except ConnectionClosed:
            raise DevToolsError(f"{method}: the browser is gone") from None
        finally:
            self._asked.pop(number, None)

    def listen(self, event: str, listener: Listener, session: str = "") -> None:
        """Hear an event's parameters from now on; one listener each."""
        self._listeners[session, event] = listener

    def forget(self, session: str) -> None:
        """Hear nothing more of a page that was closed."""
        for key in [key for key in self._listeners if key[0] == session]:
            del self._listeners[key]

    async def read(self) -> None:
        """Deliver what the browser says until it is gone."""
        try:
            async for frame in self._socket:
                self._deliver(json.loads(frame))
        finally:
            for answer in self._asked.values():
                if not answer.done():
                    answer.set_exception(DevToolsError("the browser is gone"))

    def _deliver(self, message: Json) -> None:
        if "id" not in message:
            listener = self._listeners.get((message.get("sessionId", ""), message["method"]))
            if listener is not None:
                listener(message["params"])
            return
        answer = self._asked.get(message["id"])
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(DevToolsError(str(message["error"]["message"])))
        else:
            answer.set_result(message["result"])


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Wire]:
    """A wire to the browser that listens at ``address`` (ws://...)."""
    async with connect(address, max_size=None, compression=None, proxy=None) as socket:
        wire = Wire(socket)
        reading = asyncio.create_task(wire.read())
        try:
            yield wire
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
