"""Trading days of the US exchanges and the desk's hours in them.

Closures and early closes as published by NYSE (nyse.com/markets/hours-calendars) for 2025 and
2026, with the day of mourning of 2025-01-09; 2027 is projected from NYSE's rules and to be
checked when published. Hours are New York time; what leaves this module is UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytz

NEW_YORK = pytz.timezone("America/New_York")
_SATURDAY = 5
_CLOSE = time(16, 0)
_PREMARKET = time(4, 0)
_OPEN = time(9, 30)
_NOON = time(12, 0)
READINESS_BEFORE = timedelta(minutes=10)
SUMMARY_AFTER = timedelta(minutes=10)

FIRST_DATE = date(2025, 1, 1)
LAST_DATE = date(2027, 12, 31)
US_CLOSED = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-01-01", "2025-01-09", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26"),
        *("2025-06-19", "2025-07-04", "2025-09-01", "2025-11-27", "2025-12-25"),
        *("2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19"),
        *("2026-07-03", "2026-09-07", "2026-11-26", "2026-12-25"),
        *("2027-01-01", "2027-01-18", "2027-02-15", "2027-03-26", "2027-05-31", "2027-06-18"),
        *("2027-07-05", "2027-09-06", "2027-11-25", "2027-12-24"),
    )
)
US_EARLY_CLOSES: Mapping[date, time] = {
    date.fromisoformat(day): time(13, 0)
    for day in (
        *("2025-07-03", "2025-11-28", "2025-12-24"),
        *("2026-11-27", "2026-12-24", "2027-11-26"),
    )
}


def exchange_date(moment: datetime) -> date:
    """The date in New York."""
    return moment.astimezone(NEW_YORK).date()


def new_york(day: date, at: time) -> datetime:
    """A New York time of day in UTC."""
    return NEW_YORK.localize(datetime.combine(day, at)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day of the desk in UTC. ``is_listed`` False: the table does not know the day."""

    day: date
    readiness: datetime
    premarket: datetime
    regular: datetime
    window_end: datetime
    summary: datetime
    close: datetime
    is_listed: bool


class SessionTable:
    """Which days trade. Outside its dates every weekday is taken for an ordinary one, unlisted.

    ``closed`` and ``early_closes`` add to the built-in table (config: calendar).
    """

    def __init__(
        self,
        *,
        closed: Collection[date] = (),
        early_closes: Mapping[date, time] | None = None,
        first_date: date = FIRST_DATE,
        last_date: date = LAST_DATE,
    ) -> None:
        self._closed = US_CLOSED | frozenset(closed)
        self._early = {**US_EARLY_CLOSES, **(early_closes or {})}
        self.first_date = first_date
        self.last_date = last_date
        self._known: dict[date, Session | None] = {}

    def correct(self, closed: Collection[date], early_closes: Mapping[date, time]) -> None:
        """Take other corrections of the trader."""
        self._closed = US_CLOSED | frozenset(closed)
        self._early = {**US_EARLY_CLOSES, **early_closes}
        self._known.clear()

    def covers(self, day: date) -> bool:
        """Whether the table knows the day."""
        return self.first_date <= day <= self.last_date

    def session_on(self, day: date) -> Session | None:
        """The day's session, None when the exchanges are closed."""
        if day not in self._known:
            self._known[day] = self._build(day)
        return self._known[day]

    def next_session(self, after: date) -> Session:
        """The first session on a later day."""
        day = after + timedelta(days=1)
        while (session := self.session_on(day)) is None:
            day += timedelta(days=1)
        return session

    def _build(self, day: date) -> Session | None:
        if day.weekday() >= _SATURDAY or day in self._closed:
            return None
        close = new_york(day, self._early.get(day, _CLOSE))
        premarket = new_york(day, _PREMARKET)
        window_end = min(new_york(day, _NOON), close)
        return Session(
            day=day,
            readiness=premarket - READINESS_BEFORE,
            premarket=premarket,
            regular=min(new_york(day, _OPEN), close),
            window_end=window_end,
            summary=window_end + SUMMARY_AFTER,
            close=close,
            is_listed=self.covers(day),
        )
