from datetime import UTC, date, datetime, time, timedelta

import pytest

from engine.rules.sessions import (
    NEW_YORK,
    US_CLOSED,
    US_EARLY_CLOSES,
    SessionTable,
    exchange_date,
)

TABLE = SessionTable()


def test_the_table_has_the_number_of_sessions_nyse_published() -> None:
    def sessions(year: int) -> int:
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
        return sum(TABLE.session_on(day) is not None for day in days)

    assert sessions(2025) == 250
    assert sessions(2026) == 251


def test_every_closure_and_early_close_is_a_weekday() -> None:
    assert all(day.weekday() < 5 for day in (*US_CLOSED, *US_EARLY_CLOSES))
    assert not US_CLOSED & set(US_EARLY_CLOSES)


@pytest.mark.parametrize(
    ("day", "premarket_utc"),
    [
        (date(2026, 3, 6), 9),  # last winter Friday
        (date(2026, 3, 9), 8),  # summer time began on the 8th
        (date(2026, 10, 30), 8),
        (date(2026, 11, 2), 9),
    ],
)
def test_premarket_begins_at_four_in_new_york_in_both_daylight_weeks(
    day: date, premarket_utc: int
) -> None:
    session = TABLE.session_on(day)
    assert session is not None
    assert session.premarket == datetime(day.year, day.month, day.day, premarket_utc, tzinfo=UTC)
    assert session.close - session.premarket == timedelta(hours=12)
    assert session.window_end - session.regular == timedelta(hours=2, minutes=30)


def test_an_early_close_ends_at_one() -> None:
    session = TABLE.session_on(date(2026, 11, 27))
    assert session is not None
    assert session.close.astimezone(NEW_YORK).time() == time(13, 0)
    assert session.window_end.astimezone(NEW_YORK).time() == time(12, 0)


def test_a_holiday_and_a_weekend_have_no_session() -> None:
    assert TABLE.session_on(date(2026, 7, 3)) is None
    assert TABLE.session_on(date(2026, 3, 14)) is None
    assert TABLE.next_session(date(2026, 7, 2)).day == date(2026, 7, 6)


def test_a_day_outside_the_table_is_an_unlisted_weekday() -> None:
    session = TABLE.session_on(date(2028, 1, 3))
    assert session is not None
    assert not session.is_listed
    assert not TABLE.covers(date(2028, 1, 3))


def test_closures_of_the_config_are_added() -> None:
    day = date(2026, 3, 10)
    table = SessionTable(closed={day}, early_closes={date(2026, 3, 11): time(11, 0)})
    assert table.session_on(day) is None
    early = table.session_on(date(2026, 3, 11))
    assert early is not None
    assert early.window_end == early.close == early.regular + timedelta(hours=1, minutes=30)


def test_the_exchange_date_is_new_yorks() -> None:
    assert exchange_date(datetime(2026, 3, 11, 3, 59, tzinfo=UTC)) == date(2026, 3, 10)
