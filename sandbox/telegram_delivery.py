"""What every message of the bot has in common: chat, reply, silence, flood limits."""

from __future__ import annotations

import json

from sandbox.telegram_call import Call
from sandbox.telegram_limits import FloodGate, TelegramLimits
from sandbox.telegram_markup import Markup, inline_only
from sandbox.telegram_records import JsonObject, StoredMessage
from sandbox.telegram_refusal import Refusal
from sandbox.telegram_store import ChatStore


class Delivery:
    """Puts new messages into a chat and new content into old ones."""

    def __init__(self, store: ChatStore, gate: FloodGate, limits: TelegramLimits) -> None:
        self._store = store
        self._gate = gate
        self._limits = limits

    def send(
        self, call: Call, contents: list[JsonObject], markup: Markup, album: str = ""
    ) -> list[StoredMessage]:
        """Send one message, or an album.

        Raises:
            Refusal: chat, reply, effect, flood.
        """
        store = self._store
        chat = store.chat(call.text("chat_id"))
        extra = self._extra(call, int(chat["id"]))
        if album:
            extra["media_group_id"] = album
        self._gate.spend(int(chat["id"]), len(contents))
        sent = [
            store.add(
                chat,
                store.bot,
                content,
                markup=markup.inline,
                extra=dict(extra),
                is_silent=call.flag("disable_notification"),
            )
            for content in contents
        ]
        store.actions.pop(int(chat["id"]), None)
        self._show_keyboard(sent[-1], markup.keyboard)
        return sent

    def editable(self, call: Call) -> StoredMessage:
        """The message an edit speaks of.

        Raises:
            Refusal: not there, or not the bot's.
        """
        if not call.text("chat_id") and not call.integer("message_id"):
            raise Refusal("Message identifier is not specified")
        message = self.message(call, "message to edit")
        if not message.is_from_bot or message.is_service:
            raise Refusal("Message can't be edited")
        return message

    def message(self, call: Call, role: str) -> StoredMessage:
        """The message a call names.

        Raises:
            Refusal: ``<role> not found``.
        """
        chat = self._store.chat(call.text("chat_id"))
        message = self._store.find(int(chat["id"]), call.integer("message_id"))
        if message is None:
            raise Refusal(f"{role} not found")
        return message

    def edit(self, call: Call, message: StoredMessage, content: JsonObject) -> StoredMessage:
        """Replace content and keyboard: an edit without ``reply_markup`` removes the keyboard.

        Raises:
            Refusal: equal to what is there, a reply keyboard, flood.
        """
        markup = inline_only(call.text("reply_markup"))
        if content == message.content and markup == message.markup:
            raise Refusal(_NOT_MODIFIED)
        self._gate.spend(message.chat_id, self._limits.edit_cost)
        message.revise(self._store.now(), content, markup)
        self._store.touch(message)
        return message

    def _show_keyboard(self, message: StoredMessage, keyboard: JsonObject | None) -> None:
        """Reply keyboards stay until removed; the sent Message does not show them."""
        if keyboard is None:
            return
        message.keyboard = keyboard
        if keyboard.get("remove_keyboard"):
            self._store.keyboards.pop(message.chat_id, None)
        else:
            self._store.keyboards[message.chat_id] = keyboard

    def _extra(self, call: Call, chat_id: int) -> JsonObject:
        extra: JsonObject = {}
        if call.integer("message_thread_id"):
            raise Refusal("message thread not found")
        if call.text("message_effect_id"):
            if not call.text("message_effect_id").isdecimal():
                raise Refusal("EFFECT_ID_INVALID")
            extra["effect_id"] = call.text("message_effect_id")
        if call.flag("protect_content"):
            extra["has_protected_content"] = True
        preview = _object(call, "link_preview_options")
        if preview:
            extra["link_preview_options"] = preview
        replied = self._replied(call, chat_id)
        if replied is not None:
            extra["reply_to_message"] = replied
        return extra

    def _replied(self, call: Call, chat_id: int) -> JsonObject | None:
        parameters = _object(call, "reply_parameters")
        if not parameters:
            return None
        message = self._store.find(chat_id, int(parameters.get("message_id", 0)))
        if message is None:
            if parameters.get("allow_sending_without_reply"):
                return None
            raise Refusal("message to be replied not found")
        shown = message.to_api()
        shown.pop("reply_to_message", None)
        return shown


_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def _object(call: Call, name: str) -> JsonObject:
    raw = call.text(name)
    if not raw:
        return {}
    words = name.replace("_", " ")
    try:
        value = json.loads(raw)
    except ValueError:
        raise Refusal(f"Can't parse {words} JSON object") from None
    if not isinstance(value, dict):
        raise Refusal(f"Object expected as {words}")
    return value
