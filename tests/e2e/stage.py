"""Real children on loopback: the sandbox, the assistant, and a trader with both hands free."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Self

import httpx

from sandbox.__main__ import BOT_TOKEN, env_lines, write_private
from sandbox.__main__ import OWNER as HOLDER
from sandbox.http import serve
from sandbox.kis_rest import KisRest
from sandbox.scenario import Scenario, build
from sandbox.session import at
from sandbox.telegram_api import TelegramApi
from sandbox.world import World

OWNER, STRANGER = 10_001, 10_002
DAY = date(2026, 11, 20)
LOOK_S = 0.05
PATIENCE_S = 15.0
PASSPHRASE = "correct-horse-battery-staple-9"
FOREIGN = ("KIS_", "TELEGRAM_", "KAKAO_", "AUTOTRADE_")
CONFIG = """\
language: ko
mode: {mode}
api:
  base_url: {url}/real
  websocket_url: {ws}/real/ws
  paper_base_url: {url}/paper
  paper_websocket_url: {ws}/paper/ws
telegram:
  base_url: {url}/telegram/bot
  base_file_url: {url}/telegram/file/bot
health:
  port: 0
domestic:
  enabled: false
{more}
"""

Json = dict[str, Any]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This machine's environment without anybody's real keys."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, **(extra or {})}


@dataclass
class Sandbox:
    """A market, a broker and a chat, in a process of their own."""

    url: str
    home: Path
    http: httpx.AsyncClient
    day: date = DAY
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.home / "config.yaml"
        self.configure()

    def configure(self, more: str = "", mode: str = "live") -> None:
        ws = self.url.replace("http", "ws", 1)
        text = CONFIG.format(url=self.url, ws=ws, more=more, mode=mode)
        self.config.write_text(text, encoding="utf-8")

    @property
    def data(self) -> Path:
        return self.home / "data"

    def secrets(self) -> dict[str, str]:
        """What the generated .env holds."""
        lines = (self.home / ".env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    async def get(self, path: str) -> Any:
        reply = await self.http.get(self.url + path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def post(self, path: str, **body: object) -> Any:
        reply = await self.http.post(self.url + path, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    # the market and the broker's app

    async def play(self, speed: float) -> None:
        await self.post("/sandbox/clock", speed=speed)

    async def jump(self, when: time) -> None:
        await self.post("/sandbox/clock", jump_to=at(self.day, when).isoformat())

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.get("/sandbox/state"))["clock"]["now"])

    async def buy(self, symbol: str, qty: int, server: str = "real") -> None:
        await self.post("/sandbox/buy", symbol=symbol, qty=qty, server=server)

    async def lift(self, symbol: str, pct: float = 6.0, seconds: int = 60) -> None:
        await self.post("/sandbox/drift", symbol=symbol, pct=str(pct), seconds=seconds)

    async def fault(
        self, channel: str, kind: str, target: str = "*", times: int = 1, value: str = ""
    ) -> None:
        body = {"channel": channel, "kind": kind, "target": target, "times": times, "value": value}
        await self.post("/sandbox/fault", **body)

    async def end_faults(self) -> None:
        await self.http.delete(self.url + "/sandbox/faults")

    async def sold(self, symbol: str, server: str = "real") -> int:
        """Shares that were sold through the API."""
        orders = (await self.get("/sandbox/books"))[server]["orders"]
        return sum(
            int(order["filled"])
            for order in orders
            if order["side"] == "sell" and order["symbol"] == symbol and order["media"] == "OpenAPI"
        )

    # the chat

    async def transcript(self) -> Json:
        found: Json = await self.get("/sandbox/telegram/transcript")
        return found

    async def say(self, text: str, user: int = OWNER) -> int:
        sent = await self.post("/sandbox/telegram/send", user_id=user, text=text)
        return int(sent["message_id"])

    async def spoken(self, after: int = 0, user: int = OWNER) -> list[Json]:
        """What the bot said to a user, oldest first."""
        messages: list[Json] = (await self.transcript())["messages"]
        return [
            message
            for message in messages
            if message["chat_id"] == user
            and message["message_id"] > after
            and message["from"].get("is_bot")
        ]

    async def until_said(self, part: str, after: int = 0, limit_s: float = PATIENCE_S) -> Json:
        """The first message later than ``after`` that contains ``part``."""

        async def look() -> Json | None:
            said = await self.spoken(after)
            return next((message for message in said if part in text_of(message)), None)

        found: Json = await self._until(look, f"{part!r} was not said", limit_s)
        return found

    async def until(
        self, condition: Callable[[], Any], what: str, limit_s: float = PATIENCE_S
    ) -> Any:
        return await self._until(condition, what, limit_s)

    async def press(self, label: str, after: int = 0) -> Json:
        """Press a button as soon as a message later than ``after`` shows it."""

        async def look() -> Json | None:
            said = await self.spoken(after)
            return next((message for message in said if label in buttons_of(message)), None)

        message: Json = await self._until(look, f"no button {label!r}", PATIENCE_S)
        await self.post(
            "/sandbox/telegram/press",
            user_id=OWNER,
            message_id=message["message_id"],
            label=label,
        )
        return message

    async def go_live(self) -> None:
        await self.switch_to("live", "실전")

    async def switch_to(self, mode: str, name: str) -> None:
        """Through the chat's confirmation, until the new session has read its account."""
        typed = await self.say(f"/mode {mode}")
        await self.press("확인", after=typed)
        await self.until_said(f"✅ 미국: {name}", after=typed)
        await self.until_watching()

    async def until_watching(self) -> None:
        """A buy from now on is new: what was held before has been read."""
        asked = await self.say("/positions")

        async def look() -> bool:
            nonlocal asked
            said = text_of(await self.until_said("계좌 확인", after=asked))
            if "전" in said.rpartition("계좌 확인")[2]:
                return True
            asked = await self.say("/positions")
            return False

        await self._until(look, "no account was read", PATIENCE_S)

    async def until_read(self, known: int, server: str = "real") -> None:
        """Wait for one more balance call than ``known``."""

        async def look() -> bool:
            return await self.reads(server) > known

        await self._until(look, "no balance was read", PATIENCE_S)

    async def reads(self, server: str = "real") -> int:
        """How many balance calls were answered."""
        requests = await self.get("/sandbox/requests")
        return sum(
            one["server"] == server
            and one["path"].endswith("inquire-balance")
            and one["status"] == 200
            for one in requests
        )

    async def _until(self, look: Callable[[], Any], what: str, limit_s: float) -> Any:
        try:
            async with asyncio.timeout(limit_s):
                while not (found := await look()):  # noqa: ASYNC110 - another process moves
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            last = [text_of(message) for message in (await self.spoken())[-6:]]
            raise AssertionError(f"{what} within {limit_s:.0f} s; last: {last}") from None
        return found


