"""Ten levels a side around a price: invented, but the same whenever the same book is asked for.

The best level is the trade's own. The sizes behind it belong to their prices, so that a level
keeps its face while the market moves around it; round prices attract more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

from sandbox.krx.listings import KrxListing
from sandbox.krx.model import BookLevels, Level
from sandbox.krx.prices import next_above, next_below, tick_size

LEVELS = 10
# Won shown at one level: a share of a usual day, within bounds.
DAY_PARTS = 600
LEAST_WON, MOST_WON = 5_000_000, 150_000_000
ROUND_STEPS = 10


def typical_size(listing: KrxListing) -> int:
    """Shares at an ordinary level."""
    price = int(listing.base_price) or 1
    won = min(MOST_WON, max(LEAST_WON, listing.usual_volume * price // DAY_PARTS))
    return max(1, won // price)


def book_around(
    listing: KrxListing, at: datetime, limits: tuple[Decimal, Decimal], bid: Level, ask: Level
) -> BookLevels:
    """The book behind a best bid and ask (price 0: nobody on that side), within the limits."""
    lower, upper = limits

    def behind(best: Level, step: Callable[[Decimal, str], Decimal]) -> tuple[Level, ...]:
        return tuple(_side(listing, at, best, step, lower, upper)) if best.price else ()

    return BookLevels(at, asks=behind(ask, next_above), bids=behind(bid, next_below))


def _side(
    listing: KrxListing,
    at: datetime,
    best: Level,
    step: Callable[[Decimal, str], Decimal],
    lower: Decimal,
    upper: Decimal,
) -> Iterator[Level]:
    usual, price = typical_size(listing), best.price
    for depth in range(LEVELS):
        if not lower <= price <= upper:
            return
        size = best.size
        if depth:
            tick = tick_size(price, listing.group)
            size = _size(listing.symbol, price, tick, usual, at.hour, at.minute)
        yield Level(price, size)
        price = step(price, listing.group)


@lru_cache(maxsize=1 << 14)
def _size(symbol: str, price: Decimal, step: int, usual: int, hour: int, minute: int) -> int:
    face = crc32(f"{symbol}{price}".encode()) % 1000 / 1000
    mood = crc32(f"{symbol}{price}{hour:02}{minute:02}".encode()) % 1000 / 1000
    size = usual * (0.4 + 1.6 * face) * (0.8 + 0.4 * mood)
    if price % (step * ROUND_STEPS) == 0:
        size *= 1.8
    return max(1, int(size))
