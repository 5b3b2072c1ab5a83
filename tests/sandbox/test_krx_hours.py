import json
from datetime import date, datetime, time
from pathlib import Path

import pytest

from sandbox.krx import hours
from sandbox.krx.hours import KrxPhase, at, krx_day, next_trading_day, phase
from sandbox.session import KST

ORDINARY = date(2026, 11, 20)
FIRST_OF_YEAR = date(2026, 1, 2)
EXAM = date(2026, 11, 19)


def clock(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(KST):%H:%M}"


def moments(day: date) -> list[str]:
    entry = krx_day(day)
    return [
        clock(moment)
        for moment in (
            entry.auction_open, entry.open, entry.close_auction, entry.close,
            entry.after_open, entry.after_close,
        )
    ]  # fmt: skip


def test_an_ordinary_day_has_two_auctions_and_an_evening() -> None:
    assert moments(ORDINARY) == ["08:30", "09:00", "15:20", "15:30", "16:00", "20:00"]


def test_the_after_market_began_in_september_2026() -> None:
    assert moments(date(2026, 9, 11))[4:] == ["", ""]
    assert moments(date(2026, 9, 14))[4:] == ["16:00", "20:00"]


def test_the_first_session_of_the_year_opens_late_and_closes_as_ever() -> None:
    assert moments(FIRST_OF_YEAR) == ["09:30", "10:00", "15:20", "15:30", "", ""]


def test_the_exam_day_is_an_hour_later_and_its_evening_waits_for_the_close() -> None:
    assert moments(EXAM) == ["09:30", "10:00", "16:20", "16:30", "17:00", "20:00"]


@pytest.mark.parametrize(
    ("clock_time", "expected"),
    [
        (time(8, 29, 59), KrxPhase.CLOSED),
        (time(8, 30), KrxPhase.OPENING_AUCTION),
        (time(9, 0), KrxPhase.CONTINUOUS),
        (time(15, 19, 59), KrxPhase.CONTINUOUS),
        (time(15, 20), KrxPhase.CLOSING_AUCTION),
        (time(15, 30), KrxPhase.CLOSED),
        (time(16, 0), KrxPhase.AFTER),
        (time(20, 0), KrxPhase.CLOSED),
    ],
)
def test_each_phase_begins_with_its_first_instant(clock_time: time, expected: KrxPhase) -> None:
    assert phase(at(ORDINARY, clock_time)) is expected


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 6, 3), date(2026, 7, 17)])
def test_a_closed_day_has_no_phase_and_no_hours(day: date) -> None:
    assert phase(at(day, time(10))) is KrxPhase.CLOSED
    with pytest.raises(ValueError, match="not a KRX trading day"):
        krx_day(day)


def test_settlement_counts_trading_days_over_weekends_and_holidays() -> None:
    # Wednesday before Chuseok: Thursday and Friday are closed.
    assert next_trading_day(date(2026, 9, 23), 2) == date(2026, 9, 29)
    assert hours.previous_trading_day(date(2026, 9, 28)) == date(2026, 9, 23)


@pytest.mark.market_data
def test_the_table_is_that_of_the_calendar_beside_the_repository(market_data: Path) -> None:
    calendar = json.loads((market_data / "calendar" / "krx.json").read_text(encoding="utf-8"))
    closed = {
        date.fromisoformat(f"{year}-{day}")
        for year, days in calendar["closed"].items()
        for day in days
    }
    special = {
        date.fromisoformat(day): (time.fromisoformat(row["open"]), time.fromisoformat(row["close"]))
        for day, row in calendar["special_hours"].items()
    }
    assert closed == hours.HOLIDAYS
    assert special == hours.SPECIAL_HOURS
    for year, sessions in calendar["sessions"].items():
        days = (
            date.fromordinal(n)
            for n in range(date(int(year), 1, 1).toordinal(), date(int(year) + 1, 1, 1).toordinal())
        )
        assert sum(map(hours.is_trading_day, days)) == sessions
