"""What guards held back, as read again: over the days of a period, and of one day in the chat."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.app import chat_of
from bot.format import digest as text
from bot.format.lang import Lang
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.model.day_facts import DaySummary
from engine.model.entry_facts import HeldBack
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import ZERO_KRW, Krw
from engine.model.score import Gate
from engine.ports.chat_store import Alert
from engine.ports.journal import Entry, NumberedFact
from reports.digest import Digest, read
from reports.periods import Period, Span, period
from tests.bot.html_check import check_message
from tests.bot.stage import staged
from tests.reports.book_maker import make_book

KRX, US = DeskName.KRX, DeskName.US
NOW = datetime(2025, 2, 7, 23, tzinfo=UTC)
LONELY = date(2025, 1, 18)  # a Saturday: nobody traded
Entries = tuple[HeldBack, ...]


def one(gate: Gate, pct: str | None = None) -> HeldBack:
    price = Krw(Decimal(70_000))
    return HeldBack(Symbol("005930"), gate, price, None if pct is None else Decimal(pct))


def summary(day: date, *held_back: HeldBack, calls: int = 100) -> DaySummary[Krw]:
    return DaySummary(
        *(day, 1, ZERO_KRW, ZERO_KRW, 0, calls, None), tax=ZERO_KRW, held_back=held_back
    )


WRITTEN: tuple[tuple[DeskName, date, Entries, int], ...] = (
    (KRX, date(2024, 12, 31), (one(Gate.INDEX_DOWN, "9"),), 1),
    (KRX, date(2025, 1, 1), (one(Gate.LOSS_STREAK, "-1.5"),), 2),
    (KRX, date(2025, 1, 13), (one(Gate.MAX_TRADES, "-2.50"), one(Gate.MAX_TRADES)), 30),
    (US, date(2025, 1, 14), (one(Gate.DAILY_LOSS, "7"),), 400),
    (KRX, date(2025, 1, 15), (), 50),
    (KRX, date(2025, 1, 19), (one(Gate.MAX_TRADES, "0.50"), one(Gate.DAILY_LOSS, "0")), 60),
    (KRX, date(2025, 1, 31), (one(Gate.DAILY_LOSS, "3.25"),), 700),
    (KRX, date(2025, 2, 1), (one(Gate.INDEX_DOWN, "-9"),), 8),
)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("held")
    asyncio.run(make_book(path / "paper.db", until=date(2025, 2, 5)))
    asyncio.run(write(path / "paper.db"))
    return path


async def write(path: Path) -> None:
    async with Database(path, BOOK) as database:
        journal = SqliteJournal(database, account_hash="made", mode=Mode.PAPER)
        for desk, day, entries, calls in WRITTEN:
            told = summary(day, *entries, calls=calls)
            await journal.append(Entry(desk, NOW, day, (), (), (told,), {}))


def found(books: Path, wanted: Period, desk: DeskName = KRX) -> Digest[Krw]:
    digest = read(books, desk, Mode.PAPER, wanted)
    assert digest is not None
    return digest  # type: ignore[return-value]  # the desk's own currency


def pairs(entries: Iterable[HeldBack]) -> list[tuple[Gate, Decimal | None]]:
    return [(entry.gate, entry.pct) for entry in entries]


def written(desk: DeskName, *days: date) -> list[tuple[Gate, Decimal | None]]:
    return [pair for whose, day, held, _ in WRITTEN if whose is desk and day in days
            for pair in pairs(held)]  # fmt: skip


JANUARY = period(Span.MONTH, date(2025, 1, 8))
WEEK = period(Span.WEEK, date(2025, 1, 16))  # the 13th to the 19th


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (JANUARY, (1, 13, 15, 19, 31)),
        (WEEK, (13, 15, 19)),
        (period(Span.DAY, date(2025, 1, 13)), (13,)),
        (period(Span.DAY, date(2025, 1, 15)), (15,)),
    ],
)
def test_a_period_has_what_its_own_days_held_back(
    books: Path, wanted: Period, days: tuple[int, ...]
) -> None:
    digest = found(books, wanted)
    assert list(digest.held_back) == written(KRX, *(date(2025, 1, day) for day in days))
    assert sum(digest.calls) == sum(
        calls for desk, day, _, calls in WRITTEN if desk is KRX and day in wanted
    )


def test_a_desk_has_no_part_in_what_the_other_held_back(books: Path) -> None:
    assert pairs(WRITTEN[3][2]) == list(found(books, JANUARY, US).held_back)
    assert all(
        gate is not Gate.DAILY_LOSS or pct != 7 for gate, pct in found(books, WEEK).held_back
    )


def test_a_guard_that_a_later_version_knows_is_left_out(books: Path, tmp_path: Path) -> None:
    (tmp_path / "paper.db").write_bytes((books / "paper.db").read_bytes())
    with closing(sqlite3.connect(tmp_path / "paper.db")) as book, book:
        changed = book.execute(
            "UPDATE facts SET json = replace(json, 'max_trades', 'max_everything') "
            "WHERE kind = 'DaySummary' AND exchange_date = '2025-01-13'"
        )
        assert changed.rowcount == 1
    expected = written(KRX, date(2025, 1, 19))
    assert list(found(tmp_path, WEEK).held_back) == expected


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        (
            Lang.KO,
            (
                "🛡 가드가 막은 6건, 사서 마감 무렵 팔았다면 (추정, 비용 후):",
                " 연속 손실 휴식 1건: 평균 -1.50 % (1건 중 0건 이익)",  # saved
                " 하루 매매 횟수 한도 3건: 평균 -1.00 % (2건 중 1건 이익)",
                " 하루 손실 한도 2건: 평균 +1.63 % (2건 중 1건 이익)",  # cost; nothing is no gain
            ),
        ),
        (
            Lang.EN,
            (
                "🛡 6 held back by guards; bought, and sold near the close (estimate, net):",
                " resting after losses 1×: -1.50 % on average (0 of 1 up)",
                " trades of the day used up 3×: -1.00 % on average (1 of 2 up)",
                " daily loss limit 2×: +1.63 % on average (1 of 2 up)",
            ),
        ),
    ],
)
def test_a_month_tells_what_each_guard_saved_or_cost(
    books: Path, lang: Lang, told: tuple[str, ...]
) -> None:
    lines = text.period(found(books, JANUARY), lang).splitlines()
    begin = lines.index(told[0])
    assert tuple(lines[begin : begin + len(told)]) == told
    assert not lines[begin + len(told)].startswith(" "), "of another month or desk"


async def in_chat(books: Path, fact: DaySummary[Krw]) -> str:
    """The day's summary as the owner gets it."""
    async with staged(books=books) as stage:
        await stage.outbox.put("paper", NumberedFact(1, NOW, KRX, fact), Alert(2))
        assert await chat_of(stage.app).alerts.tell_next()
        (call,) = [call for call in stage.sent.calls if call.method == "sendMessage"]
        check_message(call.text)
        return call.text


