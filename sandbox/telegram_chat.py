"""The people's side of the chat: typing, pressing, editing, and reading what the bot did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sandbox.telegram_records import ChatUser, JsonObject, Press, StoredMessage, unix
from sandbox.telegram_store import ChatStore
from sandbox.telegram_text import MAX_TEXT, typed_text

__all__ = ["ChatUser", "TelegramChat"]

Found = TypeVar("Found")

_CHAT_INSTANCE = "-3141592653589793238"


class TelegramChat:
    """What a person with a phone can do to the bot, and can see of it.

    Misuse (a button that is not there, somebody else's message) is a ValueError.
    """

    def __init__(self, store: ChatStore) -> None:
        self.store = store

    def send(self, user_id: int, text: str) -> StoredMessage:
        """Type a text in the private chat; a command gets its ``bot_command`` entity."""
        formatted = typed_text(text)
        if not formatted.text or len(formatted.text) > MAX_TEXT:
            raise ValueError(f"a message has 1-{MAX_TEXT} characters")
        user = self.store.user(user_id)
        user.has_started, user.has_blocked = True, False
        content = formatted.to_api("text", "entities")
        message = self.store.add(user.chat(), user.to_api(), content)
        self.store.updates.push("message", message.to_api())
        return message

    def edit(self, user_id: int, message_id: int, text: str) -> StoredMessage:
        """Change a text typed before."""
        message = self.store.find(user_id, message_id)
        if message is None or message.sender.get("id") != user_id:
            raise ValueError(f"user {user_id} has no message {message_id}")
        content = typed_text(text).to_api("text", "entities")
        message.revise(self.store.now(), content, None)
        self.store.touch(message)
        self.store.updates.push("edited_message", message.to_api())
        return message

    def press(
        self, user_id: int, message_id: int, *, data: str | None = None, label: str | None = None
    ) -> Press:
        """Press a button, by its text or by its data; data may be stale or made up."""
        message = self.store.messages.get(message_id)
        payload = data if data is not None else self._data_of(message, label)
        user = self.store.user(user_id)
        press = self.store.press(user_id, message_id, payload)
        query: JsonObject = {
            "id": press.query_id,
            "from": user.to_api(),
            "message": _pressed(message, message_id, user),
            "chat_instance": _CHAT_INSTANCE,
            "data": payload,
        }
        self.store.updates.push("callback_query", query)
        return press

    def update(self, raw: JsonObject) -> int | None:
        """Queue any other update (channel_post, my_chat_member, inline_query); answer its id."""
        kinds = [name for name in raw if name != "update_id"]
        if len(kinds) != 1 or not isinstance(raw[kinds[0]], dict):
            raise ValueError("an update has exactly one object beside update_id")
        body: JsonObject = raw[kinds[0]]
        chat = body.get("chat")
        if isinstance(chat, dict) and chat.get("type") != "private":
            self.store.groups[int(chat["id"])] = chat
            self.store.left.discard(int(chat["id"]))
        return self.store.updates.push(kinds[0], body)

    def block(self, user_id: int, *, is_blocked: bool = True) -> None:
        """Block the bot or let it in again; it hears of it by my_chat_member."""
        user = self.store.user(user_id)
        before, after = ("member", "kicked") if is_blocked else ("kicked", "member")
        user.has_blocked = is_blocked
        body: JsonObject = {
            "chat": user.chat(),
            "from": user.to_api(),
            "date": unix(self.store.now()),
            "old_chat_member": self._membership(before),
            "new_chat_member": self._membership(after),
        }
        self.store.updates.push("my_chat_member", body)
        self.store.next_change()

    def messages(self, user_id: int) -> list[StoredMessage]:
        """The private chat as it stands: what was not deleted, oldest first."""
        return [
            message
            for message in self.store.messages.values()
            if message.chat_id == user_id and message.deleted_at is None
        ]

    def from_bot(self, user_id: int) -> list[StoredMessage]:
        """What the bot wrote, notices of the server left out."""
        return [
            message
            for message in self.messages(user_id)
            if message.is_from_bot and not message.is_service
        ]

    def with_text(self, user_id: int, part: str) -> StoredMessage | None:
        """The newest message of the bot that contains ``part``."""
        found = [item for item in self.from_bot(user_id) if part in item.text]
        return found[-1] if found else None

    async def wait_for(self, condition: Callable[[], Found | None], *, timeout_s: float) -> Found:
        """Look at ``condition`` after each change until it gives something true.

        Raises:
            TimeoutError: with the last messages of the bot in its text.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := condition()):
                    await self.store.changed()
        except TimeoutError:
            texts = [item.text for item in self.store.messages.values() if item.is_from_bot]
            raise TimeoutError(f"not seen in {timeout_s} s; the bot wrote {texts[-5:]}") from None
        return found

    def transcript(self, after: int = 0) -> JsonObject:
        """All that changed after change number ``after``; lists are in order of creation."""
        store = self.store
        now = store.now()
        return {
            "change": store.change,
            "bot": store.bot,
            "users": [
                {**user.to_api(), "started": user.has_started, "blocked": user.has_blocked}
                for user in store.users.values()
            ],
            "messages": [
                item.to_transcript() for item in store.messages.values() if item.changed > after
            ],
            "presses": [
                item.to_transcript() for item in store.presses.values() if item.changed > after
            ],
            "calls": [item.to_transcript() for item in store.calls if item.changed > after],
            "keyboards": {str(chat_id): keys for chat_id, keys in store.keyboards.items()},
            "actions": {
                str(chat_id): action
                for chat_id, (action, until) in store.actions.items()
                if until > now
            },
            "menus": store.menus.to_transcript(),
            "menu_buttons": {str(chat_id): one for chat_id, one in store.menu_buttons.items()},
            "pending_updates": store.updates.pending,
        }

    def _data_of(self, message: StoredMessage | None, label: str | None) -> str:
        for button in message.buttons() if message is not None else ():
            if button["text"] == label and "callback_data" in button:
                return str(button["callback_data"])
        shown = message.labels if message is not None else []
        raise ValueError(f"no button {label!r}; there are {shown}")

    def _membership(self, status: str) -> JsonObject:
        found: JsonObject = {"user": self.store.bot, "status": status}
        if status == "kicked":
            found["until_date"] = 0
        return found


def _pressed(message: StoredMessage | None, message_id: int, user: ChatUser) -> JsonObject:
    """The message under the button; one that is gone comes as InaccessibleMessage."""
    if message is None or message.deleted_at is not None:
        chat = message.chat if message is not None else user.chat()
        return {"chat": chat, "message_id": message_id, "date": 0}
    return message.to_api()
