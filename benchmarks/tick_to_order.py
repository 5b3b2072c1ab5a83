"""How long a price takes to become an order: from the frame sent to the order request received.

One server process on loopback (``kis_loopback.py``) measures everybody, in turns within one run:
what nobody can beat (bare sockets), what a careful script would do, python-kis, and the assistant
from its socket to its order with everything between, without and with the durable journal.

    .venv/bin/python benchmarks/tick_to_order.py [--crossings 2000] [--rounds 10] [--without-log]

Each decision of ours goes into the log, as in the assistant, unless told otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import json
import logging
import os
import sqlite3
import ssl
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

import aiohttp  # noqa: E402 - the path comes first
import httpx  # noqa: E402
from tick_to_order_dolpa import START, SYMBOLS, dolpa, holdings  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402

from engine.adapters.secrets import Secrets  # noqa: E402
from engine.wiring.logs import open_logs  # noqa: E402

OFF_GOAL, COMMITS_GOAL, STRETCH_GOAL = 1.25, 2.0, 0.8
FLOOR, SCRIPT, AIOHTTP = "bare sockets", "websockets + kept httpx", "websockets + kept aiohttp"
PYKIS, OFF, ON = "python-kis", "Dolpa, journal off", "Dolpa, journal on"
COMMIT = "one-row FULL commit"
PACE_S = 0.005  # about as far apart as the crossings
SYMBOL, PRICE = SYMBOLS[0], "103.50"
KEYS = {"authorization": "Bearer " + "t" * 300, "appkey": "p" * 36, "appsecret": "s" * 180}
HEADERS = {**KEYS, "tr_id": "TTTT1006U", "custtype": "P"}
PATH = "/uapi/overseas-stock/v1/trading/order"
After = Callable[[], Awaitable[None]]


class Server:
    """The measuring process."""

    def __init__(self, process: asyncio.subprocess.Process, http: int, sockets: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{http}"
        self.socket_url = f"ws://127.0.0.1:{sockets}"
        self.http_port, self.socket_port = http, sockets

    async def ask(self, **what: object) -> dict[str, Any]:
        """One line there and back."""
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None and writer is not None  # noqa: PT018, S101
        writer.write(json.dumps(what).encode() + b"\n")
        line = await reader.readline()
        if not line:
            raise RuntimeError("the server is gone: no order came within ten seconds")
        return dict(json.loads(line))


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Start it, and end it by closing its stdin."""
    script = str(ROOT / "benchmarks" / "kis_loopback.py")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, script, stdin=pipe, stdout=pipe)
    assert process.stdout is not None and process.stdin is not None  # noqa: PT018, S101
    http, sockets = json.loads(await process.stdout.readline())
    try:
        yield Server(process, http, sockets)
    finally:
        process.stdin.close()
        await process.wait()


def frame(moment: datetime) -> str:
    """A trade at the target, as H0DFSCNT0 shows it: 26 columns."""
    day, clock = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")
    prices = f"{PRICE}^{PRICE}^{PRICE}^{PRICE}^2^0.5000^0.49^{PRICE}^103.51"
    times = f"{day}^{day}^{clock}^{day}^{clock}"
    record = f"DNAS{SYMBOL}^{SYMBOL}^4^{times}^{prices}^100^100^10^500000^51750000^1^1^100.00^1"
    return f"0|HDFSCNT0|001|{record}"


# -- the others


def _order(raw: str) -> dict[str, str] | None:
    """What a script would do with a frame: the order's body when the price is right."""
    fields = raw.split("|", 3)[3].split("^")
    if float(fields[11]) < 103:
        return None
    body = {"CANO": "12345678", "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": fields[1]}
    rest = {"ORD_QTY": "10", "OVRS_ORD_UNPR": fields[15], "SLL_TYPE": "00"}
    return {**body, **rest, "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00"}


