"""Trading days of the Korean exchange and the desk's hours in them.

Closures and special hours of 2025 and 2026 as the exchange announced them; the hours of the exam
day of 2026 follow those of every earlier year. 2027 is projected from the laws on holidays. Config
and the broker's calendar correct the table. Hours are Korean time; what leaves this is UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytz

from engine.model.entry_facts import Phase
from engine.model.krx_settings import KrxSettings

SEOUL = pytz.timezone("Asia/Seoul")
PREPARE_BEFORE = timedelta(minutes=30)  # the opening auction begins
PLAN_BEFORE = timedelta(minutes=10)
CLOSE_AUCTION = timedelta(minutes=10)
DIGEST_AFTER = timedelta(minutes=10)
_SATURDAY = 5

FIRST_DATE = date(2025, 1, 1)
LAST_DATE = date(2027, 12, 31)
PROJECTED_YEARS = frozenset({2027})
KRX_CLOSED = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-01-01", "2025-01-27", "2025-01-28", "2025-01-29", "2025-01-30", "2025-03-03"),
        *("2025-05-01", "2025-05-05", "2025-05-06", "2025-06-03", "2025-06-06", "2025-08-15"),
        *("2025-10-03", "2025-10-06", "2025-10-07", "2025-10-08", "2025-10-09", "2025-12-25"),
        "2025-12-31",
        *("2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-03-02", "2026-05-01"),
        *("2026-05-05", "2026-05-25", "2026-06-03", "2026-07-17", "2026-08-17", "2026-09-24"),
        *("2026-09-25", "2026-10-05", "2026-10-09", "2026-12-25", "2026-12-31"),
        *("2027-01-01", "2027-02-08", "2027-02-09", "2027-03-01", "2027-05-03", "2027-05-05"),
        *("2027-05-13", "2027-07-19", "2027-08-16", "2027-09-14", "2027-09-15", "2027-09-16"),
        *("2027-10-04", "2027-10-11", "2027-12-27", "2027-12-31"),
    )
)
USUAL_HOURS = (time(9, 0), time(15, 30))
_FIRST_OF_YEAR = (time(10, 0), time(15, 30))
_EXAM = (time(10, 0), time(16, 30))
SPECIAL_HOURS: Mapping[date, tuple[time, time]] = {
    date(2025, 1, 2): _FIRST_OF_YEAR,
    date(2025, 11, 13): _EXAM,
    date(2026, 1, 2): _FIRST_OF_YEAR,
    date(2026, 11, 19): _EXAM,
    date(2027, 1, 4): _FIRST_OF_YEAR,
}


def kst_date(moment: datetime) -> date:
    """The date in Korea."""
    return moment.astimezone(SEOUL).date()


def kst(day: date, at: time) -> datetime:
    """A Korean time of day in UTC."""
    return SEOUL.localize(datetime.combine(day, at)).astimezone(UTC)


def is_projected(day: date) -> bool:
    """Whether the table only guesses the day: nothing official was published for its year."""
    return day.year in PROJECTED_YEARS


@dataclass(frozen=True, slots=True)
class KrxSession:
    """One trading day of the desk in UTC, each moment not before the one above it.

    Orders are matched singly from ``open`` on and in one auction from ``close_auction`` to
    ``close``. ``is_special``: not the usual hours. ``is_listed`` False: the table does not know
    the day. ``is_unexpected``: the table calls it closed, the broker open.
    """

    day: date
    prepare_at: datetime
    plan_at: datetime
    open: datetime
    entries_from: datetime
    last_entry: datetime
    flatten: datetime
    close_auction: datetime
    close: datetime
    digest_at: datetime
    is_special: bool
    is_listed: bool
    is_unexpected: bool = False


def phase_at(session: KrxSession | None, now: datetime) -> Phase:
    """What the desk does at ``now``; each phase begins with its first instant."""
    if session is None or not session.prepare_at <= now < session.close:
        return Phase.CLOSED
    for begins, phase in (
        (session.close_auction, Phase.CLOSING_AUCTION),
        (session.flatten, Phase.FLATTENING),
        (session.last_entry, Phase.MANAGING),
        (session.entries_from, Phase.ENTRIES),
        (session.open, Phase.OPENING),
    ):
        if now >= begins:
            return phase
    return Phase.PREPARING


class KrxSessionTable:
    """Which days trade, and when. Outside its dates every weekday is an ordinary one, unlisted.

    ``closed``, ``open_days`` and ``special_hours`` (open and close, None: as it stands) are the
    trader's and correct the table. The broker's word (``confirm``) opens and closes days too, but
    never one that the trader closed.
    """

    def __init__(
        self,
        settings: KrxSettings,
        *,
        closed: Collection[date] = (),
        open_days: Collection[date] = (),
        special_hours: Mapping[date, tuple[time | None, time | None]] | None = None,
        first_date: date = FIRST_DATE,
        last_date: date = LAST_DATE,
    ) -> None:
        self._settings = settings
        self._closed = frozenset(closed)
        self._open_days = frozenset(open_days)
        self._special = special_hours or {}
        self._confirmed: dict[date, bool] = {}
        self._known: dict[date, KrxSession | None] = {}
        self.first_date = first_date
        self.last_date = last_date

    def use(self, settings: KrxSettings) -> None:
        """Take other minutes before the close; days and confirmations stay."""
        self._settings = settings
        self._known.clear()

    def correct(
        self,
        closed: Collection[date],
        open_days: Collection[date],
        special_hours: Mapping[date, tuple[time | None, time | None]],
    ) -> None:
        """Take other corrections of the trader."""
        self._closed, self._open_days = frozenset(closed), frozenset(open_days)
        self._special = special_hours
        self._known.clear()

    def confirm(self, open_days: Mapping[date, bool]) -> None:
        """What the broker says of the days: True is open. Added to what it said before."""
        self._confirmed.update(open_days)
        self._known.clear()

    def covers(self, day: date) -> bool:
        """Whether the table knows the day."""
        return self.first_date <= day <= self.last_date

    def session_on(self, day: date) -> KrxSession | None:
        """The day's session, None when the exchange is closed."""
        if day not in self._known:
            self._known[day] = self._build(day) if self._is_open(day) else None
        return self._known[day]

    def next_session(self, after: date) -> KrxSession:
        """The first session on a later day."""
        day = after + timedelta(days=1)
        while (session := self.session_on(day)) is None:
            day += timedelta(days=1)
        return session

    def _is_open(self, day: date) -> bool:
        if day in self._closed:
            return False
        return self._confirmed.get(day, self._is_expected(day))

    def _is_expected(self, day: date) -> bool:
        """Without the broker's word."""
        return day in self._open_days or (day.weekday() < _SATURDAY and day not in KRX_CLOSED)

    def _hours(self, day: date) -> tuple[time, time]:
        opens, closes = SPECIAL_HOURS.get(day, USUAL_HOURS)
        own_open, own_close = self._special.get(day, (None, None))
        return own_open or opens, own_close or closes

    def _build(self, day: date) -> KrxSession:
        hours = self._hours(day)
        open_at = kst(day, hours[0])
        close = max(kst(day, hours[1]), open_at)
        close_auction = max(close - CLOSE_AUCTION, open_at)
        settings = self._settings
        range_over = open_at + timedelta(minutes=settings.stages.opening_range_min)
        flat_before = timedelta(minutes=settings.exits.flatten_before_close_min)
        entry_before = timedelta(minutes=settings.entry.last_entry_before_close_min)
        # a short day or odd settings may never turn the order round: what sells goes first
        flatten = max(min(close - flat_before, close_auction), open_at)
        last_entry = max(min(close - entry_before, flatten), open_at)
        return KrxSession(
            day=day,
            prepare_at=open_at - PREPARE_BEFORE,
            plan_at=open_at - PLAN_BEFORE,
            open=open_at,
            entries_from=min(range_over, last_entry),
            last_entry=last_entry,
            flatten=flatten,
            close_auction=close_auction,
            close=close,
            digest_at=close + DIGEST_AFTER,
            is_special=hours != USUAL_HOURS,
            is_listed=self.covers(day),
            is_unexpected=not self._is_expected(day),
        )
