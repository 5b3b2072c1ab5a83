"""The course of one symbol's invented day, minute by minute: price, bustle, who is keener."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

from sandbox.krx.plots import Part, Role, turns

DAY_SD = (0.011, 0.022)
GAP_SD = 0.005
DAY_DRIFT = (0.0008, 0.007)
# The opening moves more than noon, for about this many minutes.
OPENING_HEAT, OPENING_MINUTES = 1.6, 12.0
# A name with a part stays this far below its level until then.
BELOW = 0.005
LEAST_LEVEL = 0.005
# A high of yesterday further away than this is out of reach; then the day's own is the level.
OUT_OF_REACH = 0.05
# A level further away than this is approached by a gap at the open.
GAP_FROM, GAP_TO = 0.02, 0.012
# How many minutes the way to the level takes, by a quarter of the minutes there are.
LEAST_APPROACH, MOST_APPROACH = 3, 25
WAVER_SD, WAVER_KEEP = 0.0013, 0.6
# How many times the usual volume: of a name with a part, all day, and while it leaves its level.
NOTICED, SURGE = 2.0, 6.0
SURGE_BEFORE, SURGE_AFTER, SURGE_FADES = 4, 11, 20.0
# No price leaves the limits of +-30 %.
FURTHEST = 0.25


@dataclass(frozen=True, slots=True)
class DayPath:
    """``prices`` are logarithms over the base price, one more than there are minutes.

    ``bustle`` multiplies the usual volume of each minute.
    """

    prices: list[float]
    bustle: list[float]

    def lean(self, minute: int) -> float:
        """How likely a trade of this minute was a buyer's, 0 to 1."""
        move = self.prices[minute + 1] - self.prices[minute]
        return 0.5 + 0.22 * math.tanh(move / 0.0022)


def day_path(dice: random.Random, minutes: int, prev_high: float, part: Part | None) -> DayPath:
    """Invent a day. ``prev_high`` is a logarithm over the base price."""
    prices = _walk(dice, minutes)
    active = math.exp(dice.gauss(-0.06, 0.35))
    bustle = [active * math.exp(dice.gauss(-0.06, 0.35)) for _ in range(minutes)]
    if part is not None:
        _play(dice, part, prices, prev_high)
        bustle = [
            factor / active * NOTICED * _surge(minute - part.start)
            for minute, factor in enumerate(bustle)
        ]
    return DayPath([max(-FURTHEST, min(FURTHEST, price)) for price in prices], bustle)


def _walk(dice: random.Random, minutes: int) -> list[float]:
    sd = dice.uniform(*DAY_SD) / math.sqrt(minutes)
    drift = dice.gauss(*DAY_DRIFT) / minutes
    prices = [dice.gauss(0.001, GAP_SD)]
    for minute in range(minutes):
        heat = 1 + OPENING_HEAT * math.exp(-minute / OPENING_MINUTES)
        prices.append(prices[-1] + drift + dice.gauss(0, sd * heat))
    return prices


def _play(dice: random.Random, part: Part, prices: list[float], prev_high: float) -> None:
    """Bend the walk to the part's turns, and let it walk on from the last one."""
    approach = min(MOST_APPROACH, max(LEAST_APPROACH, part.start // 4))
    first = max(0, part.start - approach)
    level = max(LEAST_LEVEL, prev_high if prev_high < OUT_OF_REACH else 0.0)
    if level - prices[0] > GAP_FROM:
        gap = level - GAP_TO - prices[0]
        prices[:] = [price + gap for price in prices]
    for minute in range(first + 1):
        prices[minute] = min(prices[minute], level - BELOW + dice.uniform(-0.001, 0.001))
    level = max(level, *prices[: first + 1])
    if part.role in {Role.ROCKET, Role.SLUMP}:
        level = prices[first]
    knots = turns(dice, part, (first, prices[first]), level)
    walked = list(prices)
    waver = 0.0
    for (left, low), (right, high) in pairwise(knots):
        for minute in range(left + 1, min(right, len(prices) - 1) + 1):
            waver = waver * WAVER_KEEP + dice.gauss(0, WAVER_SD)
            prices[minute] = low + (high - low) * (minute - left) / (right - left) + waver
    last = knots[-1][0]
    for minute in range(last + 1, len(prices)):
        prices[minute] = prices[last] + (walked[minute] - walked[last])


def _surge(since: int) -> float:
    if since < -SURGE_BEFORE:
        return 1.0
    if since < 0:
        return 1 + (SURGE - 1) * 0.7 * (since + SURGE_BEFORE + 1) / (SURGE_BEFORE + 1)
    if since <= SURGE_AFTER:
        return SURGE
    return 1 + (SURGE - 1) * math.exp(-(since - SURGE_AFTER) / SURGE_FADES)
