"""What a desk may want from the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic

from engine.model.ids import Symbol
from engine.model.instrument import Instrument
from engine.model.listing import Segment
from engine.model.market_events import Ranking
from engine.model.money import M_co
from engine.model.orders import CancelIntent, OrderIntent
from engine.model.quota import Priority


@dataclass(frozen=True, slots=True)
class Place(Generic[M_co]):
    """Send this order, once."""

    order: OrderIntent[M_co]


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
    """Orders and executions from ``since`` (exchange date) to today.

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
    """Cash; for dollars with the won rate."""

    priority: Priority


@dataclass(frozen=True, slots=True)
class Watch:
    """The complete set of symbols to stream, best first, and whether notices are wanted.

    Empty and no notices: the socket may close. ``candidates``: the last so many hold no money yet
    and give way to what another desk holds.
    """

    instruments: tuple[Instrument, ...]
    notices: bool
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class FetchListings:
    """The master files."""

    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchOpenDays:
    """chk-holiday from ``day`` on; once a day at most."""

    day: date
    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchRanking:
    """Thirty names of a ranking."""

    ranking: Ranking
    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchRows:
    """Prices of up to thirty names in one call."""

    symbols: tuple[Symbol, ...]
    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchDayCandles:
    """Daily candles up to the day before ``before``."""

    symbol: Symbol
    before: date
    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchMinuteCandles:
    """The thirty minutes of today before ``until``."""

    symbol: Symbol
    until: datetime
    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchIndex:
    """A board's index."""

    segment: Segment
    priority: Priority


@dataclass(frozen=True, slots=True)
class FetchState:
    """Price limits and halts of one name."""

    symbol: Symbol
    priority: Priority


OrderWish = Place[M_co] | Cancel
MarketFetch = (
    FetchListings
    | FetchOpenDays
    | FetchRanking
    | FetchRows
    | FetchDayCandles
    | FetchMinuteCandles
    | FetchIndex
    | FetchState
)
AccountFetch = FetchHoldings | FetchReports | FetchPrice | FetchCash
Fetch = AccountFetch | MarketFetch
Intent = Place[M_co] | Cancel | AccountFetch | MarketFetch | Watch
