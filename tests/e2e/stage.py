"""The whole house on loopback: sandboxes to start, and the assistant beside them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import httpx

from sandbox.__main__ import BOT_TOKEN, env_lines, write_private
from sandbox.__main__ import OWNER as HOLDER
from sandbox.http import serve
from sandbox.kis_rest import KisRest
from sandbox.scenario import Scenario, build
from sandbox.session import at
from sandbox.telegram_api import TelegramApi
from sandbox.world import World
from tests.e2e.children import PATIENCE_S, Assistant, assistant, end, environment, run
from tests.e2e.trader import DAY, Sandbox


@asynccontextmanager
async def sandbox(
    home: Path, *, start: str = "09:31", seed: int = 1, day: date = DAY
) -> AsyncIterator[Sandbox]:
    """A fresh sandbox whose clock file makes ``home/data`` a demo directory.

    ``start``: New York time, or Korean as in ``09:03KST``.
    """
    (home / "data").mkdir(mode=0o700)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0", "--seed", str(seed)),
        *("--date", day.isoformat(), "--start", start, "--speed", "1"),
        *("--clock-file", str(home / "data" / "demo.json")),
        *("--credentials-file", str(home / ".env")),
        stdout=PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode()
        assert line.startswith("READY "), line
        url = line.removeprefix("READY ").strip()
        async with httpx.AsyncClient(timeout=10) as http:
            yield Sandbox(url, home, http, day, process.pid)
    finally:
        await end(process)


@asynccontextmanager
async def sandbox_within(home: Path) -> AsyncIterator[tuple[Sandbox, World, KisRest]]:
    """The sandbox inside the test, so that the test knows every secret it gives away."""
    (home / "data").mkdir(mode=0o700)
    start = at(DAY, time(9, 31))
    world = build(Scenario(start=start, clock_file=home / "data" / "demo.json"))
    rest = KisRest(world)
    chat = TelegramApi(world.faults, token=BOT_TOKEN, users=[HOLDER], now=lambda: datetime.now(UTC))
    running = await serve(world, rest=rest, telegram=chat)
    write_private(home / ".env", env_lines(world.credentials))
    try:
        async with httpx.AsyncClient(timeout=10) as http:
            yield Sandbox(running.url, home, http), world, rest
    finally:
        await running.close()


async def started(
    stage: Sandbox, *options: str, env: Mapping[str, str] | None = None, name: str = "bot.log"
) -> Assistant:
    """Start it and wait for its first word in the chat."""
    before = await stage.say("/version")
    running = await assistant(stage.home, *options, env=env, name=name)
    try:
        await stage.until_said("시작", after=before)
    except BaseException:
        await end(running.process)
        raise
    return running


async def command(
    stage: Sandbox, word: str, *more: str, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Another command of the contract: exit code and everything it printed."""
    return await run(stage.home, word, *more, env=env)
