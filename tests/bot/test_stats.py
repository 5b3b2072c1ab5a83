"""/stats: the figures of /report in short, by the exchange's date, and the table of exits."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.chat import Reply
from bot.commands_stats import StatsCommands
from bot.format import numbers, us_tax
from bot.format.lang import Lang
from bot.preferences import Preferences
from bot.report_reader import ReportReader
from engine.model.ids import DeskName, Mode
from reports.periods import Span
from reports.report import book, read
from reports.us_tax import tax_year
from tests.bot.html_check import check_message
from tests.bot.krx_samples import with_krx
from tests.bot.samples import control
from tests.fakes.chat_store import FakeValues

NOON = datetime(2025, 3, 28, 3, tzinfo=UTC)  # in Seoul; it is still the 27th in New York

NAMES = {Span.DAY: "오늘", Span.WEEK: "이번 주", Span.MONTH: "이번 달"}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, quarter_book: Path) -> Path:
    path = tmp_path_factory.mktemp("books")
    shutil.copy(quarter_book, path / "paper.db")
    return path


def command(books: Path, now: datetime = NOON, mode: Mode = Mode.PAPER) -> StatsCommands:
    made = control()
    made.view = replace(with_krx(made.view), modes=dict.fromkeys(DeskName, mode), now=now)
    return StatsCommands(ReportReader(books, made), Preferences(FakeValues(), "ko"))


async def said(
    books: Path, typed: str = "", now: datetime = NOON, mode: Mode = Mode.PAPER
) -> Reply:
    reply = await command(books, now, mode).stats(tuple(typed.split()), 1)
    check_message(reply.text)
    return reply


async def test_each_figure_is_that_of_the_report_of_the_exchanges_date(books: Path) -> None:
    text = (await said(books)).text
    for desk, day in ((DeskName.KRX, date(2025, 3, 28)), (DeskName.US, date(2025, 3, 27))):
        for span, name in NAMES.items():
            found = read(books, desk, Mode.PAPER, span, day)
            assert found is not None
            assert found.result.sales
            assert f"{name} <b>{numbers.signed(found.result.net, Lang.KO)}</b>" in text
    assert "국내</b> 순손익 (비용·세금 후)" in text
    assert "미국</b> 순손익 (비용 후)" in text
    assert "/stats reasons" in text


async def test_real_money_in_american_shares_stands_against_the_years_allowance(
    books: Path, tmp_path: Path
) -> None:
    (tmp_path / "live.db").write_bytes((books / "paper.db").read_bytes())
    rows, *_ = book(tmp_path, DeskName.US, Mode.LIVE)
    told = us_tax.short(tax_year(rows, 2025), Lang.KO)
    krx, us, _ = (await said(tmp_path, mode=Mode.LIVE)).text.split("\n\n")
    assert "2025년 해외주식 양도차익(추정)" in told
    assert us.endswith(f"\n{told}")
    assert "양도차익" not in krx
    assert "양도차익" not in (await said(books)).text


async def test_a_day_without_a_sale_says_so(books: Path) -> None:
    text = (await said(books, now=datetime(2026, 1, 3, 3, tzinfo=UTC))).text
    assert text.count("매도 없음") == 6


async def test_the_exits_add_up_to_all_trades(books: Path) -> None:
    text = (await said(books, "reasons")).text
    krx = text.split("\n\n")[0]
    found = read(books, DeskName.KRX, Mode.PAPER, Span.ALL)
    assert found is not None
    counts = [int(count) for count in re.findall(r"\d+/(\d+) ", krx.partition("<pre>")[2])]
    assert sum(counts) == len(found.trades)
    assert f"2025-01-02부터 거래 {len(found.trades)}건" in krx
    assert (await said(books, "사유")).text == text


async def test_an_unknown_word_is_answered_with_the_usage(books: Path) -> None:
    assert "/stats 사유" in (await said(books, "everything")).text


async def test_nothing_in_the_book_and_no_book_to_read_are_said(tmp_path: Path) -> None:
    assert (await said(tmp_path)).text.count("아직 매매가 없습니다") == 2
    (tmp_path / "paper.db").write_bytes(b"no database" * 200)
    assert "읽지 못했습니다" in (await said(tmp_path)).text
