"""From when to when."""

from datetime import date

import pytest

from reports.periods import Period, Span, between, period


@pytest.mark.parametrize(
    ("span", "day", "first", "last", "label"),
    [
        (Span.DAY, "2026-03-10", "2026-03-10", "2026-03-10", "2026-03-10"),
        (Span.WEEK, "2025-12-31", "2025-12-29", "2026-01-04", "2026-W01"),
        (Span.WEEK, "2026-03-08", "2026-03-02", "2026-03-08", "2026-W10"),
        (Span.MONTH, "2024-02-10", "2024-02-01", "2024-02-29", "2024-02"),
        (Span.QUARTER, "2026-12-31", "2026-10-01", "2026-12-31", "2026-Q4"),
        (Span.YEAR, "2026-05-05", "2026-01-01", "2026-12-31", "2026"),
    ],
)
def test_a_period_has_whole_days(span: Span, day: str, first: str, last: str, label: str) -> None:
    found = period(span, date.fromisoformat(day))
    assert (found.first.isoformat(), found.last.isoformat(), found.label) == (first, last, label)
    assert found.first in found
    assert found.last in found


@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK, Span.MONTH, Span.QUARTER, Span.YEAR])
def test_periods_follow_each_other_without_a_gap(span: Span) -> None:
    found = period(span, date(2024, 1, 15))
    for _ in range(60):
        after = found.following
        assert after is not None
        assert (after.first - found.last).days == 1
        assert after.previous == found
        found = after


def test_all_and_a_range_have_no_neighbours() -> None:
    span = Period(Span.ALL, date(2024, 1, 1), date(2026, 1, 1))
    assert span.previous is span.following is None
    with pytest.raises(ValueError, match="all"):
        period(Span.ALL, date(2024, 1, 1))
    with pytest.raises(ValueError, match="2026"):
        Period(Span.RANGE, date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("last", "label"), [("01", "2026-03-01"), ("02", "2026-03-01 – 2026-03-02")]
)
def test_a_range_of_one_day_says_it_once(last: str, label: str) -> None:
    assert between(date(2026, 3, 1), date.fromisoformat(f"2026-03-{last}")).label == label
