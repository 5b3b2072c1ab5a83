"""The trade that just came to its end, with the executions it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic

from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import M_co, Money
from reports import queries
from reports.executions import Execution
from reports.report import ZERO
from reports.trades import Trade, trades


@dataclass(frozen=True, slots=True)
class Closed(Generic[M_co]):
    """``executions``: those of the trade, sales by hand among them, in order."""

    trade: Trade[M_co]
    executions: tuple[Execution[M_co], ...]


def closed_since(
    data: Path, desk: DeskName, mode: Mode, symbol: Symbol, since: datetime
) -> Closed[Money] | None:
    """The symbol's last trade; None where none of ours ended at ``since`` or later.

    Raises:
        OldBook: the book was last opened by an older version.
        sqlite3.Error: it cannot be read.
    """
    with queries.opened(data / f"{mode}.db") as connection:
        rows = queries.executions(connection, desk)
    own = [row for row in rows if row.symbol == symbol]
    ended = [trade for trade in trades(own, ZERO[desk]) if trade.closed_at >= since]
    if not ended:
        return None
    last = ended[-1]
    begin = last.opened_at or since
    within = tuple(row for row in own if begin <= row.at <= last.closed_at)
    return Closed(last, within)
