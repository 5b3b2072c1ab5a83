"""What is told unasked: a period's report with what else its book kept, and when it is due."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic

from engine.model.ids import DeskName, Mode
from engine.model.money import M_co, Money
from engine.model.score import Gate
from reports import queries
from reports.periods import ZONES, Period, Span, period
from reports.report import Report, book, make
from reports.us_tax import TaxYear, is_taxed, settled_on, tax_year

TOLD_AT = time(8)  # by the exchange's clock: before its session, after the one before
TOLD_WITHIN = timedelta(days=3)  # a digest of long ago is of no use to anybody
_SATURDAY, _WEEK = 5, 7
_DAY = timedelta(days=1)

_CALLS = """
SELECT json_extract(json, '$.used_calls') FROM facts
WHERE kind = 'DaySummary' AND desk = ? AND exchange_date BETWEEN ? AND ?
"""
_HELD_BACK = """
SELECT json_extract(held.value, '$.gate'), json_extract(held.value, '$.pct')
FROM facts, json_each(facts.json, '$.held_back') AS held
WHERE kind = 'DaySummary' AND desk = ? AND exchange_date BETWEEN ? AND ? ORDER BY seq
"""
_MISSED = """
SELECT json_extract(json, '$.refused.gate') FROM facts
WHERE kind = 'EntryRefused' AND desk = ? AND exchange_date BETWEEN ? AND ?
"""


@dataclass(frozen=True, slots=True)
class Digest(Generic[M_co]):
    """``calls``: to the broker, of each day that was summed up.

    ``missed``: by gate, most first, stocks that scored and were held back, once a day and gate.
    ``held_back``: entries that a guard held back, with the per cent that buying would have brought,
    None: not known. ``tax``: of the year that its last trade belongs to; of the US desk, LIVE only.
    """

    report: Report[M_co]
    calls: tuple[int, ...]
    missed: Mapping[str, int]
    held_back: tuple[tuple[Gate, Decimal | None], ...] = ()
    tax: TaxYear | None = None


def read(data: Path, desk: DeskName, mode: Mode, wanted: Period) -> Digest[Money] | None:
    """None where there is no book.

    Raises:
        OldBook: the book was last opened by an older version.
        sqlite3.Error: it cannot be read.
    """
    path = data / f"{mode}.db"
    if not path.exists() or not path.stat().st_size:
        return None
    rows, names, _ = book(data, desk, mode)
    with queries.opened(path) as connection:
        calls = tuple(int(str(row[0])) for row in _rows(connection, _CALLS, desk, wanted))
        missed = Counter(str(row[0]) for row in _rows(connection, _MISSED, desk, wanted))
        held_back = tuple(
            (Gate(gate), None if pct is None else Decimal(pct))
            for gate, pct in _rows(connection, _HELD_BACK, desk, wanted)
            if gate in set(Gate)
        )
    made = make(desk, rows, names, mode, wanted)
    last = max((row.day for row in made.executions), default=wanted.last)
    return Digest(
        made,
        calls,
        dict(missed.most_common()),
        held_back,
        tax_year(rows, settled_on(last).year) if rows and is_taxed(desk, mode) else None,
    )


def due(span: Span, desk: DeskName, moment: datetime) -> Period | None:
    """The week told on Saturday, the month told on the first; None long after that hour.

    Raises ValueError for other spans.
    """
    here = moment.astimezone(ZONES[desk])
    today = here.date()
    match span:
        case Span.WEEK:
            told_on = today - (today.weekday() - _SATURDAY) % _WEEK * _DAY
            ended = period(span, told_on)
        case Span.MONTH:
            told_on = today.replace(day=1)
            ended = period(span, told_on - _DAY)
        case _:
            raise ValueError(f"nothing is told of a {span} by the clock")
    begins = datetime.combine(told_on, TOLD_AT, ZONES[desk])
    return ended if begins <= here < begins + TOLD_WITHIN else None


def _rows(
    connection: sqlite3.Connection, sql: str, desk: DeskName, wanted: Period
) -> list[tuple[Any, ...]]:
    days = wanted.first.isoformat(), wanted.last.isoformat()
    return connection.execute(sql, (desk, *days)).fetchall()
