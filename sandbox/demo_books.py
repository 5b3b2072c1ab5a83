"""One trading day in one shape: as the sandbox booked it, and as the assistant wrote it down."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Dealt = tuple[int, Decimal]

BY_API = "OpenAPI"
SAME = Decimal("0.01")  # executions lists give averages, and those are rounded
_ORDERS = """
SELECT client_order_id, desk, side, symbol, qty, broker_order_no FROM signals
WHERE answer IS NOT 'rejected'
"""
_FILLS = """
SELECT desk, broker_order_no, qty, price FROM fills WHERE client_order_id IS NOT NULL
"""
# The answer to /balance, in the demo's language.
_CASH = {
    "krx": re.compile(r"잔고 · 국내\n예수금 ([\d,]+)원"),
    "us": re.compile(r"잔고 · 미국\n예수금 \$([\d,.]+)"),
}


@dataclass(slots=True)
class DeskBooks:
    """One desk's orders through the API by number, what they brought, and what is left.

    ``traded`` and ``holdings``: shares, and their value or average cost.
    """

    orders: dict[str, str] = field(default_factory=dict)
    traded: dict[str, Dealt] = field(default_factory=dict)
    holdings: dict[str, Dealt] = field(default_factory=dict)


def booked(account: Mapping[str, Any]) -> DeskBooks:
    """An account of ``GET /sandbox/books``."""
    books = DeskBooks()
    for order in account["orders"]:
        if order["media"] != BY_API or order["action"] != "new":
            continue
        number = order["order_no"].lstrip("0")
        books.orders[number] = _order(order["side"], order["symbol"], order["qty"])
        if int(order["filled"]):
            books.traded[number] = int(order["filled"]), Decimal(order["filled_value"])
    for symbol, holding in account["holdings"].items():
        books.holdings[symbol] = int(holding["qty"]), Decimal(holding["average"])
    return books


def written(path: Path) -> dict[str, DeskBooks]:
    """The assistant's book by desk, opened read-only; empty if there is none."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        snapshots = _snapshots(connection)
        orders = connection.execute(_ORDERS).fetchall()
        fills = connection.execute(_FILLS).fetchall()
    found = {desk: _left(book) for desk, book in snapshots.items()}
    for order_id, desk, side, symbol, qty, number in orders:
        known = number or _found_later(snapshots[desk], order_id)
        if known:
            found[desk].orders[known.lstrip("0")] = _order(side, symbol, qty)
    for desk, number, qty, price in fills:
        traded = found[desk].traded
        shares, value = traded.get(number.lstrip("0"), (0, Decimal(0)))
        traded[number.lstrip("0")] = shares + int(qty), value + Decimal(price) * int(qty)
    return found


def told_cash(transcript: Mapping[str, Any]) -> dict[str, Decimal]:
    """The cash of each desk as the chat told it last, where it did."""
    found: dict[str, Decimal] = {}
    for message in transcript["messages"]:
        text = str(message["content"].get("text"))
        for desk, wanted in _CASH.items():
            if match := wanted.search(text):
                found[desk] = Decimal(match[1].replace(",", ""))
    return found


def differences(sandbox: DeskBooks, assistant: DeskBooks) -> Iterator[str]:
    """Every place where the two disagree, in words."""
    yield from _unlike("order", sandbox.orders, assistant.orders)
    yield from _unlike("fills of", sandbox.traded, assistant.traded)
    yield from _unlike("holding", sandbox.holdings, assistant.holdings)


def round_trips(account: Mapping[str, Any]) -> int:
    """How often a stock bought through the API was sold to its last share."""
    by_api = {_key(order) for order in account["orders"] if order["media"] == BY_API}
    held: dict[str, int] = {}
    closed = 0
    for fill in account["fills"]:
        if _key(fill) not in by_api:
            continue
        symbol, qty = fill["symbol"], int(fill["qty"])
        held[symbol] = held.get(symbol, 0) + (qty if fill["side"] == "buy" else -qty)
        closed += fill["side"] == "sell" and held[symbol] == 0
    return closed


def _key(row: Mapping[str, Any]) -> tuple[object, ...]:
    """Korean numbers begin anew every day, in every branch."""
    return row.get("day"), row.get("branch"), row["order_no"]


def _order(side: str, symbol: str, qty: object) -> str:
    return f"{side} {qty} {symbol}"


def _snapshots(connection: sqlite3.Connection) -> dict[str, Json]:
    """Positions and orders of each desk, out of parts such as ``/book/orders/o1``."""
    found: dict[str, Json] = {}
    for desk, part, text in connection.execute("SELECT desk, part, json FROM snapshot_parts"):
        book = found.setdefault(desk, {"positions": {}, "orders": {}})
        kind, _, key = part.removeprefix("/book/").partition("/")
        if kind in book and key:
            book[kind][key.replace("~1", "/")] = json.loads(text)["value"]
    return found


def _left(book: Json) -> DeskBooks:
    """What the desk believes to hold."""
    books = DeskBooks()
    for symbol, position in book["positions"].items():
        qty = int(position["qty"])
        average = position.get("avg_cost") or Decimal(position["cost"]) / qty
        books.holdings[symbol] = qty, Decimal(average)
    return books


def _found_later(book: Json, order_id: str) -> str:
    """The number of an order whose answer was lost; empty if it never arrived."""
    return (book["orders"].get(order_id) or {}).get("broker_order_no") or ""


def _unlike(
    what: str, sandbox: Mapping[str, object], assistant: Mapping[str, object]
) -> Iterator[str]:
    for key in _all(sandbox, assistant):
        theirs, ours = sandbox.get(key), assistant.get(key)
        if not _is_same(theirs, ours):
            yield f"{what} {key}: sandbox {theirs}, assistant {ours}"


def _all(*mappings: Mapping[str, object]) -> Iterable[str]:
    return sorted({key for mapping in mappings for key in mapping})


def _is_same(theirs: object, ours: object) -> bool:
    match theirs, ours:
        case (int(qty), Decimal() as value), (int(own_qty), Decimal() as own_value):
            return qty == own_qty and abs(value - own_value) < SAME
        case _:
            return theirs == ours
