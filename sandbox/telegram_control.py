"""The people's side over HTTP: JSON in, JSON out, for the demo and for tests from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.telegram_chat import TelegramChat
from sandbox.telegram_records import JsonObject

Action = Callable[[JsonObject], JsonObject]


class TelegramControl:
    """Routes under ``/sandbox/telegram``; misuse answers 400 with ``error``."""

    def __init__(self, chat: TelegramChat) -> None:
        self._chat = chat

    def routes(self) -> list[web.RouteDef]:
        """Send, edit, press, block, update, transcript, file."""
        actions: dict[str, Action] = {
            "send": self._send,
            "edit": self._edit,
            "press": self._press,
            "block": self._block,
            "update": self._update,
        }
        return [
            *(
                web.post(f"/sandbox/telegram/{name}", _handler(action))
                for name, action in actions.items()
            ),
            web.get("/sandbox/telegram/transcript", self._transcript),
            web.get("/sandbox/telegram/file/{file_id}", self._file),
        ]

    def _send(self, body: JsonObject) -> JsonObject:
        message = self._chat.send(int(body["user_id"]), str(body["text"]))
        return {"message_id": message.message_id}

    def _edit(self, body: JsonObject) -> JsonObject:
        message = self._chat.edit(int(body["user_id"]), int(body["message_id"]), str(body["text"]))
        return {"message_id": message.message_id}

    def _press(self, body: JsonObject) -> JsonObject:
        press = self._chat.press(
            int(body["user_id"]),
            int(body["message_id"]),
            data=body.get("data"),
            label=body.get("label"),
        )
        return {"query_id": press.query_id}

    def _block(self, body: JsonObject) -> JsonObject:
        self._chat.block(int(body["user_id"]), is_blocked=bool(body.get("blocked", True)))
        return {}

    def _update(self, body: JsonObject) -> JsonObject:
        raw = body["raw"]
        if not isinstance(raw, dict):
            raise TypeError("raw is an object")
        return {"update_id": self._chat.update(raw)}

    async def _transcript(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isdecimal():
            return web.json_response({"error": "after is a change number"}, status=400)
        return web.json_response(self._chat.transcript(int(after)))

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._chat.store.files.get(request.match_info["file_id"])
        if stored is None:
            return web.json_response({"error": "no such file"}, status=404)
        # The name and the kind are the bot's: nothing of it may run as a page of ours.
        return web.Response(
            body=stored.content,
            headers={
                "Content-Type": stored.mime_type,
                "Content-Disposition": "inline" if stored.width else "attachment",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _handler(action: Action) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.text())
            answer = action(body)
        except KeyError as missing:
            return web.json_response({"error": f"{missing.args[0]} is missing"}, status=400)
        except (TypeError, ValueError) as misuse:
            return web.json_response({"error": str(misuse)}, status=400)
        return web.json_response({"ok": True, **answer})

    return handle
