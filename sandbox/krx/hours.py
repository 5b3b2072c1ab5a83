"""KRX sessions by date, in Korean time.

Closures and special hours of 2025 and 2026 as the exchange published them; 2027 is projected from
laws and rules. The after-market opened on 2026-09-14.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sandbox.session import KST

AUCTION_OPEN = time(8, 30)
OPEN = time(9, 0)
CLOSE = time(15, 30)
CLOSING_AUCTION = timedelta(minutes=10)
AFTER_OPEN, AFTER_CLOSE = time(16, 0), time(20, 0)
AFTER_MARKET_SINCE = date(2026, 9, 14)
# The after-market leaves this much room after a late close (our own choice: no rule was found).
AFTER_PAUSE = timedelta(minutes=30)

_CLOSED = {
    2025: "01-01 01-27 01-28 01-29 01-30 03-03 05-01 05-05 05-06 06-03 06-06 08-15 10-03 10-06 "
    "10-07 10-08 10-09 12-25 12-31",
    2026: "01-01 02-16 02-17 02-18 03-02 05-01 05-05 05-25 06-03 07-17 08-17 09-24 09-25 10-05 "
    "10-09 12-25 12-31",
    2027: "01-01 02-08 02-09 03-01 05-03 05-05 05-13 07-19 08-16 09-14 09-15 09-16 10-04 10-11 "
    "12-27 12-31",
}
HOLIDAYS = frozenset(
    date.fromisoformat(f"{year}-{day}") for year, days in _CLOSED.items() for day in days.split()
)
_LATE_OPEN = (time(10, 0), time(15, 30))
_EXAM = (time(10, 0), time(16, 30))
SPECIAL_HOURS = {
    date(2025, 1, 2): _LATE_OPEN,
    date(2025, 11, 13): _EXAM,
    date(2026, 1, 2): _LATE_OPEN,
    date(2026, 11, 19): _EXAM,
    date(2027, 1, 4): _LATE_OPEN,
}


class KrxPhase(StrEnum):
    """What the KRX is doing; the pause between the close and the after-market is CLOSED."""

    CLOSED = "closed"
    OPENING_AUCTION = "opening auction"
    CONTINUOUS = "continuous"
    CLOSING_AUCTION = "closing auction"
    AFTER = "after-market"


@dataclass(frozen=True, slots=True)
class KrxDay:
    """One trading day's moments, aware UTC. Before 2026-09-14 there is no after-market: None."""

    day: date
    auction_open: datetime
    open: datetime
    close_auction: datetime
    close: datetime
    after_open: datetime | None
    after_close: datetime | None

    def phase(self, moment: datetime) -> KrxPhase:
        """The phase at a moment; each one begins with its first instant."""
        if self.auction_open <= moment < self.open:
            return KrxPhase.OPENING_AUCTION
        if self.open <= moment < self.close_auction:
            return KrxPhase.CONTINUOUS
        if self.close_auction <= moment < self.close:
            return KrxPhase.CLOSING_AUCTION
        if self.after_open and self.after_close and self.after_open <= moment < self.after_close:
            return KrxPhase.AFTER
        return KrxPhase.CLOSED


def is_trading_day(day: date) -> bool:
    """Whether the exchange opens; days outside the table go by the weekday."""
    return day.weekday() < 5 and day not in HOLIDAYS  # noqa: PLR2004 - Saturday is 5


def krx_day(day: date) -> KrxDay:
    """The moments of a trading day.

    Raises:
        ValueError: The exchange is closed that day.
    """
    if not is_trading_day(day):
        raise ValueError(f"{day} is not a KRX trading day")
    opens, closes = SPECIAL_HOURS.get(day, (OPEN, CLOSE))
    later = at(day, opens) - at(day, OPEN)
    close = at(day, closes)
    after_open = after_close = None
    if day >= AFTER_MARKET_SINCE:
        after_open = max(at(day, AFTER_OPEN), close + AFTER_PAUSE)
        after_close = at(day, AFTER_CLOSE)
    return KrxDay(
        day=day,
        auction_open=at(day, AUCTION_OPEN) + later,
        open=at(day, opens),
        close_auction=close - CLOSING_AUCTION,
        close=close,
        after_open=after_open,
        after_close=after_close,
    )


def phase(moment: datetime) -> KrxPhase:
    """The phase of the market at a moment of any day."""
    day = kst_date(moment)
    return krx_day(day).phase(moment) if is_trading_day(day) else KrxPhase.CLOSED


def at(day: date, clock_time: time) -> datetime:
    """A Korean wall-clock moment as aware UTC."""
    return datetime.combine(day, clock_time, KST).astimezone(UTC)


def kst_date(moment: datetime) -> date:
    """The calendar date in Korea."""
    return moment.astimezone(KST).date()


def next_trading_day(day: date, count: int = 1) -> date:
    """The ``count``-th trading day after ``day``."""
    for _ in range(count):
        day += timedelta(days=1)
        while not is_trading_day(day):
            day += timedelta(days=1)
    return day


def previous_trading_day(day: date) -> date:
    """The last trading day before ``day``."""
    day -= timedelta(days=1)
    while not is_trading_day(day):
        day -= timedelta(days=1)
    return day


def trading_day_on_or_after(day: date) -> date:
    """``day`` itself if the exchange opens, else the next trading day."""
    return day if is_trading_day(day) else next_trading_day(day)
