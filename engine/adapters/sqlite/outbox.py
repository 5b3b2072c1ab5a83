"""Alerts on their way to the trader: in order, once each, over crashes of either side."""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime

from engine.adapters.sqlite.codec import dump_fact, load_fact, read, stamp
from engine.adapters.sqlite.db import Database, Transaction
from engine.errors import JournalFailed
from engine.model.ids import DeskName
from engine.ports.chat_store import Alert, OutboxItem, OutboxKey
from engine.ports.journal import NumberedFact

log = logging.getLogger(__name__)

# Rows are numbered as they are put in: that order is the book's, whatever a clock did meanwhile.
_NEXT = """
SELECT book, seq, at, desk, fact, tries, must_ack, sent_after, times_told FROM outbox
WHERE done = 0 AND (remind_at IS NULL OR remind_at <= ?)
ORDER BY times_told > 0, priority, rowid LIMIT 1
"""
_PUT = """
INSERT INTO outbox (book, seq, priority, at, desk, fact, topic, must_ack)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (book, seq) DO NOTHING
"""
_SETTLE = """
UPDATE outbox SET done = 1, fact = '' WHERE book = ? AND topic = ? AND seq < ? AND done = 0
AND (times_told > 0 OR ?)
"""
_TOLD = """
UPDATE outbox SET times_told = times_told + 1, remind_at = ?, sent_after = NULL, tries = 0,
done = topic != '' AND EXISTS (
    SELECT 1 FROM outbox AS later
    WHERE later.book = outbox.book AND later.topic = outbox.topic AND later.seq > outbox.seq)
WHERE book = ? AND seq = ? AND done = 0
"""


class SqliteOutbox:
    """Implements ports.chat_store.Outbox. Everything raises JournalFailed.

    A delivered item leaves its (book, seq) behind, so that a replayed fact is not told twice.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, book: str, fact: NumberedFact, alert: Alert) -> None:
        """Add once: the same (book, seq) again changes nothing, delivered or not."""
        row = (book, fact.seq, alert.priority, stamp(fact.at), fact.desk, dump_fact(fact.fact))

        def write(transaction: Transaction) -> None:
            transaction.run(_PUT, (*row, alert.topic, int(alert.must_ack)))
            if alert.topic:
                settled = (book, alert.topic, fact.seq, int(alert.replaces))
                transaction.run(_SETTLE, settled)

        await self._db.write(write)

    async def newest(self, book: str) -> int | None:
        """Sequence number of the book's last fact that was put."""
        rows = await self._db.rows("SELECT max(seq) AS seq FROM outbox WHERE book = ?", (book,))
        return None if rows[0]["seq"] is None else int(rows[0]["seq"])

    async def forget_after(self, book: str, seq: int) -> None:
        """Forget facts above ``seq``: the book was replaced by one that ends there."""
        await self._db.change("DELETE FROM outbox WHERE book = ? AND seq > ?", (book, seq))

    async def next(self, now: datetime) -> OutboxItem | None:
        """The most urgent, then oldest item that is due; reminders after all that is new."""
        rows = await self._db.rows(_NEXT, (stamp(now),))
        return _item(rows[0]) if rows else None

    async def trying(self, key: OutboxKey, after: int) -> None:
        """Count a try before it is sent."""
        await self._db.change(
            "UPDATE outbox SET tries = tries + 1, sent_after = ? WHERE book = ? AND seq = ?",
            (after, key.book, key.seq),
        )

    async def lost(self, key: OutboxKey) -> None:
        """No answer came: a later run must not look it up."""
        await self._db.change(
            "UPDATE outbox SET sent_after = 0 WHERE book = ? AND seq = ?", (key.book, key.seq)
        )

    async def not_sent(self, key: OutboxKey) -> None:
        """The try certainly brought nothing."""
        await self._db.change(
            "UPDATE outbox SET sent_after = NULL WHERE book = ? AND seq = ?", (key.book, key.seq)
        )

    async def told(self, key: OutboxKey, remind_at: datetime) -> None:
        """Delivered, but not confirmed yet."""
        await self._db.change(_TOLD, (stamp(remind_at), key.book, key.seq))

    async def done(self, key: OutboxKey) -> None:
        """Delivered, confirmed or dropped on purpose; its words are no longer kept."""
        await self._db.change(
            "UPDATE outbox SET done = 1, fact = '' WHERE book = ? AND seq = ?",
            (key.book, key.seq),
        )


def _item(row: sqlite3.Row) -> OutboxItem:
    return OutboxItem(
        key=OutboxKey(row["book"], row["seq"]),
        fact=_fact(row),
        tries=row["tries"],
        must_ack=bool(row["must_ack"]),
        sent_after=row["sent_after"],
        times_told=row["times_told"],
    )


def _fact(row: sqlite3.Row) -> NumberedFact | None:
    """None for what another version wrote: one such row must not hold all others back."""
    try:
        at, desk = read(datetime.fromisoformat, row["at"]), read(DeskName, row["desk"])
        return NumberedFact(row["seq"], at, desk, load_fact(row["fact"]))
    except JournalFailed:
        log.exception("fact %s/%d in the outbox cannot be read", row["book"], row["seq"])
        return None
