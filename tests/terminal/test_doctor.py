"""The doctor: what it finds, and what it says to do about the classic troubles."""

from __future__ import annotations

import importlib.util
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from bot.format.lang import Lang
from bot.lock import held_lock
from bot.terminal import doctor_words
from bot.terminal.doctor import examine
from bot.terminal.doctor_chat import assistant_probes, waiting_alerts
from bot.terminal.doctor_command import Patient, run_doctor
from bot.terminal.doctor_local import Machine, databases, font, judge_service
from bot.terminal.troubles import Trouble, explain
from engine.adapters.secrets import PASSPHRASE, TOKEN_FILE, load_secrets
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.config import load_config
from engine.errors import BrokerRefused, ConfigError
from engine.model.checkup import Probe, Told, Unwell
from engine.wiring import Paths
from sandbox.model import Fault
from sandbox.world import World
from tests.e2e.stage import sandbox_within
from tests.e2e.trader import OWNER, Sandbox
from tests.harness.cheap_tokens import cheap_keys

NOW = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    with cheap_keys():
        yield


# the table


async def table(*probes: tuple[str, Probe], lang: Lang = Lang.EN) -> tuple[int, list[str]]:
    said: list[str] = []
    return await examine(probes, said.append, lang), said


def fine(told: Told | str) -> Probe:
    async def probe() -> Told | str:
        return told

    return probe


def ill(error: Exception) -> Probe:
    async def probe() -> Told:
        raise error

    return probe


async def test_a_note_is_no_illness() -> None:
    told = Told("old_keys", ("KIS_APP_KEY (97)",), is_note=True)
    code, said = await table(("disk", fine(Told("disk", ("900",)))), ("keys", fine(told)))
    assert code == 0
    assert said[0] == "disk  ok    900 MB free"
    assert said[1].startswith("keys  note  KIS_APP_KEY (97)")
    assert "secrets set NAME" in said[1]


async def test_whatever_is_wrong_is_told_with_what_to_do_and_ends_with_1() -> None:
    code, said = await table(
        ("disk", ill(Unwell("no_disk", "5", "200"))),
        ("real token", ill(BrokerRefused("no", code="EGW00103"))),
        ("telegram", ill(Unwell(Trouble.BLOCKED))),
        ("other", ill(ConfigError("some.key: wrong"))),
        ("last", fine("as it is")),
    )
    assert code == 1
    shown = [re.sub(" +", " ", line) for line in said]
    assert shown[0].startswith("disk FAIL 5 MB free; at least 200 MB")
    assert shown[1].startswith("real token FAIL KIS refused the app key")
    assert shown[1].endswith("[EGW00103]")
    assert "press Start" in shown[2]
    assert shown[3:5] == ["other FAIL some.key: wrong", "last ok as it is"]


async def test_the_table_speaks_the_language_of_the_config() -> None:
    _, said = await table(("disk", fine(Told("disk", ("900",)))), lang=Lang.KO)
    assert said == ["디스크  정상  900 MB 남음", "모두 정상입니다."]


@pytest.mark.parametrize("lang", list(Lang))
def test_every_finding_and_trouble_has_words(lang: Lang) -> None:
    facts = ("one", "two", "three")
    for code in doctor_words._TOLD:
        assert doctor_words.told(code, facts, lang)
    for code in (*doctor_words._UNWELL, *Trouble):
        text = doctor_words.unwell(code, facts, lang)
        assert bool(re.search("[가-힣]", text.replace("해외주식 거래신청", ""))) == (
            lang is Lang.KO or "모의투자" in text
        )
    for trouble in Trouble:
        assert explain(trouble, lang, "EGW1").endswith("[EGW1]")


# this machine


@dataclass(frozen=True)
class Home:
    path: Path

    def machine(self, environ: dict[str, str] | None = None, now: datetime = NOW) -> Machine:
        given = environ or {}
        data, file = self.path / "data", self.path / ".env"
        secrets = load_secrets(file, given, data / "secrets.enc")
        return Machine(data, file, secrets, frozenset(given), lambda: now)

    def env(self, text: str) -> Path:
        path = self.path / ".env"
        path.write_text(text)
        path.chmod(0o600)
        return path

    async def ask(self, name: str, machine: Machine) -> Told | str:
        return await dict(machine.probes())[name]()