@asynccontextmanager
async def bare(server: Server) -> AsyncIterator[After]:
    """Sockets and bytes; only the frame's end is looked for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.socket_port)
    key = base64.b64encode(os.urandom(16)).decode()
    hello = ("GET /bare HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade")
    more = (f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", "")
    writer.write("\r\n".join((*hello, *more)).encode())
    await reader.readuntil(b"\r\n\r\n")
    http_reader, http_writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    body = json.dumps(_order(frame(START))).encode()
    lines = [f"POST {PATH} HTTP/1.1", "host: x", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in HEADERS.items()]
    order = "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def run() -> None:
        while True:
            size = (await reader.readexactly(2))[1]
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2), "big")
            await reader.readexactly(size)
            http_writer.write(order)
            await http_reader.readuntil(b"}}")

    async with _beside(run()):
        yield _nothing
    for each in (writer, http_writer):
        each.close()


@asynccontextmanager
async def script(server: Server) -> AsyncIterator[After]:
    """A kept httpx client as it comes."""
    # Kept also while the others have their turn.
    kept = httpx.Limits(keepalive_expiry=600)
    async with httpx.AsyncClient(base_url=server.url, limits=kept) as http:

        async def post(body: dict[str, str]) -> None:
            (await http.post(PATH, json=body, headers=HEADERS)).json()

        async with _listening(server, "script", post):
            yield _nothing


@asynccontextmanager
async def script_aiohttp(server: Server) -> AsyncIterator[After]:
    """A kept aiohttp session as it comes."""
    async with aiohttp.ClientSession() as http:

        async def post(body: dict[str, str]) -> None:
            async with http.post(server.url + PATH, json=body, headers=HEADERS) as reply:
                await reply.json()

        async with _listening(server, "aiohttp", post):
            yield _nothing


@asynccontextmanager
async def _listening(
    server: Server, name: str, post: Callable[[dict[str, str]], Awaitable[None]]
) -> AsyncIterator[None]:
    async with connect(f"{server.socket_url}/{name}", compression=None) as socket:

        async def run() -> None:
            async for raw in socket:
                body = _order(str(raw))
                if body is not None:
                    await post(body)

        async with _beside(run()):
            yield


@asynccontextmanager
async def python_kis(server: Server) -> AsyncIterator[After]:
    """The published client, in its own threads; its limit of calls is lifted, as ours is."""
    import pykis  # noqa: PLC0415 - slow to load
    import pykis.client.websocket  # noqa: PLC0415
    import pykis.kis  # noqa: PLC0415
    from pykis.api.account.order import foreign_order  # noqa: PLC0415

    logging.getLogger("pykis").setLevel(logging.WARNING)
    pykis.kis.REAL_DOMAIN = server.url
    pykis.client.websocket.WEBSOCKET_REAL_DOMAIN = f"{server.socket_url}/pykis"

    def start() -> Any:
        keys = {"appkey": KEYS["appkey"], "secretkey": KEYS["appsecret"]}
        kis = pykis.PyKis(id="bench", account="12345678-01", **keys, keep_token=False)
        for limiter in kis._rate_limiters.values():
            limiter.rate = 1_000_000

        def sell(_client: Any, event: Any) -> None:
            if event.response.price >= 103:
                price = event.response.bid
                foreign_order(kis, "12345678-01", "NASDAQ", SYMBOL, "sell", price=price, qty=10)

        kis.kept = kis.websocket.on(id="HDFSCNT0", key=f"DNAS{SYMBOL}", callback=sell)
        time.sleep(0.5)
        _ = kis.token
        return kis

    kis = await asyncio.to_thread(start)
    yield _nothing
    await asyncio.to_thread(kis.close)


@asynccontextmanager
async def _beside(work: Any) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _nothing() -> None:
    """Nothing to put back."""


# -- the run


class TlsCount:
    """TLS contexts made since the start."""

    def __init__(self) -> None:
        self.made = 0
        original = ssl.SSLContext.__new__

        def counting(cls: Any, *args: Any, **kwargs: Any) -> Any:
            self.made += 1
            return original(cls, *args, **kwargs)

        ssl.SSLContext.__new__ = counting  # type: ignore[method-assign]


async def _run(data: Path, crossings: int, rounds: int) -> int:
    found: dict[str, list[float]] = {}
    async with serving() as server, AsyncExitStack() as stack:
        await server.ask(holdings=holdings())
        contestants = {
            FLOOR: ("bare", bare(server)),
            SCRIPT: ("script", script(server)),
            AIOHTTP: ("aiohttp", script_aiohttp(server)),
            PYKIS: ("pykis", python_kis(server)),
            OFF: ("off", dolpa(server.url, f"{server.socket_url}/off", None)),
            ON: ("on", dolpa(server.url, f"{server.socket_url}/on", data / "book.db")),
        }
        afters = {
            name: (slot, await stack.enter_async_context(made))
            for name, (slot, made) in contestants.items()
        }
        commit = _committer(data / "row.db")
        for name, (slot, after) in afters.items():  # warm up, not measured
            found[name] = []
            await _cross(server, slot, after, 20, [])
        gc.collect()
        gc.freeze()  # what one of them imported must not slow the others down
        tls, connections = TlsCount(), 0
        found[COMMIT] = []
        for _ in range(rounds):
            for name, (slot, after) in afters.items():
                before = await server.ask(count=True)
                await _cross(server, slot, after, crossings // rounds, found[name])
                if name in (OFF, ON):
                    made = await server.ask(count=True)
                    connections += sum(made.values()) - sum(before.values())
            for _ in range(crossings // rounds):
                found[COMMIT].append(commit())
                await asyncio.sleep(PACE_S)  # a disk flushes faster without a rest
    return _tell(found, crossings, tls.made, connections)


async def _cross(server: Server, slot: str, after: After, times: int, into: list[float]) -> None:
    for _ in range(times):
        text = frame(market_now())
        into.append((await server.ask(frame=text, to=slot))["us"])
        await after()
        await asyncio.sleep(0.001)


def market_now() -> datetime:
    """New York's time, of a day that began with the run."""
    return (START + (datetime.now(ZoneInfo("UTC")) - BEGUN)).astimezone(
        ZoneInfo("America/New_York")
    )


