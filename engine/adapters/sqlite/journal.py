"""The book of one mode and account: what was decided, answered, told, and the state after it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime

from engine.adapters.sqlite.book_rows import (
    Columns,
    answer_columns,
    answer_of,
    cancel_columns,
    context,
    elsewhere_columns,
    fact_columns,
    fill_columns,
    order_columns,
)
from engine.adapters.sqlite.codec import load_fact, load_order, read, stamp
from engine.adapters.sqlite.db import Database, Transaction
from engine.adapters.sqlite.snapshots import SNAPSHOT, Parts, changed, dropped, join, split
from engine.errors import JournalFailed
from engine.model.entry_facts import EntryFilled
from engine.model.facts import AnyFact
from engine.model.ids import ClientOrderId, DeskName, Mode
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import PlaceAnswer
from engine.ports.journal import Entry, NumberedFact, NumberedSale, Unsettled

log = logging.getLogger(__name__)

# Facts that prove what became of an order, should its answer have been lost.
_UNSETTLED = """
SELECT o.json, a.kind, a.broker_order_no, a.branch, a.code, a.text FROM orders AS o
LEFT JOIN order_answers AS a ON a.id = (
    SELECT max(id) FROM order_answers WHERE client_order_id = o.client_order_id)
WHERE o.desk = ?
AND NOT EXISTS (
    SELECT 1 FROM facts WHERE client_order_id = o.client_order_id AND kind IN (
        'OrderAccepted', 'OrderRejected', 'OrderResolved', 'OrderEnded', 'OrderFilled',
        'EntryFilled'))
ORDER BY o.rowid
"""
_SALES = """
SELECT seq, at, exchange_date, json FROM facts
WHERE is_sale = 1 AND desk = ? AND exchange_date >= ? ORDER BY seq DESC LIMIT ?
"""
_FACTS_AFTER = "SELECT seq, at, desk, json FROM facts WHERE seq > ? AND at >= ? ORDER BY seq"
_KEEP = """
INSERT INTO snapshot_parts (desk, part, json) VALUES (?, ?, ?)
ON CONFLICT (desk, part) DO UPDATE SET json = excluded.json
"""
_DROP = "DELETE FROM snapshot_parts WHERE desk = ? AND part = ?"
_DROP_ALL = "DELETE FROM snapshot_parts WHERE desk = ?"
_ONCE = "ON CONFLICT (desk, exchange_date, broker_order_no, cum_qty) DO NOTHING"


class SqliteJournal:
    """Implements ports.journal.Journal. ``account_hash`` names the account without telling it."""

    def __init__(self, db: Database, *, account_hash: str, mode: Mode) -> None:
        self._db = db
        self._account = account_hash
        self._mode = mode
        self._turn = asyncio.Lock()
        self._kept: dict[DeskName, Parts] = {}  # as they are on disk, where that is known

    async def append(self, entry: Entry) -> tuple[NumberedFact, ...]:
        """Commit the whole entry durably, or nothing of it.

        Raises:
            JournalFailed: also for an order whose id is in the book already.
        """
        whose = context(entry, self._account, self._mode)
        orders = [whose | order_columns(order, entry) for order in entry.orders]
        cancels = [whose | cancel_columns(cancel, entry) for cancel in entry.cancels]
        facts = [whose | fact_columns(fact, entry) for fact in entry.facts]
        parts = split(entry.snapshot)

        def write(transaction: Transaction) -> tuple[NumberedFact, ...]:
            for columns in orders:
                _insert(transaction, "orders", columns)
            for columns in cancels:
                _insert(transaction, "cancels", columns)
            numbers = [_insert(transaction, "facts", columns)[0] for columns in facts]
            told = tuple(
                NumberedFact(seq, entry.at, entry.desk, fact)
                for seq, fact in zip(numbers, entry.facts, strict=True)
            )
            for numbered in told:
                _book(transaction, whose, numbered, entry)
            _keep(transaction, entry.desk, before, parts, texts)
            return told

        async with self._turn:
            # Whatever goes wrong: the next entry of the desk writes its state whole.
            before = self._kept.pop(entry.desk, None)
            texts = changed(before, parts)
            told = await self._db.write(write)
            self._kept[entry.desk] = parts
        return told

    async def record_answer(
        self, client_order_id: ClientOrderId, answer: PlaceAnswer, at: datetime
    ) -> None:
        """Write the broker's answer to an order. Raises JournalFailed."""
        columns = {"client_order_id": client_order_id, "at": stamp(at)} | answer_columns(answer)
        await self._db.write(lambda transaction: _insert(transaction, "order_answers", columns))

    async def load_snapshot(self, desk: DeskName) -> Mapping[str, object] | None:
        """The desk's last durable state, None in a new book. Raises JournalFailed."""
        rows = await self._db.rows(SNAPSHOT, (desk,))
        return join((row["part"], row["json"]) for row in rows) if rows else None

    async def unsettled(self, desk: DeskName) -> tuple[Unsettled, ...]:
        """Orders without a fact that settles them, oldest first."""
        rows = await self._db.rows(_UNSETTLED, (desk,))
        return tuple(
            Unsettled(load_order(row["json"]), answer_of(row) if row["kind"] else None)
            for row in rows
        )

    async def last_seq(self) -> int:
        """Sequence number of the last fact, 0 in a new book. Raises JournalFailed."""
        rows = await self._db.rows("SELECT coalesce(max(seq), 0) AS seq FROM facts")
        return int(rows[0]["seq"])

    async def facts_after(
        self, seq: int, since: datetime | None = None
    ) -> tuple[NumberedFact, ...]:
        """Facts numbered above ``seq`` and not older than ``since``; unreadable ones are left out.

        Raises JournalFailed.
        """
        oldest = "" if since is None else stamp(since)
        rows = await self._db.rows(_FACTS_AFTER, (seq, oldest))
        facts = (_numbered(row) for row in rows)
        return tuple(fact for fact in facts if fact is not None)

    async def sales(
        self, desk: DeskName, since: date | None, limit: int
    ) -> tuple[NumberedSale, ...]:
        """Latest sales of a desk first, all kinds; ``since`` is an exchange date, included."""
        first = "" if since is None else since.isoformat()
        sales: list[NumberedSale] = []
        for row in await self._db.rows(_SALES, (desk, first, limit)):
            fact = load_fact(row["json"])
            if not isinstance(fact, OrderFilled | SoldElsewhere):
                raise JournalFailed(f"fact {row['seq']} is no sale")
            at = read(datetime.fromisoformat, row["at"])
            day = read(date.fromisoformat, row["exchange_date"])
            sales.append(NumberedSale(row["seq"], at, day, fact))
        return tuple(sales)


