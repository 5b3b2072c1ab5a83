"""What a book says was bought and sold: the values every report is counted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Generic

from engine.model.ids import ClientOrderId, DeskName, Symbol
from engine.model.money import M_co
from engine.model.orders import OrderReason, Side


@dataclass(frozen=True, slots=True)
class Execution(Generic[M_co]):
    """Shares that changed hands.

    ``price`` None: only a balance told of it. ``fee``: of this execution, ``entry_fee``: of a sale,
    what buying its shares cost; None where the book does not know. ``avg_cost``: per share, without
    fees, of what was sold; of a buy, of the position after it. ``gain``: of a sale, before costs.
    ``held_after``: shares of the position. ``order``: ours, None for a trade by hand.
    ``krw_per_usd``: the rate kept with it. ``account``: a name that tells nobody which it is.
    """

    seq: int
    desk: DeskName
    day: date
    at: datetime
    symbol: Symbol
    side: Side
    qty: int
    price: M_co | None
    avg_cost: M_co
    gain: M_co | None
    fee: M_co | None
    tax: M_co | None
    entry_fee: M_co | None
    held_after: int
    order: ClientOrderId | None
    reason: OrderReason | None
    decision_price: M_co | None
    score: int | None
    krw_per_usd: Decimal | None
    account: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether the desk traded, and not the trader by hand."""
        return self.order is not None

    @property
    def knows_cost(self) -> bool:
        """Of a sale: whether its cost is known. The broker says 0 where it does not know one."""
        return self.gain is not None and self.avg_cost.amount > 0
