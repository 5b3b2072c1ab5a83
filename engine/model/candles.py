"""Open, high, low, close and volume over an interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic

from engine.model.money import Krw, M_co


@dataclass(frozen=True, slots=True)
class DayCandle:
    """One trading day, adjusted for splits and rights as of the day it was asked for."""

    day: date
    open: Krw
    high: Krw
    low: Krw
    close: Krw
    volume: int
    value: Krw | None = None  # traded won, where the reply has it


@dataclass(frozen=True, slots=True)
class MinuteCandle(Generic[M_co]):
    """One minute from ``at`` on (aware)."""

    at: datetime
    open: M_co
    high: M_co
    low: M_co
    close: M_co
    volume: int
