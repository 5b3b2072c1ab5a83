"""Prices of US instruments, one call each."""

from __future__ import annotations

import dataclasses
import logging

from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.fields import CALLS, QUOTE_CODES, Operation
from engine.adapters.kis.payloads import parse_book, parse_price
from engine.adapters.kis.transport import KisTransport, Spender
from engine.errors import BrokerError, QuotaExhausted
from engine.model.instrument import Instrument
from engine.model.quota import Priority
from engine.model.quotes import Tick
from engine.ports.clock import Clock

_log = logging.getLogger(__name__)


class KisQuotes:
    """Implements the Quotes port. The paper server offers no order book."""

    def __init__(self, transport: KisTransport, budget: CallBudget, clock: Clock) -> None:
        self._transport = transport
        self._budget = budget
        self._clock = clock

    async def fetch_price(
        self, instrument: Instrument, priority: Priority, *, with_book: bool
    ) -> Tick | None:
        """The last price; with best bid and ask by a second call where there is a book.

        A book that cannot be had leaves the price without it.
        """
        query = {"AUTH": "", "EXCD": QUOTE_CODES[instrument.exchange], "SYMB": instrument.symbol}
        spender = Spender(self._budget, priority)
        body = await self._transport.fetch(Operation.PRICE, query, spender)
        tick = parse_price(instrument.symbol, body, self._clock.now())
        has_book = (Operation.BOOK, self._transport.endpoint.server) in CALLS
        if tick is None or not with_book or not has_book:
            return tick
        try:
            body = await self._transport.fetch(Operation.BOOK, query, spender)
            bid, ask = parse_book(body)
        except (BrokerError, QuotaExhausted) as error:
            _log.info("no book: %s", error)
            return tick
        return dataclasses.replace(tick, bid=bid, ask=ask)
