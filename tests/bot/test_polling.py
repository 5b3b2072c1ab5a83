"""A deaf poller is noticed and replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from telegram.error import InvalidToken

from bot import polling
from bot.app import chat_of, poll_age, run_poll_watch
from bot.chat import ChatSettings
from bot.polling import App, polling_arguments, restart_poller
from bot.updates import ALLOWED_UPDATES
from tests.bot.stage import Call, Stage, staged, until

Answered = tuple[int, dict[str, Any]] | None
UNAUTHORIZED = (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})


@asynccontextmanager
async def polled(stage: Stage) -> AsyncIterator[None]:
    updater = stage.app.updater
    assert updater is not None
    await updater.start_polling(**polling_arguments(chat_of(stage.app).settings))
    try:
        yield
    finally:
        stage.sent.rule = None
        if updater.running:
            with suppress(InvalidToken):  # one that died of it raises it once more
                await updater.stop()


def polls(stage: Stage) -> list[Call]:
    return [call for call in stage.sent.calls if call.method == "getUpdates"]


async def answer_slowly(_call: Call) -> Answered:
    await asyncio.sleep(0)
    return None


async def test_only_named_updates_are_asked_for() -> None:
    async with staged() as stage:
        stage.sent.rule = answer_slowly
        async with polled(stage):
            await until(lambda: polls(stage))
            assert polls(stage)[0].fields["allowed_updates"] == list(ALLOWED_UPDATES)


async def test_a_good_answer_resets_the_age_and_a_bad_one_does_not() -> None:
    async with staged() as stage:
        stage.watch.elapsed += 10
        assert poll_age(stage.app) == 10
        await stage.app.bot.get_updates()
        assert poll_age(stage.app) == 0
        stage.watch.elapsed += 10
        stage.sent.rule = lambda _call: unauthorized()
        with pytest.raises(InvalidToken):
            await stage.app.bot.get_updates()
        assert poll_age(stage.app) == 10


async def unauthorized() -> Answered:
    return UNAUTHORIZED


async def test_a_poller_that_died_of_401_polls_again_after_a_restart() -> None:
    async with staged() as stage:
        answered: list[Call] = []

        async def dead(call: Call) -> Answered:
            return UNAUTHORIZED if call.method == "getUpdates" else None

        async def long_poll(call: Call) -> Answered:
            for _ in range(20):
                await asyncio.sleep(0)
            answered.append(call)
            return None

        stage.sent.rule = dead
        async with polled(stage):
            tasks = [task for task in asyncio.all_tasks() if "polling_task" in task.get_name()]
            await asyncio.wait(tasks)
            stage.sent.rule = long_poll
            await restart_poller(stage.app, chat_of(stage.app).settings)
            answered.clear()
            await until(lambda: len(answered) > 3)
            # A stop mark left behind would break each long poll off and ask without end.
            assert len(polls(stage)) < 20


async def test_the_watch_restarts_a_deaf_poller_alone() -> None:
    async with staged() as stage:
        deaf = [True]

        async def black_hole(call: Call) -> Answered:
            if deaf[0] and call.method == "getUpdates":
                await asyncio.Event().wait()
            return await answer_slowly(call)

        stage.sent.rule = black_hole
        async with polled(stage):
            await until(lambda: polls(stage))
            deaf[0] = False
            count = len(polls(stage))
            watch = asyncio.create_task(run_poll_watch(stage.app))
            await until(lambda: len(polls(stage)) > count + 3)
            watch.cancel()
            await asyncio.wait([watch])
            assert stage.watch.elapsed >= 60


@pytest.mark.parametrize("status", [401, 404])
async def test_a_poller_that_ended_is_tried_three_times_at_once_and_then_once_a_minute(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged() as stage:
        tried_at: list[float] = []

        async def refuse(call: Call) -> Answered:
            if call.method != "getUpdates":
                return None
            return status, {"ok": False, "error_code": status, "description": "Refused"}

        async def restart(app: App, settings: ChatSettings) -> None:
            tried_at.append(stage.watch.elapsed)
            await restart_poller(app, settings)
            await until(lambda: chat_of(stage.app).stamp.has_ended)

        monkeypatch.setattr(polling, "restart_poller", restart)
        stage.sent.rule = refuse
        async with polled(stage):
            await until(lambda: chat_of(stage.app).stamp.has_ended)
            watch = asyncio.create_task(run_poll_watch(stage.app))
            await until(lambda: stage.watch.elapsed >= 145)
            watch.cancel()
            await asyncio.wait([watch])
    assert tried_at == [5, 10, 15, 75, 135]


def waiting(*updates: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {"ok": True, "result": list(updates)}


async def test_what_waited_for_the_start_is_late_and_what_comes_then_is_not() -> None:
    async with staged() as stage:
        stamp = chat_of(stage.app).stamp
        stage.sent.rule = give(waiting({"update_id": 5}))
        await stage.app.bot.get_updates()
        stage.sent.rule = give(waiting({"update_id": 6}))
        await stage.app.bot.get_updates()
        assert stamp.is_late(5)
        assert not stamp.is_late(6)


async def test_an_update_the_first_poll_had_to_wait_for_is_not_late() -> None:
    async with staged() as stage:

        async def long_poll(_call: Call) -> Answered:
            stage.watch.elapsed += 4
            return waiting({"update_id": 5})

        stage.sent.rule = long_poll
        await stage.app.bot.get_updates()
        assert not chat_of(stage.app).stamp.is_late(5)


async def test_what_waited_through_an_outage_is_late_in_all_its_answers() -> None:
    async with staged() as stage:
        stamp = chat_of(stage.app).stamp
        await stage.app.bot.get_updates()
        stage.watch.elapsed += 61
        stage.sent.rule = give(waiting(*({"update_id": number} for number in range(100, 200))))
        await stage.app.bot.get_updates()
        stage.sent.rule = give(waiting({"update_id": 200}))
        await stage.app.bot.get_updates()
        stage.sent.rule = give(waiting({"update_id": 201}))
        await stage.app.bot.get_updates()
        assert stamp.is_late(100)
        assert stamp.is_late(200)
        assert not stamp.is_late(201)


def give(answer: tuple[int, dict[str, Any]]) -> Callable[[Call], Awaitable[Answered]]:
    async def rule(_call: Call) -> Answered:
        return answer

    return rule
