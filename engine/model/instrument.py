"""Tradable things and where they trade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.ids import Symbol


class Exchange(StrEnum):
    """Order codes of the exchanges at KIS (NYSE American and Arca are AMEX)."""

    NASD = "NASD"
    NYSE = "NYSE"
    AMEX = "AMEX"
    KRX = "KRX"


US_EXCHANGES = (Exchange.NASD, Exchange.NYSE, Exchange.AMEX)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol with the exchange it is ordered on and the name people know."""

    symbol: Symbol
    exchange: Exchange
    name: str = ""
