"""``run.py report``: the chat's report and its files, without a chat."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.model.ids import DeskName, Mode
from reports.pictures.subjects import Kind
from tests.reports.book_maker import make_book


async def make(data: Path) -> None:
    async with Database(data / "state.db", STATE) as database:
        store = SqliteSettings(database)
        await store.set_mode(DeskName.KRX, Mode.PAPER, None, datetime.now(UTC))
    await make_book(data / "paper.db", until=date(2025, 2, 28))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    asyncio.run(make(path))
    return path


def run(data: Path, *arguments: str) -> int:
    config = data / "config.yaml"
    config.write_text("language: ko\n")
    return main(["report", *arguments, "--data-dir", str(data), "--config", str(config)])


def test_the_mode_last_in_force_and_the_last_day_are_meant(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, "month") == 0
    told = capsys.readouterr().out
    assert "[모의투자] 📈 국내 월간 2025-02" in told
    assert "미국" not in told  # that desk never ran here
    assert "<b>" not in told


def test_the_files_are_written_and_named_when_they_are_wanted(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    wanted = ("quarter", "--mode", "paper", "--until", "2025-01-31", "--out", str(out))
    assert run(data, *wanted) == 0
    told = capsys.readouterr().out
    assert told.count("두 데스크 합계(원화)") == 1
    names = {path.name for path in out.iterdir()}
    tables = {f"{kind}.csv" for kind in ("-trades", "-fills", "-orders", "-signals")}
    pictures = {f"-{kind}.png" for kind in Kind}
    assert names == {
        f"{desk}-paper-2025-Q1{end}"
        for desk in ("krx", "us")
        for end in (".txt", *tables, *pictures)
    }
    assert all(str(out / name) in told for name in names)
    for path in out.glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert len(path.read_text(encoding="utf-8").splitlines()) > 10


def test_desks_whose_books_end_apart_tell_of_the_same_month(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(data / "paper.db", tmp_path / "paper.db")
    with closing(sqlite3.connect(tmp_path / "paper.db")) as connection, connection:
        for table in ("fills", "sales_elsewhere"):
            connection.execute(
                f"DELETE FROM {table} WHERE desk = 'krx' AND exchange_date > '2025-01-31'"  # noqa: S608
            )
    assert run(tmp_path, "month", "--mode", "paper") == 0
    told = capsys.readouterr().out
    assert told.count("월간 2025-02") == 2
    assert "국내 월간 2025-02\n이 기간에는 매매가 없습니다." in told


def test_where_nothing_ran_there_is_nothing_to_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "all") == 1
    assert "아직 보고할 것이 없습니다" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_broken_book_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "live.db").write_bytes(b"no database" * 200)
    assert run(tmp_path, "all", "--mode", "live") == 1
    assert "장부를 읽지 못했습니다" in capsys.readouterr().err


@pytest.mark.parametrize("typed", [("report",), ("report", "decade"), ("stop", "month")])
def test_a_period_belongs_to_a_report(typed: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        main(list(typed))
    assert left.value.code == 2


def test_two_days_are_a_range_and_name_the_files(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, "2025-01-31", "2025-02-03", "--mode", "paper", "--out", str(tmp_path)) == 0
    path = tmp_path / "krx-paper-2025-01-31_2025-02-03-trades.csv"
    days = {row.split(",")[2] for row in path.read_text("utf-8-sig").splitlines()[1:]}
    assert days == {"2025-01-31", "2025-02-03"}
    capsys.readouterr()
    assert run(data, "--mode", "paper", "2025-01-31", "2025-02-03") == 0
    assert "2025-01-31 – 2025-02-03" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        (("2025-02-03", "2025-01-31"), "끝이 시작보다 앞"),
        (("2025-02-03",), "또는 두 날짜"),
        (("2025-02-30", "2025-03-01"), "또는 두 날짜"),
        (("month", "2025-03-01"), "또는 두 날짜"),
        (("2025-01-01", "2025-03-01", "--until", "2025-03-01"), "--until 없이"),
        (("decade",), "quarter"),
    ],
)
def test_a_wrong_period_is_refused_with_what_is_allowed(
    typed: tuple[str, ...], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["report", *typed])
    assert left.value.code == 2
    assert part in capsys.readouterr().err
