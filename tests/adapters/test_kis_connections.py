"""What the trader reads when KIS hangs up: the name must not say that nothing was sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from engine.adapters.kis.http import KisHttp
from engine.errors import BrokerUnavailable

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[KisHttp]:
    """A server that reads a request and then does what is told."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(b'{"a":"b"}'))
        await answer(writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, KisHttp(f"http://127.0.0.1:{port}") as http:
        yield http


async def says(text: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(text)
    await writer.drain()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"", "RemoteProtocolError"),
        (b"no HTTP at all\r\n\r\n", "RemoteProtocolError"),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"rt_cd":', "ReadError"),
    ],
    ids=["hung up", "not HTTP", "cut off"],
)
async def test_an_answer_that_breaks_off_is_named_after_what_happened(
    text: bytes, name: str
) -> None:
    async with served(lambda writer: says(text, writer)) as http:
        with pytest.raises(BrokerUnavailable, match=name):
            await http.post("/order", {}, {"a": "b"})


async def test_a_reset_after_sending_is_no_failure_to_connect() -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with served(reset) as http:
        with pytest.raises(BrokerUnavailable, match=r"ReadError|RemoteProtocolError"):
            await http.post("/order", {}, {"a": "b"})


async def test_a_host_that_is_not_there_cannot_be_connected_to() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with KisHttp(f"http://127.0.0.1:{port}") as http:
        with pytest.raises(BrokerUnavailable, match="ConnectError"):
            await http.post("/order", {}, {"a": "b"})


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_is_repeated_when_a_kept_connection_breaks(method: str) -> None:
    seen: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            seen.append(head)
            if len(seen) > 1:
                writer.transport.abort()
                return
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    async def call(http: KisHttp) -> int:
        reply = http.get("/", {}, {}) if method == "GET" else http.post("/", {}, {})
        return (await reply).status

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, KisHttp(f"http://127.0.0.1:{port}") as http:
        assert await call(http) == 200
        with pytest.raises(BrokerUnavailable):
            await call(http)
    assert len(seen) == 2
