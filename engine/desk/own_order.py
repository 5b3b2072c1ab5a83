"""An order of the desk's own, from the decision to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic

from engine.model.ids import BrokerOrderNo
from engine.model.money import M
from engine.model.orders import OrderIntent, OrderState


@dataclass(slots=True)
class OwnOrder(Generic[M]):
    """An order of ours, as the desk keeps it; restored from the book.

    ``filled_qty`` was told; ``notice_qty`` is the sum of unique notices; ``avg_cost`` is that of
    the position an exit belongs to.
    """

    intent: OrderIntent[M]
    state: OrderState
    avg_cost: M
    changed_at: datetime
    day: date
    broker_order_no: BrokerOrderNo | None = None
    branch: str = ""  # that took it; empty: unknown
    filled_qty: int = 0
    notice_qty: int = 0
    notice_keys: list[str] = field(default_factory=list)
    avg_price: M | None = None
    open_since: datetime | None = None
    cancel_asked_at: datetime | None = None
    is_cancel_refused: bool = False  # a definite no to that wish
    cancel_answered_at: datetime | None = None  # a yes or a definite no
    is_repricing: bool = False
    unresolved_at: datetime | None = None
    known: list[BrokerOrderNo] = field(default_factory=list)  # listed before it: somebody else's
    candidates: list[BrokerOrderNo] = field(default_factory=list)  # of the last list
    reads: int = 0
    read_at: datetime | None = None
    absent_since: datetime | None = None  # the first list without it
    absent_at: datetime | None = None
    untouched_at: datetime | None = None

    @property
    def left_qty(self) -> int:
        """Shares that may still be filled; none once it is final."""
        return 0 if self.state.is_final else self.intent.qty - self.filled_qty

    @property
    def is_doubtful(self) -> bool:
        """Whether the broker's answer is missing."""
        return self.state in (OrderState.INTENDED, OrderState.UNRESOLVED)
