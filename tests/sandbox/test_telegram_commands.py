"""Command menus by scope and language, and the menu button."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.telegram_loopback import OWNER, SHY, Loopback, loopback

OWNERS = {"type": "chat", "chat_id": OWNER}


@pytest.fixture
async def line() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


def menu(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": f"{name} 설명"} for name in names]


async def test_menus_are_kept_by_scope_and_language(line: Loopback) -> None:
    await line.result("setMyCommands", commands=menu("start"))
    await line.result("setMyCommands", commands=menu("status", "stop"), scope=OWNERS)
    await line.result("setMyCommands", commands=menu("ko"), scope=OWNERS, language_code="ko")
    assert await line.result("getMyCommands") == menu("start")
    assert await line.result("getMyCommands", scope=OWNERS) == menu("status", "stop")
    assert await line.result("getMyCommands", scope=OWNERS, language_code="en") == []
    shown = line.api.store.menus.shown_to
    assert shown(OWNER, "ko") == menu("ko")
    assert shown(OWNER, "en") == menu("status", "stop")
    assert shown(4711, "ko") == menu("start")
    await line.result("deleteMyCommands", scope=OWNERS, language_code="ko")
    assert shown(OWNER, "ko") == menu("status", "stop")
    assert [item["scope"] for item in line.chat.transcript()["menus"]] == ["chat", "default"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"commands": "{"}, "can't parse commands JSON object"),
        ({"commands": {}}, "expected an Array of BotCommand"),
        ({"commands": ["start"]}, "can't parse BotCommand: expected an Object"),
        (
            {"commands": [{"command": "start"}]},
            "can't parse BotCommand: Can't find field \"description\"",
        ),
        ({"commands": menu("/")}, "command must be non-empty"),
        ({"commands": menu("a" * 33)}, "command length must not exceed 32"),
        ({"commands": menu("Start")}, "BOT_COMMAND_INVALID"),
        ({"commands": menu("상태")}, "BOT_COMMAND_INVALID"),
        (
            {"commands": [{"command": "a", "description": " "}]},
            "command description must be non-empty",
        ),
        (
            {"commands": [{"command": "a", "description": "x" * 257}]},
            "command description length must not exceed 256",
        ),
        (
            {"commands": menu(*(f"c{number}" for number in range(101)))},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        ({"language_code": "korean"}, "invalid language code specified"),
        ({"scope": "{"}, "can't parse BotCommandScope JSON object"),
        (
            {"scope": {"type": "planet"}},
            "can't parse BotCommandScope: Unsupported type specified",
        ),
        ({"scope": {"type": "chat", "chat_id": SHY}}, "chat not found"),
        ({"scope": {"type": "chat"}}, "chat_id is empty"),
    ],
)
async def test_a_bad_menu_is_refused(
    line: Loopback, fields: dict[str, object], reason: str
) -> None:
    body = {"commands": menu("start"), **fields}
    assert await line.refusal("setMyCommands", **body) == f"400 Bad Request: {reason}"
    assert line.chat.transcript()["menus"] == []


async def test_the_menu_button_is_set_for_one_chat_or_all(line: Loopback) -> None:
    assert await line.result("getChatMenuButton") == {"type": "commands"}
    await line.result("setChatMenuButton", chat_id=OWNER, menu_button={"type": "default"})
    assert await line.result("getChatMenuButton", chat_id=OWNER) == {"type": "default"}
    assert await line.refusal("setChatMenuButton", menu_button={"type": "fireworks"}) == (
        "400 Bad Request: can't parse menu button: MenuButton has unsupported type"
    )
    assert await line.refusal("leaveChat", chat_id=OWNER) == (
        "400 Bad Request: chat member status can't be changed in private chats"
    )
