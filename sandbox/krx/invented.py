"""An invented Korean day (a plain one as yet)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sandbox.krx.hours import krx_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar
from sandbox.krx.past import invented_days
from sandbox.krx.prices import floor_tick
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Side


class InventedTape:
    """Invents days from a seed. Same seed, same day."""

    is_coarse = False

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        """The day's prints in time order."""
        dice = random.Random(f"{self._seed}:{listing.symbol}:{day}")  # noqa: S311 - a game
        hours = krx_day(day)
        yield KrxPrint(hours.open, listing.base_price, 100, kind=PrintKind.AUCTION)
        at = hours.open + timedelta(seconds=dice.uniform(1, 30))
        price = float(listing.base_price)
        while at < hours.close_auction:
            price *= 1 + dice.gauss(0, 0.001)
            side = dice.choice((Side.BUY, Side.SELL))
            yield KrxPrint(at, floor_tick(Decimal(price), listing.group), 50, side)
            at += timedelta(seconds=dice.uniform(1, 30))
        last = floor_tick(Decimal(price), listing.group)
        yield KrxPrint(hours.close, last, 100, kind=PrintKind.AUCTION)

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        """Days before a date, oldest first; the last one closes at the base price."""
        return invented_days(self._seed, listing, before)
