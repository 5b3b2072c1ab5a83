"""Everything the fake Telegram knows, and who waits for it to change."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sandbox.telegram_commands import CommandMenus
from sandbox.telegram_files import FileShelf
from sandbox.telegram_records import (
    CallRecord,
    ChatUser,
    JsonObject,
    Press,
    StoredMessage,
)
from sandbox.telegram_refusal import Refusal
from sandbox.telegram_updates import UpdateQueue

CALLS_KEPT = 20_000
ACTION_S = 5

_FIRST_QUERY_ID = 4_000_000_000_000_000_001


class ChatStore:
    """People, chats, messages, files, presses and the log of calls of one bot."""

    def __init__(
        self,
        bot: JsonObject,
        users: Sequence[ChatUser],
        updates: UpdateQueue,
        now: Callable[[], datetime],
    ) -> None:
        self.bot = bot
        self.now = now
        self.updates = updates
        self.users = {user.user_id: user for user in users}
        self.groups: dict[int, JsonObject] = {}
        self.left: set[int] = set()
        self.messages: dict[int, StoredMessage] = {}
        self.files = FileShelf()
        self.menus = CommandMenus(self.has_chat)
        self.presses: dict[str, Press] = {}
        self.keyboards: dict[int, JsonObject] = {}
        self.actions: dict[int, tuple[str, datetime]] = {}
        self.menu_buttons: dict[int, JsonObject] = {}
        self.calls: deque[CallRecord] = deque(maxlen=CALLS_KEPT)
        self.change = 0
        self._last_message_id = 0
        self._stir = asyncio.Event()

    def has_chat(self, chat_id: int) -> bool:
        """Whether the bot may know this chat."""
        user = self.users.get(chat_id)
        return user.has_started if user is not None else chat_id in self.groups

    def chat(self, raw_id: str) -> JsonObject:
        """The Chat of a ``chat_id`` field, to write to.

        Raises:
            Refusal: unknown, never started, blocked or left.
        """
        chat = self.readable_chat(raw_id)
        user = self.users.get(int(chat["id"]))
        if user is not None and user.has_blocked:
            raise Refusal("bot was blocked by the user", code=403)
        if chat["id"] in self.left:
            raise Refusal(f"bot is not a member of the {chat['type']} chat", code=403)
        return chat

    def readable_chat(self, raw_id: str) -> JsonObject:
        """The Chat of a ``chat_id`` field, blocked or not.

        Raises:
            Refusal: unknown or never started.
        """
        if not raw_id:
            raise Refusal("chat_id is empty")
        try:
            chat_id = int(raw_id)
        except ValueError:
            raise Refusal("chat not found") from None
        if not self.has_chat(chat_id):
            raise Refusal("chat not found")
        user = self.users.get(chat_id)
        return user.chat() if user is not None else self.groups[chat_id]

    def user(self, user_id: int) -> ChatUser:
        """A person; one never heard of comes into being as a stranger."""
        if user_id not in self.users:
            self.users[user_id] = ChatUser(
                user_id, first_name="Stranger", has_started=False, language_code="en"
            )
        return self.users[user_id]

    def find(self, chat_id: int, message_id: int) -> StoredMessage | None:
        """A message that has not been deleted."""
        message = self.messages.get(message_id)
        if message is None or message.chat_id != chat_id or message.deleted_at is not None:
            return None
        return message

    def add(
        self,
        chat: JsonObject,
        sender: JsonObject,
        content: JsonObject,
        *,
        markup: JsonObject | None = None,
        extra: JsonObject | None = None,
        is_silent: bool = False,
    ) -> StoredMessage:
        """Put a new message into a chat."""
        self._last_message_id += 1
        message = StoredMessage(
            message_id=self._last_message_id,
            chat=chat,
            sender=sender,
            date=self.now(),
            content=content,
            markup=markup,
            extra=extra or {},
            is_silent=is_silent,
        )
        self.messages[message.message_id] = message
        self.touch(message)
        return message

    def touch(self, record: StoredMessage | Press) -> None:
        """Mark a record as changed now and wake those who wait."""
        record.changed = self.next_change()

    def next_change(self) -> int:
        """A new change number; everybody waiting looks again."""
        self.change += 1
        self._stir.set()
        self._stir = asyncio.Event()
        return self.change

    async def changed(self) -> None:
        """Return after the next change."""
        await self._stir.wait()

    def press(self, user_id: int, message_id: int, payload: str) -> Press:
        """Record a press and give it a query id."""
        query_id = str(_FIRST_QUERY_ID + len(self.presses))
        press = Press(query_id, user_id, message_id, payload, self.now())
        self.presses[query_id] = press
        self.touch(press)
        return press

    def act(self, chat_id: int, action: str) -> None:
        """Show "typing..." for a few seconds."""
        self.actions[chat_id] = (action, self.now() + timedelta(seconds=ACTION_S))
        self.next_change()

    def pinned(self, chat_id: int) -> list[StoredMessage]:
        """Pinned messages, the newest last."""
        return [
            message
            for message in self.messages.values()
            if message.chat_id == chat_id and message.is_pinned and message.deleted_at is None
        ]

    def log(
        self, method: str, fields: dict[str, str], status: int, description: str, fault: str
    ) -> None:
        """Write down a call."""
        record = CallRecord(
            self.now(), method, fields, status, description, fault, self.next_change()
        )
        self.calls.append(record)
