"""One listed name as the desk knows it today: figures, levels, score, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from engine.model.ids import Symbol
from engine.model.listing import Listing
from engine.model.market_events import MarketRow, StateSeen
from engine.model.money import Krw
from engine.model.quotes import QuoteSource, Tick
from engine.model.score import Bucket, Refused, ScoreCard
from engine.rules.krx.indicators import DayStats, OpeningRange, RunningDay, won

_TRADED = frozenset({Bucket.ORDERED, Bucket.HELD, Bucket.DONE})
_PLACE = {bucket: place for place, bucket in enumerate(Bucket)}


@dataclass(slots=True)
class Name:
    """A name of the universe.

    ``is_charted``: its days were read, though a new one has none. ``has_range``: the opening range
    is known to its end, because it was streamed or its minutes were read.
    ``levels``: prices above which a zone is broken, lowest first; empty while none is known.
    ``tick``: the last regular trade or polled price. ``card``: the last score that was needed.
    ``tried_at``: when an entry was last considered.
    ``promise``: how much a scan's row makes one want its chart; higher is better. ``is_heard``: the
    stream brought a trade and has not been away since, so that silence means no trade.
    ``traded_at``, ``halts_at``: how new the price, and the word of halts, are by our clock.
    """

    listing: Listing
    running: RunningDay
    range: OpeningRange
    stats: DayStats | None = None
    is_charted: bool = False
    charts_asked_at: datetime | None = None
    has_range: bool = False
    row: MarketRow | None = None
    row_at: datetime | None = None
    promise: float = 0.0
    state: StateSeen | None = None
    is_halted: bool = False
    has_vi: bool = False
    tick: Tick[Krw] | None = None
    levels: tuple[int, ...] = ()
    levels_until: datetime | None = None
    card: ScoreCard | None = None
    scored_at: datetime | None = None
    tried_at: datetime | None = None
    gate: Refused | None = None
    bucket: Bucket = Bucket.QUIET
    watched_since: datetime | None = None
    is_heard: bool = False
    traded_at: datetime | None = None
    halts_at: datetime | None = None

    @property
    def symbol(self) -> Symbol:
        """Its code."""
        return self.listing.symbol

    def lacks_chart(self, now: datetime) -> bool:
        """Whether reading its charts now would tell something new."""
        return not self.is_charted or (not self.has_range and now >= self.range.ends_at)

    def miss_trades(self, now: datetime) -> None:
        """It is not streamed any more: what the opening range brings is not seen to its end."""
        self.is_heard = False
        if now < self.range.ends_at:
            self.has_range = False

    def add_tick(self, tick: Tick[Krw]) -> None:
        """Take in a regular trade or a polled price."""
        self.tick = tick
        self.is_heard = self.is_heard or tick.source is QuoteSource.STREAM
        if self.watched_since is not None and self.range.opens_at <= tick.at < self.range.ends_at:
            self.has_range = True  # what came before is in the high that a trade carries
        had_open = self.running.open is not None
        self.running.add_tick(tick)
        self.range.add_tick(tick)
        if not had_open and self.running.open is not None:
            self.levels_until = None

    def add_row(self, row: MarketRow, at: datetime) -> None:
        """Take in a row of a scan; of what is streamed it knows nothing newer."""
        self.row, self.row_at = row, at
        if self.is_heard:
            return
        had_open = self.running.open is not None
        self.running.add_row(row, at)
        if not had_open and self.running.open is not None:
            self.levels_until = None

    def forget_price(self) -> None:
        """Market time moved by itself: what was seen before is no price to act on."""
        self.tick = self.row = self.row_at = None
        self.scored_at = self.traded_at = self.halts_at = None

    def reach(self, bucket: Bucket) -> None:
        """Come further, never back; what was ordered once may be ordered again."""
        if bucket in _TRADED or _PLACE[bucket] > _PLACE[self.bucket]:
            self.bucket = bucket

    @property
    def price(self) -> Krw | None:
        """The newest price, whoever showed it."""
        tick, row_at = self.tick, self.row_at
        if tick is not None and (self.is_heard or row_at is None or tick.at >= row_at):
            return tick.price
        return self.row.price if self.row is not None else None


@dataclass(slots=True)
class Names:
    """The universe of one day. ``unfit``: how many listed names each reason keeps out."""

    by_symbol: dict[Symbol, Name] = field(default_factory=dict)
    unfit: dict[str, int] = field(default_factory=dict)
    unfit_of: dict[Symbol, str] = field(default_factory=dict)
    listings: dict[Symbol, Listing] = field(default_factory=dict)
    scanned_at: datetime | None = None
    by_value: tuple[Symbol, ...] = ()  # the most traded of yesterday first

    def get(self, symbol: Symbol) -> Name | None:
        """The name, None where it is not in the universe."""
        return self.by_symbol.get(symbol)


def upper_limit(name: Name) -> int | None:
    """The day's upper limit in won; None until it was read."""
    return won(name.state.upper_limit) if name.state is not None else None
