"""Prices asked for one at a time."""

from __future__ import annotations

from typing import Protocol

from engine.model.instrument import Instrument
from engine.model.money import M_co
from engine.model.quota import Priority
from engine.model.quotes import Tick


class Quotes(Protocol[M_co]):
    """REST quotes. Errors as Broker's reads."""

    async def fetch_price(
        self, instrument: Instrument, priority: Priority, *, with_book: bool
    ) -> Tick[M_co] | None:
        """The last price (and best bid and ask where offered); None while KIS shows no price."""
        ...
