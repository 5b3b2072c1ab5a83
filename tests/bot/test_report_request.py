"""Words of /report: whatever is typed is a request that survives its button, or explained."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Action, Verb
from bot.report_request import Request, Wrong, parse
from engine.model.ids import DeskName
from reports.digest import due
from reports.periods import ZONES, Span

TODAY = date(2026, 3, 1)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(st.lists(st.text(max_size=12) | st.sampled_from(["month", "krx", "us", "2026-02-28"])))
def test_anything_typed_is_understood_or_refused(words: list[str]) -> None:
    found = parse(words, TODAY)
    if isinstance(found, Request):
        assert Request.decode(found.encode()) == found


@given(DAYS, DAYS, st.sampled_from([None, *DeskName]))
def test_two_days_are_a_range_where_they_can_be(
    first: date, last: date, desk: DeskName | None
) -> None:
    words = [*([desk] if desk else []), first.isoformat(), last.isoformat()]
    found = parse(words, TODAY)
    if last < first:
        assert found is Wrong.BACKWARDS
    elif first > TODAY:
        assert found is Wrong.FUTURE
    else:
        assert found == Request(Span.RANGE, desk, last, first)
        action = Action(Verb.REPORT, found.encode())
        assert Request.decode(Action.decode(action.encode()).arguments) == found


@pytest.mark.parametrize("first", [date(2025, 12, 31), date(2024, 2, 29), TODAY])
def test_a_range_goes_over_any_end(first: date) -> None:
    last = first + timedelta(days=1)
    assert parse((first.isoformat(), last.isoformat()), TODAY) == Request(
        Span.RANGE, None, last, first
    )


@pytest.mark.parametrize("typed", ["2025-02-29", "2025-00-01", "20251301", "0000-01-01"])
def test_a_day_the_calendar_has_not(typed: str) -> None:
    assert parse((typed,), TODAY) is Wrong.NO_SUCH_DAY


@pytest.mark.parametrize(
    "typed", ["all 2025-01-01", "2025", "25-01-01", "2025/01/01", "٢٠٢٥-٠١-٠١", "krx", "~"]
)
def test_what_is_no_day_is_answered_with_the_usage(typed: str) -> None:
    assert parse(typed.split(), TODAY) is Wrong.USAGE


@pytest.mark.parametrize(
    ("typed", "is_future"),
    [
        ("week 2026-03-01", False),
        ("week 2026-03-02", True),
        ("month 2026-03-31", False),
        ("year 2026-12-31", False),
        ("year 2027-01-01", True),
        ("day 2026-03-02", True),
        ("2026-03-02", True),
    ],
)
def test_a_period_that_has_begun_may_end_later(typed: str, *, is_future: bool) -> None:
    assert (parse(typed.split(), TODAY) is Wrong.FUTURE) is is_future


@pytest.mark.parametrize("span", [Span.WEEK, Span.MONTH])
@pytest.mark.parametrize("desk", list(DeskName))
def test_what_a_digest_names_can_be_asked_for_when_it_is_told(desk: DeskName, span: Span) -> None:
    moment = datetime(2026, 10, 3 if span is Span.WEEK else 1, 8, tzinfo=ZONES[desk])
    ended = due(span, desk, moment)
    assert ended is not None
    found = parse((span, desk, ended.last.isoformat()), moment.date())
    assert found == Request(span, desk, ended.last)
