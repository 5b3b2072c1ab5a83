"""What the broker says we own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.ids import Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import FxRate, Usd


@dataclass(frozen=True, slots=True)
class Holding:
    """One symbol in the account: one row even where KIS returns it under two exchanges.

    ``avg_cost`` per share without fees (KIS ``pchs_avg_pric``), zero where none is stated;
    ``exchange`` None where it is not one of ours; ``last_price`` None if blank.
    """

    symbol: Symbol
    exchange: Exchange | None
    name: str
    qty: Qty
    sellable_qty: Qty
    avg_cost: Usd
    last_price: Usd | None


@dataclass(frozen=True, slots=True)
class Cash:
    """Dollars in the account as the broker states them; ``fx`` as the same reply gave it."""

    at: datetime
    deposit: Usd
    orderable: Usd
    fx: FxRate | None
