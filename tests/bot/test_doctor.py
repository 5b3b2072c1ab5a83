"""The doctor's own probes, also beside a running assistant."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from bot import doctor
from bot.chat import ChatSettings
from bot.doctor import Probe, examine, examine_beside
from tests.bot.stage import TOKEN

CHAT = ChatSettings(user_ids=(1001,), base_url="http://127.0.0.1:1/bot")


class Engine:
    def probes(self) -> Sequence[tuple[str, Probe]]:
        async def fine() -> str:
            return "fine"

        return [("engine", fine)]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    async def well(*_arguments: object) -> str:
        return "well"

    monkeypatch.setattr(doctor, "_telegram", well)
    monkeypatch.setattr(doctor, "_clock", well)


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
        connection.executemany("INSERT INTO orders (note) VALUES (?)", [("x" * 900,)] * 50)
        connection.commit()


async def examined(data: Path) -> tuple[int, str]:
    said: list[str] = []
    code = await examine(Engine(), CHAT, TOKEN, data, lambda: datetime.now(UTC), said.append)
    return code, "\n".join(said)


async def beside(health: str, data: Path) -> tuple[int, str]:
    said: list[str] = []
    code = await examine_beside(health, CHAT, TOKEN, data, lambda: datetime.now(UTC), said.append)
    return code, "\n".join(said)


@asynccontextmanager
async def health_of(body: str) -> AsyncIterator[str]:
    def answer(connection: ServerConnection, _request: Request) -> Response:
        return connection.respond(HTTPStatus.OK, body)

    async def nothing(_connection: ServerConnection) -> None:
        return

    async with serve(nothing, "127.0.0.1", 0, process_request=answer) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}/health"


async def test_sound_databases_are_named(tmp_path: Path) -> None:
    database(tmp_path / "state.db")
    database(tmp_path / "dry_run.db")
    code, said = await examined(tmp_path)
    assert code == 0
    assert "dry_run.db, state.db" in said


async def test_a_damaged_database_is_not_well(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database(path)
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    code, said = await examined(tmp_path)
    assert code == 1
    assert "FAIL  state.db" in said


async def test_a_running_assistant_is_asked_and_its_books_only_read(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("BEGIN IMMEDIATE")
        async with health_of('{"status": "ok", "desks": {"us": {"state": "running"}}}') as health:
            code, said = await beside(health, tmp_path)
        writer.execute("ROLLBACK")
    assert code == 0
    assert "runs, ok, US desk running" in said


@pytest.mark.parametrize(
    "body", ['{"status": "degraded", "desks": {"us": {"state": "exits_only"}}}', "no json", "[]"]
)
async def test_an_assistant_that_is_not_well_fails_the_examination(
    tmp_path: Path, body: str
) -> None:
    async with health_of(body) as health:
        code, said = await beside(health, tmp_path)
    assert code == 1
    assert "FAIL  runs" in said
