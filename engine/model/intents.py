"""What a desk may want from the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.model.instrument import Instrument
from engine.model.orders import CancelIntent, OrderIntent
from engine.model.quota import Priority


@dataclass(frozen=True, slots=True)
class Place:
    """Send this order, once."""

    order: OrderIntent


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take this order back."""

    order: CancelIntent


@dataclass(frozen=True, slots=True)
class FetchHoldings:
    """One balance call (three on paper)."""

    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchReports:
    """Orders and executions from ``since`` (New York date) to today.

    None: today and the day before, which is also the least that is asked for.
    """

    priority: Priority
    since: date | None = None


@dataclass(frozen=True, slots=True)
class FetchPrice:
    """The price of one symbol; ``with_book``: a second call for bid and ask where offered."""

    instrument: Instrument
    priority: Priority
    with_book: bool = False


@dataclass(frozen=True, slots=True)
class FetchCash:
    """Dollars and the won rate."""

    priority: Priority


@dataclass(frozen=True, slots=True)
class Watch:
    """The complete set of symbols to stream, best first, and whether notices are wanted.

    Empty and no notices: the socket may close.
    """

    instruments: tuple[Instrument, ...]
    notices: bool


OrderWish = Place | Cancel
Fetch = FetchHoldings | FetchReports | FetchPrice | FetchCash
Intent = Place | Cancel | FetchHoldings | FetchReports | FetchPrice | FetchCash | Watch
