"""The socket on a whole generated market, at sixty times the pace of the day."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from aiohttp import web
from websockets.asyncio.client import connect

from sandbox.frames import CipherPair
from sandbox.kis_ws import KisSocket
from sandbox.model import Server, Side
from sandbox.scenario import Scenario, build
from tests.sandbox.test_ws_frames import decrypted
from tests.sandbox.ws_stage import fields_of, request_text

OPENING = datetime(2026, 7, 10, 13, 30, 5, tzinfo=UTC)  # 09:30:05 ET


async def test_no_tick_is_lost_and_a_hand_order_is_told() -> None:
    world = build(Scenario(start=OPENING, speed=60.0))
    socket = KisSocket(world, Server.REAL)
    customer = world.credentials[Server.REAL]
    approval = world.approvals.issue(Server.REAL, customer.app_key)
    listing = next(each for each in world.market.listings() if each.exchange == "NASD")
    key = f"DNAS{listing.symbol}"
    app = web.Application()
    app.router.add_get("/real/ws", socket.handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    playing = asyncio.create_task(world.run())
    records: list[list[str]] = []
    kinds: list[tuple[str, str, str]] = []
    try:
        url = f"ws://127.0.0.1:{runner.addresses[0][1]}/real/ws"
        async with connect(url, ping_interval=None, proxy=None) as client:
            await client.send(request_text("H0GSCNI0", customer.hts_id, approval))
            pair = CipherPair(**json.loads(await client.recv())["body"]["output"])
            await client.send(request_text("HDFSCNT0", key, approval))
            assert json.loads(await client.recv())["body"]["msg_cd"] == "OPSP0000"
            limit = (world.market.price(listing.symbol) * Decimal("1.05")).quantize(Decimal("0.01"))
            world.books.hand_order(Server.REAL, Side.BUY, listing.symbol, 1, limit)
            while len(records) < 60 or not any(kind[1] == "2" for kind in kinds):
                frame = str(await client.recv())
                if frame.startswith("{"):
                    await client.send(frame)
                elif frame.startswith("0|"):
                    fields = fields_of(frame)
                    records += [fields[at : at + 26] for at in range(0, len(fields), 26)]
                else:
                    told = decrypted(frame.split("|", 3)[3], pair).split("^")
                    kinds.append((told[7], told[12], told[4]))
    finally:
        playing.cancel()
        await runner.cleanup()
    assert {record[0] for record in records} == {key}
    totals = [(int(record[20]), int(record[19])) for record in records]
    for (before, _), (after, size) in pairwise(totals):
        assert after - before == size
    assert set(kinds) <= {(listing.symbol, "1", "02"), (listing.symbol, "2", "02")}
    assert kinds[-1] == (listing.symbol, "2", "02")
