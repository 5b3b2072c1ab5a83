"""A seeded trading day: opening burst, U-shaped volume, drift, jumps, thin premarket, halts.

Each symbol and day has dice of its own, so a day is the same whatever else is traded, and prints
are made one minute at a time while they are asked for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.market import Print, tick_size
from sandbox.model import Listing
from sandbox.session import session_day

MINUTE = timedelta(minutes=1)
LOT = 100
PREMARKET_PRINTS = 0.35
REGULAR_PRINTS = 7.0
MOST_PRINTS = 24
HALT_CHANCE = 0.03
JUMP_CHANCE = 0.003
HALT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class _Mood:
    """What kind of day a symbol has."""

    drift: float
    volatility: float
    activity: float
    gap: float
    halt_minute: int | None


class GeneratedTape:
    """Invents days from a seed. Same seed, same day."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        """The day's prints in time order, from 04:00 to the close."""
        dice = self._dice(listing.symbol, day, "path")
        mood = self._mood(listing.symbol, day)
        hours = session_day(day)
        price = float(listing.prev_close) * (1 + mood.gap)
        minute = hours.premarket_open
        while minute < hours.close:
            index = int((minute - hours.open) / MINUTE)
            length = int((hours.close - hours.open) / MINUTE)
            bustle = _bustle(index, length)
            if mood.halt_minute is None or not 0 <= index - mood.halt_minute < HALT_MINUTES:
                price = yield from _minute(dice, mood, minute, price, bustle)
            minute += MINUTE

    def halted(self, symbol: str, moment: datetime) -> bool:
        """Whether the symbol's trading pause is on."""
        try:
            hours = session_day(moment.date())
        except ValueError:
            return False
        start = self._mood(symbol, hours.day).halt_minute
        if start is None:
            return False
        began = hours.open + start * MINUTE
        return began <= moment < began + HALT_MINUTES * MINUTE

    def _dice(self, symbol: str, day: date, purpose: str) -> random.Random:
        return random.Random(f"{self._seed}:{symbol}:{day}:{purpose}")  # noqa: S311 - a game

    def _mood(self, symbol: str, day: date) -> _Mood:
        dice = self._dice(symbol, day, "mood")
        halts = dice.random() < HALT_CHANCE
        return _Mood(
            drift=dice.gauss(0.0, 0.012),
            volatility=dice.uniform(0.0006, 0.0014),
            activity=dice.uniform(0.6, 1.8),
            gap=dice.gauss(0.0, 0.006),
            halt_minute=dice.randrange(10, 330) if halts else None,
        )


def _minute(
    dice: random.Random, mood: _Mood, minute: datetime, price: float, bustle: float
) -> Generator[Print, None, float]:
    """The prints of one minute; returns the price at its end."""
    regular = bustle > PREMARKET_PRINTS / REGULAR_PRINTS
    expected = REGULAR_PRINTS * bustle * mood.activity
    count = min(MOST_PRINTS, _poisson(dice, expected))
    if regular and dice.random() < JUMP_CHANCE:
        price *= math.exp(dice.gauss(0.0, 0.008))
    step = mood.volatility * math.sqrt(max(bustle, 0.2)) / math.sqrt(max(count, 1))
    pull = mood.drift / 390 / max(count, 1)
    moments = sorted(dice.uniform(0.0, 59.9) for _ in range(count))
    for second in moments:
        price *= math.exp(pull + dice.gauss(0.0, step))
        yield _print(dice, minute + timedelta(seconds=second), price, wide=not regular)
    return price


def _print(dice: random.Random, at: datetime, price: float, *, wide: bool) -> Print:
    exact = Decimal(repr(price))
    tick = tick_size(exact)
    last = max(tick, exact.quantize(tick))
    spread = tick * (dice.randrange(2, 9) if wide else dice.choice((1, 1, 1, 2)))
    at_bid = dice.random() < 0.5  # noqa: PLR2004 - a coin
    bid = last if at_bid else last - spread
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return Print(
        at=at,
        price=last,
        size=_size(dice),
        bid=max(tick, bid),
        ask=last + spread if at_bid else last,
        bid_size=LOT * dice.randrange(1, 15),
        ask_size=LOT * dice.randrange(1, 15),
    )


def _size(dice: random.Random) -> int:
    """Mostly odd lots and a few round ones, now and then a block."""
    if dice.random() < 0.02:  # noqa: PLR2004 - share of blocks
        return LOT * dice.randrange(20, 200)
    return max(1, int(dice.lognormvariate(4.2, 1.0)))


def _bustle(index: int, length: int) -> float:
    """How busy minute ``index`` after the open is; 1 is the middle of the day."""
    if index < 0:
        return PREMARKET_PRINTS / REGULAR_PRINTS * (0.6 if index < -150 else 1.0)  # noqa: PLR2004
    opening = 3.5 * math.exp(-index / 8)
    smile = 0.8 + 1.6 * (2 * index / length - 1) ** 4
    return opening + smile


def _poisson(dice: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count
