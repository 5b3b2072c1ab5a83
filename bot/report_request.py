"""What /report was asked for: typed words, and the arguments of its buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from bot.format.arguments import RELATIVE, joined, meant
from engine.model.ids import DeskName
from reports.periods import SPANS, Span, period

_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
_ENDS = 2


class Wrong(StrEnum):
    """Why nothing can be shown for what was typed."""

    USAGE = "usage"
    NO_SUCH_DAY = "no_such_day"
    BACKWARDS = "backwards"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Request:
    """``desk`` None: all. ``until`` None: the last day of the book; ``since``: of a range."""

    span: Span
    desk: DeskName | None = None
    until: date | None = None
    since: date | None = None

    def encode(self) -> tuple[str, ...]:
        """As the arguments of a button."""
        days = ("" if day is None else day.isoformat() for day in (self.until, self.since))
        return (self.span, self.desk or "", *days)

    @classmethod
    def decode(cls, arguments: Sequence[str]) -> Self:
        """Back from a button; those of an earlier version know no ``since``."""
        span, desk, *days = arguments
        until, since = ([date.fromisoformat(day) if day else None for day in days] + [None])[:_ENDS]
        return cls(Span(span), DeskName(desk) if desk else None, until, since)


def parse(arguments: Sequence[str], today: date) -> Request | Wrong:
    """A period by name with or without a day of it, a day, or two days; and perhaps a desk."""
    typed = _words(arguments)
    since_today = [RELATIVE[word] for word in typed if word in RELATIVE]
    spans = [Span(word) for word in typed if word in set(SPANS)]
    desks = [DeskName(word) for word in typed if word in set(DeskName)]
    dates = [found for word in typed if (found := _DATE.fullmatch(word)) is not None]
    is_known = len(spans) + len(desks) + len(dates) + len(since_today) == len(typed)
    if not is_known or len(spans) > 1 or len(desks) > 1 or len(dates) > _ENDS:
        return Wrong.USAGE
    if since_today:
        if len(since_today) > 1 or spans or dates:
            return Wrong.USAGE
        return _counted(*since_today[0], desks[0] if desks else None, today)
    try:
        days = [_day(found) for found in dates]
    except ValueError:
        return Wrong.NO_SUCH_DAY
    return _request(spans, desks[0] if desks else None, days, today)


def desk_named(arguments: Sequence[str]) -> DeskName | None:
    """The desk that is named, whose day is today; None where none is, or more than one."""
    desks = {DeskName(word) for word in _words(arguments) if word in set(DeskName)}
    return desks.pop() if len(desks) == 1 else None


def _words(arguments: Sequence[str]) -> list[str]:
    text = joined(" ".join(arguments).replace("~", " "))
    return [meant(word) for word in text.split()]


def _counted(span: Span, back: int, desk: DeskName | None, today: date) -> Request:
    """The period that today is in, or one before it."""
    found = period(span, today)
    for _ in range(back):
        found = found.previous or found
    return Request(span, desk, min(found.last, today))


def _day(found: re.Match[str]) -> date:
    year, month, day = (int(part) for part in found.groups() if part)
    return date(year, month, day)


def _request(
    spans: Sequence[Span], desk: DeskName | None, days: Sequence[date], today: date
) -> Request | Wrong:
    if len(days) == _ENDS:
        since, until = days
        if spans:
            return Wrong.USAGE
        if until < since:
            return Wrong.BACKWARDS
        return Wrong.FUTURE if since > today else Request(Span.RANGE, desk, until, since)
    span, day = spans[0] if spans else Span.DAY, days[0] if days else None
    if (day is None and not spans) or (day is not None and span is Span.ALL):
        return Wrong.USAGE
    if day is not None and period(span, day).first > today:
        return Wrong.FUTURE
    return Request(span, desk, day)
