"""A Bot API on loopback for one test: server, people, clock, raw client, real PTB."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram.ext import Application, ApplicationBuilder

from sandbox.faults import Faults
from sandbox.model import Fault
from sandbox.telegram_api import ChatUser, TelegramApi, TelegramLimits
from sandbox.telegram_chat import TelegramChat

TOKEN = "123456:a-token-of-the-sandbox_0123456789"
OWNER = 1001
SHY = 1002
STRANGER = 6666


class HumanTime:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 20, 14, 30, 15, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Loopback:
    api: TelegramApi
    faults: Faults
    time: HumanTime
    root: str
    http: httpx.AsyncClient

    @property
    def chat(self) -> TelegramChat:
        return self.api.chat

    async def raw(
        self, method: str, fields: Mapping[str, object] | None = None, **more: object
    ) -> httpx.Response:
        """Call a method with form fields; what is not text goes as JSON."""
        body = {**(fields or {}), **more}
        form = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in body.items()
        }
        return await self.http.post(f"{self.root}/telegram/bot{TOKEN}/{method}", data=form)

    async def result(self, method: str, **fields: object) -> Any:
        answer = (await self.raw(method, fields)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **fields: object) -> str:
        response = await self.raw(method, fields)
        answer = response.json()
        assert answer["ok"] is False, answer
        assert answer["error_code"] == response.status_code
        return f"{response.status_code} {answer['description']}"

    async def says(self, **fields: object) -> Any:
        return await self.result("sendMessage", chat_id=OWNER, **fields)

    def trouble(self, kind: str, target: str = "*", value: str = "", times: int = 1) -> None:
        self.faults.add(Fault("telegram", kind, target, times, value))

    def application(self) -> Application[Any, Any, Any, Any, Any, Any]:
        return (
            ApplicationBuilder()
            .token(TOKEN)
            .base_url(f"{self.root}/telegram/bot")
            .base_file_url(f"{self.root}/telegram/file/bot")
            .build()
        )


@asynccontextmanager
async def loopback(limits: TelegramLimits | None = None) -> AsyncIterator[Loopback]:
    time = HumanTime()
    faults = Faults()
    users = [ChatUser(OWNER, username="owner"), ChatUser(SHY, has_started=False)]
    api = TelegramApi(faults, token=TOKEN, users=users, now=time, limits=limits)
    app = web.Application()
    app.add_routes(api.routes())
    async with TestServer(app) as server, httpx.AsyncClient(timeout=5) as http:
        try:
            yield Loopback(api, faults, time, f"http://127.0.0.1:{server.port}", http)
        finally:
            api.close()


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def buttons(*rows: list[tuple[str, str]]) -> dict[str, object]:
    return {
        "inline_keyboard": [
            [{"text": label, "callback_data": data} for label, data in row] for row in rows
        ]
    }
