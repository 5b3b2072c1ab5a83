"""The methods about messages: text, edits, keyboards, deletions, pins, callback answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sandbox.telegram_call import Call
from sandbox.telegram_delivery import Delivery
from sandbox.telegram_limits import TelegramLimits
from sandbox.telegram_markup import parse_markup
from sandbox.telegram_records import JsonObject, StoredMessage
from sandbox.telegram_refusal import Refusal
from sandbox.telegram_store import ChatStore
from sandbox.telegram_text import message_text

Method = Callable[[Call], Any | Awaitable[Any]]

MAX_ANSWER = 200

_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "record_audio", "upload_audio", "upload_document", "choose_sticker", "find_location",
    "record_video_note", "upload_video_note",
}  # fmt: skip


class MessageMethods:
    """Each method returns the ``result`` or raises a Refusal."""

    def __init__(self, store: ChatStore, delivery: Delivery, limits: TelegramLimits) -> None:
        self._store = store
        self._delivery = delivery
        self._limits = limits

    def table(self) -> dict[str, Method]:
        """Method names as the documentation writes them."""
        return {
            "sendMessage": self._send_message,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete,
            "pinChatMessage": self._pin,
            "unpinChatMessage": self._unpin,
            "unpinAllChatMessages": self._unpin_all,
            "sendChatAction": self._act,
            "answerCallbackQuery": self._answer,
        }

    def _send_message(self, call: Call) -> JsonObject:
        content = _text_content(call)
        markup = parse_markup(call.text("reply_markup"))
        return self._delivery.send(call, [content], markup)[0].to_api()

    def _edit_text(self, call: Call) -> JsonObject:
        content = _text_content(call)
        message = self._delivery.editable(call)
        if "text" not in message.content:
            raise Refusal("There is no text in the message to edit")
        return self._delivery.edit(call, message, content).to_api()

    def _edit_markup(self, call: Call) -> JsonObject:
        message = self._delivery.editable(call)
        return self._delivery.edit(call, message, message.content).to_api()

    def _delete(self, call: Call) -> bool:
        if not call.text("chat_id"):
            raise Refusal("Chat identifier is not specified")
        if not call.integer("message_id"):
            raise Refusal("Message identifier is not specified")
        message = self._delivery.message(call, "message to delete")
        age = self._store.now() - message.date
        if age > timedelta(seconds=self._limits.delete_window_s):
            raise Refusal("Message can't be deleted")
        message.deleted_at = self._store.now()
        message.is_pinned = False
        self._store.touch(message)
        return True

    def _pin(self, call: Call) -> bool:
        message = self._delivery.message(call, "message to pin")
        if message.is_service:
            raise Refusal("Message can't be pinned")
        if not message.is_pinned:
            message.is_pinned = True
            self._store.touch(message)
            self._tell_pinned(message, is_silent=call.flag("disable_notification"))
        return True

    def _tell_pinned(self, message: StoredMessage, *, is_silent: bool) -> None:
        """The chat gets a notice, and the bot an update about its own pin."""
        content: JsonObject = {"pinned_message": message.to_api()}
        notice = self._store.add(message.chat, self._store.bot, content, is_silent=is_silent)
        self._store.updates.push("message", notice.to_api())

    def _unpin(self, call: Call) -> bool:
        if call.integer("message_id"):
            message = self._delivery.message(call, "message to unpin")
        else:
            pinned = self._store.pinned(int(self._store.chat(call.text("chat_id"))["id"]))
            if not pinned:
                raise Refusal("Message to unpin not found")
            message = pinned[-1]
        message.is_pinned = False
        self._store.touch(message)
        return True

    def _unpin_all(self, call: Call) -> bool:
        for message in self._store.pinned(int(self._store.chat(call.text("chat_id"))["id"])):
            message.is_pinned = False
            self._store.touch(message)
        return True

    def _act(self, call: Call) -> bool:
        action = call.text("action")
        if action not in _ACTIONS:
            raise Refusal("Wrong parameter action in request")
        self._store.act(int(self._store.chat(call.text("chat_id"))["id"]), action)
        return True

    def _answer(self, call: Call) -> bool:
        press = self._store.presses.get(call.text("callback_query_id"))
        now = self._store.now()
        deadline = timedelta(seconds=self._limits.callback_deadline_s)
        if press is None or press.answered_at is not None or now - press.at > deadline:
            raise Refusal("query is too old and response timeout expired or query ID is invalid")
        if len(call.text("text")) > MAX_ANSWER:
            raise Refusal("MESSAGE_TOO_LONG")
        press.answered_at = now
        press.answer = call.text("text")
        press.is_alert = call.flag("show_alert")
        self._store.touch(press)
        return True


def _text_content(call: Call) -> JsonObject:
    formatted = message_text(call.text("text"), call.text("parse_mode"), call.items("entities"))
    return formatted.to_api("text", "entities")
