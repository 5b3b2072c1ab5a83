"""The arithmetic of call limits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.quota import Priority, Quota
from engine.rules.rate_limit import Rate, next_allowed, rate_of, refusal, still_counting

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

# A busy machine draws slowly; that says nothing about the arithmetic.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def quota(today: int = 0, hour: int = 0) -> Quota:
    return Quota(today, hour, safe_per_day=4500, safe_per_hour=500, daily_limit=5000)


@pytest.mark.parametrize(
    ("wanted", "spacing_ms", "per_second"),
    [("15", 0, "15"), ("0.5", 0, "0.5"), ("1", 1250, "0.8"), ("18", 100, "10")],
)
def test_a_rate_knows_what_it_lets_through_for_good(
    wanted: str, spacing_ms: int, per_second: str
) -> None:
    rate = rate_of(Decimal(wanted), timedelta(milliseconds=spacing_ms))
    assert round(rate.per_second, 3) == Decimal(per_second)


@calm
@given(
    per_second=st.integers(1, 20),
    pauses_ms=st.lists(st.integers(0, 700), max_size=80),
)
def test_no_sliding_second_ever_holds_more_calls_than_the_rate(
    per_second: int, pauses_ms: list[int]
) -> None:
    rate, now, sent = rate_of(Decimal(per_second)), START, list[datetime]()
    for pause in pauses_ms:
        now += timedelta(milliseconds=pause)
        now = next_allowed(sent, now, rate)
        sent.append(now)
    for index, first in enumerate(sent):
        assert sum(call <= first + SECOND for call in sent[index:]) <= per_second


@calm
@given(calls=st.integers(1, 6), burst=st.integers(1, 30))
def test_a_rate_with_bursts_still_keeps_its_window(calls: int, burst: int) -> None:
    rate, now, sent = Rate(calls, SECOND, timedelta(0)), START, list[datetime]()
    for _ in range(burst):
        now = next_allowed(sent, now, rate)
        sent.append(now)
    assert sent[:calls] == [START] * min(calls, burst)
    for index, first in enumerate(sent):
        assert sum(call <= first + SECOND for call in sent[index:]) <= calls


def test_paper_waits_longer_than_a_second_between_two_calls() -> None:
    rate = rate_of(Decimal(1), timedelta(seconds=1.1))
    assert next_allowed([START], START, rate) == START + timedelta(seconds=1.1)


def test_half_a_call_a_second_is_one_in_two_seconds() -> None:
    assert next_allowed([START], START, rate_of(Decimal("0.5"))) >= START + 2 * SECOND


@pytest.mark.parametrize("per_second", ["0", "-1"])
def test_no_rate_without_calls(per_second: str) -> None:
    with pytest.raises(ValueError, match="above 0"):
        rate_of(Decimal(per_second))
    with pytest.raises(ValueError, match="no such rate"):
        Rate(0, SECOND, SECOND)


def test_calls_from_the_future_of_a_clock_set_back_do_not_block() -> None:
    sent = [START, START + timedelta(hours=5)]
    assert still_counting(sent, START + SECOND / 2, SECOND) == [START]


@pytest.mark.parametrize("priority", [Priority.CANCEL, Priority.EXIT])
def test_nothing_keeps_an_exit_from_going_out(priority: Priority) -> None:
    assert refusal(quota(today=999_999, hour=999_999), priority) is None


@pytest.mark.parametrize("priority", [Priority.ENTRY, Priority.RECONCILE])
def test_the_reserve_ends_at_the_hard_limit(priority: Priority) -> None:
    assert refusal(quota(today=4999, hour=4999), priority) is None
    assert refusal(quota(today=5000), priority) == "daily limit: 5000 of 5000"


@pytest.mark.parametrize("priority", [Priority.QUOTE, Priority.SCAN])
def test_what_can_wait_stops_at_the_safe_caps(priority: Priority) -> None:
    assert refusal(quota(today=4499, hour=499), priority) is None
    assert refusal(quota(today=4500), priority) == "safe daily cap: 4500 of 4500"
    assert refusal(quota(hour=500), priority) == "safe hourly cap: 500 of 500"
