"""Nobody but the owner: every command, every button, every kind of update."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.format.command_list import COMMANDS
from tests.e2e.stage import sandbox, started
from tests.e2e.trader import OWNER, STRANGER, Sandbox, buttons_of, text_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]

GROUP = {"id": -100200300, "type": "supergroup", "title": "room"}
WHO = {"id": STRANGER, "is_bot": False, "first_name": "stranger"}
HERSELF = {"id": OWNER, "is_bot": False, "first_name": "trader"}


async def test_a_stranger_gets_no_answer_and_moves_nothing(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        await stage.go_live()
        await stage.play(20)
        await stage.buy("KO", 7)
        await stage.until_said("코카콜라 (KO) 7주 매수 확인")
        last = await _open_questions(stage)
        books = (await stage.get("/sandbox/books"))["real"]["orders"]
        health = (await bot.health())[1]

        await _try_commands(stage)
        await _try_buttons(stage)
        await _try_other_updates(stage)

        await stage.until(lambda: _is_heard(stage), "not every update was fetched")
        after = (await bot.health())[1]
        assert (after["mode"], after["desks"]["us"]["state"]) == ("live", "running")
        assert after["desks"]["us"]["latches"] == health["desks"]["us"]["latches"]
        assert (await stage.get("/sandbox/books"))["real"]["orders"] == books
        transcript = await stage.transcript()
        assert _addressed_to_others(transcript) == []
        assert await stage.spoken(user=STRANGER) == []
        await stage.until_said("🚫", after=last, limit_s=30)
        warnings = [said for said in await stage.spoken(last) if "🚫" in text_of(said)]
        assert len(warnings) == 1
        assert _answered_presses(transcript) == set()
        # The owner's buttons were not spent by the stranger's presses.
        await stage.press("취소")
        await stage.until_said("아무것도 하지 않았습니다", limit_s=30)


async def _is_heard(stage: Sandbox) -> bool:
    """Whether the assistant has fetched everything, and asks for more."""
    return bool((await stage.transcript())["pending_updates"] == 0)


async def _open_questions(stage: Sandbox) -> int:
    """Messages with live buttons: sell, stop, mode, settings."""
    typed = 0
    for text in ("/sell KO", "/sellall", "/stop", "/stop all", "/mode paper", "/set", "/pause"):
        typed = await stage.say(text)
        await stage.until_said("", after=typed)
    typed = await stage.say("/resume")
    await stage.press("확인", after=typed)
    await stage.until_said("✅ 재개", after=typed)
    return typed


async def _try_commands(stage: Sandbox) -> None:
    for command in COMMANDS:
        for text in {f"/{command.name}", command.example, *command.words}:
            await stage.say(text, user=STRANGER)
    typed = await stage.say("hello", user=STRANGER)
    await stage.post("/sandbox/telegram/edit", user_id=STRANGER, message_id=typed, text="/stop all")


async def _try_buttons(stage: Sandbox) -> None:
    pressed = 0
    for message in await stage.spoken():
        for data in buttons_of(message).values():
            where = {"user_id": STRANGER, "message_id": message["message_id"], "data": data}
            await stage.post("/sandbox/telegram/press", **where)
            pressed += 1
    assert pressed > 15


async def _try_other_updates(stage: Sandbox) -> None:
    def message(sender: dict[str, Any] | None, chat: dict[str, Any]) -> dict[str, Any]:
        entity = {"type": "bot_command", "offset": 0, "length": 7}
        body = {"message_id": 900, "date": 1_795_185_000, "chat": chat, "text": "/status"}
        return body | {"entities": [entity]} | ({"from": sender} if sender else {})

    member = {"user": {"id": 424242, "is_bot": True, "first_name": "Dolpa"}, "status": "member"}
    joined = {"chat": GROUP, "from": WHO, "date": 1_795_185_000}
    joined |= {"old_chat_member": {**member, "status": "left"}, "new_chat_member": member}
    channel = {"id": -100999, "type": "channel", "title": "news"}
    for raw in (
        {"message": message(WHO, GROUP)},
        {"message": message(HERSELF, GROUP)},
        {"edited_message": message(WHO, GROUP)},
        {"channel_post": message(None, channel)},
        {"edited_channel_post": message(None, channel)},
        {"my_chat_member": joined},
        {"inline_query": {"id": "1", "from": WHO, "query": "status", "offset": ""}},
    ):
        await stage.post("/sandbox/telegram/update", raw=raw)


def _addressed_to_others(transcript: dict[str, Any]) -> list[str]:
    """Calls that name a chat which is not the owner's."""
    named = [call for call in transcript["calls"] if "chat_id" in call.get("fields", {})]
    return [json.dumps(call) for call in named if str(call["fields"]["chat_id"]) != str(OWNER)]


def _answered_presses(transcript: dict[str, Any]) -> set[str]:
    """The stranger's presses that got any answer."""
    return {
        press["query_id"]
        for press in transcript["presses"]
        if press["user_id"] == STRANGER and press["answered_at"]
    }
