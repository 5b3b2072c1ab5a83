"""Alerts over a real SIGKILL: what the book has and the chat has not yet comes once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.model.ids import DeskName, Mode
from engine.ports.journal import Entry
from tests.e2e.children import assistant
from tests.e2e.stage import sandbox
from tests.e2e.trader import DAY, Sandbox, text_of
from tests.outage.mixed import AT, mark, numbered

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]
COUNT = 10


async def write_book(data: Path) -> None:
    """Facts that a crash left in the book: the outbox has never heard of them."""
    async with Database(data / "dry_run.db", BOOK) as db:
        journal = SqliteJournal(db, account_hash="0123456789ab", mode=Mode.DRY_RUN)
        facts = tuple(numbered(seq).fact for seq in range(1, COUNT + 1))
        await journal.append(Entry(DeskName.US, AT, DAY, (), (), facts, {}))


async def told(stage: Sandbox) -> list[int]:
    texts = [text_of(message) for message in await stage.spoken()]
    return [seq for text in texts for seq in range(1, COUNT + 1) if mark(seq) in text]


async def test_a_kill_in_the_middle_of_telling_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await write_book(stage.data)
        await stage.say("/start")
        await stage.fault("telegram", "slow", target="sendMessage", times=0, value="0.3")
        async with await assistant(stage.home) as bot:

            async def some() -> bool:
                return len(await told(stage)) >= 3

            await stage.until(some, "no alert was told")
            bot.process.kill()
            assert await bot.exit_code() == -signal.SIGKILL
        before = await told(stage)
        assert len(before) < COUNT
        await stage.end_faults()
        async with await assistant(stage.home, name="second.log"):

            async def all_of_them() -> bool:
                return len(await told(stage)) >= COUNT

            await stage.until(all_of_them, "alerts were lost")
        assert sorted(await told(stage)) == list(range(1, COUNT + 1))
