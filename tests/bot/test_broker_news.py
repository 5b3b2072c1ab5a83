"""A day that the broker counts differently is told once, over restarts too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.broker_news import BrokerNews
from bot.delivery import book_mode
from engine.adapters.sqlite.broker_days import SqliteBrokerDays
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import BOOK
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from engine.model.orders import Side
from engine.model.realised import BrokerDiffers, Realised
from engine.ports.chat_store import OutboxKey
from reports import queries
from reports.executions import Execution
from tests.bot.krx_samples import with_krx
from tests.bot.samples import control
from tests.fakes.chat_store import FakeOutbox
from tests.fakes.control import FakeControl
from tests.reports.book_maker import make_book

LAST = date(2025, 1, 10)
MONDAY = datetime(2025, 1, 13, 9, tzinfo=UTC)


@dataclass
class World:
    """A live book, and what waits to be told of it."""

    data: Path
    control: FakeControl
    outbox: FakeOutbox
    wakes: int = 0

    def news(self) -> BrokerNews:
        """After a start."""
        return BrokerNews(self.data, self.control, self.outbox, self._woken)

    def _woken(self) -> None:
        self.wakes += 1

    def told(self) -> list[tuple[OutboxKey, BrokerDiffers[Money]]]:
        found = []
        for key, row in self.outbox.waiting.items():
            assert row.item.fact is not None
            fact = row.item.fact.fact
            assert isinstance(fact, BrokerDiffers)
            found.append((key, fact))
        return found

    async def answer(self, *days: date, off: int = 0, costs_off: int = 0) -> None:
        """The broker says what the book says of the US desk, but for so many cents."""
        with queries.opened(self.data / "live.db") as connection:
            rows = queries.executions(connection, DeskName.US)
        answers = [one for day in days for one in realised(rows, day, off, costs_off)]
        async with Database(self.data / "live.db", BOOK) as database:
            kept = SqliteBrokerDays(database, account_hash="made", mode=Mode.LIVE)
            await kept.keep(DeskName.US, days, answers, MONDAY, MONDAY.date())


def realised(
    rows: Sequence[Execution[Money]], day: date, off: int, costs_off: int
) -> list[Realised[Money]]:
    found: dict[str, Realised[Money]] = {}
    for one in rows:
        if one.day != day or one.side is Side.BUY or one.price is None or one.gain is None:
            continue
        assert one.fee is not None
        cost, proceeds = one.avg_cost * one.qty, one.price * one.qty
        row = Realised(day, one.symbol, one.qty, cost, proceeds, one.fee, None, one.gain - one.fee)
        before = found.get(one.symbol)
        found[one.symbol] = row if before is None else added(before, row)
    cent = type(next(iter(found.values())).fee)(Decimal("0.01"))
    return [
        replace(
            one, realised=one.realised + cent * (off - costs_off), fee=one.fee + cent * costs_off
        )
        for one in found.values()
    ]


def added(one: Realised[Money], other: Realised[Money]) -> Realised[Money]:
    return replace(
        one,
        qty=one.qty + other.qty,
        cost=one.cost + other.cost,
        proceeds=one.proceeds + other.proceeds,
        fee=one.fee + other.fee,
        realised=one.realised + other.realised,
    )


@pytest.fixture
async def world(tmp_path: Path) -> World:
    await make_book(tmp_path / "live.db", until=LAST)
    made = control()
    made.view = replace(with_krx(made.view), modes=dict.fromkeys(DeskName, Mode.LIVE), now=MONDAY)
    return World(tmp_path, made, FakeOutbox())


async def test_nothing_is_told_where_all_agrees_or_no_answer_came(world: World) -> None:
    await world.news().look()
    await world.answer(LAST)
    await world.news().look()
    assert world.told() == []


async def test_a_day_that_differs_is_told_once_over_restarts(world: World) -> None:
    await world.answer(date(2025, 1, 9), LAST, off=500)
    for _ in range(3):
        await world.news().look()
    assert [fact.day for _, fact in world.told()] == [date(2025, 1, 9), LAST]
    key, fact = world.told()[-1]
    assert book_mode(key.book) is Mode.LIVE
    for one in fact.symbols:
        assert (one.broker_realised - one.realised).amount == pytest.approx(5, abs=0.1)
        assert one.name
    await world.outbox.done(key)
    await world.news().look()
    assert [told.day for _, told in world.told()] == [date(2025, 1, 9)]


async def test_costs_that_are_off_every_day_are_told_once_a_month(world: World) -> None:
    await world.answer(date(2025, 1, 8), date(2025, 1, 9), costs_off=300)
    await world.news().look()
    ((key, fact),) = world.told()
    assert fact.day == date(2025, 1, 9)
    assert all(one.costs_only for one in fact.symbols)
    assert book_mode(key.book) is Mode.LIVE
    await world.outbox.done(key)
    await world.answer(LAST, costs_off=300)
    await world.news().look()
    assert world.told() == []


async def test_another_mode_and_long_ago_are_not_looked_at(world: World) -> None:
    await world.answer(LAST, off=500)
    world.control.view = replace(world.control.view, now=datetime(2025, 3, 13, 9, tzinfo=UTC))
    await world.news().look()
    assert world.told() == []
    world.control.view = replace(
        world.control.view, now=MONDAY, modes=dict.fromkeys(DeskName, Mode.DRY_RUN)
    )
    await world.news().look()
    assert world.told() == []


async def test_a_book_nobody_can_read_stops_nothing(world: World) -> None:
    (world.data / "live.db").write_bytes(b"no database" * 200)
    await world.news().look()
    assert world.told() == []
