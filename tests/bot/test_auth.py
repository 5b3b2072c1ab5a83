"""Nobody but the allowed users, in private, with fresh new messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.format.command_list import BY_WORD, COMMANDS
from engine.errors import JournalFailed
from tests.bot.stage import OWNER, SECOND, STRANGER, Stage, staged

TEXTS = [*(f"/{command.name}" for command in COMMANDS), *BY_WORD, "/set target 9", "hello"]


async def nothing_happened(stage: Stage) -> None:
    assert [call for call in stage.sent.calls if str(STRANGER) in str(call.fields)] == []
    assert stage.control.asked == []


@pytest.mark.parametrize("text", TEXTS)
async def test_a_stranger_gets_no_answer_to_any_command(text: str) -> None:
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        assert await stage.type(text, STRANGER) == []
        await nothing_happened(stage)


@pytest.mark.parametrize(
    "kind",
    ["edited_message", "channel_post", "edited_channel_post", "business_message"],
)
async def test_a_stranger_gets_no_answer_to_any_kind_of_message(kind: str) -> None:
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        assert await stage.give({kind: stage.message("/sellall", STRANGER)}) == []
        await nothing_happened(stage)


def member_change(user: int) -> dict[str, Any]:
    member = {"user": {"id": user, "is_bot": False, "first_name": "T"}, "status": "member"}
    return {
        "chat": {"id": user, "type": "private"},
        "from": member["user"],
        "date": 1,
        "old_chat_member": member,
        "new_chat_member": member,
    }


async def test_other_updates_of_a_stranger_are_ignored_too() -> None:
    person = {"id": STRANGER, "is_bot": False, "first_name": "T"}
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        query = {"id": "1", "from": person, "query": "x", "offset": ""}
        assert await stage.give({"inline_query": query}) == []
        assert await stage.give({"my_chat_member": member_change(STRANGER)}) == []
        await nothing_happened(stage)


async def test_a_stranger_cannot_press_a_button_of_the_owner() -> None:
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        asked = await stage.type("/sellall")
        data = asked[-1].buttons()["확인"]
        stage.sent.calls.clear()
        assert await stage.press(data, stage.last_id(), STRANGER) == []
        await nothing_happened(stage)


async def test_an_empty_list_allows_nobody() -> None:
    async with staged(()) as stage:
        assert await stage.type("/status") == []


async def test_an_allowed_user_in_a_group_is_refused() -> None:
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        group = {"id": -100, "type": "group", "title": "G"}
        assert await stage.type("/status", chat=group) == []


async def test_every_allowed_user_is_answered_alone() -> None:
    async with staged() as stage:
        (call,) = await stage.type("/status", SECOND)
        assert call.fields["chat_id"] == SECOND


async def test_the_owner_is_told_of_strangers_once_a_day() -> None:
    async with staged() as stage:
        (told,) = await stage.type("/status", STRANGER)
        assert told.fields["chat_id"] == OWNER
        assert "1건" in told.text
        assert await stage.type("/status", STRANGER) == []
        stage.watch.elapsed += 24 * 3600
        (again,) = await stage.type("/status", STRANGER)
        assert "2건" in again.text


async def test_a_broken_store_does_not_open_the_gate() -> None:
    async with staged() as stage:
        stage.values.trouble = JournalFailed("state.db")
        await stage.type("/sellall", STRANGER)
        await nothing_happened(stage)


async def test_an_edited_command_moves_nothing() -> None:
    async with staged() as stage:
        (call,) = await stage.give({"edited_message": stage.message("/pause", OWNER)})
        assert "수정한 메시지" in call.text
        assert stage.control.asked == []


@pytest.mark.parametrize("text", ["/pause", "/sellall", "중지", "/stop all", "/status"])
async def test_a_command_that_came_late_is_not_done_but_named(text: str) -> None:
    async with staged() as stage:
        sent_at = int(stage.watch.now().timestamp()) - 61
        (call,) = await stage.type(text, date=sent_at)
        assert text in call.text
        assert "실행하지 않음" in call.text
        assert call.buttons() == {}
        assert stage.control.asked == []


async def test_a_command_a_minute_old_is_still_done() -> None:
    async with staged() as stage:
        await stage.type("/pause", date=int(stage.watch.now().timestamp()) - 60)
        assert len(stage.control.asked) == 1


async def test_telling_of_a_late_command_holds_no_update_back() -> None:
    async with staged() as stage:
        gone = asyncio.Event()

        async def slow(call: Any) -> None:
            if "실행하지 않음" in call.text:
                await gone.wait()

        stage.sent.rule = slow
        late = stage.message("/pause", OWNER, date=1)
        await asyncio.wait_for(stage.start({"message": late}), 1)
        gone.set()
        await stage.settle()
