"""US sessions: when the exchange and the broker take orders, in New York time.

Holidays 2025 and 2026 as published by NYSE; 2027 projected from its rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

ET = ZoneInfo("America/New_York")
KST = ZoneInfo("Asia/Seoul")

PREMARKET_OPEN = time(4, 0)
REGULAR_OPEN = time(9, 30)
REGULAR_CLOSE = time(16, 0)
EARLY_CLOSE = time(13, 0)

_CLOSED = {
    2025: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
    2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
}
_EARLY = {2025: "07-03 11-28 12-24", 2026: "11-27 12-24", 2027: "11-26"}


def _dates(table: dict[int, str]) -> frozenset[date]:
    return frozenset(
        date.fromisoformat(f"{year}-{day}") for year, days in table.items() for day in days.split()
    )


HOLIDAYS = _dates(_CLOSED)
EARLY_CLOSES = _dates(_EARLY)


class Phase(StrEnum):
    """What the US market is doing."""

    CLOSED = "closed"
    PREMARKET = "premarket"
    REGULAR = "regular"


@dataclass(frozen=True, slots=True)
class SessionDay:
    """One trading day's moments, aware UTC."""

    day: date
    premarket_open: datetime
    open: datetime
    close: datetime


def is_trading_day(day: date) -> bool:
    """Whether the exchange opens; days outside the table go by the weekday."""
    return day.weekday() < 5 and day not in HOLIDAYS  # noqa: PLR2004 - Saturday is 5


@cache  # a market that waits for its next day is asked before every print of the other
def session_day(day: date) -> SessionDay:
    """The moments of a trading day.

    Raises:
        ValueError: The exchange is closed that day.
    """
    if not is_trading_day(day):
        raise ValueError(f"{day} is not a US trading day")
    close = EARLY_CLOSE if day in EARLY_CLOSES else REGULAR_CLOSE
    return SessionDay(day, at(day, PREMARKET_OPEN), at(day, REGULAR_OPEN), at(day, close))


def at(day: date, clock_time: time) -> datetime:
    """A New York wall-clock moment as aware UTC."""
    return datetime.combine(day, clock_time, ET).astimezone(UTC)


def us_date(moment: datetime) -> date:
    """The calendar date in New York."""
    return moment.astimezone(ET).date()


@cache
def next_trading_day(day: date) -> date:
    """The first trading day after ``day``."""
    day += timedelta(days=1)
    while not is_trading_day(day):
        day += timedelta(days=1)
    return day


def trading_day_on_or_after(day: date) -> date:
    """``day`` itself if the exchange opens, else the next trading day."""
    return day if is_trading_day(day) else next_trading_day(day)


def phase(moment: datetime) -> Phase:
    """The phase at ``moment``. The after-market is not played: it counts as closed."""
    day = us_date(moment)
    if not is_trading_day(day):
        return Phase.CLOSED
    hours = session_day(day)
    if hours.premarket_open <= moment < hours.open:
        return Phase.PREMARKET
    if hours.open <= moment < hours.close:
        return Phase.REGULAR
    return Phase.CLOSED
