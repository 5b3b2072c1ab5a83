from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.settings import UsSettings
from engine.rules.polling import (
    BURST_CALLS,
    HOUR_SLACK,
    Bucket,
    Plan,
    filled,
    lasting_interval_s,
    opening,
    plan_until,
    spent,
    wait_s,
    wished_interval_s,
)

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
END = START + timedelta(hours=8)
SETTINGS = UsSettings()


def spend_greedily(
    costs: list[int], caps: UsSettings, used: int = 0, just_before: int = 0
) -> list[tuple[datetime, int]]:
    """Poll as soon as the plan lets, for ever at the cost drawn."""
    now = START
    made = [(now, just_before)]
    used += just_before
    bucket = opening(just_before, now, plan_until(END, now, used, caps))
    index = 0
    while now < END:
        plan = plan_until(END, now, used, caps)
        bucket = filled(bucket, now, plan)
        cost = costs[index % len(costs)]
        wait = wait_s(bucket, cost, plan)
        if wait > 0:
            now += timedelta(seconds=float(wait) + 0.001)
            continue
        bucket = spent(bucket, cost)
        used += cost
        made.append((now, cost))
        index += 1
        now += timedelta(milliseconds=100)
    return made


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=6),
    st.integers(0, 4400),
    st.integers(0, int(BURST_CALLS)),
)
@settings(max_examples=15, deadline=None)
def test_no_hour_and_no_day_is_ever_overspent(
    costs: list[int], used: int, just_before: int
) -> None:
    made = spend_greedily(costs, SETTINGS, used, just_before)
    assert used + sum(cost for _, cost in made) <= SETTINGS.safe_per_day
    first = 0
    in_hour = 0
    for at, cost in made:
        in_hour += cost
        while made[first][0] <= at - timedelta(minutes=61):  # counted by full minutes, upwards
            in_hour -= made[first][1]
            first += 1
        assert in_hour <= SETTINGS.safe_per_hour - HOUR_SLACK


def test_polls_last_to_the_end_of_the_window() -> None:
    made = spend_greedily([1], SETTINGS)
    assert END - made[-1][0] < timedelta(minutes=1)
    gaps = [b[0] - a[0] for a, b in pairwise(made)]
    assert max(gaps) < timedelta(seconds=10)


def test_calls_that_could_not_wait_are_repaid_by_later_polls() -> None:
    plan = plan_until(END, START, 0, SETTINGS)
    empty = Bucket(Decimal(0), START)
    assert wait_s(spent(empty, 10), 1, plan) > 10 * wait_s(empty, 1, plan) - 1


def wish(points: str | None, quiet: int = 0, *, urgent: bool = False) -> Decimal:
    nearest = Decimal(points) if points is not None else None
    return wished_interval_s(nearest, quiet, is_urgent=urgent, settings=SETTINGS)


def test_the_interval_shrinks_near_a_target_and_with_an_open_order() -> None:
    assert wish("0.5") == 3
    assert wish("-2") == 3
    assert wish("2.9", quiet=9, urgent=True) == 3
    assert 3 < wish("1.5") < 10


def test_the_interval_stretches_when_nothing_moves_or_nothing_is_armed() -> None:
    assert wish("1.5", quiet=3) == 10
    assert wish("3") == 10
    assert wish(None) == 10


def test_the_lasting_interval_leaves_room_for_a_comparing_call_a_minute() -> None:
    plan = plan_until(END, START, 0, SETTINGS)
    interval = lasting_interval_s(plan, SETTINGS)
    assert interval <= SETTINGS.poll_max_s
    assert 1 / interval + Decimal(1) / 60 <= plan.per_second


def test_the_lasting_interval_stays_between_the_shortest_and_the_longest() -> None:
    assert lasting_interval_s(Plan(Decimal("0.01"), Decimal(1)), SETTINGS) == SETTINGS.poll_max_s
    assert lasting_interval_s(Plan(Decimal(5), Decimal(9)), SETTINGS) == SETTINGS.poll_min_s
