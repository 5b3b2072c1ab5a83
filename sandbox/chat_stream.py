"""One person's chat as server-sent events, for the page: what changed since a change number.

Each ``chat`` event carries ``id: STORE.CHANGE``; a reader that comes back with it (header
``Last-Event-ID`` or query ``after``) gets what it missed, one that saw another sandbox everything.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from secrets import token_hex

from aiohttp import web

from sandbox.telegram_records import ChatUser, JsonObject, Press, StoredMessage, unix
from sandbox.telegram_store import ChatStore

HEARTBEAT_S = 10.0

_MARK = re.compile(r"(?:([0-9a-f]+)\.)?(\d+)")
_BEAT = b"event: beat\ndata: \n\n"


class ChatStream:
    """The route ``/sandbox/telegram/events``; ``close`` ends every open stream."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store
        self._store_id = token_hex(4)
        self._is_closed = False

    def routes(self) -> list[web.RouteDef]:
        """For the root of an application."""
        return [web.get("/sandbox/telegram/events", self._serve)]

    def close(self) -> None:
        """Wake all readers and send them home."""
        self._is_closed = True
        self._store.next_change()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        mark = request.headers.get("Last-Event-ID") or request.query.get("after", "0")
        found = _MARK.fullmatch(mark)
        user = self._user(request.query.get("user_id", ""))
        if found is None or user is None:
            return web.json_response({"error": "want a known user_id and a change"}, status=400)
        known = found[1] in {None, self._store_id} and int(found[2]) <= self._store.change
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        with suppress(ConnectionError):  # the reader has gone
            await self._tell(response, ChatView(self._store, user, int(found[2]) if known else 0))
        return response

    async def _tell(self, response: web.StreamResponse, view: ChatView) -> None:
        while not self._is_closed:
            seen = self._store.change
            delta = view.delta()
            if delta:
                text = json.dumps({**delta, "change": seen}, ensure_ascii=False)
                event = f"event: chat\nid: {self._store_id}.{seen}\ndata: {text}\n\n"
                await response.write(event.encode())
            if seen == self._store.change and not await self._has_moved():
                await response.write(_BEAT)

    async def _has_moved(self) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._store.changed()
        except TimeoutError:
            return False
        return True

    def _user(self, raw_id: str) -> ChatUser | None:
        """Without an id: the first person, whom the sandbox was made for."""
        if not raw_id:
            return next(iter(self._store.users.values()), None)
        return self._store.users.get(int(raw_id)) if raw_id.isdecimal() else None


class ChatView:
    """What one reader has seen of a chat. The first delta tells the whole state."""

    def __init__(self, store: ChatStore, user: ChatUser, after: int) -> None:
        self._store = store
        self._user = user
        self._after = after
        self._is_fresh = after == 0
        self._told: JsonObject = {}

    def delta(self) -> JsonObject:
        """What is new since the last call; empty when nothing of this chat is."""
        news = {key: value for key, value in self._state().items() if self._is_news(key, value)}
        self._told.update(news)
        messages = [
            _shown(message)
            for message in self._store.messages.values()
            if message.chat_id == self._user.user_id
            and message.changed > self._after
            and not (self._is_fresh and message.deleted_at is not None)
        ]
        presses = [
            _answered(press)
            for press in self._store.presses.values()
            if press.user_id == self._user.user_id
            and press.changed > self._after
            and press.answered_at is not None
        ]
        found: JsonObject = dict(news)
        if self._is_fresh:
            found["reset"] = True
        if messages:
            found["messages"] = messages
        if presses:
            found["presses"] = presses
        self._after, self._is_fresh = self._store.change, False
        return found

    def _state(self) -> JsonObject:
        """What has no change number of its own."""
        store, user_id = self._store, self._user.user_id
        action, until = store.actions.get(user_id, ("", store.now()))
        return {
            "user": {"id": user_id, "name": self._user.first_name},
            "keyboard": store.keyboards.get(user_id),
            "action": {"name": action, "until": until.isoformat()} if until > store.now() else None,
            "menu": store.menus.shown_to(user_id, self._user.language_code),
            "unread_by_bot": store.updates.pending,
        }

    def _is_news(self, key: str, value: object) -> bool:
        return key not in self._told or self._told[key] != value


def _shown(message: StoredMessage) -> JsonObject:
    """A message as the page draws it; earlier versions stay out."""
    if message.deleted_at is not None:
        return {"id": message.message_id, "deleted": True}
    sender = "bot" if message.is_from_bot else "me"
    return {
        "id": message.message_id,
        "from": "service" if message.is_service else sender,
        "date": unix(message.date),
        "edited": unix(message.edited_at) if message.edited_at is not None else None,
        "content": message.content,
        "markup": message.markup,
        "album": message.extra.get("media_group_id"),
        "reply": message.extra.get("reply_to_message"),
        "pinned": message.is_pinned,
    }


def _answered(press: Press) -> JsonObject:
    return {
        "message_id": press.message_id,
        "data": press.payload,
        "answer": press.answer,
        "alert": press.is_alert,
    }
