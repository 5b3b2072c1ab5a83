"""Invented Korean days: auctions, a busy opening, breakouts, a U-shaped rest, an after-market.

Each symbol and day has dice of its own, and prints are made one minute at a time while they are
asked for. Who breaks out is decided by the seed and the day for the whole list.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from sandbox.krx.day_path import DayPath, day_path
from sandbox.krx.depth import LEAST_WON, typical_size
from sandbox.krx.hours import KrxDay, krx_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar
from sandbox.krx.past import invented_days
from sandbox.krx.plots import Part, cast
from sandbox.krx.prices import FUND_GROUPS, tick_size
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.krx.volume_curve import CLOSING_SHARE, OPENING_SHARE, REST, minute_shares
from sandbox.model import Side

MINUTE = timedelta(minutes=1)
HUNDRED_MILLION = 100_000_000
# Prints of a usual day: this many times (value in 100 million won) to the power.
PRINTS, PRINTS_POWER = 17.0, 0.72
FEWEST_PRINTS = 25.0
MOST_PRINTS = 240
# More volume comes in more prints and in larger ones.
BUSTLE_TO_COUNT = 0.65
SIZE_SD = 1.1
# Names that trade less than this much a day never lead: nobody could trade them.
LEADS_FROM = 120 * HUNDRED_MILLION
EXPECTED_FOR = timedelta(minutes=10)
EXPECTED_EVERY_S = 12.0
MOST_SHOWN_WON = 300_000_000
AFTER_PRINTS = 0.02


class InventedTape:
    """Invents days from a seed. Same seed and list, same day."""

    is_recorded = False

    def __init__(self, seed: int, listings: Iterable[KrxListing] = ()) -> None:
        self._seed = seed
        self._leaders = tuple(
            entry.symbol
            for entry in listings
            if entry.is_ordinary and entry.usual_volume * entry.base_price >= LEADS_FROM
        )
        self.parts = cache(self._parts)

    def _parts(self, day: date) -> dict[str, Part]:
        """Which symbols break out that day, and how."""
        return cast(self._seed, day, self._leaders, _length(krx_day(day)))

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        """The day's prints in time order."""
        if listing.halted or not listing.usual_volume:
            return
        dice = random.Random(f"{self._seed}:{listing.symbol}:{day}")  # noqa: S311 - a game
        hours = krx_day(day)
        base = float(listing.base_price)
        high = math.log(float(listing.prev_high) / base) if listing.prev_high else 0.0
        path = day_path(dice, _length(hours), high, self.parts(day).get(listing.symbol))
        pen = _Pen(dice, listing)
        opens, closes = (base * math.exp(path.prices[place]) for place in (0, -1))
        yield from pen.auction(hours.open, opens, OPENING_SHARE * path.bustle[0])
        for minute, share in enumerate(minute_shares(_length(hours))):
            yield from pen.minute(hours.open + minute * MINUTE, path, minute, share * REST)
        yield from pen.auction(hours.close, closes, CLOSING_SHARE * path.bustle[-1])
        if hours.after_open and hours.after_close and listing.group not in FUND_GROUPS:
            yield from pen.after_market(hours.after_open, hours.after_close, closes)

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        """Days before a date, oldest first; the last one closes at the base price."""
        return invented_days(self._seed, listing, before)


