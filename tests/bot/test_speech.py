"""Edits that Telegram refuses or loses."""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import BadRequest, NetworkError

from bot.app import chat_of
from bot.format import times
from tests.bot.samples import NOW
from tests.bot.stage import OWNER, Call, Rule, Stage, staged

Answered = tuple[int, dict[str, Any]] | None


def answers(*given: Answered | Exception) -> Rule:
    """Give these answers in order, then the usual ones."""
    left = list(given)

    async def rule(_call: Call) -> Answered:
        answer = left.pop(0) if left else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    return rule


def bad(text: str) -> Answered:
    return 400, {"ok": False, "error_code": 400, "description": f"Bad Request: {text}"}


async def edit(stage: Stage, *given: Answered | Exception) -> list[Call]:
    stage.sent.rule = answers(*given)
    before = len(stage.sent.calls)
    await chat_of(stage.app).speaker.edit_or_say(OWNER, 9, "<b>x</b>")
    return stage.sent.calls[before:]


async def test_an_unchanged_message_is_no_error() -> None:
    async with staged() as stage:
        assert len(await edit(stage, bad("message is not modified: exactly the same"))) == 1


async def test_an_edit_whose_answer_was_lost_is_simply_repeated() -> None:
    async with staged() as stage:
        calls = await edit(stage, NetworkError("reset"))
        assert [call.method for call in calls] == ["editMessageText"] * 2


async def test_an_edit_waits_when_telegram_asks_for_patience() -> None:
    async with staged() as stage:
        busy = {
            "ok": False,
            "error_code": 429,
            "description": "x",
            "parameters": {"retry_after": 4},
        }
        assert len(await edit(stage, (429, busy))) == 2
        assert stage.watch.pauses == [4.5]


async def test_an_answer_waits_again_when_another_message_took_its_place() -> None:
    async with staged() as stage:
        busy = {
            "ok": False,
            "error_code": 429,
            "description": "x",
            "parameters": {"retry_after": 4},
        }
        stage.sent.rule = answers(*[(429, busy)] * 3)
        await chat_of(stage.app).speaker.answer(OWNER, "x")
        assert [call.method for call in stage.sent.calls] == ["sendMessage"] * 4
        assert stage.watch.pauses == [4.5] * 3


async def test_an_edit_with_refused_markup_goes_out_plain() -> None:
    async with staged() as stage:
        calls = await edit(stage, bad("can't parse entities: nonsense"))
        assert calls[1].text == "[모의실행] x"


NO_TIMES = bad('can\'t parse entities: Unsupported start tag "tg-time" at byte offset 31')


async def test_a_server_that_knows_no_times_gets_them_as_text_from_then_on() -> None:
    told = f"<b>x</b> {times.kst(NOW)}"
    async with staged() as stage:
        stage.sent.rule = answers(NO_TIMES)
        for _ in range(2):
            await chat_of(stage.app).speaker.say(OWNER, told)
        refused, *understood = stage.sent.calls
        assert "<tg-time unix=" in refused.text
        assert [call.text for call in understood] == [
            "<b>[모의실행]</b> <b>x</b> 07-06 22:45 KST"
        ] * 2


async def test_an_edit_that_is_refused_for_more_than_its_times_goes_out_plain() -> None:
    async with staged() as stage:
        stage.sent.rule = answers(NO_TIMES, bad("can't parse entities: nonsense"))
        await chat_of(stage.app).speaker.edit(OWNER, 9, f"<b>x</b> {times.kst(NOW)}")
        assert stage.sent.calls[-1].text == "[모의실행] x 07-06 22:45 KST"
        assert len(stage.sent.calls) == 3


async def test_a_refused_message_is_an_error_for_the_caller() -> None:
    async with staged() as stage:
        stage.sent.rule = answers(bad("chat not found"))
        with pytest.raises(BadRequest):
            await chat_of(stage.app).speaker.say(OWNER, "x")
