"""A deaf poller is noticed and replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram.error import InvalidToken

from bot.app import chat_of, poll_age, run_poll_watch
from bot.polling import ALLOWED_UPDATES, polling_arguments, restart_poller
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
