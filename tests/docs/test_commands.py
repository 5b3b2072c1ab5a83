"""Every command of the documents is tried, or a row says how far and why no further."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.config import Config
from engine.model.ids import DeskName, Mode
from reports.pictures.painter import Painter
from reports.pictures.subjects import Picture, Request
from tests.docs import trial
from tests.docs.commands import TABLE, Command, How, commands, row_of
from tests.docs.pages import ROOT, pages
from tests.reports.book_maker import make_book

COMMANDS = commands()


def of(*hows: How) -> pytest.MarkDecorator:
    """Those that are tried so; one that no row knows is left to the first test."""
    known = [one for one in COMMANDS if any(row.fits(one.text) for row in TABLE)]
    wanted = [one for one in known if row_of(one).how in hows]
    return pytest.mark.parametrize("command", wanted, ids=[one.text for one in wanted])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as a trader has it: settings, keys, a book of some weeks."""
    home = tmp_path_factory.mktemp("trader")
    shutil.copy(ROOT / "config.yaml", home / "config.yaml")
    shutil.copy(ROOT / ".env.example", home / ".env")
    (home / ".env").chmod(0o600)
    (home / "data").mkdir(mode=0o700)
    asyncio.run(_traded(home / "data"))
    return home


async def _traded(data: Path) -> None:
    async with Database(data / "state.db", STATE) as database:
        await SqliteSettings(database).set_mode(DeskName.KRX, Mode.PAPER, None, datetime.now(UTC))
    await make_book(data / "paper.db", until=date(2025, 1, 31))


def test_every_command_is_known() -> None:
    assert [row_of(command) for command in COMMANDS]


def test_no_code_goes_over_the_end_of_a_line() -> None:
    """It would be read by nobody here."""
    cut = [
        f"{one.name}:{number}"
        for one in pages()
        for number, line in one.prose()
        if line.count("`") % 2
    ]
    assert cut == []


def test_no_row_is_left_over() -> None:
    used = {row_of(command) for command in COMMANDS}
    assert [row.shape for row in TABLE if row not in used] == []


def test_a_command_that_is_not_run_says_why_and_who_runs_it() -> None:
    for row in TABLE:
        assert row.how is How.RUN or row.why, row.shape
        assert not row.played_by or (ROOT / row.played_by).is_file(), row.shape


@of(How.RUN)
def test_it_runs(
    command: Command,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Painter, "draw", drawn)
    shutil.copytree(home, tmp_path / "trader")
    row = row_of(command)
    for text, code in ((row.before, 0), (command.text, row.code)):
        if text:
            target = trial.target_of(Command(text, "").words, monkeypatch)
            monkeypatch.chdir(tmp_path / "trader")
            assert trial.start(target, monkeypatch) == code
            assert capsys.readouterr().out


async def drawn(_painter: Painter, request: Request) -> tuple[Picture, ...]:
    """Pictures are drawn for real in tests/bot/test_report_files.py: it takes seconds."""
    return tuple(Picture(name, b"", 0, 0, "") for name in request.files)


@of(How.PARSED)
def test_its_words_are_taken(command: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = trial.target_of(command.words, monkeypatch)
    assert trial.is_there(target), command.where
    if target[1:2] in (["pytest"], ["ruff"], ["mypy"], ["importlinter"]):
        return  # not ours to parse
    monkeypatch.chdir(home)
    trial.parse(target, monkeypatch)


@of(How.SHELL)
def test_bash_can_read_it(command: Command) -> None:
    read = ["bash", "-n", "-c", command.text]
    assert subprocess.run(read, capture_output=True, check=False).returncode == 0  # noqa: S603


def test_the_health_that_is_asked_is_where_it_listens() -> None:
    health = Config().health
    asked = {word for one in COMMANDS for word in one.words if word.endswith("/health")}
    assert asked == {f"http://{health.host}:{health.port}/health"}


@of(How.FOUND)
def test_the_program_is_there(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trial.is_there(trial.target_of(command.words, monkeypatch)), command.where


def test_a_word_that_the_program_does_not_know_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError):
        trial.target_of(["run.py", "check-confg"], monkeypatch)
    for text in ("run.py demo --fast", "python -m sandbox --prt 1"):
        target = trial.target_of(Command(text, "").words, monkeypatch)
        with pytest.raises(pytest.fail.Exception):
            trial.parse(target, monkeypatch)
    assert "unrecognized arguments" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.e2e
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "command",
    [one for one in COMMANDS if any(row.long and row.fits(one.text) for row in TABLE)],
    ids=lambda one: one.text,
)
def test_it_plays_to_its_end(command: Command, tmp_path: Path) -> None:
    words = command.words
    start = [sys.executable, *(words if words[0] == "run.py" else words[1:])]
    if "screenshots" in command.text:
        start += ["--out", str(tmp_path)]
    done = subprocess.run(  # noqa: S603 - our own words
        start, cwd=ROOT, env=os.environ.copy(), capture_output=True, text=True, check=False
    )
    if "absent" in done.stdout and done.returncode:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
