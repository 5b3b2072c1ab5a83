"""What the market shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic

from engine.model.ids import Symbol
from engine.model.money import M_co


class QuoteSource(StrEnum):
    """Where a price was read; sources differ in freshness and in whether they show a book."""

    STREAM = "stream"
    PRICE = "price"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class DayFigures(Generic[M_co]):
    """The day so far, as a KRX trade carries it.

    ``strength``: bought over sold shares in per cent (체결강도, 100 is balanced); None if blank.
    ``is_regular`` False: an expected price of an auction or a trade outside the regular session,
    which is no price to act on. ``has_vi``: a volatility halt is in force.
    """

    open: M_co | None
    high: M_co | None
    low: M_co | None
    cum_value: M_co | None
    strength: Decimal | None
    is_regular: bool = True
    is_halted: bool = False
    has_vi: bool = False


@dataclass(frozen=True, slots=True)
class Tick(Generic[M_co]):
    """One market price as received.

    ``at`` is aware: the exchange's time for the stream, the time of the answer for polls.
    ``bid``/``ask`` are None where the source shows no book. ``cum_volume`` counts the day.
    ``day``: what a KRX trade tells besides. ``bid_size``/``ask_size``: shares shown there, None
    where nobody says.
    """

    symbol: Symbol
    at: datetime
    price: M_co
    source: QuoteSource
    bid: M_co | None = None
    ask: M_co | None = None
    cum_volume: int | None = None
    prev_close: M_co | None = None
    day: DayFigures[M_co] | None = None
    bid_size: int | None = None
    ask_size: int | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a tick needs an aware time")
