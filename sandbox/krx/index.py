"""The two market indices, moved by the market values of the invented shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sandbox.krx.listings import KOSDAQ, KOSPI, KrxListing
from sandbox.krx.model import HUNDREDTH, DayBar, IndexState, KrxTrade

# The rest of the market, which is not played, weighs as much as what is, and stands still.
UNPLAYED = 2
# Where each index stood on the evening before the first day.
FIRST_CLOSE = {KOSPI: Decimal("4120.55"), KOSDAQ: Decimal("912.38")}


@dataclass(slots=True)
class Index:
    """One index: its level follows the market value of its shares."""

    segment: str
    prev_close: Decimal
    bars: list[DayBar] = field(default_factory=list)
    weight_before: int = 0
    weight: int = 0
    open: Decimal | None = None
    high: Decimal = Decimal(0)
    low: Decimal = Decimal(0)
    volume: int = 0
    value: Decimal = Decimal(0)

    def start_day(self, listings: Iterable[KrxListing]) -> None:
        """Weigh this morning's market."""
        mine = (entry for entry in listings if _counts(entry, self.segment))
        played = sum(int(entry.market_cap) for entry in mine)
        self.weight_before = self.weight = played * UNPLAYED
        self.open, self.volume, self.value = None, 0, Decimal(0)
        self.high = self.low = self.prev_close

    def on_trade(self, listing: KrxListing, before: Decimal, trade: KrxTrade) -> None:
        """Follow a trade of a share whose last price was ``before``."""
        if not _counts(listing, self.segment):
            return
        self.weight += int(trade.price - before) * listing.shares
        self.volume += trade.size
        self.value += trade.price * trade.size
        level = self.level
        if self.open is None:
            self.open = self.high = self.low = level
        self.high, self.low = max(self.high, level), min(self.low, level)

    @property
    def level(self) -> Decimal:
        """Two decimals."""
        if not self.weight_before:
            return self.prev_close
        return (self.prev_close * self.weight / self.weight_before).quantize(HUNDREDTH)

    def state(self) -> IndexState:
        """As of now."""
        opened = self.prev_close if self.open is None else self.open
        return IndexState(
            self.segment, self.level, self.prev_close, opened, self.high, self.low,
            self.volume, self.value,
        )  # fmt: skip

    def bar(self, day: date) -> DayBar:
        """The running day as a bar."""
        now = self.state()
        return DayBar(day, now.open, now.high, now.low, now.price, now.volume, now.value)

    def close_day(self, day: date) -> None:
        """Turn the day into yesterday."""
        if self.open is not None:
            self.bars.append(self.bar(day))
            self.prev_close = self.level


def _counts(listing: KrxListing, segment: str) -> bool:
    return listing.segment == segment and listing.group == "ST" and not listing.spac
