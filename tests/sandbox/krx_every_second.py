"""A small Korean market that prints every second, served whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta

from sandbox.http import Running, serve
from sandbox.krx.hours import KrxPhase, at, krx_day
from sandbox.krx.listings import DEFAULT_KRX, KrxListing
from sandbox.krx.model import DayBar
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Side
from sandbox.scenario import Scenario, build

DAY = date(2026, 11, 20)
BUSY = next(listing for listing in DEFAULT_KRX if listing.is_ordinary)
SECOND = timedelta(seconds=1)
EVENING = at(DAY, time(17))


class EverySecond:
    """Prints once a second in continuous trading, expects once a second in auctions.

    All within five minutes of some moments, but for the prints of the two auctions.
    """

    is_recorded = False

    def __init__(self, *moments: datetime) -> None:
        self._busy = [moment + count * SECOND for moment in moments for count in range(300)]

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        hours, price = krx_day(day), listing.base_price
        for moment in sorted({hours.open, hours.close, *self._busy}):
            kind = {
                KrxPhase.OPENING_AUCTION: PrintKind.EXPECTED,
                KrxPhase.CLOSING_AUCTION: PrintKind.EXPECTED,
            }.get(hours.phase(moment), PrintKind.TRADE)
            if moment in (hours.open, hours.close):
                kind = PrintKind.AUCTION
            side = Side.BUY if kind is PrintKind.TRADE else None
            if hours.phase(moment) is not KrxPhase.CLOSED or moment == hours.close:
                yield KrxPrint(moment, price, 1 + moment.second, side, kind)

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        return ()


@asynccontextmanager
async def served(clock_time: time, speed: float = 60.0) -> AsyncIterator[Running]:
    """A market that stands still until its clock is resumed."""
    start = at(DAY, clock_time)
    krx = KrxScenario((BUSY,), tape=EverySecond(start, EVENING))
    scenario = Scenario(start, speed=speed, listings=(), krx=krx)
    world = build(scenario)
    world.clock.freeze()
    running = await serve(world)
    try:
        yield running
    finally:
        await running.close()