KIS = "KIS_APP_KEY=a\nKIS_APP_SECRET=b\nKIS_ACCOUNT_NO=12345678-01\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "run.py setup"),
        ("", "TELEGRAM_BOT_TOKEN, KIS_APP_KEY"),
        (KIS, "TELEGRAM_BOT_TOKEN missing"),
        ("TELEGRAM_BOT_TOKEN=1:x\n", "KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO missing"),
        (f"{KIS}TELEGRAM_BOT_TOKEN=1:x\n", "obey nobody"),
    ],
)
async def test_missing_secrets_are_named_with_the_way_to_set_them(
    tmp_path: Path, text: str | None, said: str
) -> None:
    home = Home(tmp_path)
    if text is not None:
        home.env(text)
    _, (line, _) = await table(("secrets", lambda: home.ask("secrets", home.machine())))
    assert "FAIL" in line
    assert said in line


async def test_what_is_set_is_counted_by_its_places(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = home.env(f"{KIS}TELEGRAM_BOT_TOKEN=1:x\nTELEGRAM_CHAT_ID=5\n")
    assert await home.ask("secrets", home.machine()) == Told("secrets", ("4", str(path)))


async def test_a_file_that_others_can_read_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = home.env(KIS)
    assert await home.ask("files", home.machine()) == Told("files")
    path.chmod(0o640)
    with pytest.raises(Unwell, match=r"open_files .*\.env"):
        await home.ask("files", home.machine())


async def test_old_and_ageless_keys_are_noted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.env(KIS)
    late = datetime.now(UTC) + timedelta(days=100)
    told = await home.ask("keys", home.machine(now=late))
    assert told == Told("old_keys", ("KIS_APP_KEY (100), KIS_APP_SECRET (100)",), is_note=True)
    soon = datetime.now(UTC)
    assert await home.ask("keys", home.machine(now=soon)) == Told("keys")
    outside = home.machine({"KIS_APP_KEY": "a"}, soon)
    assert await home.ask("keys", outside) == Told("keys_unknown", is_note=True)
    home.env("")
    assert await home.ask("keys", home.machine()) == Told("no_keys", is_note=True)


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
        connection.executemany("INSERT INTO orders (note) VALUES (?)", [("x" * 900,)] * 50)
        connection.commit()


def test_sound_databases_are_named_and_only_read(tmp_path: Path) -> None:
    assert databases(tmp_path) == Told("no_databases")
    for name in ("state.db", "dry_run.db"):
        database(tmp_path / name)
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("BEGIN IMMEDIATE")
        assert databases(tmp_path) == Told("databases", ("dry_run.db, state.db",))
        writer.execute("ROLLBACK")


def test_a_damaged_database_is_not_well(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database(path)
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    with pytest.raises(Unwell, match=r"database state\.db"):
        databases(tmp_path)


async def test_pictures_without_korean_letters_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await font() == Told("font", ("NanumGothic",))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unwell, match="no_font"):
        await font()
    program = tmp_path / "fc-list"
    program.write_text("#!/bin/sh\necho 'Noto Sans CJK KR,other'\n")
    program.chmod(0o700)
    assert await font() == Told("font", ("Noto Sans CJK KR",))


def test_the_service_is_judged_by_what_systemd_says() -> None:
    loaded = {"LoadState": "loaded", "UnitFileState": "enabled", "ActiveState": "active"}
    assert judge_service(loaded) == Told("service", ("active",))
    assert judge_service({"LoadState": "not-found"}) == Told("not_installed", is_note=True)
    for change, code in (
        ({"UnitFileState": "disabled"}, "not_enabled"),
        ({"ActiveState": "failed"}, "service_failed"),
    ):
        with pytest.raises(Unwell, match=code):
            judge_service({**loaded, **change})


async def test_alerts_that_nobody_was_told_for_long_are_counted(tmp_path: Path) -> None:
    assert waiting_alerts(tmp_path, NOW) == 0
    async with Database(tmp_path / "state.db", STATE):
        pass
    put = "INSERT INTO outbox (book, seq, priority, at, desk, fact) VALUES ('b', ?, 0, ?, 'us', '')"
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        connection.execute(put, (1, NOW.isoformat()))
        connection.execute(put, (2, (NOW + timedelta(minutes=5)).isoformat()))
        connection.commit()
        assert waiting_alerts(tmp_path, NOW + timedelta(minutes=10)) == 0
        assert waiting_alerts(tmp_path, NOW + timedelta(minutes=11)) == 2
        connection.execute("UPDATE outbox SET times_told = 1, remind_at = ? WHERE seq = 1", ("x",))
        connection.execute("UPDATE outbox SET done = 1 WHERE seq = 2")
        connection.commit()
        assert waiting_alerts(tmp_path, NOW + timedelta(minutes=11)) == 0


# beside a running assistant


@asynccontextmanager
async def health_of(body: str) -> AsyncIterator[str]:
    def answer(connection: ServerConnection, _request: Request) -> Response:
        return connection.respond(HTTPStatus.OK, body)

    async def nothing(_connection: ServerConnection) -> None:
        return

    async with serve(nothing, "127.0.0.1", 0, process_request=answer) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}/health"


