"""How much of the exchange's sessions a desk was there, from the spans it left in state.db."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.model.ids import DeskName
from engine.model.krx_settings import KrxSettings
from engine.rules.krx.sessions import KrxSessionTable
from engine.rules.sessions import SessionTable
from reports.periods import Period, exchange_date

Span = tuple[datetime, datetime]  # aware: first and last moment of it
_DAY = timedelta(days=1)
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Uptime:
    """``session``: how long the exchange was open from ``since`` on, ``running``: with a desk.

    ``since``: the first day of the period on which anybody wrote down that the desk ran.
    """

    since: date
    session: timedelta
    running: timedelta

    @property
    def pct(self) -> Decimal:
        """Share of the sessions."""
        return Decimal(self.running / self.session * _HUNDRED)


def uptime(spans: Sequence[Span], desk: DeskName, wanted: Period, now: datetime) -> Uptime | None:
    """Count regular hours of the built-in calendar up to ``now``.

    ``spans``: all of the desk in the book's mode, by their begin; where two lie over each other
    (the clock was put back), that counts once. None where none is of the period or before it, or
    where no session of it began yet.
    """
    hours = _HOURS[desk]
    if not spans:
        return None
    since = max(wanted.first, exchange_date(desk, spans[0][0]))
    last = min(wanted.last, exchange_date(desk, now))
    session = running = timedelta()
    place = 0
    for opens, end in filter(None, map(hours, _days(since, last))):
        closes = min(end, now)
        session += max(closes - opens, timedelta())
        reached = opens
        while place < len(spans) and spans[place][1] <= opens:
            place += 1
        for began, until in spans[place:]:
            if began >= closes:
                break
            running += max(min(until, closes) - max(began, reached), timedelta())
            reached = max(reached, min(until, closes))
    return Uptime(since, session, running) if session else None


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def _krx(day: date) -> Span | None:
    found = _KRX.session_on(day)
    return None if found is None else (found.open, found.close)


def _us(day: date) -> Span | None:
    found = _US.session_on(day)
    return None if found is None else (found.regular, found.close)


_KRX, _US = KrxSessionTable(KrxSettings()), SessionTable()
_HOURS: Mapping[DeskName, Callable[[date], Span | None]] = {DeskName.KRX: _krx, DeskName.US: _us}