BEGUN = datetime.now(ZoneInfo("UTC"))


def _committer(path: Path) -> Callable[[], float]:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
        connection.execute(statement)
    connection.execute("CREATE TABLE rows (text TEXT)")

    def commit() -> float:
        begin = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows VALUES (?)", ("x" * 600,))
        connection.execute("COMMIT")
        return (time.perf_counter() - begin) * 1e6

    return commit


def _tell(found: dict[str, list[float]], crossings: int, contexts: int, connections: int) -> int:
    print(f"tick to order over loopback, {crossings} crossings each, microseconds")
    p50 = {name: median(times) for name, times in found.items()}
    for name, times in found.items():
        p99 = sorted(times)[len(times) * 99 // 100]
        print(f"  {name:<26} p50 {p50[name]:>7,.0f}   p99 {p99:>8,.0f}")
    orders = crossings * 6
    print(
        f"  TLS contexts made per order {contexts / orders:g}, connections {connections / orders:g}"
    )
    allowed = p50[SCRIPT] * OFF_GOAL + p50[COMMIT] * COMMITS_GOAL
    checks = (
        (f"journal off at most {OFF_GOAL} x {SCRIPT}", p50[OFF] / p50[SCRIPT], OFF_GOAL),
        (f"journal on at most that + {COMMITS_GOAL:g} commits", p50[ON] / allowed, 1.0),
        ("no TLS context, no connection per order", float(contexts + connections), 0.0),
        (
            f"stretch: journal on at most {STRETCH_GOAL} x {PYKIS}",
            p50[ON] / p50[PYKIS],
            STRETCH_GOAL,
        ),
    )
    for what, ratio, goal in checks:
        print(f"  {what}: {ratio:.2f} of {goal:g}, {'met' if ratio <= goal else 'missed'}")
    return 0 if all(ratio <= goal for _, ratio, goal in checks[:3]) else 1


def main() -> int:
    """Print the figures; 1 when a goal is missed (the stretch is told only)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crossings", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--without-log", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=ROOT))  # a disk, not memory
        if not options.without_log:
            logging.getLogger("engine.flow").setLevel(logging.INFO)
            stack.enter_context(open_logs(Path(folder), Secrets()))
        return asyncio.run(_run(Path(folder), options.crossings, options.rounds))


if __name__ == "__main__":
    sys.exit(main())
