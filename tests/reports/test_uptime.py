"""How much of the exchange's hours had a desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.spans import SqliteSpans
from engine.model.ids import DeskName, Mode
from engine.rules.krx.sessions import kst_date
from reports import queries
from reports.periods import Period, Span, period
from reports.report import read
from reports.uptime import Uptime, uptime
from tests.reports.book_maker import make_book

MINUTE = timedelta(minutes=1)
MONDAY = date(2026, 7, 6)  # 09:00-15:30 in Korea is 00:00-06:30 UTC
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def at(text: str, day: int = 6) -> datetime:
    hours, minutes = map(int, text.split(":"))
    return datetime(2026, 7, day, hours, minutes, tzinfo=UTC)


def minutes(found: Uptime | None) -> tuple[int, int] | None:
    return None if found is None else (found.running // MINUTE, found.session // MINUTE)


def krx(
    *spans: tuple[datetime, datetime], now: datetime = LATER, wanted: Period | None = None
) -> Uptime | None:
    return uptime(spans, DeskName.KRX, wanted or period(Span.DAY, MONDAY), now)


def test_only_what_lies_in_the_session_counts() -> None:
    found = krx((at("00:05"), at("03:00")), (at("03:10"), at("09:00")))
    assert minutes(found) == (175 + 200, 390)
    assert found is not None
    assert found.pct == pytest.approx(Decimal(375) / 390 * 100)


def test_it_ends_with_the_present_moment() -> None:
    assert minutes(krx((at("00:00"), at("01:00")), now=at("02:00"))) == (60, 120)
    assert krx((at("00:00"), at("01:00")), now=at("00:00")) is None


def test_what_lies_over_each_other_counts_once() -> None:
    found = krx((at("00:00"), at("02:00")), (at("01:00"), at("01:30")), (at("01:40"), at("03:00")))
    assert minutes(found) == (180, 390)


def test_days_before_anybody_wrote_it_down_do_not_count_and_closed_days_neither() -> None:
    week = period(Span.WEEK, MONDAY)
    spans = (at("00:00", 8), at("06:30", 8)), (at("00:00", 10), at("03:15", 10))
    found = krx(*spans, wanted=week)  # Wednesday whole, nothing of Thursday, half of Friday
    assert minutes(found) == (390 + 195, 3 * 390)
    assert found is not None
    assert found.since == date(2026, 7, 8)
    assert krx(wanted=week) is None
    assert krx(*spans, wanted=period(Span.WEEK, date(2026, 6, 29))) is None


def test_days_after_a_closed_one_count_too() -> None:
    spans = [(at("00:00", day), at("06:30", day)) for day in (*range(6, 11), *range(13, 17))]
    found = krx(*spans, wanted=period(Span.MONTH, MONDAY), now=at("12:00", 17))
    assert minutes(found) == (9 * 390, 9 * 390)  # the seventeenth is a holiday


def test_a_day_without_the_desk_counts_against_it() -> None:
    before = (at("00:00", 3), at("06:30", 3))
    assert minutes(krx(before)) == (0, 390)


def test_a_short_day_in_new_york_is_short() -> None:
    day = date(2026, 11, 27)  # closes at 13:00
    opens = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    found = uptime(
        [(opens, opens + 2 * timedelta(hours=1))], DeskName.US, period(Span.DAY, day), LATER
    )
    assert minutes(found) == (120, 210)


async def test_a_report_has_it_from_the_state_of_its_mode(tmp_path: Path) -> None:
    await make_book(tmp_path / "paper.db", until=date(2025, 1, 31))
    opens = datetime(2025, 1, 31, 0, tzinfo=UTC)
    asked = tmp_path, DeskName.KRX, Mode.PAPER, Span.MONTH
    assert kst_date(opens) == date(2025, 1, 31)
    before = read(*asked, now=LATER)
    assert before is not None
    assert before.uptime is None
    async with Database(tmp_path / "state.db", STATE) as state:
        spans = SqliteSpans(state)
        for until in (1, 2, 3):  # one row a span
            await spans.note(DeskName.KRX, Mode.PAPER, opens, opens + until * MINUTE)
        await spans.note(DeskName.KRX, Mode.LIVE, opens, opens + 99 * MINUTE)
        await spans.note(DeskName.US, Mode.PAPER, opens, opens + 99 * MINUTE)
    assert queries.spans(tmp_path / "state.db", DeskName.KRX, Mode.PAPER) == (
        (opens, opens + 3 * MINUTE),
    )
    found = read(*asked, now=LATER)
    assert found is not None
    assert minutes(found.uptime) == (3, 390)
    all_of_it = read(*asked[:3], Span.ALL, now=opens + 4 * 24 * timedelta(hours=1))
    assert all_of_it is not None
    assert minutes(all_of_it.uptime) == (3, 2 * 390)  # and the Monday after the last trade


def test_a_state_from_before_it_was_kept_has_none(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    assert queries.spans(tmp_path / "state.db", DeskName.KRX, Mode.PAPER) == ()
    assert queries.spans(tmp_path / "none.db", DeskName.KRX, Mode.PAPER) == ()
    assert not (tmp_path / "none.db").exists()
