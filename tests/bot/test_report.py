"""/report: periods of the book of the mode in force, with a way to the next ones."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat import Action, AttachmentKind, ChatSettings, Reply, Verb
from bot.commands_report import ReportCommands
from bot.format import report as format_report
from bot.format import report_symbols
from bot.format.lang import Lang
from bot.format.us_tax import us_tax
from bot.preferences import Preferences
from bot.report_pictures import ReportPictures
from bot.report_reader import ReportReader
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.spans import SqliteSpans
from engine.model.ids import DeskName, Mode
from reports.files import write
from reports.periods import Span
from reports.pictures.subjects import Kind
from reports.report import read
from tests.bot import report_samples
from tests.bot.html_check import check_message
from tests.bot.krx_samples import with_krx
from tests.bot.samples import control
from tests.fakes.chat_store import FakeValues
from tests.fakes.control import FakeControl
from tests.fakes.painter import FakePainter

USER = 1


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, quarter_book: Path) -> Path:
    path = tmp_path_factory.mktemp("books")
    shutil.copy(quarter_book, path / "paper.db")
    return path


@pytest.fixture
def command(books: Path) -> ReportCommands:
    return commands(books, paper())


def paper() -> FakeControl:
    """Both desks run on paper."""
    made = control()
    made.view = replace(with_krx(made.view), modes=dict.fromkeys(DeskName, Mode.PAPER))
    return made


def commands(books: Path, made: FakeControl, painter: FakePainter | None = None) -> ReportCommands:
    preferences = Preferences(FakeValues(), "ko")
    pictures = ReportPictures(painter or FakePainter(), preferences, ChatSettings((USER,)))
    return ReportCommands(ReportReader(books, made), pictures, preferences)


async def said(command: ReportCommands, text: str) -> Reply:
    reply = await command.report(tuple(text.split()), USER)
    check_message(reply.text)
    return reply


def labels(reply: Reply) -> dict[str, Action]:
    return {button.label: button.action for row in reply.rows for button in row}


async def test_a_month_of_both_desks_with_the_way_to_its_neighbours(
    command: ReportCommands,
) -> None:
    reply = await said(command, "month 2025-02-14")
    assert reply.text.count("월간</b> 2025-02") == 2
    assert "국내" in reply.text
    assert "미국" in reply.text
    assert {"◀ 2025-01", "2025-03 ▶", "연간"} <= labels(reply).keys()
    before = labels(reply)["◀ 2025-01"]
    assert before == Action(Verb.REPORT, ("month", "", "2025-01-31", ""))
    turned = await command.turned(before.arguments, USER)
    assert "2025-01" in turned.text
    assert "◀ 2024-12" not in labels(turned)  # the book begins there


async def test_both_desks_are_added_up_in_won_where_both_are_shown(
    command: ReportCommands,
) -> None:
    assert "두 데스크 합계" in (await said(command, "month 2025-02-14")).text
    assert "두 데스크 합계" not in (await said(command, "month krx 2025-02-14")).text


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("month 2025-02-14", []),  # what is held now has nothing to do with it
        ("month 2026-07-01", ["미국", "국내"]),
        ("month krx 2026-07-01", ["국내"]),
        ("all us", ["미국"]),
    ],
)
async def test_what_is_held_stands_apart_where_the_period_goes_up_to_now(
    command: ReportCommands, typed: str, names: list[str]
) -> None:
    text = (await said(command, typed)).text
    assert sorted(names) == sorted(re.findall(r"📌 (\S+) 보유 \d종목 평가손익", text))
    assert text.count("위 합계에 없음") == len(names)


async def test_it_says_how_much_of_the_sessions_the_desk_ran(
    command: ReportCommands, books: Path
) -> None:
    opens = datetime(2025, 2, 14, tzinfo=UTC)  # 09:00 in Korea
    assert "가동" not in (await said(command, "day krx 2025-02-14")).text
    async with Database(books / "state.db", STATE) as state:
        until = opens + timedelta(minutes=385)
        await SqliteSpans(state).note(DeskName.KRX, Mode.PAPER, opens, until)
    text = (await said(command, "day 2025-02-14")).text
    assert "가동 99 % (장중 385/390분, 2025-02-14부터)" in text
    assert text.count("가동") == 1  # nobody wrote down that the other desk ran


async def test_scores_and_hours_stand_in_their_order_and_all_of_them() -> None:
    found = report_samples.krx()
    (part,) = found.by_score.values()
    scored = replace(found, by_score=dict.fromkeys(("90-100", "0-9", "60-69"), part))
    hours = dict.fromkeys(("14", "09", "12", "10", "15", "11", "13"), part)
    text = format_report.report(replace(scored, by_hour=hours), Lang.KO)
    assert re.findall(r"\d+-\d*[09](?= )", text) == ["0-9", "60-69", "90-100"]
    assert re.findall(r"\d\d(?=시 )", text.partition("청산 시각별")[2]) == sorted(hours)


def test_a_year_without_a_trade_may_have_gains_of_the_one_before() -> None:
    found = replace(report_samples.us_year(), executions=())
    assert found.tax is not None
    text = format_report.report(found, Lang.KO)
    assert "매매가 없습니다" in text
    assert us_tax(found.tax, Lang.KO) in text


async def test_without_a_day_it_is_the_last_one_of_the_book(command: ReportCommands) -> None:
    reply = await said(command, "day krx")
    assert "국내 일간</b> 2025-03-31" in reply.text
    assert "미국" not in reply.text
    assert not any("▶" in label for label in labels(reply))


def shorter(book: Path, folder: Path, krx: str, us: str) -> Path:
    """The same book, of each desk up to a day."""
    shutil.copy(book, folder / "paper.db")
    with closing(sqlite3.connect(folder / "paper.db")) as connection, connection:
        for table in ("fills", "sales_elsewhere", "facts"):
            for desk, last in (("krx", krx), ("us", us)):
                connection.execute(
                    f"DELETE FROM {table} WHERE desk = ? AND exchange_date > ?",  # noqa: S608
                    (desk, last),
                )
    return folder


async def test_a_running_month_leads_to_its_last_day_with_a_trade(
    quarter_book: Path, tmp_path: Path
) -> None:
    books = shorter(quarter_book, tmp_path, "2025-03-12", "2025-03-11")
    reply = await said(commands(books, paper()), "month")
    until = labels(reply)["일간"].arguments[2]
    assert until == "2025-03-12"
    assert (await commands(books, paper()).turned(("day", "krx", until, ""), USER)).rows
    earlier = await said(commands(books, paper()), "month 2025-02-14")
    assert labels(earlier)["주간"].arguments[2] == "2025-02-28"


async def test_both_desks_show_the_same_period_and_go_on_where_one_ended(
    quarter_book: Path, tmp_path: Path
) -> None:
    books = shorter(quarter_book, tmp_path, "2025-02-27", "2025-03-20")
    command = commands(books, paper())
    reply = await said(command, "month")
    assert reply.text.count("월간</b> 2025-03") == 2
    assert "◀ 2025-02" in labels(reply)
    assert "2025-03 ▶" in labels(await said(command, "month 2025-02-14"))
    assert "2025-03 ▶" not in labels(await said(command, "month krx 2025-02-14"))


async def test_all_of_the_book_has_no_neighbours(command: ReportCommands) -> None:
    reply = await said(command, "all us")
    assert "2025-01-02 – 2025-03-31" in reply.text
    assert not any("◀" in label or "▶" in label for label in labels(reply))


async def test_alone_it_asks_which_period(command: ReportCommands) -> None:
    reply = await said(command, "")
    assert list(labels(reply)) == ["일간", "주간", "월간", "분기", "연간", "전체"]


@pytest.mark.parametrize(
    "typed",
    [
        "decade",
        "month week",
        "month krx us",
        "day day",
        "x",
        "2025-01-01 2025-02-01 2025-03-01",
        "month 2025-01-01 2025-02-01",
    ],
)
async def test_what_it_does_not_know_is_answered_with_its_usage(
    command: ReportCommands, typed: str
) -> None:
    assert "/report 월간" in (await said(command, typed)).text


async def test_a_book_of_another_mode_is_not_looked_at(
    command: ReportCommands, books: Path
) -> None:
    reply = await commands(books, control()).report(("month",), USER)
    assert "아직 매매가 없습니다" in reply.text
    assert not (books / "dry_run.db").exists()


async def test_a_book_nobody_can_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "dry_run.db").write_bytes(b"no database" * 200)
    command = commands(tmp_path, control())
    assert "읽지 못했습니다" in (await said(command, "month")).text


async def test_two_days_are_a_range_of_whole_days_over_a_months_end(
    command: ReportCommands,
) -> None:
    reply = await said(command, "2025-01-31 2025-02-03 krx")
    assert "국내 기간</b> 2025-01-31 – 2025-02-03" in reply.text
    assert not any("◀" in label or "▶" in label for label in labels(reply))
    single = await said(command, "2025-01-31 2025-01-31 krx")
    alone = await said(command, "day krx 2025-01-31")
    assert single.text.splitlines()[1:] == alone.text.splitlines()[1:]


async def test_a_range_of_a_whole_month_says_what_the_month_says(command: ReportCommands) -> None:
    month = await said(command, "month 2025-02-14")
    for typed in ("2025-02-01 2025-02-28", "2025-2-1~2025-2-28", "20250201 20250228"):
        assert _figures(await said(command, typed)) == _figures(month)


async def test_a_range_before_the_book_has_no_trade(command: ReportCommands) -> None:
    reply = await said(command, "2023-12-01 2024-01-31")
    assert reply.text.count("이 기간에는 매매가 없습니다") == 2


async def test_a_day_alone_is_that_day(command: ReportCommands) -> None:
    assert (await said(command, "2025-01-31 krx")).text == (
        await said(command, "day krx 2025-01-31")
    ).text


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("2025-03-31 2025-03-01", "끝 날짜가 시작 날짜보다 앞섭니다"),
        ("2025-02-30 2025-03-01", "달력에 없는 날짜"),
        ("month 2025-13-01", "달력에 없는 날짜"),
        ("2027-01-01 2027-01-31", "아직 오지 않은 날짜"),
        ("month 2027-01-01", "아직 오지 않은 날짜"),
    ],
)
async def test_days_that_cannot_be_shown_are_explained_with_an_example(
    command: ReportCommands, typed: str, part: str
) -> None:
    reply = await said(command, typed)
    assert part in reply.text
    assert "/report 2026-03-01 2026-03-31" in reply.text


@pytest.mark.parametrize(
    ("typed", "day"),
    [("오늘 미국", "2025-02-27"), ("오늘 국내", "2025-02-28"), ("어제 미국", "2025-02-26")],
)
async def test_today_is_that_of_the_desk_that_is_named(books: Path, typed: str, day: str) -> None:
    made = paper()
    made.view = replace(made.view, now=datetime(2025, 2, 28, 0, 30, tzinfo=UTC))
    assert f" {day}" in (await said(commands(books, made), typed)).text.partition("\n")[0]


async def test_a_range_may_end_in_the_future(command: ReportCommands) -> None:
    reply = await said(command, "2025-03-01 2027-01-31 krx")
    assert "2025-03-01 – 2027-01-31" in reply.text


async def test_a_desk_that_is_off_has_no_book_in_force(books: Path) -> None:
    reply = await commands(books, control()).report(("month", "krx"), USER)
    assert "국내 데스크가 꺼져 있어" in reply.text


async def test_a_button_of_an_earlier_version_still_turns(command: ReportCommands) -> None:
    reply = await command.turned(("month", "krx", "2025-02-28"), USER)
    assert "국내 월간</b> 2025-02" in reply.text


async def test_every_stock_of_a_period_is_on_some_page_once(
    command: ReportCommands, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_symbols, "ROWS", 1)
    action = labels(await said(command, "all krx"))["종목별"]
    reply, rows = await command.symbols(action.arguments, USER), []
    while True:
        check_message(reply.text)
        table = reply.text.partition("<pre>")[2].partition("</pre>")[0]
        rows += table.splitlines()
        further = next((a for label, a in labels(reply).items() if label.endswith("▶")), None)
        if further is None:
            break
        assert len(table.splitlines()) == 1
        reply = await command.symbols(further.arguments, USER)
    found = read(books, DeskName.KRX, Mode.PAPER, Span.ALL)
    assert found is not None
    assert len(rows) == len(found.by_symbol) > 1
    assert [row.split()[-2] for row in rows] == [
        f"{part.wins}/{part.trades}" for part in found.by_symbol.values()
    ]
    back = labels(reply)["◀ 보고서"]
    assert (await command.turned(back.arguments, USER)).text == (
        await said(command, "all krx")
    ).text


async def test_the_files_of_a_report_are_those_of_the_machine(
    command: ReportCommands, books: Path, tmp_path: Path
) -> None:
    action = labels(await said(command, "2025-01-31 2025-02-03"))["CSV"]
    reply = await command.files(action.arguments, USER)
    expected: dict[str, bytes] = {}
    for desk in (DeskName.KRX, DeskName.US):
        found = read(books, desk, Mode.PAPER, Span.RANGE, date(2025, 2, 3), date(2025, 1, 31))
        assert found is not None
        paths = write(books, found, "", tmp_path)
        expected |= {path.name: path.read_bytes() for path in paths if path.suffix == ".csv"}
    assert {one.name: one.content for one in reply.attachments} == expected
    assert len(reply.attachments) == 8
    assert "krx-paper-2025-01-31_2025-02-03-trades.csv" in expected
    assert {"CSV", "종목별"} <= labels(reply).keys()


def _figures(reply: Reply) -> list[str]:
    return [line for line in reply.text.splitlines() if "📈" not in line]


async def test_a_typed_report_is_followed_by_its_pictures_and_a_turned_one_is_not(
    books: Path, command: ReportCommands
) -> None:
    typed = await said(command, "month krx 2025-02-10")
    assert typed.drawing is not None
    pictures = await typed.drawing()
    assert [one.kind for one in pictures] == [AttachmentKind.PHOTO] * len(Kind)
    pressed = labels(typed)
    turned = await command.turned(pressed["◀ 2025-01"].arguments, USER)
    assert turned.drawing is None
    again = await command.pictures(labels(turned)["그림"].arguments, USER)
    assert again.drawing is not None
    assert again.text == turned.text


async def test_a_period_without_a_trade_asks_for_no_picture(books: Path) -> None:
    painter = FakePainter()
    reply = await said(commands(books, paper(), painter), "day krx 2025-02-09")  # a Sunday
    assert "그림" not in labels(reply)
    assert reply.drawing is not None
    assert await reply.drawing() == ()
    assert painter.asked == []
