"""Looking at databases: nothing is left behind, and what a running program wrote is seen."""

from datetime import UTC, datetime
from pathlib import Path

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.looks import overrides_of, unsound
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.ports.settings import Override

KEY = "us.target_pct"
CHANGE = Override(KEY, "4.0", "3.0", 4711, datetime(2025, 6, 12, 13, 30, tzinfo=UTC))


async def test_a_database_that_nobody_has_open_is_looked_at_without_a_trace(tmp_path: Path) -> None:
    async with Database(tmp_path / "state.db", STATE) as db:
        await SqliteSettings(db).set_override(CHANGE)
    assert overrides_of(tmp_path) == {KEY: "4.0"}
    assert unsound(tmp_path) == ""
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


async def test_what_a_running_program_wrote_just_now_is_seen(tmp_path: Path) -> None:
    async with Database(tmp_path / "state.db", STATE) as db:
        await SqliteSettings(db).set_override(CHANGE)
        assert (tmp_path / "state.db-wal").stat().st_size > 0
        assert overrides_of(tmp_path) == {KEY: "4.0"}
