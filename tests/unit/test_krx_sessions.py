import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from engine.model.entry_facts import Phase
from engine.model.krx_settings import KrxSettings
from engine.rules.krx.sessions import (
    FIRST_DATE,
    KRX_CLOSED,
    LAST_DATE,
    SEOUL,
    SPECIAL_HOURS,
    KrxSession,
    KrxSessionTable,
    is_projected,
    kst,
    kst_date,
    phase_at,
)

SETTINGS = KrxSettings()
TABLE = KrxSessionTable(SETTINGS)
ORDINARY = date(2026, 1, 7)
EXAM = date(2025, 11, 13)
HOLIDAY = date(2026, 2, 17)
SATURDAY = date(2026, 1, 10)


def session(day: date, table: KrxSessionTable = TABLE) -> KrxSession:
    found = table.session_on(day)
    assert found is not None
    return found


def at(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%H:%M")


def hours(day: date, table: KrxSessionTable = TABLE) -> tuple[str, str]:
    found = session(day, table)
    return at(found.open), at(found.close)


def test_an_ordinary_day_runs_from_nine_to_half_past_three_in_seoul() -> None:
    day = session(ORDINARY)
    assert [
        *(at(day.prepare_at), at(day.plan_at), at(day.open), at(day.entries_from)),
        *(at(day.last_entry), at(day.flatten), at(day.close_auction), at(day.close)),
        at(day.digest_at),
    ] == ["08:30", "08:50", "09:00", "09:05", "15:10", "15:15", "15:20", "15:30", "15:40"]
    assert day.open == datetime(2026, 1, 7, 0, 0, tzinfo=UTC)
    assert (day.is_special, day.is_listed, day.is_unexpected) == (False, True, False)


def test_the_exam_day_is_an_hour_late_to_its_last_minute() -> None:
    day = session(EXAM)
    assert hours(EXAM) == ("10:00", "16:30")
    assert (at(day.plan_at), at(day.last_entry), at(day.flatten)) == ("09:50", "16:10", "16:15")
    assert day.is_special


@pytest.mark.parametrize("day", [date(2025, 1, 2), date(2026, 1, 2), date(2027, 1, 4)])
def test_the_first_session_of_a_year_opens_at_ten(day: date) -> None:
    assert TABLE.next_session(date(day.year - 1, 12, 31)).day == day
    assert hours(day) == ("10:00", "15:30")


def test_the_table_has_the_number_of_sessions_krx_published() -> None:
    def sessions(year: int) -> int:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        return sum(TABLE.session_on(day) is not None for day in days)

    assert (sessions(2025), sessions(2026)) == (242, 244)


def test_every_closure_is_a_weekday_and_no_special_day_is_closed() -> None:
    assert all(day.weekday() < 5 for day in (*KRX_CLOSED, *SPECIAL_HOURS))
    assert not KRX_CLOSED & set(SPECIAL_HOURS)


@pytest.mark.market_data
def test_the_table_equals_the_recorded_calendar(market_data: Path) -> None:
    calendar = json.loads((market_data / "calendar" / "krx.json").read_text(encoding="utf-8"))
    closed = {
        date.fromisoformat(f"{year}-{day}")
        for year, days in calendar["closed"].items()
        for day in days
    }
    special = {
        date.fromisoformat(day): (time.fromisoformat(own["open"]), time.fromisoformat(own["close"]))
        for day, own in calendar["special_hours"].items()
    }
    assert closed == KRX_CLOSED
    assert special == SPECIAL_HOURS
    assert {str(year) for year in range(2025, 2028) if is_projected(date(year, 6, 1))} == set(
        calendar["projected"]
    )


def test_the_date_in_korea_is_ahead_of_utc_for_nine_hours() -> None:
    assert kst_date(datetime(2026, 1, 6, 14, 59, tzinfo=UTC)) == date(2026, 1, 6)
    assert kst_date(datetime(2026, 1, 6, 15, 0, tzinfo=UTC)) == date(2026, 1, 7)
    assert kst(date(2026, 1, 7), time(0, 0)) == datetime(2026, 1, 6, 15, 0, tzinfo=UTC)


def test_weekends_and_holidays_have_no_session_and_the_next_one_skips_them() -> None:
    assert TABLE.session_on(SATURDAY) is None
    assert TABLE.session_on(HOLIDAY) is None
    assert TABLE.next_session(date(2026, 2, 13)).day == date(2026, 2, 19)


def test_outside_its_dates_the_table_takes_every_weekday_for_an_unlisted_ordinary_one() -> None:
    unknown = date(2028, 3, 1)
    assert (TABLE.covers(FIRST_DATE), TABLE.covers(LAST_DATE)) == (True, True)
    assert not TABLE.covers(LAST_DATE + timedelta(days=1))
    assert not TABLE.covers(FIRST_DATE - timedelta(days=1))
    assert not session(unknown).is_listed
    assert hours(unknown) == ("09:00", "15:30")


def test_a_trader_closes_opens_and_shifts_days() -> None:
    table = KrxSessionTable(
        SETTINGS,
        closed={ORDINARY},
        open_days={HOLIDAY},
        special_hours={
            HOLIDAY: (time(9, 30), None),
            EXAM: (None, time(16, 0)),
            date(2026, 1, 8): (time(10, 0), time(16, 30)),
        },
    )
    assert table.session_on(ORDINARY) is None
    assert hours(HOLIDAY, table) == ("09:30", "15:30")
    assert hours(EXAM, table) == ("10:00", "16:00")
    assert hours(date(2026, 1, 8), table) == ("10:00", "16:30")
    assert session(HOLIDAY, table).is_special
    assert not session(HOLIDAY, table).is_unexpected


def test_a_day_the_broker_calls_closed_is_closed_whatever_the_table_says() -> None:
    table = KrxSessionTable(SETTINGS, open_days={HOLIDAY})
    assert table.session_on(ORDINARY) is not None
    table.confirm({ORDINARY: False, HOLIDAY: False})
    assert table.session_on(ORDINARY) is None
    assert table.session_on(HOLIDAY) is None


def test_a_day_the_broker_calls_open_against_the_table_is_open_and_flagged() -> None:
    table = KrxSessionTable(SETTINGS)
    table.confirm({HOLIDAY: True, ORDINARY: True})
    assert hours(HOLIDAY, table) == ("09:00", "15:30")
    assert session(HOLIDAY, table).is_unexpected
    assert not session(ORDINARY, table).is_unexpected


def test_the_broker_opens_no_day_that_the_trader_closed() -> None:
    table = KrxSessionTable(SETTINGS, closed={ORDINARY})
    table.confirm({ORDINARY: True})
    assert table.session_on(ORDINARY) is None


def test_a_later_word_of_the_broker_adds_to_the_earlier_one() -> None:
    table = KrxSessionTable(SETTINGS)
    table.confirm({ORDINARY: False})
    table.confirm({date(2026, 1, 8): False})
    assert table.next_session(date(2026, 1, 6)).day == date(2026, 1, 9)
    table.confirm({ORDINARY: True})
    assert table.session_on(ORDINARY) is not None


def test_other_minutes_before_the_close_take_effect_at_once_and_keep_what_was_confirmed() -> None:
    table = KrxSessionTable(SETTINGS)
    table.confirm({date(2026, 1, 8): False})
    assert at(session(ORDINARY, table).flatten) == "15:15"
    table.use(
        replace(
            SETTINGS,
            stages=replace(SETTINGS.stages, opening_range_min=30),
            entry=replace(SETTINGS.entry, last_entry_before_close_min=60),
            exits=replace(SETTINGS.exits, flatten_before_close_min=20),
        )
    )
    day = session(ORDINARY, table)
    assert (at(day.entries_from), at(day.last_entry), at(day.flatten)) == (
        *("09:30", "14:30", "15:10"),
    )
    assert table.session_on(date(2026, 1, 8)) is None


def test_nothing_is_entered_after_everything_is_to_be_sold_or_in_the_closing_auction() -> None:
    late = replace(
        SETTINGS,
        entry=replace(SETTINGS.entry, last_entry_before_close_min=0),
        exits=replace(SETTINGS.exits, flatten_before_close_min=0),
    )
    day = session(ORDINARY, KrxSessionTable(late))
    assert day.last_entry == day.flatten == day.close_auction


def test_hours_that_leave_no_room_make_a_session_without_entries() -> None:
    table = KrxSessionTable(SETTINGS, special_hours={ORDINARY: (time(16, 0), None)})
    day = session(ORDINARY, table)
    assert day.open == day.entries_from == day.last_entry == day.flatten == day.close


@pytest.mark.parametrize(
    ("clock", "phase"),
    [
        ("08:29:59", Phase.CLOSED),
        ("08:30:00", Phase.PREPARING),
        ("08:59:59", Phase.PREPARING),
        ("09:00:00", Phase.OPENING),
        ("09:04:59", Phase.OPENING),
        ("09:05:00", Phase.ENTRIES),
        ("15:09:59", Phase.ENTRIES),
        ("15:10:00", Phase.MANAGING),
        ("15:15:00", Phase.FLATTENING),
        ("15:19:59", Phase.FLATTENING),
        ("15:20:00", Phase.CLOSING_AUCTION),
        ("15:29:59", Phase.CLOSING_AUCTION),
        ("15:30:00", Phase.CLOSED),
    ],
)
def test_each_phase_begins_with_its_first_instant(clock: str, phase: Phase) -> None:
    now = kst(ORDINARY, time.fromisoformat(clock))
    assert phase_at(session(ORDINARY), now) is phase


def test_a_day_without_a_session_is_closed_at_noon() -> None:
    assert phase_at(None, kst(HOLIDAY, time(12, 0))) is Phase.CLOSED


def test_2027_is_only_projected() -> None:
    assert is_projected(date(2027, 5, 3))
    assert not is_projected(date(2026, 12, 30))
