import json
from datetime import date, time
from pathlib import Path

import pytest

from sandbox.session import (
    EARLY_CLOSES,
    ET,
    HOLIDAYS,
    KST,
    Phase,
    is_trading_day,
    next_trading_day,
    phase,
    session_day,
)
from tests.sandbox.kis_desk import et


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        (3, 59, Phase.CLOSED),
        (4, 0, Phase.PREMARKET),
        (9, 29, Phase.PREMARKET),
        (9, 30, Phase.REGULAR),
        (15, 59, Phase.REGULAR),
        (16, 0, Phase.CLOSED),
    ],
)
def test_the_phases_of_an_ordinary_day(hour: int, minute: int, expected: Phase) -> None:
    assert phase(et(hour, minute)) is expected


def test_summer_time_moves_the_session_in_korea_by_an_hour() -> None:
    winter, summer = session_day(date(2026, 11, 20)), session_day(date(2026, 7, 2))
    assert winter.open.astimezone(KST).time() == time(23, 30)
    assert summer.open.astimezone(KST).time() == time(22, 30)


def test_an_early_close_ends_at_one() -> None:
    assert session_day(date(2026, 11, 27)).close.astimezone(ET).time() == time(13)


def test_a_holiday_and_a_weekend_are_passed_over() -> None:
    assert not is_trading_day(date(2026, 11, 26))
    assert next_trading_day(date(2026, 12, 24)) == date(2026, 12, 28)
    with pytest.raises(ValueError, match="not a US trading day"):
        session_day(date(2026, 11, 21))


@pytest.mark.market_data
def test_the_table_equals_the_published_calendar(market_data: Path) -> None:
    calendar = json.loads((market_data / "calendar" / "us.json").read_text(encoding="utf-8"))
    for table, ours in (("closed", HOLIDAYS), ("early_close_13_00", EARLY_CLOSES)):
        theirs = {
            date.fromisoformat(f"{year}-{day}")
            for year, days in calendar[table].items()
            for day in days
        }
        assert theirs == ours
