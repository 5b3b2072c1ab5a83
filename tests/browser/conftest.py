"""One browser and one chat for all of them: a page takes longer to load than most tests run.

Tests share the chat, so they look at messages later than, or by, a number of their own.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from telegram import Bot
from telegram.ext import ExtBot

from sandbox.__main__ import BOT_TOKEN
from tests.browser.chromium import Browser, chromium
from tests.browser.page import Screen
from tests.browser.phone import Phone, phone
from tests.browser.quiet import quiet_sandbox
from tests.e2e.trader import OWNER, Sandbox

DESK = Screen(width=1280, height=800)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    """A sandbox without an assistant; the day begins at 09:31 in New York."""
    async with quiet_sandbox() as url, httpx.AsyncClient(timeout=10) as http:
        yield Sandbox(url, tmp_path_factory.mktemp("stage"), http)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bot(stage: Sandbox) -> AsyncIterator[Bot]:
    """A bot that does what the test says."""
    async with ExtBot[Any](BOT_TOKEN, base_url=f"{stage.url}/telegram/bot") as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chat(browser: Browser, stage: Sandbox) -> AsyncIterator[Phone]:
    async with phone(browser, stage.url) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def trader(chat: Phone, bot: Bot) -> AsyncIterator[Phone]:
    """The chat on a phone, nothing pinned and nothing unread by the bot."""
    await bot.unpin_all_chat_messages(OWNER)
    await bot.delete_webhook(drop_pending_updates=True)
    await chat.tidy(Screen())
    yield chat
    chat.complain()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(chat: Phone) -> AsyncIterator[Phone]:
    """Chat and panel side by side."""
    await chat.tidy(DESK)
    yield chat
    chat.complain()
