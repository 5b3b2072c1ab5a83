"""``run.py backup`` and ``restore``: beside a writer, whole or not at all, never looser."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import run as door
from bot.format.lang import Lang
from bot.lock import held_lock
from bot.program import run_command
from bot.terminal.backup_options import backup_asked
from engine.adapters.backup import archive as archives
from engine.adapters.backup.retention import name_of, superseded
from engine.adapters.backup.tempering import lowest, strictest
from engine.adapters.clocks import SystemClock
from engine.adapters.secrets import Secrets
from engine.adapters.sqlite.chat import SqliteChatValues, SqliteNonces
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import BOOK, STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.errors import BackupFailed, ConfigError
from engine.model.ids import DeskName, DeskState, Mode
from engine.ports.settings import Override
from engine.wiring import Paths, open_assembly
from engine.wiring.places import LIVE_KEYS, RESTORED

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
US, KRX = DeskName.US, DeskName.KRX
MARK = "12ab34cd56ef address"
BOOKS = ("live.db", "paper.db", "dry_run.db")


async def write_state(
    data: Path,
    modes: dict[DeskName, Mode],
    latch: DeskState = DeskState.RUNNING,
    confirmed: str = "",
    marks: tuple[str, ...] = (),
) -> None:
    async with Database(data / "state.db", STATE) as db:
        settings, values = SqliteSettings(db), SqliteChatValues(db)
        for desk, mode in modes.items():
            await settings.set_mode(desk, mode, 7, NOW)
            await settings.set_user_latch(desk, latch, 7, NOW)
            await values.put(LIVE_KEYS[desk], confirmed)
        for key in marks:
            await settings.set_override(Override(key, "x", "", 7, NOW))
        await SqliteNonces(db).create(7, '["sell", "AAPL"]', NOW + timedelta(days=9))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose US desk was last in live, confirmed."""
    data = tmp_path_factory.mktemp("template") / "data"

    async def make() -> None:
        await write_state(data, {US: Mode.LIVE, KRX: Mode.DRY_RUN}, confirmed=MARK)
        for name in ("live.db", "dry_run.db"):
            async with Database(data / name, BOOK):
                pass

    asyncio.run(make())
    (data / "secrets.enc").write_bytes(b"gAAAA encrypted")
    (data / "tokens.enc").write_bytes(b"gAAAA a token of a day")
    return data


@pytest.fixture
def data(tmp_path: Path, template: Path) -> Path:
    return shutil.copytree(template, tmp_path / "data")


