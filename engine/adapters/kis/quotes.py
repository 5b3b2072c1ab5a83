"""Prices asked for one at a time, on either market."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.fields import CALLS, QUOTE_CODES, Operation
from engine.adapters.kis.payloads import parse_book, parse_price
from engine.adapters.kis.transport import KisTransport, Spender
from engine.adapters.kis.values import Best, Body
from engine.errors import BrokerError, QuotaExhausted
from engine.model.ids import Symbol
from engine.model.instrument import Instrument
from engine.model.money import M, Usd
from engine.model.quota import Priority
from engine.model.quotes import Tick
from engine.ports.clock import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QuoteCalls(Generic[M]):
    """How one market is asked, and how its replies are read."""

    price: Operation
    book: Operation
    query: Callable[[Instrument], Mapping[str, str]]
    parse_price: Callable[[Symbol, Body, datetime], Tick[M] | None]
    parse_book: Callable[[Body], Best[M]]


def _us_query(instrument: Instrument) -> Mapping[str, str]:
    return {"AUTH": "", "EXCD": QUOTE_CODES[instrument.exchange], "SYMB": instrument.symbol}


# The paper server offers no book for them.
US_QUOTES: QuoteCalls[Usd] = QuoteCalls(
    Operation.PRICE, Operation.BOOK, _us_query, parse_price, parse_book
)


class KisQuotes(Generic[M]):
    """Implements the Quotes port."""

    def __init__(
        self, transport: KisTransport, budget: CallBudget, clock: Clock, calls: QuoteCalls[M]
    ) -> None:
        self._transport = transport
        self._budget = budget
        self._clock = clock
        self._calls = calls

    async def fetch_price(
        self, instrument: Instrument, priority: Priority, *, with_book: bool
    ) -> Tick[M] | None:
        """The last price; with best bid and ask by a second call where there is a book.

        A book that cannot be had leaves the price without it.
        """
        query = self._calls.query(instrument)
        spender = Spender(self._budget, priority)
        body = await self._transport.fetch(self._calls.price, query, spender)
        tick = self._calls.parse_price(instrument.symbol, body, self._clock.now())
        has_book = (self._calls.book, self._transport.endpoint.server) in CALLS
        if tick is None or not with_book or not has_book:
            return tick
        try:
            body = await self._transport.fetch(self._calls.book, query, spender)
            best = self._calls.parse_book(body)
        except (BrokerError, QuotaExhausted) as error:
            _log.info("no book: %s", error)
            return tick
        return dataclasses.replace(tick, **best._asdict())
