"""When the way own orders fare is a reason to hold entries back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from engine.model.ids import Symbol
from engine.model.money import Money
from engine.model.orders import Side

# Guesses until there is a record: a stock that is refused alone is its own matter.
MAX_REJECTS = 4
REJECTED_STOCKS = 2
REJECTED_WITHIN = timedelta(minutes=5)
MAX_DRIFT_PCT = Decimal(1)
MAX_DRIFTS = 3
DRIFTED_WITHIN = timedelta(hours=1)
MISMATCH_STAYS = timedelta(minutes=15)
NOT_SENT = "NOT_SENT"  # the code of a refusal that no broker spoke


def is_burst(refused: Sequence[Symbol]) -> bool:
    """Whether so many lately refused orders, by their stocks, are more than a stock's own."""
    return len(refused) >= MAX_REJECTS and len(set(refused)) >= REJECTED_STOCKS


def drift_pct(side: Side, decided: Money, executed: Money) -> Decimal:
    """By how much worse than decided an order was executed, in per cent; negative: better."""
    worse = executed.amount - decided.amount
    if side is Side.SELL:
        worse = -worse
    return worse / decided.amount * 100 if decided.amount else Decimal(0)
