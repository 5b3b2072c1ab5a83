"""Round places on an axis: few enough that their labels never meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

_NICE = (1, 2, 2.5, 3, 4, 5, 10)
_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
_MARGIN = 0.08


def figures(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` round figures within low and high, low < high."""
    step = _step((high - low) / max(1, most - 1))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    while last - first + 1 > most:
        step = _step(step * 1.01)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def times(first: datetime, last: datetime, most: int) -> list[datetime]:
    """At most ``most`` round minutes of the day from first to last."""
    length = (last - first).total_seconds() / 60
    step = next((one for one in _MINUTES if length / one <= most - 1), None)
    if step is None:
        return [first, last] if last > first else [first]
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = (first - midnight).total_seconds() / 60
    at = midnight + timedelta(minutes=math.ceil(passed / step) * step)
    found = []
    while at <= last:
        found.append(at)
        at += timedelta(minutes=step)
    return found or [first]


def spread(count: int, most: int) -> list[int]:
    """At most ``most`` places of ``count``, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(number * (count - 1) / (most - 1)) for number in range(most)})


def room(values: Sequence[float]) -> tuple[float, float]:
    """From a little under to a little over all; never empty."""
    low, high = min(values), max(values)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return low - margin, high + margin


def _step(rough: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in _NICE if nice * power >= rough - power * 1e-9)
