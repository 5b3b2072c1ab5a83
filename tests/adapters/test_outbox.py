"""What every outbox promises: order, once each, reminders, and nothing lost in a crash."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.outbox import SqliteOutbox
from engine.adapters.sqlite.schema import STATE, Schema
from engine.adapters.sqlite.tables_state import STATE_V1
from engine.errors import JournalFailed
from engine.model.ids import DeskName
from engine.model.state_facts import QuotaWarning
from engine.ports.chat_store import Alert, Outbox, OutboxItem, OutboxKey
from engine.ports.journal import NumberedFact
from tests.fakes.chat_store import FakeOutbox

NOW = datetime(2025, 6, 12, 13, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
URGENT, DIGEST = Alert(0), Alert(5)


def fact(seq: int) -> NumberedFact:
    return NumberedFact(seq, NOW - timedelta(seconds=seq), DeskName.US, QuotaWarning(seq, 10))


def key(seq: int, book: str = "live") -> OutboxKey:
    return OutboxKey(book, seq)


@pytest.fixture(params=["sqlite", "fake"])
async def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outbox]:
    if request.param == "fake":
        yield FakeOutbox()
        return
    async with Database(tmp_path / "state.db", STATE) as db:
        yield SqliteOutbox(db)


async def due(outbox: Outbox, now: datetime = NOW) -> OutboxItem:
    item = await outbox.next(now)
    assert item is not None
    return item


async def drained(outbox: Outbox, now: datetime = NOW) -> list[int]:
    told: list[int] = []
    while (item := await outbox.next(now)) is not None:
        told.append(item.key.seq)
        await outbox.done(item.key)
    return told


async def test_the_most_urgent_comes_first_and_equals_in_the_order_of_the_book(
    outbox: Outbox,
) -> None:
    for seq, alert in ((1, DIGEST), (2, URGENT), (3, DIGEST), (4, URGENT)):
        await outbox.put("live", fact(seq), alert)
    assert await drained(outbox) == [2, 4, 1, 3]


async def test_an_alert_is_put_once_also_after_it_was_told(outbox: Outbox) -> None:
    await outbox.put("live", fact(1), DIGEST)
    await outbox.put("live", fact(1), URGENT)
    item = await due(outbox)
    assert item == OutboxItem(key(1), fact(1), 0)
    await outbox.done(item.key)
    await outbox.put("live", fact(1), DIGEST)
    assert await outbox.next(NOW) is None


async def test_books_number_their_alerts_apart(outbox: Outbox) -> None:
    await outbox.put("live", fact(1), DIGEST)
    await outbox.put("paper", fact(1), DIGEST)
    await outbox.done(key(1))
    assert (await due(outbox)).key == key(1, "paper")


async def test_it_knows_the_newest_fact_of_a_book_also_when_all_were_told(outbox: Outbox) -> None:
    assert await outbox.newest("live") is None
    await outbox.put("live", fact(7), DIGEST)
    await outbox.put("paper", fact(9), DIGEST)
    await drained(outbox)
    assert (await outbox.newest("live"), await outbox.newest("paper")) == (7, 9)


async def test_the_numbers_of_a_replaced_book_come_again(outbox: Outbox) -> None:
    for seq in (1, 2, 3):
        await outbox.put("live", fact(seq), DIGEST)
    await outbox.put("paper", fact(3), DIGEST)
    await drained(outbox)
    await outbox.forget_after("live", 1)
    await outbox.put("live", fact(2), DIGEST)
    assert await drained(outbox) == [2]
    assert await outbox.newest("paper") == 3


async def test_an_open_try_is_remembered_until_its_end_is_known(outbox: Outbox) -> None:
    await outbox.put("live", fact(1), URGENT)
    await outbox.trying(key(1), 41)
    item = await due(outbox)
    assert (item.tries, item.sent_after) == (1, 41)
    await outbox.not_sent(key(1))
    item = await due(outbox)
    assert (item.tries, item.sent_after) == (1, None)


async def test_what_was_told_is_due_again_at_its_time_until_it_is_confirmed(
    outbox: Outbox,
) -> None:
    await outbox.put("live", fact(1), Alert(0, must_ack=True))
    await outbox.trying(key(1), 41)
    await outbox.told(key(1), LATER)
    assert await outbox.next(NOW) is None
    item = await due(outbox, LATER)
    assert (item.must_ack, item.times_told, item.tries, item.sent_after) == (True, 1, 0, None)
    await outbox.done(key(1))
    assert await outbox.next(LATER) is None


async def test_reminders_wait_for_everything_new(outbox: Outbox) -> None:
    await outbox.put("live", fact(1), Alert(0, must_ack=True))
    await outbox.told(key(1), NOW)
    await outbox.put("live", fact(2), DIGEST)
    assert await drained(outbox) == [2, 1]


async def test_a_newer_fact_of_the_topic_ends_reminders_only(outbox: Outbox) -> None:
    trouble = Alert(0, topic="trouble:account", must_ack=True)
    await outbox.put("live", fact(1), trouble)
    await outbox.told(key(1), NOW)
    await outbox.put("live", fact(2), trouble)
    await outbox.put("live", fact(3), Alert(0, topic="trouble:account"))
    await outbox.put("paper", fact(4), trouble)
    assert await drained(outbox) == [2, 3, 4]


async def test_what_was_over_before_it_was_told_is_never_repeated(outbox: Outbox) -> None:
    trouble = Alert(0, topic="trouble:account", must_ack=True)
    await outbox.put("live", fact(1), trouble)
    await outbox.put("live", fact(2), Alert(0, topic="trouble:account"))
    assert (await due(outbox)).key == key(1)
    await outbox.told(key(1), NOW)
    assert await drained(outbox, LATER) == [2]


async def test_a_lost_try_is_nothing_a_later_run_can_look_up(outbox: Outbox) -> None:
    await outbox.put("live", fact(1), URGENT)
    await outbox.trying(key(1), 41)
    await outbox.lost(key(1))
    assert (await due(outbox)).sent_after == 0


async def test_a_topic_that_replaces_leaves_the_newest_only(outbox: Outbox) -> None:
    window = Alert(5, topic="window", replaces=True)
    for seq in (1, 2, 3):
        await outbox.put("live", fact(seq), window)
    await outbox.put("live", fact(4), Alert(5))
    assert await drained(outbox) == [3, 4]


async def test_confirming_wins_over_a_delivery_that_ends_later(outbox: Outbox) -> None:
    await outbox.put("live", fact(1), Alert(0, must_ack=True))
    await outbox.done(key(1))
    await outbox.told(key(1), NOW)
    assert await outbox.next(LATER) is None


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "again" / "state.db"
    async with Database(path, STATE) as db:
        outbox = SqliteOutbox(db)
        for seq in (1, 2):
            await outbox.put("live", fact(seq), Alert(0, must_ack=True))
        await outbox.told(key(1), LATER)
        await outbox.trying(key(2), 17)
    async with Database(path, STATE) as db:
        outbox = SqliteOutbox(db)
        assert await outbox.next(NOW) == OutboxItem(key(2), fact(2), 1, True, 17, 0)
        await outbox.done(key(2))
        assert await outbox.next(LATER) == OutboxItem(key(1), fact(1), 0, True, None, 1)


async def test_alerts_of_the_first_version_are_still_told(tmp_path: Path) -> None:
    path = tmp_path / "old" / "state.db"
    async with Database(path, Schema((STATE_V1,))) as db:
        await db.change(
            "INSERT INTO outbox (book, seq, priority, at, desk, fact) VALUES (?, ?, ?, ?, ?, ?)",
            ("live", 1, 0, NOW.isoformat(), "us", '{"type":"QuotaWarning","used":1,"cap":10}'),
        )
    async with Database(path, STATE) as db:
        item = await SqliteOutbox(db).next(NOW)
    assert item is not None
    assert item.fact is not None
    assert item.fact.fact == QuotaWarning(1, 10)
    assert path.with_name("state.db.v1.bak").exists()


async def test_a_row_nobody_can_read_holds_no_other_back(tmp_path: Path) -> None:
    async with Database(tmp_path / "state.db", STATE) as db:
        outbox = SqliteOutbox(db)
        await outbox.put("live", fact(1), URGENT)
        await outbox.put("live", fact(2), URGENT)
        await db.change('UPDATE outbox SET fact = \'{"type":"Gone"}\' WHERE seq = 1')
        unreadable = await due(outbox)
        assert (unreadable.key, unreadable.fact) == (key(1), None)
        await outbox.done(key(1))
        assert (await due(outbox)).fact == fact(2)


async def test_a_failing_disk_raises_journal_failed(tmp_path: Path) -> None:
    async with Database(tmp_path / "state.db", STATE) as db:
        outbox = SqliteOutbox(db)
    with pytest.raises(JournalFailed):
        await outbox.put("live", fact(1), DIGEST)
    with pytest.raises(JournalFailed):
        await outbox.next(NOW)
