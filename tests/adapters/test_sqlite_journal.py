"""The book: whole entries, answers, what is still open, and sales."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.looks import snapshot_of
from engine.adapters.sqlite.schema import BOOK, Schema
from engine.errors import JournalFailed
from engine.model.facts import Fact
from engine.model.fills import Fill, FillSource
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Mode, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import FxRate, Money, Usd
from engine.model.order_facts import OrderAccepted, OrderFilled, OrderUnresolved, SoldElsewhere
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OrderReason,
    OutcomeUnknown,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.model.state_facts import QuotaWarning
from engine.ports.journal import Entry, Journal, Unsettled

AT = datetime(2025, 6, 12, 13, 30, tzinfo=UTC)
DAY = date(2025, 6, 12)
AAPL = Symbol("AAPL")
NUMBER = BrokerOrderNo("30123")
FX = FxRate(Decimal("1368.50"), "balance", AT)


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def order(name: str = "us-1", desk: DeskName = DeskName.US) -> OrderIntent:
    return OrderIntent(
        client_order_id=ClientOrderId(name),
        desk=desk,
        symbol=AAPL,
        exchange=Exchange.NASD,
        side=Side.SELL,
        qty=Qty(10),
        limit=usd("103.00"),
        reason=OrderReason.TARGET,
        decision_price=usd("103.05"),
        decided_at=AT - timedelta(milliseconds=3),
    )


def filled(
    cum: int, qty: int, side: Side = Side.SELL, name: str = "us-1", day: date | None = None
) -> OrderFilled:
    fill = Fill(
        broker_order_no=NUMBER,
        client_order_id=ClientOrderId(name),
        symbol=AAPL,
        side=side,
        qty=Qty(qty),
        price=usd("103.01"),
        cum_qty=Qty(cum),
        at=AT + ((day or DAY) - DAY) + timedelta(seconds=2),
        source=FillSource.EXECUTIONS,
    )
    return OrderFilled(
        fill=fill,
        order=order(name),
        avg_cost=usd("100"),
        gain=usd("3.01") * qty,
        gain_pct=Decimal("3.01"),
        fee=usd("1.03"),
        fx=FX,
        is_complete=cum == 10,
        left_qty=Qty(10 - cum),
    )


def entry(*facts: Fact, orders: tuple[OrderIntent, ...] = (), day: date = DAY) -> Entry:
    return Entry(DeskName.US, AT, day, orders, (), facts, {"version": 1, "book": {"이름": "애플"}})


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(tmp_path / "live.db", BOOK) as opened:
        yield opened


@pytest.fixture
def journal(db: Database) -> SqliteJournal:
    return SqliteJournal(db, account_hash="a1b2c3", mode=Mode.LIVE)


def test_it_is_a_journal(journal: SqliteJournal) -> None:
    port: Journal = journal
    assert port is journal


async def test_facts_are_numbered_in_order_and_never_again(
    db: Database, journal: SqliteJournal
) -> None:
    told = await journal.append(entry(QuotaWarning(1, 2), QuotaWarning(2, 2)))
    assert [(row.seq, row.at, row.desk, row.fact) for row in told] == [
        (1, AT, DeskName.US, QuotaWarning(1, 2)),
        (2, AT, DeskName.US, QuotaWarning(2, 2)),
    ]
    await db.change("DELETE FROM facts")
    [later] = await journal.append(entry(QuotaWarning(3, 2)))
    assert later.seq == 3


async def test_facts_come_back_after_a_number(journal: SqliteJournal) -> None:
    assert (await journal.last_seq(), await journal.facts_after(0)) == (0, ())
    await journal.append(entry(QuotaWarning(1, 2)))
    [told] = await journal.append(entry(QuotaWarning(2, 2)))
    assert await journal.facts_after(1) == (told,)
    assert await journal.last_seq() == told.seq


async def test_old_and_unreadable_facts_hold_back_no_start(
    db: Database, journal: SqliteJournal
) -> None:
    await journal.append(replace(entry(QuotaWarning(1, 2)), at=AT - timedelta(days=400)))
    [lost] = await journal.append(entry(QuotaWarning(2, 2)))
    [told] = await journal.append(entry(QuotaWarning(3, 2)))
    await db.change("UPDATE facts SET json = '{}' WHERE seq = ?", (lost.seq,))
    assert await journal.facts_after(0, AT) == (told,)


async def test_the_last_snapshot_comes_back(journal: SqliteJournal) -> None:
    assert await journal.load_snapshot(DeskName.US) is None
    await journal.append(entry())
    await journal.append(replace(entry(), snapshot={"version": 1, "book": {"lots": [1, None]}}))
    assert await journal.load_snapshot(DeskName.US) == {"version": 1, "book": {"lots": [1, None]}}
    assert await journal.load_snapshot(DeskName.KRX) is None


async def unanswered(journal: SqliteJournal, desk: DeskName) -> tuple[OrderIntent[Money], ...]:
    return tuple(one.order for one in await journal.unsettled(desk) if one.answer is None)


def state(**book: object) -> dict[str, object]:
    return {"version": 1, "book": book}


async def mark(db: Database, part: str) -> None:
    sql = 'UPDATE snapshot_parts SET json = \'{"value":"marked"}\' WHERE part = ? RETURNING part'
    assert len(await db.change(sql, (part,))) == 1


async def test_what_did_not_change_is_not_written_again(
    db: Database, journal: SqliteJournal
) -> None:
    orders: dict[str, object] = {"o1": {"qty": 1}, "o/2": {"qty": 2}}
    await journal.append(replace(entry(), snapshot=state(orders=orders, streak=0, lots=["a"])))
    await mark(db, "/book/orders/o~12")
    await mark(db, "/book/lots")
    changed = orders | {"o1": {"qty": 3}, "o3": {"qty": 4}}
    await journal.append(replace(entry(), snapshot=state(orders=changed, streak=1, lots=["a"])))
    assert await journal.load_snapshot(DeskName.US) == state(
        orders={"o1": {"qty": 3}, "o/2": "marked", "o3": {"qty": 4}}, streak=1, lots="marked"
    )


async def test_what_is_no_more_is_gone_and_the_order_of_entries_is_kept(
    journal: SqliteJournal,
) -> None:
    books: tuple[dict[str, object], ...] = (
        {"a": 1, "b": 2, "c": 3},
        {"c": 3, "a": 1},
        {},
        {"d": 4},
    )
    for book in books:
        await journal.append(replace(entry(), snapshot=state(kept=book)))
        found = await journal.load_snapshot(DeskName.US)
        assert found == state(kept=book)
        assert list(found["book"]["kept"]) == list(book)  # type: ignore[index]


async def test_each_desk_has_its_own_state(journal: SqliteJournal) -> None:
    await journal.append(replace(entry(), snapshot=state(of="us")))
    await journal.append(replace(entry(), desk=DeskName.KRX, snapshot=state(of="krx")))
    await journal.append(replace(entry(), snapshot=state(of="us again")))
    assert await journal.load_snapshot(DeskName.KRX) == state(of="krx")
    assert await journal.load_snapshot(DeskName.US) == state(of="us again")


async def test_a_state_that_was_not_written_is_written_whole_with_the_next(
    db: Database, journal: SqliteJournal
) -> None:
    first = replace(entry(orders=(order(),)), snapshot=state(a=1, b=1))
    await journal.append(first)
    with pytest.raises(JournalFailed):
        await journal.append(replace(first, snapshot=state(a=2, b=1)))
    await mark(db, "/book/b")
    await journal.append(replace(entry(), snapshot=state(a=2, b=1)))
    assert await journal.load_snapshot(DeskName.US) == state(a=2, b=1)


async def test_a_new_session_writes_over_whatever_another_left(
    db: Database, journal: SqliteJournal
) -> None:
    await journal.append(replace(entry(), snapshot=state(a=1, b={"x": 1})))
    other = SqliteJournal(db, account_hash="a1b2c3", mode=Mode.LIVE)
    await other.append(replace(entry(), snapshot=state(a=2)))
    assert await other.load_snapshot(DeskName.US) == state(a=2)


async def test_a_state_with_a_part_missing_is_refused(db: Database, journal: SqliteJournal) -> None:
    await journal.append(replace(entry(), snapshot=state(a=1, b=1)))
    await db.change("DELETE FROM snapshot_parts WHERE part = '/book/a'")
    with pytest.raises(JournalFailed, match="snapshot"):
        await journal.load_snapshot(DeskName.US)


async def test_the_state_of_an_older_book_comes_back(tmp_path: Path) -> None:
    async with Database(tmp_path / "live.db", Schema(BOOK.steps[:2])) as old:
        text = '{"version":1,"book":{"lots":[1]}}'
        await old.change("INSERT INTO snapshots (desk, at, json) VALUES ('us', 'x', ?)", (text,))
    assert snapshot_of(tmp_path, DeskName.US, Mode.LIVE) == state(lots=[1])
    async with Database(tmp_path / "live.db", BOOK) as db:
        journal = SqliteJournal(db, account_hash="a1b2c3", mode=Mode.LIVE)
        assert await journal.load_snapshot(DeskName.US) == state(lots=[1])
        await journal.append(replace(entry(), snapshot=state(lots=[2])))
        assert snapshot_of(tmp_path, DeskName.US, Mode.LIVE) == state(lots=[2])
        assert await journal.load_snapshot(DeskName.US) == state(lots=[2])


async def test_an_order_journalled_but_not_answered_is_unanswered(journal: SqliteJournal) -> None:
    await journal.append(entry(orders=(order("us-1"), order("us-2"))))
    assert await unanswered(journal, DeskName.US) == (order("us-1"), order("us-2"))
    assert await unanswered(journal, DeskName.KRX) == ()


@pytest.mark.parametrize(
    "answer",
    [Accepted(NUMBER, "06010"), Rejected("APBK0656", "없는 종목"), OutcomeUnknown("read timeout")],
    ids=lambda answer: type(answer).__name__,
)
async def test_an_answer_of_any_kind_is_an_answer(
    journal: SqliteJournal, answer: PlaceAnswer
) -> None:
    await journal.append(entry(orders=(order("us-1"), order("us-2"))))
    await journal.record_answer(ClientOrderId("us-1"), answer, AT)
    assert await unanswered(journal, DeskName.US) == (order("us-2"),)
    first, _ = await journal.unsettled(DeskName.US)
    assert first == Unsettled(order("us-1"), answer)  # the desk may not have heard of it


async def test_a_fact_that_settles_an_order_stands_for_a_lost_answer(
    journal: SqliteJournal,
) -> None:
    await journal.append(entry(orders=(order(),)))
    await journal.append(entry(OrderUnresolved(order(), "no answer")))
    assert await unanswered(journal, DeskName.US) == (order(),)
    await journal.append(entry(OrderAccepted(order(), NUMBER)))
    assert await unanswered(journal, DeskName.US) == ()


async def test_an_order_keeps_what_was_seen_when_it_was_decided(
    db: Database, journal: SqliteJournal
) -> None:
    await journal.append(entry(orders=(order(),)))
    await journal.record_answer(ClientOrderId("us-1"), OutcomeUnknown("timeout"), AT)
    await journal.record_answer(ClientOrderId("us-1"), Accepted(NUMBER), AT)
    [row] = await db.rows("SELECT * FROM signals")
    assert (row["account"], row["mode"], row["desk"]) == ("a1b2c3", "live", "us")
    assert (row["reason"], row["decision_price"]) == ("target", "103.05")
    assert datetime.fromisoformat(row["decided_at"]) == order().decided_at
    assert (row["answer"], row["broker_order_no"]) == ("accepted", NUMBER)


async def test_a_cancel_is_written_down(db: Database, journal: SqliteJournal) -> None:
    cancel = CancelIntent(ClientOrderId("us-1"), NUMBER, AAPL, Exchange.NASD, Qty(6))
    await journal.append(replace(entry(), cancels=(cancel,)))
    [row] = await db.rows("SELECT * FROM cancels")
    assert (row["client_order_id"], row["broker_order_no"], row["qty"]) == ("us-1", NUMBER, 6)


async def test_an_entry_is_written_whole_or_not_at_all(journal: SqliteJournal) -> None:
    await journal.append(entry(orders=(order("us-1"),)))
    twice = replace(
        entry(QuotaWarning(1, 2), orders=(order("us-2"), order("us-1"))), snapshot={"version": 2}
    )
    with pytest.raises(JournalFailed):
        await journal.append(twice)
    assert await unanswered(journal, DeskName.US) == (order("us-1"),)
    assert await journal.load_snapshot(DeskName.US) == entry().snapshot
    [first] = await journal.append(entry(QuotaWarning(1, 2)))
    assert first.seq == 1


async def test_a_snapshot_that_is_no_json_is_refused_with_everything_else(
    journal: SqliteJournal,
) -> None:
    with pytest.raises(JournalFailed):
        await journal.append(replace(entry(orders=(order(),)), snapshot={"price": Decimal(1)}))
    assert await unanswered(journal, DeskName.US) == ()


async def test_a_fill_is_booked_with_account_fees_and_rate(
    db: Database, journal: SqliteJournal
) -> None:
    await journal.append(entry(filled(cum=4, qty=4)))
    [row] = await db.rows("SELECT * FROM fills")
    assert {
        "seq": 1,
        "account": "a1b2c3",
        "mode": "live",
        "desk": "us",
        "exchange_date": "2025-06-12",
        "client_order_id": "us-1",
        "broker_order_no": "30123",
        "symbol": "AAPL",
        "side": "sell",
        "qty": 4,
        "price": "103.01",
        "cum_qty": 4,
        "currency": "USD",
        "fee": "1.03",
        "fee_kind": "estimated",
        "fx_rate": "1368.50",
        "fx_source": "balance",
        "avg_cost": "100",
        "gain": "12.04",
        "source": "executions",
    }.items() <= dict(row).items()
    assert datetime.fromisoformat(row["at"]) == AT + timedelta(seconds=2)


async def test_the_same_fill_is_booked_once(
    db: Database, journal: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await journal.append(entry(filled(cum=4, qty=4)))
        await journal.append(entry(filled(cum=4, qty=4), filled(cum=10, qty=6)))
        next_day = DAY + timedelta(days=1)
        await journal.append(entry(filled(cum=4, qty=4), day=next_day))  # heard of late
        await journal.append(entry(filled(cum=4, qty=4, day=next_day), day=next_day))
    rows = await db.rows("SELECT exchange_date, cum_qty FROM fills ORDER BY seq")
    assert [tuple(row) for row in rows] == [
        ("2025-06-12", 4),
        ("2025-06-12", 10),
        ("2025-06-13", 4),
    ]
    assert [record.getMessage() for record in caplog.records] == [
        "fill of order 30123 was booked before"
    ] * 2


async def test_sales_come_latest_first_and_leave_out_buys(journal: SqliteJournal) -> None:
    elsewhere = SoldElsewhere(AAPL, Qty(2), None, usd("100"), Qty(8), None)
    early = filled(cum=4, qty=4, day=DAY - timedelta(days=1))
    await journal.append(entry(early))  # heard of a day late
    await journal.append(
        entry(filled(cum=5, qty=5, side=Side.BUY), QuotaWarning(1, 2), elsewhere),
    )
    await journal.append(entry(filled(cum=10, qty=6)))
    sales = await journal.sales(DeskName.US, None, 10)
    assert [(row.seq, row.sale) for row in sales] == [
        (5, filled(cum=10, qty=6)),
        (4, elsewhere),
        (1, early),
    ]
    assert (sales[2].at, sales[2].exchange_date) == (AT, DAY - timedelta(days=1))
    assert [row.seq for row in await journal.sales(DeskName.US, None, 1)] == [5]
    assert [row.seq for row in await journal.sales(DeskName.US, DAY, 10)] == [5, 4]


async def test_the_sales_view_shows_ours_and_others(db: Database, journal: SqliteJournal) -> None:
    elsewhere = SoldElsewhere(AAPL, Qty(2), usd("101"), usd("100"), Qty(8), FX)
    await journal.append(entry(filled(cum=4, qty=4), elsewhere, filled(5, 5, Side.BUY)))
    rows = await db.rows("SELECT seq, qty, price, gain, by_bot FROM sales ORDER BY seq")
    assert [tuple(row) for row in rows] == [
        (1, 4, "103.01", "12.04", 1),
        (2, 2, "101", None, 0),
    ]


async def test_the_book_outlives_the_process(tmp_path: Path) -> None:
    for name in ("us-1", "us-2"):
        async with Database(tmp_path / "paper.db", BOOK) as db:
            journal = SqliteJournal(db, account_hash="a1b2c3", mode=Mode.PAPER)
            await journal.append(entry(orders=(order(name),)))
    async with Database(tmp_path / "paper.db", BOOK) as db:
        journal = SqliteJournal(db, account_hash="a1b2c3", mode=Mode.PAPER)
        assert await unanswered(journal, DeskName.US) == (order("us-1"), order("us-2"))


async def test_a_disk_that_fails_raises_journal_failed(
    db: Database, journal: SqliteJournal
) -> None:
    await db.close()
    with pytest.raises(JournalFailed):
        await journal.append(entry())
    with pytest.raises(JournalFailed):
        await journal.record_answer(ClientOrderId("us-1"), Accepted(NUMBER), AT)
    with pytest.raises(JournalFailed):
        await journal.load_snapshot(DeskName.US)
    with pytest.raises(JournalFailed):
        await unanswered(journal, DeskName.US)
    with pytest.raises(JournalFailed):
        await journal.sales(DeskName.US, None, 1)


async def test_a_full_disk_raises_and_loses_nothing(db: Database, journal: SqliteJournal) -> None:
    await journal.append(entry(orders=(order(),)))
    [pages] = await db.rows("PRAGMA page_count")
    await db.rows(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(JournalFailed, match="full"):
        await journal.append(replace(entry(), snapshot={"lots": "x" * 100_000}))
    assert await journal.load_snapshot(DeskName.US) == entry().snapshot
