"""The socket on a Korean market that plays by itself, at sixty times the pace of the day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time
from decimal import Decimal
from itertools import pairwise

from websockets.asyncio.client import ClientConnection, connect

from sandbox.frames import CipherPair
from sandbox.http import Running
from sandbox.model import Server, Side
from sandbox.ws_settings import TODAY
from tests.sandbox.krx_every_second import BUSY, EVENING, served
from tests.sandbox.test_ws_frames import decrypted
from tests.sandbox.ws_stage import request_text


class Line:
    """A client that keeps what it hears."""

    def __init__(self, client: ClientConnection, running: Running, server: Server) -> None:
        self._client = client
        self._customer = running.world.credentials[server]
        self._key = running.world.approvals.issue(server, self._customer.app_key)
        self.pair = CipherPair("", "")
        self.records: defaultdict[str, list[list[str]]] = defaultdict(list)

    @property
    def trades(self) -> list[list[str]]:
        return self.records["H0STCNT0"]

    async def register(self, tr_id: str, tr_key: str = "") -> None:
        await self._client.send(request_text(tr_id, tr_key or self._customer.hts_id, self._key))
        while not (text := str(await self._client.recv())).startswith("{"):
            self._keep(text)
        body = json.loads(text)["body"]
        assert body["msg_cd"] == "OPSP0000"
        if not tr_key:
            self.pair = CipherPair(**body["output"])

    async def hear(self) -> None:
        text = str(await self._client.recv())
        if text.startswith("{"):
            await self._client.send(text)
        else:
            self._keep(text)

    def _keep(self, frame: str) -> None:
        seal, tr_id, _, payload = frame.split("|", 3)
        fields = (payload if seal == "0" else decrypted(payload, self.pair)).split("^")
        width = TODAY[tr_id]
        self.records[tr_id] += [fields[at : at + width] for at in range(0, len(fields), width)]


@asynccontextmanager
async def line(running: Running, server: Server = Server.REAL) -> AsyncIterator[Line]:
    url = f"{running.url.replace('http', 'ws')}/{server.value}/ws"
    async with connect(url, ping_interval=None, proxy=None) as client:
        yield Line(client, running, server)


async def test_the_opening_is_expected_then_printed_and_no_print_is_lost() -> None:
    async with served(time(8, 59, 40), speed=120.0) as running, line(running) as ear:
        for tr_id in ("H0STCNT0", "H0STASP0", "H0STMKO0"):
            await ear.register(tr_id, BUSY.symbol)
        running.world.clock.resume()
        while sum(record[43] == "0" for record in ear.trades) < 25:
            await ear.hear()
    expected = [record for record in ear.trades if record[43] == "B"]
    traded = [record for record in ear.trades if record[43] == "0"]
    assert expected
    assert ear.trades == [*expected, *traded]
    assert {(record[34], record[46]) for record in expected} == {("10", "1")}
    assert {record[13] for record in expected} == {"0"}
    assert traded[0][1] >= "090000"
    assert traded[0][7] == traded[0][2] == traded[0][45]  # the open, and what a VI is measured from
    for before, after in pairwise(traded):
        assert int(after[13]) - int(before[13]) == int(after[12])
    assert {book[2] for book in ear.records["H0STASP0"]} == {"B", "0"}
    assert [record[3] for record in ear.records["H0STMKO0"]] == ["112"]


async def test_an_order_by_hand_is_told_to_its_own_server() -> None:
    async with (
        served(time(10)) as running,
        line(running) as real,
        line(running, Server.PAPER) as paper,
    ):
        await real.register("H0STCNI0")
        await paper.register("H0STCNT0", BUSY.symbol)
        running.world.clock.resume()
        running.world.krx.books.hand_order(Server.PAPER, Side.BUY, BUSY.symbol, 1)
        running.world.krx.books.hand_order(Server.REAL, Side.BUY, BUSY.symbol, 2)
        told = real.records["H0STCNI0"]
        while not told or told[-1][13] != "2":
            await real.hear()
        while not paper.trades:
            await paper.hear()
    assert {(each[4], each[8], int(each[16])) for each in told} == {("02", BUSY.symbol, 2)}
    assert told[0][13:15] == ["1", "1"]
    assert Decimal(told[-1][10]) > 0


async def test_a_volatility_interruption_is_told_and_its_auction_expected() -> None:
    async with served(time(11), speed=600.0) as running, line(running) as ear:
        for tr_id in ("H0STCNT0", "H0STMKO0"):
            await ear.register(tr_id, BUSY.symbol)
        running.world.clock.resume()
        market, now = running.world.krx.market, running.world.clock.now
        market.start_vi(BUSY.symbol, now())
        while len(ear.records["H0STMKO0"]) < 2:
            await ear.hear()
        while ear.trades[-1][43] != "0":
            await ear.hear()
    began, ended = ear.records["H0STMKO0"]
    assert (began[8], ended[8]) == ("Y", "N")
    inside = [record for record in ear.trades if record[43] == "C"]
    assert inside
    assert {(record[34], record[46]) for record in inside} == {("20", "2")}
    after = ear.trades[-1]
    assert after[45] == after[2]  # the auction's price is the new reference


async def test_the_closing_print_belongs_to_the_session_that_it_ends() -> None:
    async with served(time(15, 29, 50)) as running, line(running) as ear:
        await ear.register("H0STCNT0", BUSY.symbol)
        await ear.hear()
        greeting = ear.trades.pop()
        running.world.clock.resume()
        while not ear.trades or ear.trades[-1][43] != "0":
            await ear.hear()
    assert (greeting[1] < "152000", greeting[34], greeting[43]) == (True, "20", "0")
    assert {record[34] for record in ear.trades} == {"21"}
    assert {record[43] for record in ear.trades[:-1]} == {"C"}
    assert (ear.trades[-1][1], ear.trades[-1][46]) == ("153000", "2")


async def test_the_after_market_is_told_apart() -> None:
    async with served(time(15, 29)) as running, line(running) as ear:
        await ear.register("H0STCNT0", BUSY.symbol)
        await ear.hear()
        ear.trades.clear()
        await running.world.jump(EVENING)
        running.world.clock.resume()
        while not ear.trades:
            await ear.hear()
    assert {(record[34], record[43], record[46]) for record in ear.trades} == {("30", "0", "3")}
    assert ear.trades[0][1].startswith("1700")
