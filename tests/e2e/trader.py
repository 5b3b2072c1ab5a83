"""A trader with both hands free: the broker's app, the market and the chat of a sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import httpx

from sandbox.session import at
from tests.e2e.children import LOOK_S, PATIENCE_S, Json

OWNER, STRANGER = 10_001, 10_002
DAY = date(2026, 11, 20)
CONFIG = """\
language: ko
mode: {mode}
api:
  base_url: {url}/real
  websocket_url: {ws}/real/ws
  paper_base_url: {url}/paper
  paper_websocket_url: {ws}/paper/ws
  master_url: {url}/master
telegram:
  base_url: {url}/telegram/bot
  base_file_url: {url}/telegram/file/bot
health:
  port: 0
live: {{min_days: 0, min_trades: 0}}
{more}
"""
US_ALONE = """\
domestic:
  enabled: false
"""


@dataclass
class Sandbox:
    """A market, a broker and a chat, in a process of their own."""

    url: str
    home: Path
    http: httpx.AsyncClient
    day: date = DAY
    pid: int = 0
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.home / "config.yaml"
        self.configure()

    def configure(self, more: str = "", mode: str = "live") -> None:
        ws = self.url.replace("http", "ws", 1)
        more += "" if "domestic:" in more else f"\n{US_ALONE}"
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

    async def switch_korea_live(self) -> None:
        """The Korean desk beside the American one."""
        typed = await self.say("/mode live krx")
        await self.press("확인", after=typed)
        await self.until_said("✅ 국내: 실전", after=typed)

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
