"""Reads a book for reports: its own connection, read-only, views only. Nothing is ever created."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.model.ids import ClientOrderId, DeskName, Mode, Symbol
from engine.model.money import Krw, Money, Usd
from engine.model.orders import OrderReason, Side
from engine.model.realised import PATIENCE_DAYS, Realised
from reports.executions import Execution

CURRENCY: Mapping[DeskName, type[Money]] = {DeskName.KRX: Krw, DeskName.US: Usd}
_EXECUTIONS = """
SELECT e.*, f.account FROM executions AS e JOIN facts AS f ON f.seq = e.seq
WHERE e.desk = ? ORDER BY e.seq
"""
_TAKEN_BACK = """
SELECT seq, json_extract(json, '$.symbol'), json_extract(json, '$.taken_back') FROM facts
WHERE kind = 'MismatchSeen' AND desk = ? AND json_extract(json, '$.taken_back') > 0 ORDER BY seq
"""
_ANSWERED = "SELECT exchange_date, asked_on FROM broker_days WHERE desk = ?"
_TOLD = "SELECT * FROM broker_realised WHERE desk = ?"
_LACKING = """
SELECT DISTINCT exchange_date FROM fills AS f WHERE desk = ? AND side = 'sell' AND NOT EXISTS (
    SELECT 1 FROM broker_realised AS r
    WHERE r.desk = f.desk AND r.exchange_date = f.exchange_date AND r.symbol = f.symbol)
"""
_NAMES = "SELECT symbol, name FROM names WHERE desk = ?"
_SPANS = "SELECT began_at, until FROM running_spans WHERE desk = ? AND mode = ? ORDER BY began_at"


class OldBook(Exception):
    """The book was last opened by a version before reports; the assistant brings it up to date."""


@contextmanager
def opened(book: Path) -> Iterator[sqlite3.Connection]:
    """A book for reading only; it must exist. Raises sqlite3.Error."""
    address = f"{book.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def executions(connection: sqlite3.Connection, desk: DeskName) -> tuple[Execution[Money], ...]:
    """All executions of a desk in the order in which the book heard of them.

    Raises:
        OldBook: the book lacks the view.
        sqlite3.Error: it cannot be read.
    """
    try:
        rows = connection.execute(_EXECUTIONS, (desk,))
        undone = connection.execute(_TAKEN_BACK, (desk,)).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise OldBook from error
        raise
    currency = CURRENCY[desk]
    found = [_execution(row, desk, currency) for row in rows]
    for seq, symbol, qty in undone:
        found = list(_without(found, seq, symbol, qty))
    return tuple(found)


def _without(
    rows: Sequence[Execution[Money]], before: int, symbol: str, qty: int
) -> Iterator[Execution[Money]]:
    """Less the last sales by hand of so many shares: they were not sold after all."""
    gone: dict[int, int] = {}
    for row in reversed(rows):
        is_one = row.symbol == symbol and row.side is Side.SELL and not row.is_ours
        if is_one and row.seq < before and qty:
            gone[row.seq] = min(qty, row.qty)
            qty -= gone[row.seq]
    for row in rows:
        left = row.qty - gone.get(row.seq, 0)
        if left:
            yield row if left == row.qty else replace(row, qty=left)


def names(connection: sqlite3.Connection, desk: DeskName) -> Mapping[Symbol, str]:
    """What people call the stocks of a desk, as far as the book knows."""
    return {Symbol(row["symbol"]): row["name"] for row in connection.execute(_NAMES, (desk,))}


def spans(state: Path, desk: DeskName, mode: Mode) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when the desk ran in a mode, in order; none from before this was kept.

    Raises:
        sqlite3.Error: state.db cannot be read.
    """
    if not state.exists():
        return ()
    with opened(state) as connection:
        try:
            rows = connection.execute(_SPANS, (desk, mode)).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return ()
            raise
    return tuple(
        (datetime.fromisoformat(row["began_at"]), datetime.fromisoformat(row["until"]))
        for row in rows
    )


def broker_days(
    connection: sqlite3.Connection, desk: DeskName
) -> Mapping[date, tuple[Realised[Money], ...]]:
    """What the broker said of days; nothing in a book from before that.

    A day without a row for each stock sold is none, until the broker's ledger had its time.
    """
    try:
        asked = connection.execute(_ANSWERED, (desk,)).fetchall()
        rows = connection.execute(_TOLD, (desk,)).fetchall()
        late = {row[0] for row in connection.execute(_LACKING, (desk,))}
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return {}
        raise
    lacking = set(map(date.fromisoformat, late))
    days = {date.fromisoformat(row[0]): date.fromisoformat(row[1]) for row in asked}
    patience = timedelta(days=PATIENCE_DAYS)
    found: dict[date, list[Realised[Money]]] = {
        day: [] for day, asked_on in days.items() if day not in lacking or asked_on - day > patience
    }
    for one in (_realised(row, CURRENCY[desk]) for row in rows):
        if one.day in found:
            found[one.day].append(one)
    return {day: tuple(these) for day, these in found.items()}


def _realised(row: sqlite3.Row, currency: type[Money]) -> Realised[Money]:
    def money(column: str) -> Money:
        return currency(Decimal(row[column]))

    rate = row["fx_rate"]
    return Realised(
        day=date.fromisoformat(row["exchange_date"]),
        symbol=Symbol(row["symbol"]),
        qty=row["qty"],
        cost=money("cost"),
        proceeds=money("proceeds"),
        fee=money("fee"),
        tax=None if row["tax"] is None else money("tax"),
        realised=money("realised"),
        krw_per_usd=None if rate is None else Decimal(rate),
    )


def _execution(row: sqlite3.Row, desk: DeskName, currency: type[Money]) -> Execution[Money]:
    def money(column: str) -> Money | None:
        text = row[column]
        return None if text is None else currency(Decimal(text))

    order, reason, rate = row["client_order_id"], row["reason"], row["fx_rate"]
    return Execution(
        seq=row["seq"],
        desk=desk,
        day=date.fromisoformat(row["exchange_date"]),
        at=datetime.fromisoformat(row["at"]),
        symbol=Symbol(row["symbol"]),
        side=Side(row["side"]),
        qty=row["qty"],
        price=money("price"),
        avg_cost=currency(Decimal(row["avg_cost"])),
        gain=money("gain"),
        fee=money("fee"),
        tax=money("tax"),
        entry_fee=money("entry_fee"),
        held_after=row["held_after"],
        order=None if order is None else ClientOrderId(order),
        reason=None if reason is None else OrderReason(reason),
        decision_price=money("decision_price"),
        score=row["score"],
        krw_per_usd=None if rate is None else Decimal(rate),
        account=row["account"],
    )
