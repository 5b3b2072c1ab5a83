"""state.db: overrides, latches and modes, each change with its audit row."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.errors import JournalFailed
from engine.model.ids import DeskName, DeskState, Mode
from engine.ports.settings import Guard, Latches, Override, SettingsStore

AT = datetime(2025, 6, 12, 13, 30, tzinfo=UTC)
OWNER = 4711
US = DeskName.US
TRIPPED = Guard(DeskState.EXITS_ONLY, "mismatch", "3", "0")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "state.db", STATE) as opened:
        yield opened


@pytest.fixture
def store(db: Database) -> SqliteSettings:
    return SqliteSettings(db)


async def audit(db: Database) -> list[tuple[object, ...]]:
    rows = await db.rows("SELECT user_id, action, subject, old, new FROM audit ORDER BY id")
    return [tuple(row) for row in rows]


def test_it_is_a_settings_store(store: SqliteSettings) -> None:
    port: SettingsStore = store
    assert port is store


async def test_an_override_is_kept_replaced_and_cleared(
    db: Database, store: SqliteSettings
) -> None:
    first = Override("us.target_pct", "4.0", "3.0", OWNER, AT)
    second = Override("us.target_pct", "5.0", "4.0", OWNER, AT + timedelta(minutes=1))
    await store.set_override(first)
    assert await store.overrides() == {first.key: first}
    await store.set_override(second)
    assert await store.overrides() == {second.key: second}
    await store.clear_override(second.key, OWNER, AT)
    await store.clear_override(second.key, OWNER, AT)
    assert await store.overrides() == {}
    assert await audit(db) == [
        (OWNER, "set", "us.target_pct", "3.0", "4.0"),
        (OWNER, "set", "us.target_pct", "4.0", "5.0"),
        (OWNER, "clear", "us.target_pct", "5.0", ""),
    ]


async def test_latches_are_open_until_they_are_set(store: SqliteSettings) -> None:
    assert await store.latches(US) == Latches()
    await store.set_guard_latch(US, TRIPPED, AT)
    assert await store.latches(US) == Latches(guard=TRIPPED)
    assert await store.latches(DeskName.KRX) == Latches()


async def test_the_two_latches_do_not_touch_each_other(store: SqliteSettings) -> None:
    await store.set_user_latch(US, DeskState.HALTED, OWNER, AT)
    await store.set_guard_latch(US, TRIPPED, AT)
    await store.set_guard_latch(US, Guard(), AT)
    assert await store.latches(US) == Latches(user=DeskState.HALTED)
    await store.set_guard_latch(US, TRIPPED, AT)
    await store.set_user_latch(US, DeskState.RUNNING, OWNER, AT)
    assert await store.latches(US) == Latches(guard=TRIPPED)


async def test_latches_leave_a_trace_only_when_they_change(
    db: Database, store: SqliteSettings
) -> None:
    await store.set_guard_latch(US, TRIPPED, AT)
    await store.set_guard_latch(US, TRIPPED, AT)
    await store.set_user_latch(US, DeskState.HALTED, OWNER, AT)
    assert await audit(db) == [
        (None, "guard latch", "us", "running", "exits_only mismatch 3 0"),
        (OWNER, "user latch", "us", "running", "halted"),
    ]


async def test_a_latch_nobody_can_read_raises(db: Database, store: SqliteSettings) -> None:
    await store.set_guard_latch(US, TRIPPED, AT)
    await db.change("UPDATE latches SET user_latch = 'wobbly'")
    with pytest.raises(JournalFailed, match="wobbly"):
        await store.latches(US)


async def test_the_mode_in_force_is_kept_with_who_set_it(
    db: Database, store: SqliteSettings
) -> None:
    assert await store.mode(US) is None
    await store.set_mode(US, Mode.DRY_RUN, None, AT)
    await store.set_mode(US, Mode.PAPER, OWNER, AT)
    assert await store.mode(US) is Mode.PAPER
    assert await audit(db) == [
        (None, "mode", "us", "", "dry_run"),
        (OWNER, "mode", "us", "dry_run", "paper"),
    ]


async def test_a_failing_disk_raises_journal_failed(db: Database, store: SqliteSettings) -> None:
    await db.close()
    with pytest.raises(JournalFailed):
        await store.overrides()
    with pytest.raises(JournalFailed):
        await store.latches(US)
    with pytest.raises(JournalFailed):
        await store.set_mode(US, Mode.DRY_RUN, None, AT)
