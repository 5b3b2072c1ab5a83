"""The days before the first one, invented backwards from the base price, and their minutes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sandbox.krx.hours import krx_day, previous_trading_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import HUNDREDTH, ZERO, DayBar, MinuteBar
from sandbox.krx.prices import floor_tick
from sandbox.krx.volume_curve import CLOSING_SHARE, OPENING_SHARE, REST, minute_shares

DAYS = 120
MINUTE = timedelta(minutes=1)
DAILY_SD = 0.02
DAILY_RISE = 0.0012
LARGEST_MOVE = 0.12
VOLUME_SD = 0.32
# Yesterday's high stays this close to its close, so that a good morning can reach it.
LAST_HIGH = 0.018


def invented_days(seed: int, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
    """Days before a date, oldest first; the last one closes at the base price."""
    dice = random.Random(f"{seed}:{listing.symbol}:past")  # noqa: S311 - a game
    bars, day, close = [], previous_trading_day(before), float(listing.base_price)
    for age in range(DAYS):
        move = max(-LARGEST_MOVE, min(LARGEST_MOVE, dice.gauss(DAILY_RISE, DAILY_SD)))
        if age == 0:
            move = dice.uniform(-0.012, 0.018)
        opened = close / math.exp(move) * (1 + dice.gauss(0, 0.004))
        if not listing.usual_volume:
            bars.append(_untraded(day, listing.base_price))
        else:
            bars.append(_day(dice, listing, day, (opened, close), last=age == 0))
            close /= math.exp(move)
        day = previous_trading_day(day)
    return tuple(reversed(bars))


def _day(
    dice: random.Random,
    listing: KrxListing,
    day: date,
    ends: tuple[float, float],
    *,
    last: bool,
) -> DayBar:
    opened, closed = (_on_step(price, listing.group) for price in ends)
    if last:
        closed = listing.base_price
    reach = LAST_HIGH / 2 if last else DAILY_SD
    wide = min(abs(dice.gauss(0.002, reach / 2)), reach)
    deep = min(abs(dice.gauss(0.002, reach / 2)), reach)
    high = _on_step(float(max(opened, closed)) * (1 + wide), listing.group)
    low = _on_step(float(min(opened, closed)) * (1 - deep), listing.group)
    calm = math.exp(dice.gauss(-VOLUME_SD * VOLUME_SD / 2, VOLUME_SD))
    stir = 0.85 + 7 * abs(float(closed / opened) - 1)
    volume = max(1, int(listing.usual_volume * calm * min(stir, 2.5)))
    value = (opened + high + low + closed) / 4 * volume
    high, low = max(high, opened, closed), min(low, opened, closed)
    return DayBar(day, opened, high, low, closed, volume, value.to_integral_value())


def _untraded(day: date, price: Decimal) -> DayBar:
    return DayBar(day, price, price, price, price, 0, ZERO)


def invented_index_days(segment: str, last_close: Decimal, before: date) -> tuple[DayBar, ...]:
    """An index before a date, oldest first."""
    dice = random.Random(f"{segment}:past")  # noqa: S311 - a game
    bars, day, close = [], previous_trading_day(before), float(last_close)
    for _ in range(DAYS):
        opened = close / math.exp(dice.gauss(0.0006, 0.008))
        high = max(opened, close) * (1 + dice.uniform(0.0005, 0.006))
        low = min(opened, close) * (1 - dice.uniform(0.0005, 0.006))
        first, top, bottom, last = (
            Decimal(value).quantize(HUNDREDTH) for value in (opened, high, low, close)
        )
        volume = int(dice.uniform(0.8, 1.2) * 450_000_000)
        bars.append(DayBar(day, first, top, bottom, last, volume, Decimal(volume * 23_000)))
        close, day = opened * (1 + dice.gauss(0, 0.002)), previous_trading_day(day)
    return tuple(reversed(bars))


def minutes_of(bar: DayBar, symbol: str, group: str = "ST") -> tuple[MinuteBar, ...]:
    """Minutes that add up to a day's bar: its open, high, low, close and exact volume."""
    if not bar.volume:
        return ()
    hours = krx_day(bar.day)
    length = int((hours.close_auction - hours.open) / MINUTE)
    shares = [share * REST for share in minute_shares(length)]
    shares[0] += OPENING_SHARE
    starts = [hours.open + index * MINUTE for index in range(length)]
    path = list(_path(bar, symbol, length, group))
    shares.append(CLOSING_SHARE)
    starts.append(hours.close)
    path.append((bar.close, bar.close))
    minutes, done, value = [], 0, ZERO
    passed = 0.0
    for start, share, (first, last) in zip(starts, shares, path, strict=True):
        passed += share
        volume = round(bar.volume * passed) - done
        done += volume
        if not volume:
            continue
        value += (first + last) / 2 * volume
        high, low = max(first, last), min(first, last)
        minutes.append(MinuteBar(start, first, high, low, last, volume, value.to_integral_value()))
    return tuple(minutes)


def _path(bar: DayBar, symbol: str, length: int, group: str) -> Iterator[tuple[Decimal, Decimal]]:
    """First and last price of each minute: by way of low and high, in the order of the day."""
    dice = random.Random(f"{symbol}:{bar.day}:minutes")  # noqa: S311 - a game
    turns = sorted(dice.sample(range(1, length - 1), 2))
    rose = bar.close >= bar.open
    stops = (bar.low, bar.high) if rose else (bar.high, bar.low)
    knots = [(0, bar.open), (turns[0], stops[0]), (turns[1], stops[1]), (length, bar.close)]
    before = bar.open
    for index in range(length):
        here = next(n for n in range(3) if index < knots[n + 1][0])
        (left, low), (right, high) = knots[here], knots[here + 1]
        exact = float(low) + float(high - low) * (index + 1 - left) / (right - left)
        if index + 1 != right:
            exact *= 1 + dice.gauss(0, 0.0008)
        price = high if index + 1 == right else _on_step(exact, group)
        price = min(max(price, bar.low), bar.high)
        yield before, price
        before = price


def _on_step(price: float, group: str) -> Decimal:
    return floor_tick(Decimal(price), group)
