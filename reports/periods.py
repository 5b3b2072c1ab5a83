"""From when to when a report speaks: exchange dates, both included."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from engine.model.ids import DeskName, Mode

ZONES = {DeskName.KRX: ZoneInfo("Asia/Seoul"), DeskName.US: ZoneInfo("America/New_York")}
_DAY = timedelta(days=1)
_QUARTER = 3


class Span(StrEnum):
    """How long a report's period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"
    RANGE = "range"


SPANS = tuple(span for span in Span if span is not Span.RANGE)  # those with a name to ask for


@dataclass(frozen=True, slots=True)
class Period:
    """``first`` to ``last``. Weeks begin on Monday."""

    span: Span
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"a period from {self.first} to {self.last}: the end comes first")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def label(self) -> str:
        """Short and sortable."""
        first = self.first
        match self.span:
            case Span.DAY:
                return first.isoformat()
            case Span.WEEK:
                year, week, _ = first.isocalendar()
                return f"{year}-W{week:02d}"
            case Span.MONTH:
                return f"{first:%Y-%m}"
            case Span.QUARTER:
                return f"{first.year}-Q{(first.month - 1) // _QUARTER + 1}"
            case Span.YEAR:
                return str(first.year)
        last = self.last
        return f"{first.isoformat()} – {last.isoformat()}" if first < last else first.isoformat()

    @property
    def previous(self) -> Period | None:
        """The one before; None where there is none of this kind."""
        return self._beside(self.first, -_DAY)

    @property
    def following(self) -> Period | None:
        """The one after; None where there is none of this kind."""
        return self._beside(self.last, _DAY)

    def _beside(self, day: date, step: timedelta) -> Period | None:
        try:
            return None if self.span in _WITHOUT_NEXT else period(self.span, day + step)
        except OverflowError:  # the calendar ends there
            return None


_WITHOUT_NEXT = frozenset({Span.ALL, Span.RANGE})


def exchange_date(desk: DeskName, moment: datetime) -> date:
    """The date at the desk's exchange."""
    return moment.astimezone(ZONES[desk]).date()


def between(first: date, last: date) -> Period:
    """Any days. Raises ValueError where the end comes before the beginning."""
    return Period(Span.RANGE, first, last)


def period(span: Span, day: date) -> Period:
    """The whole period that a day is in. Raises ValueError for ``all`` and ``range``."""
    match span:
        case Span.DAY:
            return Period(span, day, day)
        case Span.WEEK:
            monday = day - day.weekday() * _DAY
            return Period(span, monday, monday + 6 * _DAY)
        case Span.MONTH:
            return Period(span, day.replace(day=1), _month_end(day.year, day.month))
        case Span.QUARTER:
            month = (day.month - 1) // _QUARTER * _QUARTER + 1
            end = _month_end(day.year, month + _QUARTER - 1)
            return Period(span, date(day.year, month, 1), end)
        case Span.YEAR:
            return Period(span, date(day.year, 1, 1), date(day.year, 12, 31))
    raise ValueError(f"{span} has no period of its own")


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def file_stem(desk: DeskName, mode: Mode, period: Period) -> str:
    """How files about a period of a desk begin."""
    return f"{desk}-{mode}-{period.label.replace(' – ', '_')}"
