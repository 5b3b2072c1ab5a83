"""When the broker is asked what finished days brought, and what is kept of the answer."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.adapters.sqlite.broker_days import SqliteBrokerDays
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import BOOK
from engine.config import Config
from engine.errors import BrokerRefused, BrokerUnavailable, JournalFailed, QuotaExhausted
from engine.flow.broker_days import DayAsker
from engine.model.ids import DeskName, DeskState, Mode, Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw, Usd
from engine.model.quota import Priority
from engine.model.realised import Realised
from engine.rules.sessions import exchange_date
from engine.wiring.day_askers import day_askers
from engine.wiring.desks import Calendars
from tests.adapters.kis_stage import SteppingClock
from tests.reports.book_maker import US_NAMES, make_book

LAST = date(2025, 1, 10)  # of the book, a Friday
MONDAY = datetime(2025, 1, 13, 14, tzinfo=UTC)  # 09:00 in New York
MICRON = Symbol("MU")


@dataclass
class FakeProfits:
    """Answers with rows, or fails."""

    rows: tuple[Realised[Usd], ...] = ()
    error: Exception | None = None
    asked: list[tuple[date, date, Priority]] = field(default_factory=list)

    async def fetch_realised(
        self, first: date, last: date, priority: Priority
    ) -> tuple[Realised[Usd], ...]:
        self.asked.append((first, last, priority))
        if self.error is not None:
            raise self.error
        return self.rows


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Database]:
    await make_book(tmp_path / "live.db", until=LAST)
    async with Database(tmp_path / "live.db", BOOK) as database:
        yield database


def days_of(book: Database, account: str = "made") -> SqliteBrokerDays:
    return SqliteBrokerDays(book, account_hash=account, mode=Mode.LIVE)


class World:
    """A session of the US desk with its book, and the clock."""

    def __init__(self, book: Database, profits: FakeProfits | None, at: datetime = MONDAY) -> None:
        self.clock = SteppingClock(at)
        self.answers = 0
        desk = SimpleNamespace(user_latch=DeskState.RUNNING)
        parts = SimpleNamespace(profits=profits, broker_days=days_of(book))
        self.engine = SimpleNamespace(
            name=DeskName.US, session=SimpleNamespace(desk=desk, parts=parts)
        )
        self.is_awake = True
        self.asker = self.started()

    def started(self) -> DayAsker[Any, Any]:
        """The program after a start."""
        return DayAsker(
            cast("Any", self.engine),
            self.clock,
            exchange_date,
            lambda _now: self.is_awake,
            self._heard,
        )

    def _heard(self) -> None:
        self.answers += 1


def row(day: date = LAST, symbol: Symbol = MICRON) -> Realised[Usd]:
    cost, proceeds, fee, net = (
        Usd(Decimal(text)) for text in ("500.50", "520.25", "1.30", "18.45")
    )
    return Realised(day, symbol, 5, cost, proceeds, fee, None, net, Decimal("1450.5"))


def every_day() -> tuple[Realised[Usd], ...]:
    """A row for each stock, of each day of the book with a sale of the desk."""
    days = (date(2025, 1, day) for day in (2, 3, 6, 7, 8, 9, 10))
    return tuple(row(day, symbol) for day in days for symbol in US_NAMES)


async def test_all_days_since_the_last_answer_are_asked_for_by_one_call(book: Database) -> None:
    profits = FakeProfits((row(),))
    world = World(book, profits)
    await world.asker.look()
    assert profits.asked == [(date(2025, 1, 2), LAST, Priority.SCAN)]
    assert world.answers == 1
    kept = await book.rows("SELECT * FROM broker_realised")
    assert [tuple(one)[:9] for one in kept] == [
        ("us", "2025-01-10", "MU", 5, "500.50", "520.25", "1.30", None, "18.45")
    ]
    days = await book.rows("SELECT * FROM broker_days ORDER BY exchange_date")
    assert [day["exchange_date"] for day in days][-1] == "2025-01-10"
    assert len(days) == 7


async def test_once_a_day_also_over_restarts(book: Database) -> None:
    profits = FakeProfits(every_day())
    world = World(book, profits)
    for asker in (world.asker, world.asker, world.started(), world.started()):
        await asker.look()
        await world.clock.sleep_for(timedelta(minutes=1))
    assert len(profits.asked) == 1
    world.clock.jump(MONDAY + timedelta(days=1))
    await world.asker.look()  # no sale since
    assert len(profits.asked) == 1


@pytest.mark.parametrize("is_one", [False, True])
async def test_a_day_without_a_row_of_what_was_sold_is_asked_for_again_the_next_days(
    book: Database, *, is_one: bool
) -> None:
    sold = await book.rows(
        "SELECT symbol FROM fills WHERE desk = 'us' AND side = 'sell' AND exchange_date = ?",
        (LAST.isoformat(),),
    )
    lacking = {sold[0]["symbol"]} if is_one else set(US_NAMES)
    told = (one for one in every_day() if one.day != LAST or one.symbol not in lacking)
    profits = FakeProfits(tuple(told))
    world = World(book, profits)
    for day in range(8):
        world.clock.jump(MONDAY + timedelta(days=day))
        await world.asker.look()
        await world.started().look()
    # Once a day, until the day is more than a week old.
    assert profits.asked[1:] == [(LAST, LAST, Priority.SCAN)] * 5
    assert await days_of(book).unasked(DeskName.US, LAST, date(2025, 1, 30)) == ()


async def test_nothing_is_asked_while_the_desk_sleeps_or_stands_still(book: Database) -> None:
    profits = FakeProfits()
    world = World(book, profits)
    world.is_awake = False
    await world.asker.look()
    world.is_awake = True
    world.engine.session.desk.user_latch = DeskState.HALTED
    await world.asker.look()
    assert profits.asked == []
    world.engine.session.desk.user_latch = DeskState.EXITS_ONLY
    await world.asker.look()
    assert len(profits.asked) == 1


async def test_today_is_not_finished(book: Database) -> None:
    profits = FakeProfits()
    world = World(book, profits, datetime(2025, 1, 10, 21, tzinfo=UTC))
    await world.asker.look()
    assert profits.asked == [(date(2025, 1, 2), date(2025, 1, 9), Priority.SCAN)]


@pytest.mark.parametrize(
    "error", [QuotaExhausted("safe daily cap"), BrokerUnavailable("no answer")]
)
async def test_a_failure_is_tried_again_in_an_hour(book: Database, error: Exception) -> None:
    profits = FakeProfits((row(),), error)
    world = World(book, profits)
    for _ in range(59):
        await world.asker.look()
        await world.clock.sleep_for(timedelta(minutes=1))
    assert len(profits.asked) == 1
    assert await days_of(book).unasked(DeskName.US, LAST, MONDAY.date()) == (LAST,)
    profits.error = None
    await world.clock.sleep_for(timedelta(minutes=1))
    await world.asker.look()
    assert len(profits.asked) == 2
    assert world.answers == 1


async def test_a_definite_no_is_not_asked_again_that_day(book: Database) -> None:
    profits = FakeProfits(error=BrokerRefused("no right to it"))
    world = World(book, profits)
    for _ in range(5):
        await world.asker.look()
        await world.clock.sleep_for(timedelta(hours=1))
    assert len(profits.asked) == 1


async def test_without_the_inquiry_nothing_is_kept(book: Database) -> None:
    world = World(book, None)
    await world.asker.look()
    assert await book.rows("SELECT * FROM broker_days") == []
    assert world.answers == 0


async def test_days_of_another_account_are_left_alone(book: Database) -> None:
    assert await days_of(book, "other").unasked(DeskName.US, date(2025, 1, 1), LAST) == ()


async def test_an_answer_is_kept_whole_or_not_at_all(book: Database) -> None:
    days = days_of(book)
    broken = (row(), row(symbol=Symbol("AMD")), row())
    with pytest.raises(JournalFailed):
        await days.keep(DeskName.US, [LAST], broken, MONDAY, MONDAY.date())
    assert await book.rows("SELECT * FROM broker_days") == []
    await days.keep(DeskName.US, [LAST], (row(), row(date(2025, 1, 9))), MONDAY, MONDAY.date())
    assert len(await book.rows("SELECT * FROM broker_realised")) == 1  # of the day asked for
    later = (row(), row(symbol=Symbol("AMD")))
    await days.keep(DeskName.US, [LAST], later, MONDAY, MONDAY.date())
    kept = await book.rows("SELECT symbol FROM broker_realised ORDER BY symbol")
    assert [one["symbol"] for one in kept] == ["AMD", "MU"]  # in place of the first one


async def test_won_and_their_tax_are_kept_as_such(book: Database) -> None:
    cost, proceeds, fee, tax, net = (
        Krw(Decimal(amount)) for amount in (71_000, 72_000, 10, 144, 846)
    )
    sold = Realised(LAST, Symbol("005930"), 1, cost, proceeds, fee, tax, net)
    await days_of(book).keep(DeskName.KRX, [LAST], (sold,), MONDAY, MONDAY.date())
    (kept,) = await book.rows("SELECT * FROM broker_realised")
    assert (kept["tax"], kept["currency"], kept["fx_rate"]) == ("144", "KRW", None)


async def test_a_book_of_the_version_before_gets_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    async with Database(path, type(BOOK)(BOOK.steps[:4])):
        pass
    async with Database(path, BOOK) as database:
        assert await database.rows("SELECT * FROM broker_days") == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (BOOK.version,)


@pytest.mark.parametrize(
    ("desk", "awake", "asleep"),
    [
        # Monday: 04:00 to 12:00 in New York, 08:30 to 15:30 in Korea; Saturday never.
        (DeskName.US, ("20261123T0900", "20261123T1659"), ("20261123T0859", "20261123T1700")),
        (DeskName.KRX, ("20261122T2330", "20261123T0629"), ("20261122T2329", "20261123T0630")),
        (DeskName.US, (), ("20261121T1500",)),
        (DeskName.KRX, (), ("20261121T0100",)),
    ],
)
async def test_each_desk_asks_in_its_own_hours(
    desk: DeskName, awake: tuple[str, ...], asleep: tuple[str, ...]
) -> None:
    clock = SteppingClock()
    door = cast("Any", SimpleNamespace(engine=SimpleNamespace(name=desk)))
    us, krx = (door, None) if desk is DeskName.US else (None, door)
    calendars = Calendars(Config(), KrxSettings())
    (service,) = day_askers(us, krx, calendars, clock, lambda: None)
    asker = cast("Any", service.run).__self__
    for moments, expected in ((awake, True), (asleep, False)):
        for moment in moments:
            at = datetime.strptime(moment, "%Y%m%dT%H%M").replace(tzinfo=UTC)
            assert asker._is_awake(at) is expected
