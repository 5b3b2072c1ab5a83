"""How KRX names are asked for their price."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.kis.fields import Operation
from engine.adapters.kis.krx.market_payloads import parse_book, parse_price
from engine.adapters.kis.quotes import QuoteCalls
from engine.model.ids import Symbol
from engine.model.instrument import Instrument
from engine.model.money import Krw

KRX_MARKET = "J"


def named(symbol: Symbol) -> dict[str, str]:
    """The query of everything that is asked of one name."""
    return {"FID_COND_MRKT_DIV_CODE": KRX_MARKET, "FID_INPUT_ISCD": symbol}


def _query(instrument: Instrument) -> Mapping[str, str]:
    return named(instrument.symbol)


KRX_QUOTES: QuoteCalls[Krw] = QuoteCalls(
    Operation.KRX_PRICE, Operation.KRX_BOOK, _query, parse_price, parse_book
)
