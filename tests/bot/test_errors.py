"""The last resort tells an id, survives everything, and does not flood."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError

from bot.app import draw_menus, post_stop
from engine.model.commands import TripGuard
from tests.bot.stage import OWNER, TOKEN, Call, Stage, staged


async def fail(stage: Stage, error: Exception, update: object = None) -> list[Call]:
    before = len(stage.sent.calls)
    await stage.app.process_error(update, error)
    return stage.sent.calls[before:]


async def test_an_error_without_an_update_reaches_the_owner_as_an_id() -> None:
    async with staged() as stage:
        (call,) = await fail(stage, InvalidToken(f"token {TOKEN} was rejected"))
        assert call.fields["chat_id"] == OWNER
        assert "InvalidToken" in call.text
        assert TOKEN not in call.text


async def test_an_error_in_a_command_reaches_who_typed_it_without_a_traceback() -> None:
    async with staged() as stage:
        stage.control.trouble = KeyError("secret 12345678-01")
        calls = await stage.type("/pause")
        assert "KeyError" in calls[-1].text
        assert "12345678" not in calls[-1].text
        assert "Traceback" not in calls[-1].text


async def test_telegram_being_away_is_not_told_through_telegram() -> None:
    async with staged() as stage:
        assert await fail(stage, NetworkError("httpx.ConnectError")) == []


async def test_an_error_while_telling_an_error_ends_there() -> None:
    async with staged() as stage:

        async def away(_call: Call) -> Any:
            raise NetworkError("away")

        stage.sent.rule = away
        assert len(await fail(stage, ValueError("x"))) == 1


async def test_a_second_conflict_stops_the_entries_of_every_desk() -> None:
    async with staged() as stage:
        conflict = Conflict("terminated by other getUpdates request")
        stop = TripGuard("a second program listens to the chat", is_conflict=True)
        assert await fail(stage, conflict) == []
        assert stage.control.asked == []
        await fail(stage, conflict)
        asked = [one[0] for one in stage.control.asked]
        assert asked == [stop] * len(stage.control.desks())
        await fail(stage, conflict)
        assert len(stage.control.asked) == len(asked)
        stage.watch.elapsed += 61
        await fail(stage, conflict)
        assert len(stage.control.asked) == 2 * len(asked), "released, and it goes on"


async def test_two_conflicts_far_apart_are_two_own_polls() -> None:
    async with staged() as stage:
        for _ in range(3):
            await fail(stage, Conflict("terminated by other getUpdates request"))
            stage.watch.elapsed += 601
        assert stage.control.asked == []


async def test_a_desk_that_does_not_answer_keeps_no_other_from_its_stop() -> None:
    async with staged() as stage:
        stage.control.trouble = TimeoutError()
        for _ in range(2):
            assert await fail(stage, Conflict("terminated by other getUpdates request")) == []
        assert len(stage.control.asked) == len(stage.control.desks())


async def test_something_that_is_no_update_is_survived() -> None:
    async with staged() as stage:
        assert len(await fail(stage, ValueError("x"), SimpleNamespace())) == 1


async def test_the_start_draws_the_menus() -> None:
    async with staged() as stage:
        await draw_menus(stage.app)
        scopes = [
            (call.fields["scope"]["type"], call.fields.get("language_code"))
            for call in stage.sent.calls
            if call.method == "setMyCommands"
        ]
        strangers = [("default", None), ("default", "ko")]
        assert scopes == strangers + [("chat", None), ("chat", "ko"), ("chat", "en")] * 2


async def test_strangers_see_start_only_in_the_menu() -> None:
    async with staged() as stage:
        await draw_menus(stage.app)
        default = stage.sent.calls[0]
        assert [row["command"] for row in default.fields["commands"]] == ["start"]


@pytest.mark.parametrize("hook", [draw_menus, post_stop])
async def test_start_and_stop_survive_an_unreachable_telegram(hook: Any) -> None:
    async with staged() as stage:

        async def away(_call: Call) -> Any:
            raise NetworkError("away")

        stage.sent.rule = away
        await hook(stage.app)


async def test_the_farewell_names_what_is_left_unwatched() -> None:
    async with staged() as stage:
        await post_stop(stage.app)
        assert "포지션 2개" in stage.told[-1].text
