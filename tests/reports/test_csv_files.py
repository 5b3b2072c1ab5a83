"""What a spreadsheet gets is what the book has."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.model.entry_facts import EntryRefused
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import Money
from engine.model.score import Gate, Refused
from engine.ports.journal import Entry
from reports import csv_files, queries
from reports.periods import Span
from reports.report import Report, read
from tests.reports.book_maker import US_NAMES, make_book

MARCH = date(2025, 3, 14)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("csv")
    asyncio.run(make_book(path / "live.db", until=date(2025, 4, 30)))
    return path


def march(data: Path, desk: DeskName = DeskName.US) -> Report[Money]:
    found = read(data, desk, Mode.LIVE, Span.MONTH, MARCH)
    assert found is not None
    return found


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_trade_is_a_line_with_its_names_times_and_sums(data: Path) -> None:
    report = march(data)
    rows = rows_of(csv_files.trades_csv(report))
    assert len(rows) == len(report.trades) > 0
    assert {row["name"] for row in rows} <= set(US_NAMES.values())
    assert any('"Auto"' in row["name"] for row in rows)
    for row, trade in zip(rows, report.trades, strict=True):
        assert datetime.fromisoformat(row["closed_at"]) == trade.closed_at.replace(microsecond=0)
        assert row["closed_at"].endswith(("-05:00", "-04:00"))
        assert row["net"] == f"{trade.net.amount:f}"
        assert (row["desk"], row["mode"], row["currency"]) == ("us", "live", "USD")


def test_fills_orders_and_signals_have_the_days_of_the_period_only(data: Path) -> None:
    report = march(data, DeskName.KRX)
    fills = rows_of(csv_files.fills_csv(report))
    assert len(fills) == len(report.executions)
    assert {row["side"] for row in fills} == {"buy", "sell"}
    with queries.opened(data / "live.db") as connection:
        orders = rows_of(csv_files.orders_csv(connection, report))
        signals = rows_of(csv_files.signals_csv(connection, report))
    assert len(orders) == len(signals) > 0
    scores = [row["score"] for row in signals if row["side"] == "buy"]
    assert all(60 <= int(score) <= 89 for score in scores)
    assert {row["score"] for row in signals if row["side"] == "sell"} == {""}
    for row in (*fills, *orders, *signals):
        assert date.fromisoformat(row["exchange_date"]) in report.period
    assert all(row["decided_at"].endswith("+09:00") for row in orders)
    assert {row["order"] for row in fills if row["order"]} <= {
        row["client_order_id"] for row in orders
    }


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "@cmd", "-2+3", "\t=1"])
def test_a_name_is_never_a_formula(data: Path, name: str) -> None:
    report = march(data)
    symbol = report.trades[0].symbol
    hostile = replace(report, names={Symbol(symbol): name})
    assert rows_of(csv_files.trades_csv(hostile))[0]["name"] == f"'{name}"


def test_a_loss_stays_a_number(data: Path) -> None:
    losses = [row for row in rows_of(csv_files.trades_csv(march(data))) if row["net"] < "0"]
    assert losses
    assert all(float(row["net"]) < 0 for row in losses)


async def test_what_a_gate_held_back_is_a_signal_too(tmp_path: Path) -> None:
    path, day = tmp_path / "live.db", date(2025, 1, 6)
    await make_book(path, until=day)
    refused = Refused(Gate.MAX_TRADES, "10", "10")
    fact = EntryRefused(Symbol("000660"), "SK하이닉스", Decimal("78.5"), refused)
    at = datetime(2025, 1, 6, 1, tzinfo=UTC)
    async with Database(path, BOOK) as database:
        journal = SqliteJournal(database, account_hash="made", mode=Mode.LIVE)
        await journal.append(Entry(DeskName.KRX, at, day, (), (), (fact,), {}))
    report = read(tmp_path, DeskName.KRX, Mode.LIVE, Span.ALL)
    assert report is not None
    with queries.opened(path) as connection:
        signals = rows_of(csv_files.signals_csv(connection, report))
        orders = rows_of(csv_files.orders_csv(connection, report))
    assert len(signals) == len(orders) + 1
    (held,) = (row for row in signals if row["answer"] == "held_back")
    shown = tuple(held[name] for name in ("symbol", "side", "score", "code", "text", "decided_at"))
    assert shown == ("000660", "buy", "78.5", "max_trades", "10 / 10", "2025-01-06T10:00:00+09:00")


def test_no_book_is_no_report(tmp_path: Path) -> None:
    assert read(tmp_path, DeskName.KRX, Mode.PAPER, Span.ALL) is None
    (tmp_path / "paper.db").touch()
    assert read(tmp_path, DeskName.KRX, Mode.PAPER, Span.ALL) is None
    assert [one.name for one in tmp_path.iterdir()] == ["paper.db"]