class _Pen:
    """Writes the prints of one symbol's day."""

    def __init__(self, dice: random.Random, listing: KrxListing) -> None:
        self._dice = dice
        self._group = listing.group
        self._base = float(listing.base_price)
        self._usual = listing.usual_volume
        worth = self._usual * self._base / HUNDRED_MILLION
        self._prints = max(FEWEST_PRINTS, PRINTS * worth**PRINTS_POWER)
        self._typical = typical_size(listing)
        self._shown = LEAST_WON / self._base, MOST_SHOWN_WON / self._base
        self._spreads = (1, 1, 1, 1, 2) if worth > 150 else (1, 1, 2, 2, 3)  # noqa: PLR2004
        self._jitter = 0.0

    def auction(self, at: datetime, price: float, share: float) -> Iterator[KrxPrint]:
        """What the auction promises, and what it trades at its end."""
        size = max(1, int(self._usual * share))
        final = self._floor(price)
        moment = at - EXPECTED_FOR
        while True:
            moment += timedelta(seconds=self._dice.expovariate(1 / EXPECTED_EVERY_S))
            if moment >= at:
                break
            left = (at - moment) / EXPECTED_FOR
            guess = self._floor(price * math.exp(self._dice.gauss(0, 0.006 * left)))
            part = max(1, int(size * (1 - left) * self._dice.uniform(0.85, 1.0)))
            yield KrxPrint(_ms(moment), Decimal(guess), part, kind=PrintKind.EXPECTED)
        bid, ask, bid_size, ask_size = self._best(final, 0.5)
        yield KrxPrint(
            at, Decimal(final), size, None, PrintKind.AUCTION,
            Decimal(bid), Decimal(ask), bid_size, ask_size,
        )  # fmt: skip

    def minute(
        self, start: datetime, path: DayPath, minute: int, share: float
    ) -> Iterator[KrxPrint]:
        """The prints of one minute of continuous trading."""
        dice, bustle = self._dice, path.bustle[minute]
        expected = self._prints * share * bustle**BUSTLE_TO_COUNT
        count = min(MOST_PRINTS, _poisson(dice, expected))
        mean_size = self._usual * share * bustle / expected
        low, high = path.prices[minute], path.prices[minute + 1]
        lean = path.lean(minute)
        for second in sorted(dice.uniform(0.0, 59.99) for _ in range(count)):
            exact = self._base * math.exp(low + (high - low) * second / 60 + self._noise())
            yield self._print(_ms(start + timedelta(seconds=second)), exact, mean_size, lean)

    def after_market(self, opens: datetime, closes: datetime, price: float) -> Iterator[KrxPrint]:
        """A few prints of the evening around the close."""
        count = _poisson(self._dice, self._prints * AFTER_PRINTS)
        length = (closes - opens).total_seconds()
        mean_size = self._usual / self._prints / 3
        for second in sorted(self._dice.uniform(1, length - 1) for _ in range(count)):
            price *= math.exp(self._dice.gauss(0, 0.0012))
            yield self._print(_ms(opens + timedelta(seconds=second)), price, mean_size, 0.5)

    def _print(self, at: datetime, exact: float, mean_size: float, lean: float) -> KrxPrint:
        dice = self._dice
        bid, ask, bid_size, ask_size = self._best(self._floor(exact), lean)
        buys = dice.random() < lean
        size = max(1, int(mean_size * dice.lognormvariate(-SIZE_SD * SIZE_SD / 2, SIZE_SD)))
        side = Side.BUY if buys else Side.SELL
        price = Decimal(ask if buys else bid)
        return KrxPrint(
            at, price, size, side, PrintKind.TRADE, Decimal(bid), Decimal(ask), bid_size, ask_size
        )

    def _best(self, bid: int, lean: float) -> tuple[int, int, int, int]:
        """Bid, ask and what stands there; the keener side shows more."""
        ask = bid
        for _ in range(self._dice.choice(self._spreads)):
            ask += tick_size(ask, self._group)
        return bid, ask, self._size_shown(2 * lean), self._size_shown(2 - 2 * lean)

    def _size_shown(self, keen: float) -> int:
        least, most = self._shown
        size = self._typical * keen * self._dice.lognormvariate(0, 0.7)
        return max(1, int(min(max(size, least), most)))

    def _noise(self) -> float:
        self._jitter = 0.8 * self._jitter + self._dice.gauss(0, 0.0003)
        return self._jitter

    def _floor(self, price: float) -> int:
        step = tick_size(price, self._group)
        return max(1, int(price // step) * step)


def _length(hours: KrxDay) -> int:
    """Minutes of continuous trading."""
    return int((hours.close_auction - hours.open) / MINUTE)


def _ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _poisson(dice: random.Random, mean: float) -> int:
    """Events of a minute; a normal stands in where there are many."""
    if mean > 30:  # noqa: PLR2004 - where the two meet closely
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count
