"""Kakao's login and message servers over HTTP, for one app and one person.

Faults on channel ``kakao`` (target: ``token``, ``send`` or ``*``):

| kind | value | what happens |
|---|---|---|
| http500 | | 500 with an HTML page, nothing done |
| busy | code, -1 | the API server's passing error as HTTP 400, nothing done |
| refuse | code | the API server refuses with this code, nothing done |
| reset | | connection dies, nothing done |
| lost_answer | | done, then the connection dies |
| slow | seconds | the call is handled that much later |
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.kakao_refusal import KakaoRefusal
from sandbox.kakao_store import KakaoStore
from sandbox.model import Fault, FaultDesk

__all__ = ["KakaoApi"]

_FORM = "application/x-www-form-urlencoded"
_FAULTS = ("http500", "busy", "refuse", "reset", "lost_answer", "slow")
_PAGE = "<html><body><h1>500 Internal Server Error</h1></body></html>"
_UNAUTHORIZED = {"-401": 401, "-402": 403, "-3": 403, "-4": 403, "-5": 403, "-12": 403}


class KakaoApi:
    """``calls``: what was asked and how it was answered, without tokens."""

    def __init__(self, faults: FaultDesk, store: KakaoStore) -> None:
        self.store = store
        self.calls: list[dict[str, str]] = []
        self._faults = faults
        self._closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Both servers and the controls, for the root of an application."""
        return [
            web.post("/kakao/auth/oauth/token", self._token),
            web.post("/kakao/api/v2/api/talk/memo/default/send", self._send),
            web.get("/sandbox/kakao", self._show),
            web.post("/sandbox/kakao", self._change),
        ]

    def close(self) -> None:
        """End what waits."""
        self._closing.set()

    async def _token(self, request: web.Request) -> web.StreamResponse:
        return await self._serve("token", request)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        return await self._serve("send", request)

    async def _serve(self, name: str, request: web.Request) -> web.StreamResponse:
        fault = self._faults.take("kakao", name, *_FAULTS)
        kind = "" if fault is None else fault.kind
        if fault is not None and kind in {"http500", "busy", "refuse", "reset"}:
            self._log(name, 0, kind)
            return _struck(request, fault)
        if fault is not None and kind == "slow":
            await self._pause(float(fault.value or 1))
        try:
            response = _json(await self._answer(name, request), 200)
            self._log(name, 200, "")
        except KakaoRefusal as refusal:
            response = _json(refusal.body, refusal.status)
            self._log(name, refusal.status, refusal.shown_code)
        return _cut(request) if kind == "lost_answer" else response

    async def _answer(self, name: str, request: web.Request) -> dict[str, object]:
        if request.content_type != _FORM:
            raise KakaoRefusal(400, -2, f"the body must be {_FORM}")
        form = {
            key: value for key, value in (await request.post()).items() if isinstance(value, str)
        }
        if name == "token":
            return self.store.issue(form)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise KakaoRefusal(401, -401, "no authentication key!")
        return self.store.send(token, form.get("template_object"))

    def _log(self, name: str, status: int, code: str) -> None:
        at: datetime = self.store.now()
        self.calls.append({"at": at.isoformat(), "name": name, "status": str(status), "code": code})

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    async def _show(self, _request: web.Request) -> web.Response:
        store = self.store
        return web.json_response(
            {
                "messages": store.messages,
                "calls": self.calls,
                "days_left": round(store.days_left(), 3),
                "scope": store.has_scope,
                "quota": store.quota,
            }
        )

    async def _change(self, request: web.Request) -> web.Response:
        """``days_left``, ``scope``, ``quota``, ``end_access``: whichever are given."""
        try:
            fields = json.loads(await request.text())
            if "days_left" in fields:
                self.store.age(float(fields["days_left"]))
            if "quota" in fields:
                self.store.quota = int(fields["quota"])
            self.store.has_scope = bool(fields.get("scope", self.store.has_scope))
            if fields.get("end_access"):
                self.store.end_access()
        except (TypeError, ValueError, AttributeError) as misuse:
            return web.json_response({"error": str(misuse)}, status=400)
        return await self._show(request)


def _struck(request: web.Request, fault: Fault) -> web.StreamResponse:
    match fault.kind:
        case "http500":
            return web.Response(status=500, text=_PAGE, content_type="text/html")
        case "busy" | "refuse":
            code = fault.value or "-1"
            status = _UNAUTHORIZED.get(code, 400)
            return _json({"msg": "scripted trouble", "code": int(code)}, status)
    return _cut(request)


def _json(body: dict[str, Any], status: int) -> web.Response:
    return web.json_response(body, status=status)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
