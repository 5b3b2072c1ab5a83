"""How a day's volume spreads over its minutes, and how the past is cut to that shape."""

from __future__ import annotations

import math
from functools import cache

# Shares of a day's volume, as seen on real stock-days: opening and closing auction.
OPENING_SHARE = 0.035
CLOSING_SHARE = 0.06
REST = 1 - OPENING_SHARE - CLOSING_SHARE
# A burst after the open that fades within minutes, over a flat middle, and a rise to the end.
BURST, BURST_MINUTES = 4.5, 13.0
FINISH, FINISH_MINUTES = 1.3, 18.0


@cache
def minute_shares(minutes: int) -> tuple[float, ...]:
    """Each minute's share of the continuous volume; they add up to 1."""
    raw = [
        1
        + BURST * math.exp(-index / BURST_MINUTES)
        + FINISH * math.exp((index + 1 - minutes) / FINISH_MINUTES)
        for index in range(minutes)
    ]
    total = sum(raw)
    return tuple(value / total for value in raw)
