"""/report: periods of the book of the mode in force, with a way to the next ones."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.chat import Action, Reply, Verb
from bot.commands_report import ReportCommands
from bot.format import report as format_report
from bot.format.lang import Lang
from bot.preferences import Preferences
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.spans import SqliteSpans
from engine.model.ids import DeskName, Mode
from tests.bot import report_samples
from tests.bot.html_check import check_message
from tests.bot.krx_samples import with_krx
from tests.bot.samples import control
from tests.fakes.chat_store import FakeValues
from tests.reports.book_maker import make_book

USER = 1


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@pytest.fixture
async def command(books: Path) -> ReportCommands:
    if not (books / "paper.db").exists():
        await make_book(books / "paper.db", until=date(2025, 3, 31))
    made = control()
    modes = dict.fromkeys(DeskName, Mode.PAPER)
    made.view = replace(with_krx(made.view), modes=modes)
    return ReportCommands(books, made, Preferences(FakeValues(), "ko"))


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
    assert before == Action(Verb.REPORT, ("month", "", "2025-01-31"))
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
    scored = replace(found, by_score=dict.fromkeys(("100-109", "90-99", "0-9", "60-69"), part))
    hours = dict.fromkeys(("14", "09", "12", "10", "15", "11", "13"), part)
    text = format_report.report(replace(scored, by_hour=hours), Lang.KO)
    assert re.findall(r"\d+-\d*9(?= )", text) == ["0-9", "60-69", "90-99", "100-109"]
    assert re.findall(r"\d\d(?=시 )", text.partition("청산 시각별")[2]) == sorted(hours)


async def test_without_a_day_it_is_the_last_one_of_the_book(command: ReportCommands) -> None:
    reply = await said(command, "day krx")
    assert "국내 일간</b> 2025-03-31" in reply.text
    assert "미국" not in reply.text
    assert not any("▶" in label for label in labels(reply))


async def test_all_of_the_book_has_no_neighbours(command: ReportCommands) -> None:
    reply = await said(command, "all us")
    assert "2025-01-02 – 2025-03-31" in reply.text
    assert not any("◀" in label or "▶" in label for label in labels(reply))


async def test_alone_it_asks_which_period(command: ReportCommands) -> None:
    reply = await said(command, "")
    assert list(labels(reply)) == ["일간", "주간", "월간", "분기", "연간", "전체"]


@pytest.mark.parametrize("typed", ["decade", "month week", "month krx us", "month 2025-13-01", "x"])
async def test_what_it_does_not_know_is_answered_with_its_usage(
    command: ReportCommands, typed: str
) -> None:
    assert "/report month" in (await said(command, typed)).text


async def test_a_book_of_another_mode_is_not_looked_at(
    command: ReportCommands, books: Path
) -> None:
    made = control()
    reply = await ReportCommands(books, made, Preferences(FakeValues(), "ko")).report(
        ("month",), USER
    )
    assert "아직 매매가 없습니다" in reply.text
    assert not (books / "dry_run.db").exists()


async def test_a_book_nobody_can_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "dry_run.db").write_bytes(b"no database" * 200)
    command = ReportCommands(tmp_path, control(), Preferences(FakeValues(), "ko"))
    assert "읽지 못했습니다" in (await said(command, "month")).text