async def test_a_running_assistant_is_asked() -> None:
    body = '{"status": "ok", "desks": {"us": {"state": "running"}}, "stream": {"connected": true}}'
    async with health_of(body) as health:
        code, said = await table(*assistant_probes(health))
    assert code == 0
    assert "runs, all well: Korean desk off, US desk running" in said[0]
    assert "hears it" in said[1]


@pytest.mark.parametrize(
    "body", ['{"status": "degraded", "desks": {"us": {"state": "exits_only"}}}', "no json", "[]"]
)
async def test_an_assistant_that_is_not_well_fails_the_examination(body: str) -> None:
    async with health_of(body) as health:
        code, said = await table(*assistant_probes(health))
    assert code == 1
    assert "FAIL  runs" in said[0]


async def test_an_assistant_that_is_not_well_is_told_in_korean_words() -> None:
    desks = '{"us": {"state": "running"}, "krx": {"state": "exits_only"}}'
    async with health_of(f'{{"status": "degraded", "desks": {desks}}}') as health:
        _, said = await table(*assistant_probes(health), lang=Lang.KO)
    assert "일부 이상. 국내 데스크 청산만, 미국 데스크 가동" in said[0]
    assert "채팅의 /status" in said[0]


# the classic troubles, against the sandbox


async def examined(stage: Sandbox, **environ: str) -> tuple[int, dict[str, str]]:
    """Exit code, and the lines by their English names."""
    given = {PASSPHRASE: "long enough words", **environ}
    config = load_config(stage.config).config
    secrets = load_secrets(stage.home / ".env", given, stage.data / "secrets.enc")
    patient = Patient(
        *(Paths(stage.data, stage.config), stage.home / ".env", config, secrets, given, "test"),
    )
    said: list[str] = []
    code = await run_doctor(patient, said.append, lambda: datetime.now(UTC))
    return code, {line.split("  ")[0]: line for line in said}


@asynccontextmanager
async def clinic(home: Path) -> AsyncIterator[tuple[Sandbox, World]]:
    async with sandbox_within(home) as (stage, world, _):
        stage.configure("domestic:\n  enabled: true\n")
        text = stage.config.read_text().replace("language: ko", "language: en")
        stage.config.write_text(text)
        await stage.say("/start")
        await stage.play(60)  # KIS gives one approval key a second
        yield stage, world


def leave_paper_out(stage: Sandbox) -> None:
    file = stage.home / ".env"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "PAPER" not in line))


async def test_the_classic_troubles_are_each_answered_with_what_to_do(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (stage, world):
        code, lines = await examined(stage)
        assert code == 0, "\n".join(lines.values())
        for name in ("real socket", "paper socket", "real account", "KRX calendar", "alerts"):
            assert "ok" in lines[name], name

        # It looks, and leaves no more behind than the token, of which KIS gives one a minute.
        assert {path.name for path in stage.data.iterdir()} <= {"demo.json", TOKEN_FILE}

        leave_paper_out(stage)  # once is enough
        world.faults.add(Fault("telegram", "unauthorized", "getMe", 1))
        code, lines = await examined(stage)
        assert code == 1
        assert "401" in lines["telegram"]
        assert "BotFather" in lines["telegram"]

        await stage.post("/sandbox/telegram/block", user_id=OWNER)
        code, lines = await examined(stage)
        assert code == 1
        assert "press Start" in lines["telegram"]
        await stage.say("/start")

        code, lines = await examined(stage, KIS_APP_KEY="PS" + "x" * 34)
        assert code == 1
        assert "KIS refused the app key" in lines["real token"]
        assert "line of the token" in lines["real account"]

        code, lines = await examined(stage, KIS_HTS_ID="somebody")
        assert code == 1
        assert "KIS_HTS_ID" in lines["real socket"]

        text = re.sub(r"(websocket_url: ws://)[^/]*", r"\g<1>127.0.0.1:9", stage.config.read_text())
        stage.config.write_text(text)
        code, lines = await examined(stage)
        assert code == 1
        assert "21000" in lines["real socket"]


async def test_without_any_secret_the_doctor_says_how_to_begin(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (stage, _):
        (tmp_path / ".env").unlink()
        (tmp_path / "data").chmod(0o755)
        code, lines = await examined(stage)
        assert any("is private now" in line for line in lines)
        assert code == 1
        assert "run.py setup" in lines["secrets"]
        assert "telegram" not in lines


async def test_beside_a_running_assistant_kis_is_left_alone(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (stage, _):
        with held_lock(stage.data):
            code, lines = await examined(stage)
        assert code == 1  # nobody answers at /health here
        assert "gives no answer" in lines["assistant"]
        assert await stage.get("/sandbox/requests") == []