DAY = date(2025, 1, 20)
HELD = (one(Gate.MAX_POSITIONS, "-2.35"), one(Gate.ORDER_VALUE, "1.55"), one(Gate.MAX_POSITIONS))
SAID = (
    "🛡 가드가 막은 3건, 사서 마감 무렵 팔았다면 (추정, 비용 후):\n"
    " 보유 종목 수 한도 2건: 평균 -2.35 % (1건 중 0건 이익)\n"
    " 주문 금액 한도 1건: 평균 +1.55 % (1건 중 1건 이익)\n"
)


@pytest.mark.parametrize("day", [DAY, date(2025, 1, 13)])
async def test_a_day_tells_of_its_own_once_with_the_sums_of_the_book(
    books: Path, day: date
) -> None:
    """The book may have other days, and by then the same day; the summary is of its own fact."""
    said = await in_chat(books, summary(day, *HELD))
    assert SAID in said
    assert said.count("🛡") == 1
    assert "순손익(비용·세금 후)" in said


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_day_tells_of_it_also_without_a_trade_or_a_book(
    books: Path, tmp_path: Path, *, is_there: bool
) -> None:
    said = await in_chat(books if is_there else tmp_path, summary(LONELY, *HELD))
    assert SAID in said
    assert "순손익(매도 비용·세금 후)" in said, "by the desk's own figures"


async def test_a_day_without_a_price_near_the_close_makes_none_up(books: Path) -> None:
    said = await in_chat(books, summary(DAY, one(Gate.DESK_STATE), one(Gate.DESK_STATE)))
    assert "2건: 가격 모름" in said
    assert "평균" not in said.partition("🛡")[2]


async def test_a_day_that_held_nothing_back_says_nothing_of_guards(books: Path) -> None:
    assert "가드" not in await in_chat(books, summary(DAY))
