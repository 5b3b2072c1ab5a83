"""Buttons used once, and small values."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.adapters.sqlite.chat import SqliteChatValues, SqliteNonces
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.errors import JournalFailed
from engine.ports.chat_store import ChatValues, NonceStore

NOW = datetime(2025, 6, 12, 13, 30, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=60)
OWNER, STRANGER = 4711, 13
MESSAGE, OTHER_MESSAGE = 100, 101


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "state.db", STATE) as opened:
        yield opened


@pytest.fixture
def nonces(db: Database) -> SqliteNonces:
    return SqliteNonces(db)


async def button(nonces: SqliteNonces, action: str = "sell", message: int = MESSAGE) -> str:
    nonce = await nonces.create(OWNER, action, UNTIL)
    await nonces.bind((nonce,), message)
    return nonce


def test_they_are_the_chats_stores(db: Database) -> None:
    ports: tuple[NonceStore, ChatValues] = (SqliteNonces(db), SqliteChatValues(db))
    assert len(ports) == 2


async def test_a_nonce_fits_into_a_button(nonces: SqliteNonces) -> None:
    made = {await nonces.create(OWNER, "sell", UNTIL) for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,16}", nonce) for nonce in made)


async def test_a_nonce_works_once(nonces: SqliteNonces) -> None:
    nonce = await button(nonces)
    assert await nonces.take(nonce, OWNER, MESSAGE, NOW) == "sell"
    assert await nonces.take(nonce, OWNER, MESSAGE, NOW) is None


async def test_a_nonce_works_once_even_when_raced(nonces: SqliteNonces) -> None:
    nonce = await button(nonces)
    taken = await asyncio.gather(*(nonces.take(nonce, OWNER, MESSAGE, NOW) for _ in range(10)))
    assert sorted(taken, key=str) == [*[None] * 9, "sell"]


async def test_siblings_raced_against_each_other_give_one_action(nonces: SqliteNonces) -> None:
    yes, no = await button(nonces, "yes"), await button(nonces, "no")
    taken = await asyncio.gather(
        nonces.take(yes, OWNER, MESSAGE, NOW), nonces.take(no, OWNER, MESSAGE, NOW)
    )
    assert sum(action is not None for action in taken) == 1


async def test_one_button_spends_those_of_its_own_message_only(nonces: SqliteNonces) -> None:
    yes, no = await button(nonces, "yes"), await button(nonces, "no")
    elsewhere = await button(nonces, "stop", OTHER_MESSAGE)
    assert await nonces.take(yes, OWNER, MESSAGE, NOW) == "yes"
    assert await nonces.take(no, OWNER, MESSAGE, NOW) is None
    assert await nonces.take(elsewhere, OWNER, OTHER_MESSAGE, NOW) == "stop"


async def test_foreign_late_and_misplaced_presses_do_nothing(nonces: SqliteNonces) -> None:
    nonce = await button(nonces)
    assert await nonces.take(nonce, STRANGER, MESSAGE, NOW) is None
    assert await nonces.take(nonce, OWNER, OTHER_MESSAGE, NOW) is None
    assert await nonces.take(nonce, OWNER, MESSAGE, UNTIL) is None
    assert await nonces.take("nonsense", OWNER, MESSAGE, NOW) is None
    assert await nonces.take(nonce, OWNER, MESSAGE, UNTIL - timedelta(microseconds=1)) == "sell"


async def test_a_button_not_yet_shown_cannot_be_pressed(nonces: SqliteNonces) -> None:
    nonce = await nonces.create(OWNER, "sell", UNTIL)
    assert await nonces.take(nonce, OWNER, MESSAGE, NOW) is None


async def test_a_button_cannot_move_to_another_message(nonces: SqliteNonces) -> None:
    nonce = await button(nonces)
    await nonces.bind((nonce,), OTHER_MESSAGE)
    assert await nonces.take(nonce, OWNER, OTHER_MESSAGE, NOW) is None
    assert await nonces.take(nonce, OWNER, MESSAGE, NOW) == "sell"


async def test_expired_buttons_are_swept_away(db: Database, nonces: SqliteNonces) -> None:
    await nonces.create(OWNER, "old", NOW - timedelta(days=1))
    await nonces.take(await button(nonces), OWNER, MESSAGE, NOW)
    assert await db.rows("SELECT * FROM nonces") == []


async def test_small_values_are_kept_and_replaced(db: Database) -> None:
    values = SqliteChatValues(db)
    assert await values.get("language") is None
    await values.put("language", "ko")
    await values.put("language", "en")
    assert await values.get("language") == "en"


async def test_a_failing_disk_raises_journal_failed(db: Database, nonces: SqliteNonces) -> None:
    await db.close()
    with pytest.raises(JournalFailed):
        await nonces.create(OWNER, "sell", UNTIL)
    with pytest.raises(JournalFailed):
        await SqliteChatValues(db).get("language")
