"""Shares that were taken for sold by hand and showed up again were not sold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.model.ids import DeskName, Mode, Qty, Symbol
from engine.model.mismatches import MismatchSeen
from engine.model.money import Krw
from engine.model.order_facts import SoldElsewhere
from engine.ports.journal import Entry
from reports import queries
from tests.reports.book_maker import make_book

SAMSUNG, HYNIX = Symbol("005930"), Symbol("000660")
DAY = date(2025, 1, 3)


def sold(symbol: Symbol, qty: int) -> SoldElsewhere[Krw]:
    price = Krw(Decimal(70_000))
    return SoldElsewhere(symbol, Qty(qty), price, price, Qty(0), None)


@pytest.mark.parametrize(
    ("taken_back", "left"),
    [(0, [2, 3]), (2, [2, 1]), (3, [2]), (4, [1]), (5, [])],
)
async def test_the_last_sales_by_hand_are_undone_by_as_many_shares(
    tmp_path: Path, taken_back: int, left: list[int]
) -> None:
    await make_book(tmp_path / "live.db", until=DAY)
    at = datetime(2025, 1, 3, 5, tzinfo=UTC)
    undone = MismatchSeen(SAMSUNG, "", "", taken_back=taken_back)
    facts = (sold(SAMSUNG, 2), sold(HYNIX, 9), sold(SAMSUNG, 3), undone, sold(SAMSUNG, 7))
    async with Database(tmp_path / "live.db", BOOK) as database:
        journal = SqliteJournal(database, account_hash="made", mode=Mode.LIVE)
        with queries.opened(tmp_path / "live.db") as connection:
            before = queries.executions(connection, DeskName.KRX)
        await journal.append(Entry(DeskName.KRX, at, DAY, (), (), facts, {}))
    with queries.opened(tmp_path / "live.db") as connection:
        rows = queries.executions(connection, DeskName.KRX)
    assert rows[: len(before)] == before
    new = rows[len(before) :]
    assert [row.qty for row in new if row.symbol == SAMSUNG] == [*left, 7]
    assert [row.qty for row in new if row.symbol == HYNIX] == [9]
