"""A socket session against a server that answers badly, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from engine.adapters.clocks import DemoClock
from engine.adapters.kis import session
from engine.adapters.kis.auth import ApprovalKeeper
from engine.adapters.kis.desk_feed import DeskFeed
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.stream import KisSocket
from engine.model.events import StreamState
from engine.model.ids import Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.money import Usd
from engine.ports.clock import Clock
from sandbox.clock import SandboxClock
from sandbox.frames import CipherPair, encrypt
from tests.adapters.kis_stage import REGULAR, MarketTime
from tests.adapters.test_kis_frames import ACCOUNT, notice
from tests.adapters.test_kis_stream import Heard, both

AAPL = Instrument(Symbol("AAPL"), Exchange.NASD)
FORD = Instrument(Symbol("F"), Exchange.NYSE)
PAIR = CipherPair.fresh()
both_ways = pytest.mark.parametrize("by", [timedelta(hours=3), timedelta(minutes=-7)])
Script = Callable[[ServerConnection], Awaitable[None]]


def answered(request: str, code: str = "OPSP0000", rt_cd: str = "0", *, key: bool = True) -> str:
    inputs = json.loads(request)["body"]["input"]
    body = {"rt_cd": rt_cd, "msg_cd": code, "msg1": "x"}
    output = {"output": {"key": PAIR.key, "iv": PAIR.iv}} if key else {}
    return json.dumps({"header": inputs | {"encrypt": "N"}, "body": body | output})


def nameless(code: str, rt_cd: str = "9") -> str:
    header = {"tr_id": "(null)", "tr_key": "", "encrypt": "N"}
    return json.dumps({"header": header, "body": {"rt_cd": rt_cd, "msg_cd": code, "msg1": "x"}})


def sealed() -> str:
    return f"1|H0GSCNI0|001|{encrypt('^'.join(notice()), PAIR)}"


@asynccontextmanager
async def facing(
    script: Script, speed: float = 600, clock: Clock | None = None
) -> AsyncIterator[tuple[DeskFeed[Usd], Heard[Usd]]]:
    """A feed that wants one quote and the notices from a scripted server."""
    clock = clock or MarketTime(SandboxClock(REGULAR, speed))
    approval = httpx.MockTransport(lambda _: httpx.Response(200, json={"approval_key": "A"}))
    async with serve(script, "127.0.0.1", 0, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        keys = KisKeys("app-key", "app-secret", ACCOUNT, "my-hts-id")
        endpoint = KisEndpoint(Server.REAL, "https://kis.test", f"ws://127.0.0.1:{port}", keys)
        http = KisHttp(endpoint.base_url, approval)
        socket, heard = (
            KisSocket(endpoint, ApprovalKeeper(endpoint, http, clock), clock),
            Heard[Usd](),
        )
        socket.us.want((AAPL,), notices=True)
        async with both(socket.us.run(heard), socket.run()):
            yield socket.us, heard


async def test_noise_before_the_answers_does_no_harm() -> None:
    async def script(client: ServerConnection) -> None:
        async for request in client:
            await client.send(b"\xff\xfe binary")
            await client.send("no frame at all")
            await client.send("{broken")
            await client.send(json.dumps({"header": {"tr_id": "OTHER", "tr_key": "X"}}))
            await client.send(answered(str(request)))
            await client.send(nameless("OPSP9993"))  # belongs to nothing

    async with facing(script) as (_, heard):
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, True)


async def test_a_nameless_refusal_belongs_to_the_question_asked() -> None:
    async def script(client: ServerConnection) -> None:
        async for request in client:
            is_notice = "H0GSCNI0" in str(request)
            await client.send(answered(str(request)) if is_notice else nameless("OPSP0008", "1"))

    async with facing(script) as (feed, heard):
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, False)
        assert state.reason == "HDFSCNT0/AAPL refused: OPSP0008"
        assert feed.health().registrations == 1


async def test_places_that_leaked_at_the_server_lead_to_a_new_session() -> None:
    sessions: list[ServerConnection] = []

    async def script(client: ServerConnection) -> None:
        sessions.append(client)
        async for request in client:
            is_full = len(sessions) == 1 and "DNYSF" in str(request)
            await client.send(nameless("OPSP0008", "1") if is_full else answered(str(request)))

    async with facing(script) as (feed, heard):
        await heard.connected()
        feed.want((FORD,), notices=True)
        await heard.until(lambda: len(heard.states) == 3)
        assert heard.states[1].reason == "OPSP0008: places leaked"
        assert _brings(heard) == (True, True)
        assert (len(sessions), feed.health().registrations) == (2, 2)


async def test_a_question_without_answer_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "_ANSWER_S", 0.02)
    asked: list[str] = []

    async def script(client: ServerConnection) -> None:
        async for request in client:
            asked.append(str(request))
            if len(asked) > 2:
                await client.send(answered(str(request)))

    async with facing(script) as (_, heard):
        first = await heard.connected()
        assert (first.has_notices, first.has_quotes) == (False, False)
        await heard.until(lambda: heard.states[-1].has_notices and heard.states[-1].has_quotes)
        assert len(asked) == 4


async def test_a_lost_notice_key_is_recovered_by_registering_anew() -> None:
    codes = iter(["OPSP0002", "OPSP0001", "OPSP0000", "OPSP0000"])

    async def script(client: ServerConnection) -> None:
        async for request in client:
            code = next(codes)
            rt_cd = "1" if code == "OPSP0002" else "0"
            await client.send(answered(str(request), code, rt_cd, key=code == "OPSP0000"))

    async with facing(script) as (_, heard):
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (True, True)


async def test_a_notice_key_that_never_comes_is_not_asked_for_without_end() -> None:
    asked: list[str] = []

    async def script(client: ServerConnection) -> None:
        async for request in client:
            asked.append(str(request))
            await client.send(answered(str(request), "OPSP0002", "1", key=False))

    async with facing(script) as (_, heard):
        state = await heard.connected()
        assert (state.has_notices, state.has_quotes) == (False, True)
        assert len(asked) == 4


async def test_a_notice_sent_together_with_its_key_is_read() -> None:
    async def script(client: ServerConnection) -> None:
        async for request in client:
            if "H0GSCNI0" in str(request):
                await client.send(sealed())
                await client.send(answered(str(request)))
                await client.send(sealed())
            else:
                await client.send(answered(str(request)))

    async with facing(script) as (_, heard):
        await heard.until(lambda: len(heard.notices) == 2)
        assert heard.notices[0].notice.key == heard.notices[1].notice.key


async def test_a_close_by_the_server_leads_to_a_new_session() -> None:
    sessions: list[ServerConnection] = []
    is_connected = asyncio.Event()

    async def script(client: ServerConnection) -> None:
        sessions.append(client)
        async for request in client:
            await client.send(answered(str(request)))
            if len(sessions) == 1 and "HDFSCNT0" in str(request):
                await is_connected.wait()
                return

    async with facing(script) as (_, heard):
        await heard.connected()
        is_connected.set()
        await heard.until(lambda: len(heard.states) >= 3)
        assert [told.state for told in heard.states] == [
            StreamState.CONNECTED, StreamState.DISCONNECTED, StreamState.CONNECTED,
        ]  # fmt: skip
        assert heard.states[1].reason == "closed by the server"


async def test_every_session_ends_with_a_plain_goodbye() -> None:
    goodbyes: list[int | None] = []

    async def script(client: ServerConnection) -> None:
        async for request in client:
            await client.send(answered(str(request)))
        goodbyes.append(client.close_code)

    async with facing(script) as (feed, heard):
        await heard.connected()
        feed.want((), notices=False)
        await heard.until(lambda: not heard.is_connected)
        feed.want((AAPL,), notices=False)
        await heard.connected()
    assert goodbyes == [1000, 1000]  # asleep, then cancelled


async def test_a_line_cut_during_a_question_is_a_lost_session() -> None:
    sessions: list[ServerConnection] = []

    async def script(client: ServerConnection) -> None:
        sessions.append(client)
        async for request in client:
            if len(sessions) == 1:
                client.transport.abort()
                return
            await client.send(answered(str(request)))

    async with facing(script) as (_, heard):
        await heard.connected()
        assert heard.states[0].state is StreamState.DISCONNECTED
        assert heard.states[0].reason.startswith("dropped")


@both_ways
async def test_a_socket_counts_for_nothing_after_a_jump_until_it_brings_a_frame(
    tmp_path: Path, by: timedelta
) -> None:
    machine = SandboxClock(REGULAR, publish_to=tmp_path / "clock.json")
    may_ping = asyncio.Event()

    async def script(client: ServerConnection) -> None:
        for _ in range(2):
            await client.send(answered(str(await client.recv())))
        await may_ping.wait()
        await client.send('{"header":{"tr_id":"PINGPONG","datetime":"20261120100000"}}')
        await client.wait_closed()

    async with facing(script, clock=DemoClock(tmp_path / "clock.json")) as (_, heard):
        await heard.until(lambda: _brings(heard) == (True, True))
        machine.jump(machine.now() + by)
        await heard.until(lambda: _brings(heard) == (False, False))
        may_ping.set()
        await heard.until(lambda: _brings(heard) == (True, True))
        assert {told.state for told in heard.states} == {StreamState.CONNECTED}


@both_ways
async def test_a_registration_put_off_is_tried_at_once_after_a_jump(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, by: timedelta
) -> None:
    monkeypatch.setattr(session, "_ANSWER_S", 0.05)
    machine = SandboxClock(REGULAR, publish_to=tmp_path / "clock.json")
    asked: list[str] = []

    async def script(client: ServerConnection) -> None:
        async for request in client:
            asked.append(str(request))
            if len(asked) > 2:
                await client.send(answered(str(request)))

    async with facing(script, clock=DemoClock(tmp_path / "clock.json")) as (_, heard):
        await heard.until(lambda: len(heard.states) == 1)
        machine.jump(machine.now() + by)
        await heard.until(lambda: _brings(heard) == (True, True))
        assert len(asked) == 4


def _brings(heard: Heard) -> tuple[bool, bool]:
    told = heard.states[-1] if heard.states else None
    return (told.has_notices, told.has_quotes) if told is not None else (False, False)


async def test_forged_notices_are_reported_at_most_once_a_minute() -> None:
    async def script(client: ServerConnection) -> None:
        async for request in client:
            await client.send(answered(str(request)))
            for _ in range(20):
                await client.send("0|H0GSCNI0|001|" + "^".join(notice()))

    async with facing(script, speed=1) as (_, heard):
        await heard.until(lambda: len(heard.states) >= 2)
        await asyncio.sleep(0.05)
        reasons = [told.reason for told in heard.states]
        assert reasons.count("plain notice refused") == 1
        assert heard.notices == []


async def test_without_an_approval_key_the_feed_is_down_and_tries_again() -> None:
    clock = MarketTime(SandboxClock(REGULAR, 600))
    calls: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(403, json={"error_code": "EGW00103"})

    endpoint = KisEndpoint(
        Server.REAL, "https://kis.test", "ws://127.0.0.1:9", KisKeys("a", "b", ACCOUNT, "h")
    )
    http = KisHttp(endpoint.base_url, httpx.MockTransport(refuse))
    heard, approvals = Heard[Usd](), ApprovalKeeper(endpoint, http, clock)
    socket = KisSocket(endpoint, approvals, clock)
    socket.us.want((AAPL,), notices=True)
    begun = clock.now()
    async with both(socket.us.run(heard), socket.run()):
        async with asyncio.timeout(5):
            while len(calls) < 4:  # noqa: ASYNC110 - a mock rings no bell
                await asyncio.sleep(0.001)
        assert clock.now() - begun >= timedelta(seconds=8)  # 1 + 2 + 5
        assert len(heard.states) >= 3
        assert not any(state.has_quotes for state in heard.states)
        assert not socket.us.health().connected
