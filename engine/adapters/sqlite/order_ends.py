"""What became of the newest orders of each book, without prices, shares or whose they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.model.ids import Mode

MOST = 2_000  # of a book
_ORDERS = """
SELECT client_order_id, account, desk, exchange_date, symbol, side, reason, journalled_at,
    (SELECT kind FROM order_answers AS a WHERE a.client_order_id = o.client_order_id
     ORDER BY id DESC LIMIT 1),
    (SELECT kind FROM facts AS f WHERE f.client_order_id = o.client_order_id
     ORDER BY seq DESC LIMIT 1)
FROM orders AS o ORDER BY rowid DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class OrderEnd:
    """``answer``: the broker's, ``last``: the newest fact about the order; empty where none is."""

    client_order_id: str
    account: str
    desk: str
    exchange_date: str
    symbol: str
    side: str
    reason: str
    decided: str
    answer: str
    last: str


@dataclass(frozen=True, slots=True)
class BookState:
    """A database file. ``trouble``: why it could not be read; empty when it could."""

    name: str
    size: int
    version: int
    orders: tuple[OrderEnd, ...] = ()
    trouble: str = ""


def book_states(data: Path, hashed: Callable[[str], str]) -> tuple[BookState, ...]:
    """Of every database there; ``hashed`` makes an account's name one that nobody can undo."""
    return tuple(_state_of(path, hashed) for path in sorted(data.glob("*.db")))


def _state_of(path: Path, hashed: Callable[[str], str]) -> BookState:
    size = path.stat().st_size
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            is_book = path.stem in set(Mode) and version > 0
            rows = connection.execute(_ORDERS, (MOST,)).fetchall() if is_book else []
    except sqlite3.Error as error:
        return BookState(path.name, size, 0, trouble=str(error))
    ends = (
        OrderEnd(
            *(str(order_id), hashed(str(account)), str(desk), str(day), str(symbol)),
            *(str(side), str(reason), str(decided), answer or "", last or ""),
        )
        for order_id, account, desk, day, symbol, side, reason, decided, answer, last in rows
    )
    return BookState(path.name, size, int(version), tuple(ends))
