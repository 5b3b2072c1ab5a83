"""What the broker says we own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from engine.model.ids import Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import FxRate, M_co


@dataclass(frozen=True, slots=True)
class Holding(Generic[M_co]):
    """One symbol in the account: one row even where KIS returns it under two exchanges.

    ``avg_cost`` per share without fees (KIS ``pchs_avg_pric``), zero where none is stated;
    ``exchange`` None where it is not one of ours; ``last_price`` None if blank.
    """

    symbol: Symbol
    exchange: Exchange | None
    name: str
    qty: Qty
    sellable_qty: Qty
    avg_cost: M_co
    last_price: M_co | None


@dataclass(frozen=True, slots=True)
class Cash(Generic[M_co]):
    """Cash in the account as the broker states it; ``fx`` as the same reply gave it.

    ``orderable`` is without arrears (KIS ``nrcvb_buy_amt`` for won).
    """

    at: datetime
    deposit: M_co
    orderable: M_co
    fx: FxRate | None
