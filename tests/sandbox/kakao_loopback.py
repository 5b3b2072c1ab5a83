"""Kakao's two servers on loopback for one test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.faults import Faults
from sandbox.kakao_api import KakaoApi
from sandbox.kakao_store import KakaoApp, KakaoStore
from sandbox.model import Fault
from tests.sandbox.telegram_loopback import HumanTime

APP = KakaoApp("rest-api-key", "first-refresh-token")
LINK = "https://t.me/a_bot"


@dataclass(frozen=True, slots=True)
class Loopback:
    """``closing``: what a test opened and is closed with the servers."""

    api: KakaoApi
    faults: Faults
    time: HumanTime
    root: str
    http: httpx.AsyncClient
    closing: AsyncExitStack

    @property
    def auth(self) -> str:
        return f"{self.root}/kakao/auth"

    @property
    def talk(self) -> str:
        return f"{self.root}/kakao/api"

    @property
    def texts(self) -> list[str]:
        return [told["text"] for told in self.api.store.messages]

    def asked(self, name: str) -> int:
        return sum(call["name"] == name for call in self.api.calls)

    def trouble(self, kind: str, target: str = "*", value: str = "", times: int = 1) -> None:
        self.faults.add(Fault("kakao", kind, target, times, value))

    async def login(self, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "refresh_token",
            "client_id": APP.rest_api_key,
            "refresh_token": APP.refresh_token,
            **changes,
        }
        return await self.http.post(f"{self.auth}/oauth/token", data=form)

    async def token(self) -> str:
        return str((await self.login()).json()["access_token"])

    async def send(self, template: object, token: str | None = None) -> httpx.Response:
        bearer = await self.token() if token is None else token
        return await self.http.post(
            f"{self.talk}/v2/api/talk/memo/default/send",
            data={"template_object": json.dumps(template)},
            headers={"Authorization": f"Bearer {bearer}"},
        )


def template(**changes: Any) -> dict[str, Any]:
    return {"object_type": "text", "text": "체결", "link": {"web_url": LINK}, **changes}


@asynccontextmanager
async def kakao(app: KakaoApp = APP) -> AsyncIterator[Loopback]:
    time, faults = HumanTime(), Faults()
    api = KakaoApi(faults, KakaoStore(app, time))
    site = web.Application()
    site.add_routes(api.routes())
    async with (
        TestServer(site) as server,
        httpx.AsyncClient(timeout=5) as http,
        AsyncExitStack() as closing,
    ):
        try:
            yield Loopback(api, faults, time, f"http://127.0.0.1:{server.port}", http, closing)
        finally:
            api.close()
