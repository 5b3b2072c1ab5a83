"""How soon a breakout is ordered, measured by a desk that sees everything.

A breakout begins with the first print with which a desk that sees every print of every name would
have entered: price above a level, score at the threshold; in the stretch of such prints that lasts
until the real desk decided to enter. Only the first entry in a name counts, and none that a gate or
a guard refused before. Beside it stands a poller that asks each of a hundred symbols for its price
in turn, as many a second as the desk called on average while entries were allowed. It scores as
well as the all-seeing desk, and finds the same breakout when it next asks for the symbol and the
last print is still such a one.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from heapq import merge
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple

from engine.flow.what_if import is_quote
from engine.model.commands import Pause
from engine.model.events import CommandGiven, TickSeen
from engine.model.ids import CommandId, Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.quotes import DayFigures, QuoteSource, Tick
from sandbox.krx.hours import KrxPhase
from sandbox.krx.model import KrxTrade
from tests.days.korean import KoreanDay, kst

ENTRIES_FROM, ENTRIES_TO = time(9, 5), time(15, 10)
POLLED = 100


class Sight(NamedTuple):
    """A print, and whether it is one to enter with."""

    at: datetime
    is_enough: bool


@dataclass(frozen=True, slots=True)
class Breakout:
    """When it began, when its order came, when a poller found it."""

    symbol: str
    at: datetime
    ordered_at: datetime
    polled_at: datetime | None

    @property
    def delay_s(self) -> float:
        """Of the desk's order."""
        return (self.ordered_at - self.at).total_seconds()

    @property
    def polled_s(self) -> float | None:
        """Of the poller; None where it was over each time it asked."""
        return None if self.polled_at is None else (self.polled_at - self.at).total_seconds()


def first_entries(
    facts: Iterable[tuple[datetime, str, dict[str, Any]]],
) -> dict[str, datetime]:
    """When the first entry in each name was decided, unless it was held back before."""
    found: dict[str, datetime] = {}
    held_back: set[str] = set()
    for at, kind, fact in facts:
        if kind == "EntryRefused":
            held_back.add(fact["symbol"])
        elif kind == "EntryDecided" and fact["order"]["symbol"] not in held_back:
            found.setdefault(fact["order"]["symbol"], at)
    return found


def seen_by_all(day: KoreanDay, trades: Iterable[KrxTrade]) -> dict[str, list[Sight]]:
    """Every print through a desk that gets them all, and never trades itself."""
    desk, threshold = day.desk(), KrxSettings().entry.threshold
    events = [(step.at, step.event) for step in day.steps() if is_quote(step.event)]
    reads = [(at, event) for at, event in events if not isinstance(event, TickSeen)]
    desk.handle(CommandGiven(CommandId("all"), Pause()), day.heading().started_at)
    found: dict[str, list[Sight]] = defaultdict(list)
    prints = ((trade.at, trade) for trade in trades if trade.phase is KrxPhase.CONTINUOUS)
    for at, given in merge(reads, prints, key=itemgetter(0)):
        if not isinstance(given, KrxTrade):
            desk.handle(given, at)
            continue
        desk.handle(TickSeen(tick_of(given)), at)
        why = desk.why(Symbol(given.symbol), at)
        card = why.card if why is not None else None
        is_enough = card is not None and bool(card.broken) and card.total >= threshold
        found[given.symbol].append(Sight(at, is_enough and at >= kst(ENTRIES_FROM)))
    return found


def tick_of(trade: KrxTrade) -> Tick[Krw]:
    """A print as the stream would bring it."""
    return Tick(
        Symbol(trade.symbol),
        trade.at,
        Krw(trade.price),
        QuoteSource.STREAM,
        Krw(trade.bid) if trade.bid else None,
        Krw(trade.ask) if trade.ask else None,
        trade.cum_volume,
        day=DayFigures(
            Krw(trade.open),
            Krw(trade.high),
            Krw(trade.low),
            Krw(trade.cum_value),
            trade.strength,
        ),
    )


def breakout_at(prints: Sequence[Sight], decided_at: datetime) -> datetime | None:
    """The first of the prints to enter with that last until ``decided_at``; None: there is none."""
    began: datetime | None = None
    for at, is_enough in prints:
        if at > decided_at:
            break
        began = (began or at) if is_enough else None
    return began


def polled_at(
    prints: Sequence[Sight], since: datetime, asks: Iterable[datetime]
) -> datetime | None:
    """The first of ``asks`` from ``since`` on whose last print is one to enter with."""
    last = prints[-1].at
    for at in asks:
        if at > last:
            return None
        place = bisect_right(prints, at, key=lambda one: one.at)
        if at >= since and place and prints[place - 1].is_enough:
            return at
    return None


def asks_of(place: int, begin: datetime, per_second: float) -> Iterable[datetime]:
    """When the symbol at ``place`` of the poller's list is asked for."""
    for turn in count():
        yield begin + timedelta(seconds=(place + turn * POLLED) / per_second)
