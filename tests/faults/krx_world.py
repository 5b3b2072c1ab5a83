"""A calm Korean market in which a hand decides what breaks out and what falls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from engine.model.ids import DeskName, Mode
from sandbox.krx.hours import at, krx_day, previous_trading_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar
from sandbox.krx.prices import tick_size
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Side
from sandbox.scenario import Scenario
from tests.harness.stage import TRADER, Stage, stage
from tests.harness.stepped_loop import SteppedLoop

DAY = date(2026, 11, 20)
BASE, CALM = Decimal(10_000), Decimal(10_050)
DEEP, THIN = 6_000, 3
# Above every level, and as far below a fill there that the stop-loss is due; neither interrupts.
UP, DOWN = Decimal(2), Decimal(-4)
FIRST, SECOND = "900010", "900020"
_CONFIG = """\
trading:
  enabled: false
domestic:
  enabled: true{desk}
  scan: {{rankings_every_s: 60}}
  entry: {{threshold: 50}}
  exit: {{reprice_after_s: 3}}
"""


def share(symbol: str, name: str, segment: str = "KOSPI", base: Decimal = BASE) -> KrxListing:
    """A common share that passes every filter."""
    return KrxListing(
        symbol, name, segment, base, 500_000, 20_000_000, prev_high=base, prev_volume=500_000
    )


LISTINGS = (share(FIRST, "한빛소재"), share(SECOND, "두리전자", "KOSDAQ"))


def kst(hour: int, minute: int = 0, second: float = 0, day: date = DAY) -> datetime:
    """A Korean time of day, in UTC."""
    return at(day, time(hour, minute)) + timedelta(seconds=second)


class CalmTape:
    """One print a second a little above yesterday; ``depth`` shares a side, a twentieth a print."""

    is_recorded = False

    def __init__(self, until: datetime) -> None:
        self._until = until
        self.depth = DEEP

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        """From the opening auction to the end of any game."""
        hours, calm = krx_day(day), listing.base_price * CALM / BASE
        step = tick_size(calm)
        yield KrxPrint(hours.open, calm, 20_000, None, PrintKind.AUCTION)
        moment, number = hours.open + timedelta(milliseconds=300), 0
        while moment < min(self._until, hours.close_auction):
            side = Side.SELL if number % 3 == 0 else Side.BUY
            size = max(1, self.depth // 20)
            yield KrxPrint(
                moment, calm, size, side, bid=calm, ask=calm + step, bid_size=self.depth,
                ask_size=self.depth,
            )  # fmt: skip
            moment += timedelta(seconds=1)
            number += 1

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        """Thirty days between half a per cent below and one above."""
        bars, day, base = [], before, listing.base_price
        high, low = base * Decimal("1.01"), base * Decimal("0.995")
        for _ in range(30):
            day = previous_trading_day(day)
            bars.append(DayBar(day, base, high, low, base, 500_000, base * 500_000))
        return tuple(reversed(bars))


def krx_config(desk: str = "") -> str:
    """The Korean desk alone; ``desk`` adds to its part."""
    return _CONFIG.format(desk=desk)


def krx_scenario(
    start: datetime, tape: CalmTape, listings: tuple[KrxListing, ...] = LISTINGS
) -> Scenario:
    """The calm market, beside an American one without stocks."""
    return Scenario(start=start, listings=(), krx=KrxScenario(listings=listings, tape=tape))


@asynccontextmanager
async def krx_stage(
    loop: SteppedLoop,
    data: Path,
    tape: CalmTape,
    *,
    start: datetime,
    listings: tuple[KrxListing, ...] = LISTINGS,
    desk: str = "",
    more: str = "",
) -> AsyncIterator[Stage]:
    """The Korean desk live; ``desk`` adds to its part of the configuration, ``more`` to all."""
    world, config = krx_scenario(start, tape, listings), krx_config(desk) + more
    async with stage(loop, data, world, mode=Mode.DRY_RUN, config=config) as s:
        offer = await s.assembly.control.switch_mode(DeskName.KRX, Mode.LIVE, TRADER)
        assert not offer.refusal, offer
        yield s