@pytest.fixture(scope="module")
def archive(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "one.zip"
    assert run("backup", template, str(file)) == 0
    return file


@pytest.fixture
def made(archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy2(archive, tmp_path / "one.zip"))


def run(command: str, data: Path, path: str, *more: str) -> int:
    return run_command([command, path, "--data-dir", str(data), *more], os.environ)


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def pairs(data: Path, sql: str) -> dict[object, object]:
    return {row[0]: row[1] for row in ask(data / "state.db", sql)}


def modes_of(data: Path) -> dict[object, object]:
    return pairs(data, "SELECT desk, mode FROM modes")


def latches_of(data: Path) -> set[object]:
    return {row[0] for row in ask(data / "state.db", "SELECT user_latch FROM latches")}


def value_of(data: Path, key: str) -> object:
    return pairs(data, "SELECT key, value FROM chat_values").get(key)


def rewrite(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive again with other content; the manifest's sums are brought up to date."""
    with zipfile.ZipFile(source) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    plain = json.loads(files["manifest.json"])
    for member in plain["members"]:
        if member["name"] in files:
            member["sha256"] = hashlib.sha256(files[member["name"]]).hexdigest()
            member["size"] = len(files[member["name"]])
    files["manifest.json"] = json.dumps(plain).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name, content)
    return target


# -- making -------------------------------------------------------------------------------------


def test_a_backup_holds_every_database_and_the_encrypted_secrets_but_no_token(
    made: Path, data: Path
) -> None:
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
        assert archive.read("secrets.enc") == (data / "secrets.enc").read_bytes()
        manifest = json.loads(archive.read("manifest.json"))
    assert names == {"manifest.json", "state.db", "live.db", "dry_run.db", "secrets.enc"}
    assert {one["name"]: one["schema"] for one in manifest["members"]} == {
        "state.db": STATE.version,
        "live.db": BOOK.version,
        "dry_run.db": BOOK.version,
        "secrets.enc": None,
    }
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


async def test_a_backup_beside_a_writer_has_what_was_committed_and_keeps_nobody_waiting(
    data: Path, tmp_path: Path
) -> None:
    written = 0
    async with Database(data / "state.db", STATE) as db:
        values = SqliteChatValues(db)
        await values.put("before", "committed")
        copying = asyncio.create_task(
            asyncio.to_thread(run, "backup", data, str(tmp_path / "busy.zip"))
        )
        while not copying.done():
            await values.put(f"key {written}", "x")
            written += 1
        assert await copying == 0
    assert written
    with zipfile.ZipFile(tmp_path / "busy.zip") as archive:
        archive.extract("state.db", tmp_path / "out")
    assert value_of(tmp_path / "out", "before") == "committed"


def test_a_damaged_database_makes_no_backup(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt = bytearray((data / "live.db").read_bytes())
    spoilt[4096:12288] = b"\xff" * 8192
    (data / "live.db").write_bytes(spoilt)
    assert run("backup", data, str(tmp_path / "one.zip")) == 1
    assert "live.db" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_what_was_written_is_opened_again_before_it_counts(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(source: object, target: object, member: object) -> None:
        raise BackupFailed("the disk gave back something else")

    monkeypatch.setattr(archives, "_copy", spoil)
    assert run("backup", data, str(tmp_path / "one.zip")) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_an_existing_file_is_replaced_only_by_force(
    made: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write_bytes(b"mine")
    assert run("backup", data, str(made)) == 2
    assert "--force" in capsys.readouterr().err
    assert made.read_bytes() == b"mine"
    assert run("backup", data, str(made), "--force") == 0
    assert zipfile.is_zipfile(made)


def test_no_file_of_the_directory_itself_can_be_the_target(data: Path) -> None:
    before = content(data)
    assert run("backup", data, str(data / "live.db"), "--force") == 2
    assert content(data) == before


def test_an_empty_directory_has_nothing_to_back_up(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert run("backup", tmp_path / "data", str(tmp_path / "one.zip")) == 2


def test_a_folder_gets_dated_names_and_keeps_the_newest(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [name_of(NOW - timedelta(days=days)) for days in range(5, 0, -1)]
    for name in [*old, "notes.txt"]:
        (folder / name).touch()
    assert run("backup", data, f"{folder}/", "--keep", "3") == 0
    there = sorted(path.name for path in folder.iterdir())
    assert there[:2] == old[-2:]
    assert there[3:] == ["notes.txt"]
    assert zipfile.is_zipfile(folder / there[2])


def test_nothing_is_removed_when_the_new_one_failed(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for days in range(5):
        (folder / name_of(NOW - timedelta(days=days))).touch()
    (data / "live.db").write_bytes(b"not a database" * 500)
    assert run("backup", data, f"{folder}/", "--keep", "1") == 1
    assert len(list(folder.iterdir())) == 5


def test_only_names_of_backups_are_ever_superseded() -> None:
    names = ("dolpa-20260101T000000Z.zip", "dolpa-20260102T000000Z.zip", "a.zip", "state.db")
    assert superseded(names, 1) == ("dolpa-20260101T000000Z.zip",)
    assert superseded(names, 2) == ()


@pytest.mark.parametrize(
    "words", [("one.zip", "--keep", "3"), ("dir/", "--keep", "0"), ("dir/", "--force"), ()]
)
def test_options_that_do_not_fit_end_with_two(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        backup_asked(["backup", *words], Lang.KO)
    assert ended.value.code == 2


# -- putting back -------------------------------------------------------------------------------


def test_a_restore_keeps_what_it_replaces_beside(made: Path, data: Path) -> None:
    asyncio.run(write_state(data, {KRX: Mode.PAPER}))
    (data / "paper.db").write_bytes((data / "live.db").read_bytes())
    before = content(data)
    assert run("restore", data, str(made)) == 0
    (kept,) = data.glob("replaced-*")
    assert {path.name for path in kept.iterdir()} >= {"state.db", *BOOKS}
    for name in ("state.db", *BOOKS):
        assert (kept / name).read_bytes() == before[name]
    assert not (data / "paper.db").exists()  # it is of another time than the rest
    assert stat.S_IMODE((data / "state.db").stat().st_mode) == 0o600
    assert not list(data.glob(".restoring-*"))


def test_a_restore_waits_for_no_assistant(
    made: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(data)
    with held_lock(data):
        assert run("restore", data, str(made)) == 3
    assert "이미 실행 중" in capsys.readouterr().err
    assert content(data) == before


def test_the_directory_of_another_user_is_left_alone(
    made: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(data)
    monkeypatch.setattr(os, "geteuid", lambda: data.stat().st_uid + 1)
    assert run("restore", data, str(made)) == 2
    assert "그 사용자로 실행하세요" in capsys.readouterr().err
    assert content(data) == before


def test_a_newer_database_is_refused_before_anything_is_touched(
    made: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = tmp_path / "newer.db"
    shutil.copy(data / "live.db", newer)
    with closing(sqlite3.connect(newer)) as book:
        book.execute("PRAGMA journal_mode = DELETE")
        book.execute(f"PRAGMA user_version = {BOOK.version + 1}")
        book.commit()

    def change(files: dict[str, bytes]) -> None:
        files["live.db"] = newer.read_bytes()

    before = content(data)
    assert run("restore", data, str(rewrite(made, tmp_path / "newer.zip", change))) == 2
    assert f"{BOOK.version}까지 압니다" in capsys.readouterr().err
    assert content(data) == before


def test_a_database_with_a_trigger_of_strangers_is_refused(
    made: Path, data: Path, tmp_path: Path
) -> None:
    evil = tmp_path / "evil.db"
    shutil.copy(data / "state.db", evil)
    with closing(sqlite3.connect(evil)) as state:
        state.execute("PRAGMA journal_mode = DELETE")
        state.execute(
            "CREATE TRIGGER up AFTER UPDATE ON latches BEGIN"
            " UPDATE latches SET user_latch = 'running'; END"
        )
        state.commit()

    def change(files: dict[str, bytes]) -> None:
        files["state.db"] = evil.read_bytes()

    assert run("restore", data, str(rewrite(made, tmp_path / "evil.zip", change))) == 2


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "lock", "demo.json"])
def test_a_member_of_another_name_is_refused(
    made: Path, data: Path, tmp_path: Path, name: str
) -> None:
    before = content(tmp_path)

    def add(files: dict[str, bytes]) -> None:
        files[name] = b"x"

    def name_it(files: dict[str, bytes]) -> None:
        add(files)
        plain = json.loads(files["manifest.json"])
        plain["members"].append({"name": name, "size": 1, "sha256": "", "schema": None})
        files["manifest.json"] = json.dumps(plain).encode()

    for number, change in enumerate((add, name_it)):
        evil = rewrite(made, tmp_path / f"evil{number}.zip", change)
        assert run("restore", data, str(evil)) == 2
        evil.unlink()
    assert content(tmp_path) == before


def test_a_member_larger_than_allowed_is_refused(
    made: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(data)
    monkeypatch.setattr(archives, "MAX_DATABASE", 4096)
    assert run("restore", data, str(made)) == 2
    assert content(data) == before


def test_a_member_that_unpacks_to_more_than_it_claims_is_refused(
    made: Path, data: Path, tmp_path: Path
) -> None:
    """Neither the entry's size nor the manifest's is believed."""
    bomb = rewrite(made, tmp_path / "bomb.zip", lambda files: None)
    raw = bytearray(bomb.read_bytes())
    size = (data / "live.db").stat().st_size
    assert run("restore", data, str(bomb)) == 0
    claimed = json.loads(zipfile.ZipFile(bomb).read("manifest.json"))
    wanted = next(one for one in claimed["members"] if one["name"] == "live.db")
    assert raw.count(wanted["size"].to_bytes(4, "little")) >= 2
    shrunk = raw.replace(wanted["size"].to_bytes(4, "little"), (4096).to_bytes(4, "little"))
    bomb.write_bytes(shrunk)
    assert size > 4096
    assert run("restore", data, str(bomb)) in (1, 2)


@pytest.mark.parametrize("junk", [b"", b"PK\x03\x04 cut off", b"\x00" * 4096])
def test_what_is_no_archive_is_refused(data: Path, tmp_path: Path, junk: bytes) -> None:
    before = content(data)
    (tmp_path / "junk.zip").write_bytes(junk)
    assert run("restore", data, str(tmp_path / "junk.zip")) == 2
    assert content(data) == before


def test_a_file_that_is_not_there_is_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("restore", data, str(tmp_path / "gone.zip")) == 2
    assert "gone.zip: 그런 파일이 없습니다" in capsys.readouterr().err


def test_a_flipped_byte_is_noticed(made: Path, data: Path) -> None:
    before = content(data)
    raw = bytearray(made.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    made.write_bytes(raw)
    assert run("restore", data, str(made)) in (1, 2)
    assert content(data) == before


def test_content_of_another_sum_is_refused(made: Path, data: Path, tmp_path: Path) -> None:
    before = content(data)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            new.writestr(name, raw[::-1] if name == "secrets.enc" else raw)
    assert run("restore", data, str(other)) == 1
    assert content(data) == before


def test_demo_and_reality_do_not_mix(made: Path, data: Path, tmp_path: Path) -> None:
    (data / "demo.json").write_text("{}")
    assert run("restore", data, str(made)) == 2
    demo = tmp_path / "demo.zip"
    assert run("backup", data, str(demo)) == 0
    assert run("restore", data, str(demo)) == 0
    (data / "demo.json").unlink()
    before = content(data)
    assert run("restore", data, str(demo)) == 2
    assert content(data) == before


def test_secrets_of_the_directory_stay_and_a_bare_machine_gets_the_backups(
    made: Path, data: Path, tmp_path: Path
) -> None:
    (data / "secrets.enc").write_bytes(b"gAAAA rotated since")
    assert run("restore", data, str(made)) == 0
    assert (data / "secrets.enc").read_bytes() == b"gAAAA rotated since"
    assert run("restore", tmp_path / "bare", str(made)) == 0
    assert (tmp_path / "bare" / "secrets.enc").read_bytes() == b"gAAAA encrypted"
    assert stat.S_IMODE((tmp_path / "bare").stat().st_mode) == 0o700


async def test_a_restore_that_is_cut_off_lets_nothing_start_until_it_is_done_again(
    made: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def cut_off(self: Path, target: Path) -> Path:
        if self.parent.name.startswith(".restoring-") and self.name == "live.db":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", cut_off)
    assert run("restore", data, str(made)) == 1
    monkeypatch.undo()
    opening = open_assembly(
        Paths(data, None), Secrets(), SystemClock(), version="test", end_program=lambda: None
    )
    with pytest.raises(ConfigError, match="run the same restore again"):
        await opening.__aenter__()
    assert run("backup", data, str(data.parent / "of-two-times.zip")) == 2
    assert run("restore", data, str(made)) == 0
    assert not (data / "restore-unfinished").exists()


# -- never looser -------------------------------------------------------------------------------


@pytest.mark.parametrize("backed_up", [None, *Mode])
@pytest.mark.parametrize("in_force", [None, *Mode])
def test_the_mode_after_a_restore_is_never_above_either(
    backed_up: Mode | None, in_force: Mode | None
) -> None:
    found = lowest(backed_up, in_force)
    known = [mode for mode in (backed_up, in_force) if mode is not None]
    assert (found is None) is (not known)
    assert all(found is not None and found.rank <= mode.rank for mode in known)


@pytest.mark.parametrize(
    "states", [(None, None), (DeskState.RUNNING, None), *[(s,) for s in DeskState]]
)
def test_the_stop_after_a_restore_is_exits_only_at_least(
    states: tuple[DeskState | None, ...],
) -> None:
    found = strictest(*states)
    assert found.rank >= DeskState.EXITS_ONLY.rank
    assert all(state is None or found.rank >= state.rank for state in states)


def test_live_that_is_in_force_goes_on_with_exits_only(made: Path, data: Path) -> None:
    assert run("restore", data, str(made)) == 0
    assert modes_of(data) == {"us": "live", "krx": "dry_run"}
    assert value_of(data, LIVE_KEYS[US]) == MARK
    assert latches_of(data) == {"exits_only"}


def test_live_of_an_older_day_is_not_taken_up_again(made: Path, data: Path) -> None:
    asyncio.run(write_state(data, {US: Mode.DRY_RUN}, confirmed=MARK))
    assert run("restore", data, str(made)) == 0
    assert modes_of(data) == {"us": "dry_run", "krx": "dry_run"}
    assert value_of(data, LIVE_KEYS[US]) is None


@pytest.mark.parametrize("left", [None, b"garbage" * 1000])
def test_where_nobody_knows_the_mode_live_must_be_confirmed_anew(
    made: Path, data: Path, left: bytes | None
) -> None:
    for path in data.glob("state.db*"):
        path.unlink()
    if left is not None:
        (data / "state.db").write_bytes(left)
    assert run("restore", data, str(made)) == 0
    assert value_of(data, LIVE_KEYS[US]) is None
    assert latches_of(data) == {"exits_only"}


def test_a_halt_of_either_side_holds(made: Path, data: Path) -> None:
    asyncio.run(write_state(data, {US: Mode.LIVE}, DeskState.HALTED, confirmed=MARK))
    assert run("restore", data, str(made)) == 0
    assert pairs(data, "SELECT desk, user_latch FROM latches") == {
        "us": "halted",
        "krx": "exits_only",
    }


def test_locks_small_orders_and_spent_calls_of_today_stay(made: Path, data: Path) -> None:
    asyncio.run(write_state(data, {}, marks=("lock:005930", "small:krx", "risk.max_trades")))
    with closing(sqlite3.connect(data / "state.db")) as state:
        state.execute("INSERT INTO call_counts VALUES ('us', '2026-11-20', '09:31', 77)")
        state.commit()
    assert run("restore", data, str(made)) == 0
    kept = {row[0] for row in ask(data / "state.db", "SELECT key FROM overrides")}
    assert kept == {"lock:005930", "small:krx"}
    assert ask(data / "state.db", "SELECT calls FROM call_counts") == [(77,)]


def test_no_button_of_the_backup_can_be_pressed(made: Path, data: Path) -> None:
    assert run("restore", data, str(made)) == 0
    assert ask(data / "state.db", "SELECT * FROM nonces") == []
    assert value_of(data, RESTORED)


def test_the_one_door_knows_both_commands() -> None:
    assert {"backup", "restore"} <= set(door.COMMANDS)
