"""The command menus, by scope and language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from sandbox.telegram_records import JsonObject
from sandbox.telegram_refusal import Refusal

MAX_COMMANDS = 100
MAX_COMMAND = 32
MAX_DESCRIPTION = 256

_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PLAIN_SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators",
}  # fmt: skip
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}

Key = tuple[str, int, str]


class CommandMenus:
    """What setMyCommands left behind. ``has_chat`` tells whether the bot knows a chat."""

    def __init__(self, has_chat: Callable[[int], bool]) -> None:
        self._has_chat = has_chat
        self._menus: dict[Key, list[JsonObject]] = {}

    def put(self, commands: str, scope: str, language: str) -> None:
        """SetMyCommands.

        Raises:
            Refusal: with the server's words.
        """
        key = self._key(scope, language)
        parsed = _commands(commands)
        if parsed:
            self._menus[key] = parsed
        else:
            self._menus.pop(key, None)

    def get(self, scope: str, language: str) -> list[JsonObject]:
        """GetMyCommands: exactly this scope and language."""
        return list(self._menus.get(self._key(scope, language), []))

    def drop(self, scope: str, language: str) -> None:
        """DeleteMyCommands."""
        self._menus.pop(self._key(scope, language), None)

    def shown_to(self, user_id: int, language: str) -> list[JsonObject]:
        """What a private chat's menu button lists: the narrowest scope that has commands."""
        for kind, chat_id in (("chat", user_id), ("all_private_chats", 0), ("default", 0)):
            for tongue in (language, ""):
                found = self._menus.get((kind, chat_id, tongue))
                if found:
                    return list(found)
        return []

    def to_transcript(self) -> list[JsonObject]:
        """All menus."""
        return [
            {"scope": kind, "chat_id": chat_id, "language_code": language, "commands": commands}
            for (kind, chat_id, language), commands in sorted(self._menus.items())
        ]

    def _key(self, scope: str, language: str) -> Key:
        if language and not _LANGUAGE.fullmatch(language):
            raise Refusal("Invalid language code specified")
        if not scope:
            return "default", 0, language
        try:
            value = json.loads(scope)
        except ValueError:
            raise Refusal("Can't parse BotCommandScope JSON object") from None
        if not isinstance(value, dict):
            raise _bad_scope("BotCommandScope must be an Object")
        kind = str(value.get("type", ""))
        if kind in _PLAIN_SCOPES:
            return kind, 0, language
        if kind not in _CHAT_SCOPES:
            raise _bad_scope("Unsupported type specified")
        return kind, self._chat(value), language

    def _chat(self, value: JsonObject) -> int:
        chat_id = str(value.get("chat_id", ""))
        if not chat_id:
            raise Refusal("chat_id is empty")
        if not re.fullmatch(r"-?\d+", chat_id) or not self._has_chat(int(chat_id)):
            raise Refusal("chat not found")
        return int(chat_id)


def _commands(raw: str) -> list[JsonObject]:
    if not raw:
        return []
    try:
        value = json.loads(raw)
    except ValueError:
        raise Refusal("Can't parse commands JSON object") from None
    if not isinstance(value, list):
        raise Refusal("Expected an Array of BotCommand")
    if len(value) > MAX_COMMANDS:
        raise Refusal("BOT_COMMANDS_TOO_MUCH")
    return [_command(item) for item in value]


def _command(item: Any) -> JsonObject:
    if not isinstance(item, dict):
        raise Refusal("Can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if not isinstance(item.get(name), str):
            raise Refusal(f"Can't parse BotCommand: Can't find field \"{name}\"")
    command = item["command"].strip().removeprefix("/")
    description = item["description"].strip()
    if not command:
        raise Refusal("Command must be non-empty")
    if len(command) > MAX_COMMAND:
        raise Refusal(f"Command length must not exceed {MAX_COMMAND}")
    if not description:
        raise Refusal("Command description must be non-empty")
    if len(description) > MAX_DESCRIPTION:
        raise Refusal(f"Command description length must not exceed {MAX_DESCRIPTION}")
    if not _NAME.fullmatch(command):
        raise Refusal("BOT_COMMAND_INVALID")
    return {"command": command, "description": description}


def _bad_scope(reason: str) -> Refusal:
    return Refusal(f"Can't parse BotCommandScope: {reason}")