def text_of(message: Json) -> str:
    return str(message["content"].get("text", ""))


def buttons_of(message: Json) -> dict[str, str]:
    """Callback data by label."""
    rows = (message["markup"] or {}).get("inline_keyboard", [])
    return {
        button["text"]: button["callback_data"]
        for row in rows
        for button in row
        if "callback_data" in button
    }


@asynccontextmanager
async def sandbox(
    home: Path, *, start: time = time(9, 31), seed: int = 1
) -> AsyncIterator[Sandbox]:
    """A fresh sandbox whose clock file makes ``home/data`` a demo directory."""
    (home / "data").mkdir(mode=0o700)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0", "--seed", str(seed)),
        *("--date", DAY.isoformat(), "--start", start.isoformat(), "--speed", "1"),
        *("--clock-file", str(home / "data" / "demo.json")),
        *("--credentials-file", str(home / ".env")),
        stdout=PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode()
        assert line.startswith("READY "), line
        async with httpx.AsyncClient(timeout=10) as http:
            yield Sandbox(line.removeprefix("READY ").strip(), home, http)
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


@dataclass
class Assistant:
    """``python -m bot bot`` and what it wrote."""

    process: Process
    log: Path

    @property
    def words(self) -> str:
        return self.log.read_text(encoding="utf-8")

    async def health(self) -> tuple[int, Json]:
        port = await self.health_port()
        async with httpx.AsyncClient(timeout=5) as http:
            reply = await http.get(f"http://127.0.0.1:{port}/health")
        return reply.status_code, reply.json()

    async def health_port(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            while (found := re.search(r"/health on [\d.]+:(\d+)", self.words)) is None:
                assert self.process.returncode is None, self.words
                await asyncio.sleep(LOOK_S)
        return int(found[1])

    async def exit_code(self, limit_s: float = 20.0) -> int:
        """Wait for the end; the contract's limit for a clean stop is 20 s."""
        return await asyncio.wait_for(self.process.wait(), limit_s)

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await self.exit_code()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self.process)


async def assistant(
    stage: Sandbox, *options: str, env: Mapping[str, str] | None = None, name: str = "bot.log"
) -> Assistant:
    """Start it; its output goes to a file in the stage's home."""
    log = stage.home / name
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "bot", *paths(stage.home), *options),
            stdout=output,
            stderr=output,
            env=environment(env),
        )
    return Assistant(process, log)


async def started(
    stage: Sandbox, *options: str, env: Mapping[str, str] | None = None, name: str = "bot.log"
) -> Assistant:
    """Start it and wait for its first word in the chat."""
    before = await stage.say("/version")
    running = await assistant(stage, *options, env=env, name=name)
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


async def run(
    home: Path, word: str, *more: str, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """The same without a sandbox."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", word, *paths(home), *more),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(env),
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, printed.decode()


def paths(home: Path) -> tuple[str, ...]:
    return (
        *("--config", str(home / "config.yaml"), "--env-file", str(home / ".env")),
        *("--data-dir", str(home / "data")),
    )


async def end(process: Process) -> None:
    """Kill what still runs; a test that wants a clean end asks for it."""
    with suppress(ProcessLookupError):
        if process.returncode is None:
            process.kill()
    await process.communicate()
