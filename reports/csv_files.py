"""Files for a spreadsheet: UTF-8 with a mark, times with their zone (docs/reports.md)."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.model.ids import Symbol
from engine.model.money import Money
from reports.periods import ZONES
from reports.report import Report

TRADES = (
    *("desk", "mode", "exchange_date", "symbol", "name", "opened_at", "closed_at", "qty"),
    *("currency", "cost", "proceeds", "gain", "fees", "tax", "net", "net_pct", "reason", "score"),
    *("fifo_gain", "sold_by_hand", "krw_per_usd", "lacks_entry_fee"),
)
FILLS = (
    *("desk", "mode", "exchange_date", "at", "symbol", "name", "side", "qty", "price"),
    *("currency", "avg_cost", "gain", "fee", "tax", "entry_fee", "held_after", "order", "reason"),
    *("decision_price", "score", "krw_per_usd"),
)
BROKER = (
    *("desk", "mode", "exchange_date", "symbol", "name", "verdict", "qty", "broker_qty"),
    *("currency", "realised", "broker_realised", "costs", "broker_costs"),
)
_ORDERS = """
SELECT desk, mode, exchange_date, client_order_id, journalled_at, symbol, exchange, side, qty,
       limit_price, currency, reason, decision_price, decided_at
FROM orders WHERE desk = :desk AND exchange_date BETWEEN :first AND :last ORDER BY rowid
"""
_SIGNALS = """
SELECT s.desk, s.mode, s.exchange_date, s.client_order_id, s.symbol, s.side, s.qty, s.limit_price,
       s.currency, s.reason, json_extract(o.json, '$.score') AS score, s.decision_price,
       s.decided_at, s.answer, s.broker_order_no, s.code, s.text, s.answered_at
FROM signals AS s JOIN orders AS o ON o.client_order_id = s.client_order_id
WHERE s.desk = :desk AND s.exchange_date BETWEEN :first AND :last
UNION ALL
SELECT desk, mode, exchange_date, NULL, json_extract(json, '$.symbol'), 'buy', NULL, NULL,
       NULL, NULL, json_extract(json, '$.score'), NULL, at, 'held_back', NULL,
       json_extract(json, '$.refused.gate'),
       trim(json_extract(json, '$.refused.measured') || ' / '
            || json_extract(json, '$.refused.limit'), ' /'), NULL
FROM facts WHERE kind = 'EntryRefused' AND desk = :desk AND exchange_date BETWEEN :first AND :last
ORDER BY 13
"""
_MARK = "\ufeff"  # without it Excel takes Korean for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def trades_csv(report: Report[Money]) -> bytes:
    """One line a trade."""
    zone = ZONES[report.desk]
    return _file(
        TRADES,
        (
            (
                *(trade.desk, report.mode, trade.day, trade.symbol, _name(report, trade.symbol)),
                *(_time(trade.opened_at, zone), _time(trade.closed_at, zone), trade.qty),
                *(trade.cost.currency, *map(_amount, (trade.cost, trade.proceeds, trade.gain))),
                *map(_amount, (trade.fees, trade.tax, trade.net)),
                *(f"{trade.net_pct:.4f}", trade.reason, trade.score, _amount(trade.fifo_gain)),
                *(trade.by_hand, trade.krw_per_usd, trade.lacks_entry_fee),
            )
            for trade in report.trades
        ),
    )


def fills_csv(report: Report[Money]) -> bytes:
    """One line an execution, sales by hand and buys the US desk saw among them."""
    zone = ZONES[report.desk]
    return _file(
        FILLS,
        (
            (
                *(row.desk, report.mode, row.day, _time(row.at, zone), row.symbol),
                *(_name(report, row.symbol), row.side, row.qty, _amount(row.price)),
                *(row.avg_cost.currency, *map(_amount, (row.avg_cost, row.gain, row.fee, row.tax))),
                *(_amount(row.entry_fee), row.held_after, row.order, row.reason),
                *(_amount(row.decision_price), row.score, row.krw_per_usd),
            )
            for row in report.executions
        ),
    )


def broker_csv(report: Report[Money]) -> bytes:
    """One line a symbol of a day that the broker was asked for."""
    checks = () if report.broker is None else report.broker.checks
    return _file(
        BROKER,
        (
            (
                *(report.desk, report.mode, check.day, line.symbol, _name(report, line.symbol)),
                *(line.verdict, line.qty, line.broker_qty, line.realised.currency),
                *map(_amount, (line.realised, line.broker_realised)),
                *map(_amount, (line.costs, line.broker_costs)),
            )
            for check in checks
            for line in check.lines
        ),
    )


def orders_csv(connection: sqlite3.Connection, report: Report[Money]) -> bytes:
    """One line a decided order."""
    return _table(connection, _ORDERS, report)


def signals_csv(connection: sqlite3.Connection, report: Report[Money]) -> bytes:
    """One line a decision, with the broker's last answer to it, or the gate that held it back."""
    return _table(connection, _SIGNALS, report)


def _table(connection: sqlite3.Connection, sql: str, report: Report[Money]) -> bytes:
    first, last = report.period.first.isoformat(), report.period.last.isoformat()
    found = connection.execute(sql, {"desk": report.desk, "first": first, "last": last})
    header, zone = [column[0] for column in found.description], ZONES[report.desk]
    times = [place for place, name in enumerate(header) if name.endswith("_at")]
    rows = []
    for row in found:
        values = list(row)
        for place in times:
            text = values[place]
            values[place] = "" if text is None else _time(datetime.fromisoformat(text), zone)
        rows.append(values)
    return _file(header, rows)


def _file(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return (_MARK + text.getvalue()).encode()


def _cell(value: object) -> str:
    """A text a spreadsheet would reckon with is kept one by an apostrophe; figures are not ours."""
    shown = "" if value is None else str(value)
    is_risky = isinstance(value, str) and shown.startswith(_FORMULA) and not _is_figure(shown)
    return f"'{shown}" if is_risky else shown


def _is_figure(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdecimal()


def _amount(money: Money | None) -> str:
    return "" if money is None else f"{money.amount:f}"


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")


def _name(report: Report[Money], symbol: Symbol) -> str:
    return report.names.get(symbol, "")
