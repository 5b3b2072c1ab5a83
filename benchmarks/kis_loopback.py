"""A KIS-like server that measures: from a frame sent to the order request received.

A process of its own, told by lines of JSON on stdin, answering by lines on stdout. Its first word
is the port it serves HTTP on and the one of its sockets. Sockets are told apart by the first part
of their path.

    {"frame": text, "to": name}    send, wait for an order, answer {"us": float}
    {"holdings": [rows]}           what inquire-balance shows from now on; answers {}
    {"count": true}                answers {"http": n, "sockets": n}: connections so far
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_sockets

ORDER_PATH = b"/uapi/overseas-stock/v1/trading/order"
KEY, IV = "k" * 32, "i" * 16
FAR = "2099-12-31 23:59:59"
CASH = [{"crcy_cd": "USD", "frcr_dncl_amt_2": "1000", "frst_bltn_exrt": "1400"}]


class Loopback:
    """Sockets by name, the books of an account, and one measurement at a time."""

    def __init__(self) -> None:
        self.sockets: dict[str, ServerConnection] = {}
        self.holdings: list[dict[str, str]] = []
        self.http_connections = 0
        self.socket_connections = 0
        self.orders = 0
        self._came_at: asyncio.Future[int] | None = None

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One kept connection."""
        self.http_connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _length(head)
                if length:
                    await reader.readexactly(length)
                came_at = time.perf_counter_ns()
                path = head.split(b" ", 2)[1].split(b"?")[0]
                writer.write(self._reply(path))
                if path == ORDER_PATH and self._came_at is not None and not self._came_at.done():
                    self._came_at.set_result(came_at)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _reply(self, path: bytes) -> bytes:
        body = json.dumps(self._body(path)).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        return head.encode() + b"\r\n\r\n" + body

    def _body(self, path: bytes) -> dict[str, Any]:
        if path.endswith(b"tokenP"):
            life = {"access_token_token_expired": FAR, "expires_in": 86_400}
            return {"access_token": "t" * 300, "token_type": "Bearer", **life}
        if path.endswith(b"Approval"):
            return {"approval_key": "a" * 36}
        found: dict[str, Any] = {"rt_cd": "0", "msg_cd": "MCA00000", "msg1": "ok"}
        if path == ORDER_PATH:
            self.orders += 1
            number = f"{self.orders:010d}"
            found["output"] = {"KRX_FWDG_ORD_ORGNO": "01790", "ODNO": number, "ORD_TMD": "100000"}
        elif path.endswith(b"inquire-balance"):
            found |= {"output1": self.holdings, "output2": {"frcr_pchs_amt1": "1"}}
        elif path.endswith(b"present-balance"):
            found |= {"output1": [], "output2": CASH, "output3": {}}
        else:
            found["output"] = []
        return found

    async def socket(self, connection: ServerConnection) -> None:
        """Registers everything that is asked for."""
        self.socket_connections += 1
        path = connection.request.path if connection.request is not None else "/"
        self.sockets[path.split("/")[1]] = connection
        async for raw in connection:
            message = json.loads(raw)
            wanted = message["body"]["input"]
            body = {"rt_cd": "0", "msg_cd": "OPSP0000", "msg1": "SUBSCRIBE SUCCESS"}
            header = {"tr_id": wanted["tr_id"], "tr_key": wanted["tr_key"], "encrypt": "N"}
            output = {"iv": IV, "key": KEY}
            await connection.send(
                json.dumps({"header": header, "body": {**body, "output": output}})
            )

    async def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One line of the one who measures."""
        if "frame" in asked:
            self._came_at = asyncio.get_running_loop().create_future()
            begun = time.perf_counter_ns()
            await self.sockets[asked["to"]].send(asked["frame"])
            async with asyncio.timeout(10):
                return {"us": (await self._came_at - begun) / 1000}
        if "holdings" in asked:
            self.holdings = asked["holdings"]
            return {}
        return {"http": self.http_connections, "sockets": self.socket_connections}


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


async def _main() -> None:
    server = Loopback()
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    http = await asyncio.start_server(server.http, "127.0.0.1", 0)
    sockets = await serve_sockets(
        server.socket, "127.0.0.1", 0, compression=None, ping_interval=None
    )
    ports = [http.sockets[0].getsockname()[1], next(iter(sockets.sockets)).getsockname()[1]]
    print(json.dumps(ports), flush=True)
    while line := await lines.readline():
        print(json.dumps(await server.answer(json.loads(line))), flush=True)
    os._exit(0)  # its clients are still there: nothing to say goodbye to


if __name__ == "__main__":
    asyncio.run(_main())
