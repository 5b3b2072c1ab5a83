"""What just came to its end: a position's trades, with the executions they were made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Generic

from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import M_co, Money
from engine.model.orders import Side
from reports import queries
from reports.executions import Execution
from reports.report import ZERO
from reports.trades import Trade, trades

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Closed(Generic[M_co]):
    """``trades``: at least one; of the US desk each sell order is one (docs/adr/0022).

    ``executions``: from the first share on, sales by hand among them, in order.
    """

    trades: tuple[Trade[M_co], ...]
    executions: tuple[Execution[M_co], ...]

    @property
    def last(self) -> Trade[M_co]:
        """The one that ended it."""
        return self.trades[-1]

    @property
    def opened_at(self) -> datetime | None:
        """When the first share came; None: before the book begins."""
        return self.last.opened_at

    @property
    def by_hand(self) -> int:
        """Shares that the trader sold; they are in no figure."""
        return sum(one.qty for one in self.executions if one.side is Side.SELL and not one.is_ours)

    @property
    def net(self) -> M_co:
        """Of all of them."""
        return self.last.net.plus(trade.net for trade in self.trades[:-1])

    @property
    def net_pct(self) -> Decimal:
        """Of what the shares cost; zero where they cost nothing."""
        cost = self.last.cost.plus(trade.cost for trade in self.trades[:-1])
        return self.net.ratio(cost) * _HUNDRED if cost else Decimal(0)


def closed_since(
    data: Path, desk: DeskName, mode: Mode, symbol: Symbol, since: datetime
) -> Closed[Money] | None:
    """The symbol's last position; None where no trade of ours ended at ``since`` or later.

    Raises:
        OldBook: the book was last opened by an older version.
        sqlite3.Error: it cannot be read.
    """
    with queries.opened(data / f"{mode}.db") as connection:
        rows = queries.executions(connection, desk)
    own = [row for row in rows if row.symbol == symbol]
    known = trades(own, ZERO[desk])
    if not known or known[-1].closed_at < since:
        return None
    last = known[-1]
    begin = last.opened_at or since
    ended = tuple(trade for trade in known if trade.closed_at >= begin)
    return Closed(ended, tuple(row for row in own if begin <= row.at <= last.closed_at))
