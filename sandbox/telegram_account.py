"""The methods about the bot itself: identity, updates, commands, chats, webhook."""

from __future__ import annotations

import json

from sandbox.telegram_call import Call
from sandbox.telegram_methods import Method
from sandbox.telegram_records import JsonObject
from sandbox.telegram_refusal import Refusal
from sandbox.telegram_store import ChatStore
from sandbox.telegram_updates import MAX_TIMEOUT_S, MAX_UPDATES

_MENU_BUTTONS = {"default", "commands", "web_app"}


class AccountMethods:
    """Each method returns the ``result`` or raises a Refusal."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store

    def table(self) -> dict[str, Method]:
        """Method names as the documentation writes them."""
        return {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "deleteMyCommands": self._delete_commands,
            "setChatMenuButton": self._set_menu_button,
            "getChatMenuButton": self._get_menu_button,
            "getChat": self._get_chat,
            "leaveChat": self._leave_chat,
            "logOut": _yes,
            "close": _yes,
        }

    def _get_me(self, _call: Call) -> JsonObject:
        return {
            **self._store.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    async def _get_updates(self, call: Call) -> list[JsonObject]:
        allowed = call.items("allowed_updates")
        return await self._store.updates.poll(
            call.integer("offset"),
            call.bounded("limit", MAX_UPDATES, 1, MAX_UPDATES),
            call.bounded("timeout", 0, 0, MAX_TIMEOUT_S),
            None if allowed is None else [str(kind) for kind in allowed],
        )

    def _set_webhook(self, call: Call) -> bool:
        url = call.text("url")
        if not url:
            return self._delete_webhook(call)
        if not url.startswith("https://"):
            raise Refusal("bad webhook: An HTTPS URL must be provided for webhook")
        raise Refusal("bad webhook: the sandbox calls nobody, use getUpdates")

    def _delete_webhook(self, call: Call) -> bool:
        if call.flag("drop_pending_updates"):
            self._store.updates.clear()
        return True

    def _webhook_info(self, _call: Call) -> JsonObject:
        return {
            "url": "",
            "has_custom_certificate": False,
            "pending_update_count": self._store.updates.pending,
            "allowed_updates": list(self._store.updates.allowed),
        }

    def _set_commands(self, call: Call) -> bool:
        self._store.menus.put(call.text("commands"), call.text("scope"), call.text("language_code"))
        self._store.next_change()
        return True

    def _get_commands(self, call: Call) -> list[JsonObject]:
        return self._store.menus.get(call.text("scope"), call.text("language_code"))

    def _delete_commands(self, call: Call) -> bool:
        self._store.menus.drop(call.text("scope"), call.text("language_code"))
        self._store.next_change()
        return True

    def _set_menu_button(self, call: Call) -> bool:
        raw = call.text("menu_button") or '{"type": "default"}'
        try:
            button = json.loads(raw)
        except ValueError:
            raise Refusal("Can't parse menu button JSON object") from None
        if not isinstance(button, dict):
            raise Refusal("Can't parse menu button: MenuButton must be an Object")
        if button.get("type") not in _MENU_BUTTONS:
            raise Refusal("Can't parse menu button: MenuButton has unsupported type")
        self._store.menu_buttons[self._menu_chat(call)] = button
        self._store.next_change()
        return True

    def _get_menu_button(self, call: Call) -> JsonObject:
        buttons = self._store.menu_buttons
        fallback = buttons.get(0, {"type": "commands"})
        return buttons.get(self._menu_chat(call), fallback)

    def _menu_chat(self, call: Call) -> int:
        """0 stands for every chat without a button of its own."""
        raw_id = call.text("chat_id")
        return int(self._store.readable_chat(raw_id)["id"]) if raw_id else 0

    def _get_chat(self, call: Call) -> JsonObject:
        chat = self._store.readable_chat(call.text("chat_id"))
        found: JsonObject = {
            **chat,
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": True,
                "limited_gifts": True,
                "unique_gifts": True,
                "premium_subscription": True,
                "gifts_from_channels": True,
            },
        }
        pinned = self._store.pinned(int(chat["id"]))
        if pinned:
            found["pinned_message"] = pinned[-1].to_api()
        return found

    def _leave_chat(self, call: Call) -> bool:
        chat = self._store.chat(call.text("chat_id"))
        if chat["type"] == "private":
            raise Refusal("chat member status can't be changed in private chats")
        self._store.left.add(int(chat["id"]))
        self._store.next_change()
        return True


def _yes(_call: Call) -> bool:
    """LogOut and close: nothing to do for a sandbox that hosts one bot."""
    return True
