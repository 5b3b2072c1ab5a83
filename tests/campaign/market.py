"""The two calm markets of a run; what moves in them is a deed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.krx.hours import at as kst_at
from sandbox.krx.hours import krx_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.prices import tick_size
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.market import Print
from sandbox.model import Listing, Side
from sandbox.scenario import Scenario
from tests.campaign.plan import KRX_SYMBOLS, US_SYMBOLS, Part
from tests.faults.krx_world import BASE, CALM, CalmTape, share
from tests.harness.stage import et

DAY = date(2026, 11, 20)
US_BASE = Decimal(100)
DEEP, THIN = 6_000, 30
TAIL = timedelta(minutes=35)  # after the last deed: recovery, exits, quiet
_NAMES = ("한빛소재", "두리전자", "세움기계")
_SEGMENTS = ("KOSPI", "KOSDAQ", "KOSPI")
STARTS = {
    Part.KRX_MORNING: kst_at(DAY, time(9, 4, 30)),
    Part.KRX_CLOSE: kst_at(DAY, time(14, 40)),
    Part.US_PREMARKET: et(DAY, 8, 20),
    Part.US_REGULAR: et(DAY, 9, 25),
    Part.US_NOON: et(DAY, 10, 40),
}


@dataclass(slots=True)
class Depth:
    """Shares shown a side, by symbol; deep unless a deed made it thin."""

    shares: dict[str, int] = field(default_factory=dict)

    def of(self, symbol: str) -> int:
        """Now."""
        return self.shares.get(symbol, DEEP)


class KrxTape(CalmTape):
    """One print in three seconds, a little above yesterday."""

    def __init__(self, begins: datetime, until: datetime, depth: Depth) -> None:
        super().__init__(until)
        self._begins, self._ends, self._shown = begins, until, depth

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        """The opening auction, then the stretch of the run."""
        hours, calm = krx_day(day), listing.base_price * CALM / BASE
        step = tick_size(calm)
        yield KrxPrint(hours.open, calm, 20_000, None, PrintKind.AUCTION)
        begins = max(hours.open, self._begins - timedelta(minutes=6))
        moment, number = begins + timedelta(milliseconds=300), 0
        while moment < min(self._ends, hours.close_auction):
            shares = self._shown.of(listing.symbol)
            side = Side.SELL if number % 3 == 0 else Side.BUY
            yield KrxPrint(
                moment, calm, max(1, shares // 20), side, bid=calm, ask=calm + step,
                bid_size=shares, ask_size=shares,
            )  # fmt: skip
            moment += timedelta(seconds=3)
            number += 1


class UsTape:
    """One print in two seconds at the base price."""

    def __init__(self, begins: datetime, until: datetime, depth: Depth) -> None:
        self._begins, self._until, self._shown = begins, until, depth

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        """From shortly before the start to the end of the run."""
        if day != DAY:
            return
        moment = self._begins - timedelta(seconds=10)
        while moment < self._until:
            shares = self._shown.of(listing.symbol)
            yield Print(
                moment, US_BASE, max(1, shares // 3), US_BASE, US_BASE + Decimal("0.01"),
                shares, shares,
            )  # fmt: skip
            moment += timedelta(seconds=2)

    def halted(self, symbol: str, moment: datetime) -> bool:
        """Never."""
        del symbol, moment
        return False


def make_scenario(part: Part, minutes: int, depth: Depth) -> Scenario:
    """Both markets; the one that is closed is silent."""
    start = STARTS[part]
    until = start + timedelta(minutes=minutes) + TAIL
    krx = KrxScenario(
        listings=tuple(
            share(symbol, name, segment)
            for symbol, name, segment in zip(KRX_SYMBOLS, _NAMES, _SEGMENTS, strict=True)
        ),
        tape=KrxTape(start, until if part.is_krx else start, depth),
    )
    listings = tuple(Listing(s, "NASD", s, US_BASE, 1_000_000) for s in US_SYMBOLS)
    return Scenario(start=start, listings=listings, tape=UsTape(start, until, depth), krx=krx)
