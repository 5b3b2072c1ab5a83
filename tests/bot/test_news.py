"""What the process says of itself is said in the end, whatever Telegram does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from telegram.error import NetworkError

from bot.app import chat_of
from bot.format.start_notices import INVENTED
from bot.news import News
from engine.model.ids import DeskState
from sandbox.krx.listings import DEFAULT_KRX
from tests.bot.samples import latched
from tests.bot.stage import Call, Stage, staged, until


@asynccontextmanager
async def running(news: News) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(news.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def said(stage: Stage) -> list[str]:
    return [call.text for call in stage.told]


async def test_the_start_is_told_first_with_what_holds_the_desk_back() -> None:
    async with staged() as stage:
        stage.control.view = latched(DeskState.EXITS_ONLY, DeskState.RUNNING)
        news = News(chat_of(stage.app))
        news.put("config.yaml")
        async with running(news):
            await until(lambda: len(said(stage)) == 2)
        assert "시작" in said(stage)[0]
        assert "/resume" in said(stage)[0]
        assert "config.yaml" in said(stage)[1]


async def test_the_start_is_told_again_until_telegram_takes_it() -> None:
    async with staged() as stage:
        tries: list[Call] = []

        async def away(call: Call) -> Any:
            tries.append(call)
            if len(tries) < 4:
                raise NetworkError("away")

        stage.sent.rule = away
        async with running(News(chat_of(stage.app))):
            await until(lambda: len(tries) == 4)
        assert all("시작" in call.text for call in tries)
        assert stage.watch.pauses == [1.0, 2.0, 4.0]


async def test_news_that_run_again_do_not_greet_again() -> None:
    async with staged() as stage:
        news = News(chat_of(stage.app))
        async with running(news):
            await until(lambda: said(stage))
        news.put("later")
        async with running(news):
            await until(lambda: len(said(stage)) == 2)
        assert "later" in said(stage)[1]


async def test_a_demo_says_what_to_try_right_after_its_start() -> None:
    async with staged() as stage:
        chat = replace(chat_of(stage.app), notices=("demo", "no_hts_id"))
        news = News(chat)
        news.put("config.yaml")
        async with running(news):
            await until(lambda: len(said(stage)) == 3)
        start, guide, _ = said(stage)
        assert "KIS_HTS_ID" in start
        assert "데모" in guide
        assert "진짜 계좌와 돈에는 닿지 않습니다" in guide
        assert "데모가 대신 칩니다" in guide
        assert f"/why {INVENTED}" in guide
        assert INVENTED in {listing.name for listing in DEFAULT_KRX}
        assert "데모" not in start
