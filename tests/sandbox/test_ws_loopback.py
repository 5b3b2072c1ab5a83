from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from aiohttp import web
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from sandbox.frames import CipherPair
from sandbox.kis_ws import KisSocket
from sandbox.model import Fault, Server
from sandbox.ws_settings import SocketSettings
from tests.sandbox.test_ws_frames import decrypted
from tests.sandbox.ws_stage import CUSTOMERS, StageWorld, notice, request_text, trade


class Street:
    """A served world, and hands to dial it and to ask."""

    def __init__(self, world: StageWorld, socket: KisSocket, url: str) -> None:
        self.world = world
        self.socket = socket
        self.url = url
        self.key = world.approvals.issue(Server.REAL, CUSTOMERS[Server.REAL].app_key)

    async def dial(self) -> ClientConnection:
        return await connect(self.url, ping_interval=None, proxy=None)

    async def ask(self, client: ClientConnection, tr_id: str, tr_key: str) -> dict[str, Any]:
        await client.send(request_text(tr_id, tr_key, self.key))
        answer: dict[str, Any] = json.loads(await client.recv())
        return answer

    async def code(self, client: ClientConnection, tr_key: str = "DNASGOOGL") -> str:
        answer = await self.ask(client, "HDFSCNT0", tr_key)
        return str(answer["body"]["msg_cd"])

    async def alone(self) -> None:
        while self.socket.connections:  # noqa: ASYNC110 - the line's end rings no bell
            await asyncio.sleep(0)


@asynccontextmanager
async def street(settings: SocketSettings | None = None) -> AsyncIterator[Street]:
    world = StageWorld()
    socket = KisSocket(world, Server.REAL, settings)
    app = web.Application()
    app.router.add_get("/real/ws{tail:.*}", socket.handler)

    async def say_goodbye(_: web.Application) -> None:
        await socket.close()

    app.on_shutdown.append(say_goodbye)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        yield Street(world, socket, f"ws://127.0.0.1:{port}/real/ws/tryitout/HDFSCNT0")
    finally:
        await runner.cleanup()


async def test_trades_of_one_instant_arrive_in_one_frame() -> None:
    async with street() as at, await at.dial() as client:
        assert await at.code(client) == "OPSP0000"
        at.world.market.print(trade(size=1), trade(size=2), trade("SPY"), trade(size=3))
        frame = str(await client.recv())
        assert frame.startswith("0|HDFSCNT0|003|")
        at.world.market.print(trade(size=4))
        assert str(await client.recv()).startswith("0|HDFSCNT0|001|")
        assert at.socket.frames_sent["HDFSCNT0"] == 2


async def test_a_notice_of_this_server_arrives_sealed() -> None:
    async with street() as at, await at.dial() as client:
        hts_id = CUSTOMERS[Server.REAL].hts_id
        output = (await at.ask(client, "H0GSCNI0", hts_id))["body"]["output"]
        at.world.books.tell(notice(server=Server.PAPER))
        at.world.books.tell(notice())
        enc, tr_id, count, payload = str(await client.recv()).split("|", 3)
        assert (enc, tr_id, count) == ("1", "H0GSCNI0", "001")
        assert decrypted(payload, CipherPair(**output)).split("^")[16] == "홍모래"


async def test_a_jump_over_hours_sends_no_stale_quotes() -> None:
    async with street() as at, await at.dial() as client:
        await at.code(client)
        at.world.jumping = True
        at.world.market.print(*[trade(size=9)] * 500)
        at.world.jumping = False
        at.world.market.print(trade(size=1))
        assert str(await client.recv()).startswith("0|HDFSCNT0|001|")


async def test_a_close_frees_the_slot_at_once() -> None:
    async with street() as at:
        async with await at.dial() as first:
            assert await at.code(first) == "OPSP0000"
            async with await at.dial() as second:
                assert await at.code(second) == "OPSP8996"
        await at.alone()
        async with await at.dial() as third:
            assert await at.code(third) == "OPSP0000"
        assert [each.msg_cd for each in at.socket.verdicts] == ["OPSP0000", "OPSP8996", "OPSP0000"]


async def test_a_client_that_vanishes_leaves_the_slot_held_for_its_time() -> None:
    async with street() as at:
        first = await at.dial()
        assert await at.code(first) == "OPSP0000"
        first.transport.abort()
        await first.wait_closed()
        await at.alone()
        async with await at.dial() as second:
            assert await at.code(second) == "OPSP8996"
            at.world.pass_time(60)
            assert await at.code(second) == "OPSP0000"


@pytest.mark.parametrize(("value", "second_code"), [("", "OPSP8996"), ("free", "OPSP0000")])
async def test_a_scripted_drop_cuts_the_idle_line_and_frees_the_slot_only_if_told(
    value: str, second_code: str
) -> None:
    async with street() as at:
        client = await at.dial()
        await at.code(client)
        at.world.faults.add(Fault("ws", "drop", value=value))
        await asyncio.sleep(0)  # the clock task falls asleep before time passes
        at.world.pass_time(1)
        with pytest.raises(ConnectionClosedError) as caught:
            await client.recv()
        assert caught.value.rcvd is None
        await at.alone()
        async with await at.dial() as second:
            assert await at.code(second) == second_code


async def test_a_refused_upgrade_is_503_and_the_next_one_succeeds() -> None:
    async with street() as at:
        at.world.faults.add(Fault("ws", "refuse"))
        with pytest.raises(InvalidStatus) as caught:
            await at.dial()
        assert caught.value.response.status_code == 503
        async with await at.dial() as client:
            assert await at.code(client) == "OPSP0000"


@pytest.mark.parametrize("how", ["text", "pong"])
async def test_an_answered_pingpong_keeps_the_line_over_many_intervals(how: str) -> None:
    async with street() as at, await at.dial() as client:
        await at.code(client)
        for _ in range(6):
            at.world.pass_time(100)
            ping = str(await client.recv())
            await (client.send(ping) if how == "text" else client.pong(ping.encode()))
            # The reply to a request proves that the server has read the echo before it.
            assert await at.code(client) == "OPSP0002"


async def test_an_ignored_pingpong_ends_the_line_on_the_third_interval() -> None:
    async with street() as at:
        client = await at.dial()
        await at.code(client)
        for _ in range(2):
            at.world.pass_time(100)
            assert "PINGPONG" in str(await client.recv())
        at.world.pass_time(100)
        with pytest.raises(ConnectionClosedError):
            await client.recv()


async def test_a_ping_control_frame_is_answered_unless_the_server_plays_dead() -> None:
    async with street() as at, await at.dial() as client:
        await at.code(client)
        await (await client.ping("alive?"))
        at.world.faults.add(Fault("ws", "silent", "HDFSCNT0"))
        at.world.market.print(trade())
        await asyncio.sleep(0)
        unanswered = asyncio.ensure_future(await client.ping("still?"))
        await client.send("{")
        await client.send("{")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.recv(), 0.05)
        assert not unanswered.done()
        unanswered.cancel()


async def test_binary_is_no_json() -> None:
    async with street() as at, await at.dial() as client:
        await client.send(b"\x00\x01")
        assert json.loads(await client.recv())["body"]["msg_cd"] == "OPSP9999"


async def test_shutting_the_server_down_says_goodbye_to_clients() -> None:
    async with street() as at:
        client = await at.dial()
        await at.code(client)
        closing = asyncio.ensure_future(at.socket.close())
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await client.recv()
        await closing
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1001
        await at.alone()
