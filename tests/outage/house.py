"""The chat side of the assistant with a real database beside the sandbox's Telegram.

Time is stepped. A run can be ended as a kill does: whatever it was doing, nothing is said any
more, nothing is written any more; what is on disk is what the next run begins with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.app import build_application, chat_of, run_outbox
from bot.chat import ChatSettings, ChatStores, HumanTime
from bot.format import replies
from bot.format.lang import Lang
from bot.news import News
from engine.adapters.sqlite.chat import SqliteChatValues, SqliteNonces
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.outbox import SqliteOutbox
from engine.adapters.sqlite.schema import STATE
from sandbox.faults import Faults
from sandbox.model import Fault
from sandbox.telegram_api import ChatUser, TelegramApi
from tests.bot.samples import control
from tests.harness.stepped_loop import SteppedLoop
from tests.outage.mixed import AT, COUNT, alert, mark, numbered

OWNER = 10_001
TOKEN = "123456:a-token-of-the-sandbox_0123456789"
DAY_S = 86_400
MARK = replies.repeated(Lang.KO)


@dataclass(slots=True)
class Telegram:
    """The sandbox's Bot API, served on loopback, and the troubles it can be given."""

    api: TelegramApi
    faults: Faults
    url: str

    def trouble(self, kind: str, *, times: int = 0, value: str = "", target: str = "*") -> None:
        self.faults.add(Fault("telegram", kind, target, times, value))

    def alerts(self, *, is_marked: bool = True) -> list[int]:
        """Numbers of the alerts in the chat, in the order of their message ids.

        Without ``is_marked`` those that say they may have come before count only where they are
        the first.
        """
        texts = [item.text for item in self.api.chat.from_bot(OWNER)]
        found = self._numbers(texts)
        if is_marked:
            return found
        plain = self._numbers([text for text in texts if MARK not in text])
        return plain + sorted(set(found) - set(plain))

    @staticmethod
    def _numbers(texts: list[str]) -> list[int]:
        return [seq for text in texts for seq in range(1, COUNT + 1) if mark(seq) in text]

    def repeated(self) -> list[str]:
        """Alerts that say they may have come before."""
        return [t.text for t in self.api.chat.from_bot(OWNER) if MARK in t.text]


@asynccontextmanager
async def telegram(loop: SteppedLoop) -> AsyncIterator[Telegram]:
    faults = Faults()
    api = TelegramApi(
        faults,
        token=TOKEN,
        users=[ChatUser(OWNER)],
        now=lambda: AT + timedelta(seconds=loop.time()),
    )
    app = web.Application()
    app.add_routes(api.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield Telegram(api, faults, f"http://127.0.0.1:{runner.addresses[0][1]}/telegram")
    finally:
        api.close()
        with loop.held():
            await runner.cleanup()


class Run:
    """One run of the chat side, from its start to its kill."""

    def __init__(self, loop: SteppedLoop, state: Path, phone: Telegram) -> None:
        self._loop = loop
        self._phone = phone
        self._books = state.parent
        self._db = Database(state, STATE)
        self.outbox = SqliteOutbox(self._db)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the database; greet, then tell what waits."""
        with self._loop.held():
            await self._db.open()
        self._loop.watch(lambda: self._db.pending > 0)
        stores = ChatStores(
            SqliteNonces(self._db), SqliteChatValues(self._db), self.outbox, self._books
        )
        settings = ChatSettings(
            (OWNER,), base_url=f"{self._phone.url}/bot", alert_gap_s=1.0, remind_s=DAY_S
        )
        human = HumanTime(
            lambda: AT + timedelta(seconds=self._loop.time()), self._loop.time, asyncio.sleep
        )
        desk = control()
        self._app = build_application(TOKEN, settings, replace(desk), stores, human)
        self._tasks = [self._loop.create_task(self._run())]

    async def _run(self) -> None:
        while True:
            try:
                await self._app.initialize()
                break
            except Exception:
                await asyncio.sleep(1)
        news = News(chat_of(self._app))
        async with asyncio.TaskGroup() as group:
            group.create_task(news.run())
            await news.until_greeted()
            group.create_task(run_outbox(self._app))

    async def kill(self) -> None:
        """End it without a goodbye, wherever it stands."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with self._loop.held():
            await self._db.close()
            await self._app.shutdown()

    async def put(self, *seqs: int) -> None:
        """New alerts, as the engine hands them over."""
        for seq in seqs:
            await self.outbox.put("live", numbered(seq), alert(seq))
        chat_of(self._app).alerts.wake()