def _book(transaction: Transaction, whose: Columns, numbered: NumberedFact, entry: Entry) -> None:
    """Executions have tables of their own beside the facts."""
    fact: AnyFact = numbered.fact
    if isinstance(fact, OrderFilled | EntryFilled):
        columns = whose | fill_columns(numbered.seq, fact, entry)
        if not _insert(transaction, "fills", columns, _ONCE):
            log.warning("fill of order %s was booked before", fact.fill.broker_order_no)
    elif isinstance(fact, SoldElsewhere):
        columns = whose | elsewhere_columns(numbered.seq, fact, entry)
        _insert(transaction, "sales_elsewhere", columns)


def _keep(
    transaction: Transaction,
    desk: DeskName,
    before: Parts | None,
    after: Parts,
    texts: list[tuple[str, str]],
) -> None:
    """Bring the desk's state on disk from what it was to what it is."""
    if before is None:
        transaction.run(_DROP_ALL, (desk,))
    else:
        for part in dropped(before, after):
            transaction.run(_DROP, (desk, part))
    for part, text in texts:
        transaction.run(_KEEP, (desk, part, text))


def _insert(
    transaction: Transaction, table: str, columns: Columns, otherwise: str = ""
) -> list[int]:
    """Add one row; its number, or nothing when ``otherwise`` left it out."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) {otherwise} RETURNING rowid"  # noqa: S608 - names are ours
    return [row[0] for row in transaction.run(sql, tuple(columns.values()))]


def _numbered(row: sqlite3.Row) -> NumberedFact | None:
    """None for a row nobody can read any more: what is to be told must not end the process."""
    try:
        at, desk = read(datetime.fromisoformat, row["at"]), read(DeskName, row["desk"])
        return NumberedFact(row["seq"], at, desk, load_fact(row["json"]))
    except JournalFailed:
        log.exception("fact %d cannot be read, so it is not told", row["seq"])
        return None
