"""Tradable things and where they trade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.ids import DeskName, Symbol


class Exchange(StrEnum):
    """Order codes of the exchanges at KIS (NYSE American and Arca are AMEX)."""

    NASD = "NASD"
    NYSE = "NYSE"
    AMEX = "AMEX"
    KRX = "KRX"


_KRX_LENGTH, _ETN_LENGTH = 6, 7
US_EXCHANGES = (Exchange.NASD, Exchange.NYSE, Exchange.AMEX)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A symbol with the exchange it is ordered on and the name people know."""

    symbol: Symbol
    exchange: Exchange
    name: str = ""


def desk_of(symbol: Symbol) -> DeskName:
    """Whose a code is: KRX codes have six characters from a digit on, ETNs Q and six more."""
    code = symbol.removeprefix("Q") if len(symbol) == _ETN_LENGTH else symbol
    is_krx = len(code) == _KRX_LENGTH and code[0].isdigit()
    return DeskName.KRX if is_krx else DeskName.US
