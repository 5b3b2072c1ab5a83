"""What the broker said that finished days brought, beside the book's own executions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from engine.adapters.sqlite.codec import read, stamp
from engine.adapters.sqlite.db import Database, Transaction
from engine.errors import JournalFailed
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from engine.model.realised import PATIENCE_DAYS, Realised

_UNASKED = """
SELECT DISTINCT exchange_date FROM fills AS f
WHERE desk = ? AND account = ? AND side = 'sell' AND exchange_date >= ? AND exchange_date < ?
AND NOT EXISTS (
    SELECT 1 FROM broker_days AS d WHERE d.desk = f.desk AND d.exchange_date = f.exchange_date
    AND (d.asked_on >= ? OR julianday(d.asked_on) - julianday(d.exchange_date) > ? OR EXISTS (
        SELECT 1 FROM broker_realised AS r
        WHERE r.desk = d.desk AND r.exchange_date = d.exchange_date AND r.symbol = f.symbol)))
ORDER BY exchange_date
"""
_DAY = """
INSERT INTO broker_days (account, mode, desk, exchange_date, asked_on, asked_at)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (desk, exchange_date)
DO UPDATE SET asked_on = excluded.asked_on, asked_at = excluded.asked_at
"""
_FORGET = "DELETE FROM broker_realised WHERE desk = ? AND exchange_date = ?"
_ROW = """
INSERT INTO broker_realised (desk, exchange_date, symbol, qty, cost, proceeds, fee, tax, realised,
    currency, fx_rate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteBrokerDays:
    """Implements ports.profits.BrokerDays for the book of one mode and account."""

    def __init__(self, db: Database, *, account_hash: str, mode: Mode) -> None:
        self._db = db
        self._account = account_hash
        self._mode = mode

    async def unasked(self, desk: DeskName, first: date, before: date) -> tuple[date, ...]:
        """Days with an own sale of which the broker did not tell yet. Raises JournalFailed."""
        today = before.isoformat()
        values = (desk, self._account, first.isoformat(), today, today, PATIENCE_DAYS)
        rows = await self._db.rows(_UNASKED, values)
        return tuple(read(date.fromisoformat, row["exchange_date"]) for row in rows)

    async def keep(
        self,
        desk: DeskName,
        days: Sequence[date],
        rows: Sequence[Realised[Money]],
        at: datetime,
        asked_on: date,
    ) -> None:
        """Write the answer whole, in place of an earlier one; rows of other days are not kept.

        Raises JournalFailed.
        """
        when, today = stamp(at), asked_on.isoformat()
        kept = [_columns(desk, row) for row in rows if row.day in set(days)]

        def write(transaction: Transaction) -> None:
            for day in days:
                values = (self._account, self._mode, desk, day.isoformat(), today, when)
                transaction.run(_DAY, values)
                transaction.run(_FORGET, (desk, day.isoformat()))
            for columns in kept:
                transaction.run(_ROW, columns)

        if len({(row.day, row.symbol) for row in rows}) != len(rows):
            raise JournalFailed("two answers for one day and symbol")
        await self._db.write(write)


def _columns(desk: DeskName, row: Realised[Money]) -> tuple[str | int | None, ...]:
    fx = row.krw_per_usd
    return (
        *(desk, row.day.isoformat(), row.symbol, row.qty, str(row.cost.amount)),
        *(str(row.proceeds.amount), str(row.fee.amount)),
        None if row.tax is None else str(row.tax.amount),
        *(str(row.realised.amount), row.realised.currency, None if fx is None else str(fx)),
    )
