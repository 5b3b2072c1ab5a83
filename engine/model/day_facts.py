"""What a desk tells of its day: windows by the clock, the calendar's end, the day's sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic

from engine.model.entry_facts import HeldBack
from engine.model.money import FxRate, M_co


class Window(StrEnum):
    """What the US desk does by the clock."""

    ASLEEP = "asleep"
    PREMARKET = "premarket"  # 04:00-09:30 ET, REST polling
    REGULAR = "regular"  # 09:30-12:00 ET, WebSocket
    FOLLOW_UP = "follow_up"  # after 12:00 ET with orders still open


@dataclass(frozen=True, slots=True)
class WindowChanged:
    """The desk moved to another part of its day."""

    window: Window
    until: datetime | None
    armed: int


@dataclass(frozen=True, slots=True)
class CalendarWarning:
    """The session table ends soon, or does not cover today."""

    last_date: date
    days_left: int


@dataclass(frozen=True, slots=True)
class DaySummary(Generic[M_co]):
    """What the desk's day brought; told ten minutes after its window."""

    day: date
    sales: int
    gross_gain: M_co
    fees: M_co
    open_positions: int
    used_calls: int
    fx: FxRate | None
    tax: M_co | None = None
    entries: int = 0
    held_back: tuple[HeldBack, ...] = ()
