"""The figures of a report once more, by plain loops over the tables of a book.

An oracle: it imports nothing of the project (a test looks) and shares no view with it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONES = {"krx": ZoneInfo("Asia/Seoul"), "us": ZoneInfo("America/New_York")}


@dataclass
class Done:
    """A trade."""

    symbol: str
    day: str
    opened: datetime | None
    closed: datetime
    net: Fraction = Fraction(0)
    reason: str = ""
    score: int | None = None
    fifo: Fraction | None = Fraction(0)


@dataclass
class Told:
    """Everything of one desk."""

    trades: list[Done] = field(default_factory=list)
    days: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    gain: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    fees: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    tax: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    by_hand: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    slipped: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    won: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def count(book: Path, desk: str) -> Told:
    """Read the tables, and add up."""
    told = Told()
    by_symbol: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(book, desk):
        by_symbol[row["symbol"]].append(row)
    for rows in by_symbol.values():
        if desk == "krx":
            _korean(told, rows)
        else:
            _american(told, rows)
    told.trades.sort(key=lambda done: done.closed)
    return told


def _rows(book: Path, desk: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(book)
    connection.row_factory = sqlite3.Row
    orders = {
        row["client_order_id"]: dict(row) for row in connection.execute("SELECT * FROM orders")
    }
    found = []
    for table in ("fills", "sales_elsewhere"):
        for row in connection.execute(f"SELECT * FROM {table} WHERE desk = ?", (desk,)):  # noqa: S608
            one = dict(row)
            one["order"] = orders.get(one.get("client_order_id"))
            found.append(one)
    for row in connection.execute(
        "SELECT * FROM facts WHERE desk = ? AND kind = 'BuySeen'", (desk,)
    ):
        fact = json.loads(row["json"])
        one = {"seq": row["seq"], "symbol": fact["symbol"], "side": "buy", "qty": fact["qty"]}
        found.append({**one, "at": row["at"], "price": None, "exchange_date": row["exchange_date"]})
    connection.close()
    return sorted(found, key=lambda one: one["seq"])


def _korean(told: Told, rows: list[dict[str, Any]]) -> None:
    held, cost, fees = 0, 0, 0
    lots: list[list[int]] = []
    now: Done | None = None
    has_sold = False
    for row in rows:
        at, qty, day = datetime.fromisoformat(row["at"]), row["qty"], row["exchange_date"]
        if row.get("side") == "buy":
            if now is None:
                now, has_sold = Done(row["symbol"], "", at, at), False
                now.score = json.loads(row["order"]["json"])["score"]
            price = int(row["price"])
            held, cost, fees = held + qty, cost + price * qty, fees + int(row["fee"])
            lots += [[price] for _ in range(qty)]
            _slip(told, row, 1)
            continue
        assert now is not None
        taken, paid = _half_up(cost * qty, held), _half_up(fees * qty, held)
        oldest, lots = lots[:qty], lots[qty:]
        held, cost, fees = held - qty, cost - taken, fees - paid
        if "order" in row and row["order"] is not None:
            _slip(told, row, -1)
            amount = int(row["price"]) * qty
            spent, tax = int(row["fee"]) + paid, int(row["tax"])
            told.gain[day] += amount - taken
            told.fees[day] += spent
            told.tax[day] += tax
            told.days[day] += amount - taken - spent - tax
            told.won[day] += amount - taken - spent - tax
            now.net += amount - taken - spent - tax
            assert now.fifo is not None
            now.fifo += amount - sum(price for (price,) in oldest)
            now.reason, has_sold = row["order"]["reason"], True
        else:
            told.by_hand[day] += 1
        now.closed, now.day = at, day
        if not held:
            if has_sold:
                told.trades.append(now)
            now = None


def _american(told: Told, rows: list[dict[str, Any]]) -> None:
    shares: list[datetime] = []
    by_order: dict[str, Done] = {}
    for row in rows:
        at, qty, day = datetime.fromisoformat(row["at"]), row["qty"], row["exchange_date"]
        if row["side"] == "buy":
            shares += [at] * qty
            continue
        price, average = Fraction(row["price"]), Fraction(row["avg_cost"])
        gain, rate = (price - average) * qty, Fraction("0.0025")
        spent = (price + average) * qty * rate
        told.gain[day] += gain
        told.fees[day] += spent
        told.days[day] += gain - spent
        told.won[day] += _nearest((gain - spent) * Fraction(row["fx_rate"]))
        _slip(told, row, -1)
        order = row["client_order_id"]
        done = by_order.setdefault(order, Done(row["symbol"], day, shares[0], at))
        done.net += gain - spent
        done.closed, done.day, done.reason, done.fifo = at, day, row["order"]["reason"], None
        shares = shares[qty:]
    told.trades += by_order.values()


def _slip(told: Told, row: dict[str, Any], sign: int) -> None:
    worse = Fraction(row["price"]) - Fraction(row["order"]["decision_price"])
    told.slipped[row["exchange_date"]] += sign * worse * row["qty"]


def deepest(days: Mapping[str, Fraction | int]) -> tuple[Fraction, str]:
    """Every peak against every later trough, from nothing: the deepest fall, and when."""
    marks = [("", Fraction(0))]
    for day in sorted(days):
        marks.append((day, marks[-1][1] + days[day]))
    worst, when = Fraction(0), ""
    for place, (_, peak) in enumerate(marks):
        for day, low in marks[place + 1 :]:
            if peak - low > worst:
                worst, when = peak - low, day
    return worst, when


def tax_year(day: str) -> int:
    """Of a New York date in the book: the last trades of a year are paid in the next."""
    return int(day[:4]) + (day[5:] == "12-31")


def _nearest(amount: Fraction) -> int:
    whole = floor(abs(amount) + Fraction(1, 2))
    return whole if amount > 0 else -whole


def _half_up(number: int, by: int) -> int:
    return floor(Fraction(number, by) + Fraction(1, 2))
