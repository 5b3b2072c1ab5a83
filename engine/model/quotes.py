"""What the market shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import Symbol
from engine.model.money import Usd


class QuoteSource(StrEnum):
    """Where a price was read; sources differ in freshness and in whether they show a book."""

    STREAM = "stream"
    PRICE = "price"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Tick:
    """One market price as received.

    ``at`` is aware: the exchange's time for the stream, the time of the answer for polls.
    ``bid``/``ask`` are None where the source shows no book. ``cum_volume`` counts the day.
    """

    symbol: Symbol
    at: datetime
    price: Usd
    source: QuoteSource
    bid: Usd | None = None
    ask: Usd | None = None
    cum_volume: int | None = None
    prev_close: Usd | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a tick needs an aware time")
