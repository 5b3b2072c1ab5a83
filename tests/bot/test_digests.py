"""Digests unasked: once, by the exchange's clock, over restarts and clocks that jump."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.app import chat_of
from bot.digests import Digests
from bot.format import digest as text
from bot.format import numbers, us_tax
from bot.format.lang import Lang
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.outbox import SqliteOutbox
from engine.adapters.sqlite.schema import BOOK, STATE
from engine.model.day_facts import DaySummary
from engine.model.digests import PeriodEnded, Stretch
from engine.model.entry_facts import HeldBack
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import Krw
from engine.model.score import Gate
from engine.ports.chat_store import Alert, Outbox, OutboxItem
from engine.ports.journal import Entry, NumberedFact
from reports.digest import due
from reports.digest import read as read_digest
from reports.periods import Span, period
from reports.report import book, read
from reports.us_tax import tax_year
from tests.bot.html_check import check_message
from tests.bot.krx_samples import krx_facts, with_krx
from tests.bot.samples import control
from tests.bot.stage import OWNER, Watch, staged
from tests.fakes.chat_store import FakeOutbox
from tests.fakes.control import FakeControl

KRX, US = DeskName.KRX, DeskName.US
SATURDAY = datetime(2025, 3, 7, 23, tzinfo=UTC)  # 08:00 in Seoul on the 8th
LATER = datetime(2099, 1, 1, tzinfo=UTC)
NOTHING = Krw(Decimal(0))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, quarter_book: Path) -> Path:
    path = tmp_path_factory.mktemp("books")
    shutil.copy(quarter_book, path / "paper.db")
    return path


def house() -> FakeControl:
    made = control()
    made.view = replace(with_krx(made.view), modes=dict.fromkeys(DeskName, Mode.PAPER))
    return made


async def look_at(digests: Digests, made: FakeControl, now: datetime) -> None:
    made.view = replace(made.view, now=now)
    await digests.look()


def digests_of(books: Path, made: FakeControl, outbox: Outbox) -> Digests:
    return Digests(books, made, outbox, Watch().human_time())


def waiting(outbox: FakeOutbox) -> list[tuple[DeskName, object]]:
    facts = [row.item.fact for row in outbox.waiting.values()]
    return [(one.desk, one.fact) for one in facts if one is not None]


@pytest.mark.parametrize(
    ("desk", "moment", "first"),
    [
        (KRX, SATURDAY - timedelta(seconds=1), None),
        (KRX, SATURDAY, date(2025, 3, 3)),
        (US, SATURDAY, None),  # Friday in New York
        (US, datetime(2025, 3, 8, 13, tzinfo=UTC), date(2025, 3, 3)),
        (US, datetime(2025, 3, 15, 12, tzinfo=UTC), date(2025, 3, 10)),  # summer time by then
        (KRX, SATURDAY + timedelta(days=3), None),
        (KRX, datetime(2026, 1, 2, 23, tzinfo=UTC), date(2025, 12, 29)),  # over a year's end
    ],
)
def test_a_week_is_due_on_saturday_at_the_exchange(
    desk: DeskName, moment: datetime, first: date | None
) -> None:
    ended = due(Span.WEEK, desk, moment)
    assert (ended.first if ended else None) == first


@pytest.mark.parametrize(
    ("desk", "moment", "label"),
    [
        (KRX, datetime(2025, 2, 28, 22, 59, tzinfo=UTC), None),
        (KRX, datetime(2025, 2, 28, 23, tzinfo=UTC), "2025-02"),
        (US, datetime(2025, 2, 28, 23, tzinfo=UTC), None),
        (US, datetime(2025, 3, 1, 13, tzinfo=UTC), "2025-02"),
        (KRX, datetime(2025, 12, 31, 23, tzinfo=UTC), "2025-12"),
        (KRX, datetime(2025, 3, 4, 0, tzinfo=UTC), None),
    ],
)
def test_a_month_is_due_on_the_first(desk: DeskName, moment: datetime, label: str | None) -> None:
    ended = due(Span.MONTH, desk, moment)
    assert (ended.label if ended else None) == label


async def test_each_desk_is_told_of_once_however_the_clock_jumps(books: Path) -> None:
    made, outbox = house(), FakeOutbox()
    digests = digests_of(books, made, outbox)
    moments = [SATURDAY - timedelta(days=1), SATURDAY, SATURDAY + timedelta(hours=14)]
    for now in (*moments, *reversed(moments), *moments):
        await look_at(digests, made, now)
    week = PeriodEnded(Stretch.WEEK, date(2025, 3, 3), date(2025, 3, 9))
    assert waiting(outbox) == [(KRX, week), (US, week)]


async def test_a_restart_tells_nothing_again_and_is_told_what_it_missed(
    books: Path, tmp_path: Path
) -> None:
    for hours, count in ((0, 1), (1, 0), (14, 1), (15, 0)):
        async with Database(tmp_path / "state.db", STATE) as database:
            made, outbox = house(), SqliteOutbox(database)
            await look_at(digests_of(books, made, outbox), made, SATURDAY + timedelta(hours=hours))
            found = []
            while (item := await outbox.next(LATER)) is not None:
                found.append(item)
                await outbox.done(item.key)
            assert len(found) == count


async def test_nothing_is_told_of_a_time_without_a_trade_or_a_book(
    books: Path, tmp_path: Path
) -> None:
    made, outbox = house(), FakeOutbox()
    for data, now in ((books, datetime(2026, 8, 1, 13, tzinfo=UTC)), (tmp_path, SATURDAY)):
        await look_at(digests_of(data, made, outbox), made, now)
    assert waiting(outbox) == []


async def test_a_book_that_cannot_be_read_is_tried_again(books: Path, tmp_path: Path) -> None:
    made, outbox = house(), FakeOutbox()
    digests = digests_of(tmp_path, made, outbox)
    (tmp_path / "paper.db").write_bytes(b"no database" * 200)
    await look_at(digests, made, SATURDAY)
    assert waiting(outbox) == []
    (tmp_path / "paper.db").write_bytes((books / "paper.db").read_bytes())
    await look_at(digests, made, SATURDAY)
    assert len(waiting(outbox)) == 1


async def test_the_digest_has_the_reports_figures_in_the_chat(books: Path) -> None:
    async with staged(books=books) as stage:
        stage.control.view = replace(house().view, now=SATURDAY)
        alerts = chat_of(stage.app).alerts
        await alerts.digests.look()
        while await alerts.tell_next():
            pass
        found = read(books, KRX, Mode.PAPER, Span.WEEK, date(2025, 3, 3))
        assert found is not None
        (call,) = [call for call in stage.sent.calls if call.method == "sendMessage"]
        assert call.fields["chat_id"] == OWNER
        check_message(call.text)
        assert call.text.startswith("<b>[모의투자]</b> 🗓 <b>국내 주간 결산</b> 2025-W10")
        assert numbers.signed(found.result.net, Lang.KO) in call.text
        assert f"거래 {found.quality.trades}건" in call.text
        assert "최고 " in call.text
        assert "/report week krx 2025-03-09" in call.text


@pytest.mark.parametrize(
    ("sold", "year"),
    # The last day of the year is paid in the next; both are in a week that ends in the next.
    [(date(2025, 3, 28), 2025), (date(2025, 12, 29), 2025), (date(2025, 12, 31), 2026)],
)
def test_a_digest_of_american_shares_has_the_tax_year_its_last_trade_is_of(
    books: Path, tmp_path: Path, sold: date, year: int
) -> None:
    (tmp_path / "live.db").write_bytes((books / "paper.db").read_bytes())
    with closing(sqlite3.connect(tmp_path / "live.db")) as database, database:
        database.execute("UPDATE fills SET exchange_date = ? WHERE desk = 'us'", (str(sold),))
    rows, *_ = book(tmp_path, US, Mode.LIVE)
    found = read_digest(tmp_path, US, Mode.LIVE, period(Span.WEEK, sold))
    assert found is not None
    assert found.tax == tax_year(rows, year)
    assert found.tax.gain.amount
    assert us_tax.short(found.tax, Lang.KO) in text.period(found, Lang.KO)


def test_neither_korean_shares_nor_play_money_have_a_tax_year(books: Path, tmp_path: Path) -> None:
    (tmp_path / "live.db").write_bytes((books / "paper.db").read_bytes())
    for data, desk, mode in ((tmp_path, KRX, Mode.LIVE), (books, US, Mode.PAPER)):
        found = read_digest(data, desk, mode, period(Span.MONTH, date(2025, 3, 28)))
        assert found is not None
        assert found.tax is None


async def test_what_guards_held_back_is_added_up_over_the_days_of_a_period(
    books: Path, tmp_path: Path
) -> None:
    (tmp_path / "paper.db").write_bytes((books / "paper.db").read_bytes())
    held_back = [
        (date(2025, 3, 9), (_held_back(Gate.INDEX_DOWN, "9"),)),  # of the week before
        (date(2025, 3, 10), (_held_back(Gate.MAX_TRADES, "-2.5"), _held_back(Gate.MAX_TRADES))),
        (date(2025, 3, 11), ()),
        (date(2025, 3, 14), (_held_back(Gate.MAX_TRADES, "0.5"), _held_back(Gate.DAILY_LOSS))),
    ]
    async with Database(tmp_path / "paper.db", BOOK) as database:
        journal = SqliteJournal(database, account_hash="made", mode=Mode.PAPER)
        for day, entries in held_back:
            fact = DaySummary(day, 0, NOTHING, NOTHING, 0, 5, None, tax=NOTHING, held_back=entries)
            await journal.append(Entry(KRX, SATURDAY, day, (), (), (fact,), {}))
    found = read_digest(tmp_path, KRX, Mode.PAPER, period(Span.WEEK, date(2025, 3, 12)))
    assert found is not None
    told = text.period(found, Lang.KO)
    assert "가드가 막은 4건" in told
    assert "하루 매매 횟수 한도 3건: 평균 -1.00 % (2건 중 1건 이익)" in told
    assert "하루 손실 한도 1건: 가격 모름" in told
    assert "지수 하락" not in told
    nothing = read_digest(books, KRX, Mode.PAPER, period(Span.WEEK, date(2025, 3, 12)))
    assert nothing is not None
    assert "가드" not in text.period(nothing, Lang.KO)


def _held_back(gate: Gate, pct: str | None = None) -> HeldBack:
    return HeldBack(
        Symbol("005930"), gate, Krw(Decimal(70_000)), None if pct is None else Decimal(pct)
    )


async def test_a_day_is_summed_up_from_the_book_net_of_both_ways(books: Path) -> None:
    day = date(2025, 3, 28)
    found = read(books, KRX, Mode.PAPER, Span.DAY, day)
    assert found is not None
    zero = Krw(found.result.gain.amount * 0)
    fact = DaySummary(day, 3, zero, zero, 0, 812, None, tax=zero, entries=3)
    outbox = FakeOutbox()
    await outbox.put("paper", NumberedFact(1, SATURDAY, KRX, fact), Alert(2))
    item = await outbox.next(LATER)
    assert isinstance(item, OutboxItem)
    text = await digests_of(books, house(), outbox).text(item, Lang.KO)
    assert text is not None
    assert f"순손익(비용·세금 후) <b>{numbers.signed(found.result.net, Lang.KO)}</b>" in text
    assert "호출 812회" in text
    quiet = replace(fact, day=date(2025, 3, 29))
    await outbox.put("paper", NumberedFact(2, SATURDAY, KRX, quiet), Alert(0))
    nothing = await outbox.next(LATER)
    assert nothing is not None
    told = await digests_of(books, house(), outbox).text(nothing, Lang.KO)
    assert told is not None
    assert "호출 812회" in told
    assert "점수는 됐지만" not in told


@pytest.mark.parametrize("is_new", [False, True])
async def test_a_day_without_a_trade_tells_what_was_not_bought(
    books: Path, tmp_path: Path, *, is_new: bool
) -> None:
    day, zero = date(2025, 3, 29), Krw(Decimal(0))
    if not is_new:
        (tmp_path / "paper.db").write_bytes((books / "paper.db").read_bytes())
    refused = krx_facts()["krx_entry_refused"]
    async with Database(tmp_path / "paper.db", BOOK) as database:
        journal = SqliteJournal(database, account_hash="made", mode=Mode.PAPER)
        await journal.append(Entry(KRX, SATURDAY, day, (), (), (refused, refused), {}))
    fact = DaySummary(day, 0, zero, zero, 0, 812, None, tax=zero)
    outbox = FakeOutbox()
    await outbox.put("paper", NumberedFact(1, SATURDAY, KRX, fact), Alert(2))
    item = await outbox.next(LATER)
    assert item is not None
    told = await digests_of(tmp_path, house(), outbox).text(item, Lang.KO)
    assert told is not None
    assert "점수는 됐지만 사지 않음 2번" in told
