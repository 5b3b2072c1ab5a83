from datetime import UTC, datetime, timedelta

import pytest

from engine.model.ids import DeskState
from engine.model.quota import Quota
from engine.rules import safety

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
R, E, H = DeskState.RUNNING, DeskState.EXITS_ONLY, DeskState.HALTED


@pytest.mark.parametrize(
    ("user", "guard", "state"),
    [(R, R, R), (R, E, E), (E, R, E), (E, E, E), (H, R, H), (H, E, H)],
)
def test_a_desk_is_in_the_stricter_of_two_states(
    user: DeskState, guard: DeskState, state: DeskState
) -> None:
    assert safety.stricter(user, guard) is state


def quota(used: int) -> Quota:
    return Quota(used, 0, 4500, 500, 5000)


def test_the_warning_comes_at_ninety_per_cent_and_the_stop_at_the_cap() -> None:
    assert not safety.is_quota_low(quota(4049))
    assert safety.is_quota_low(quota(4050))
    assert not safety.is_quota_spent(quota(4499))
    assert safety.is_quota_spent(quota(4500))


def test_ten_failures_or_five_minutes_make_an_account_silent() -> None:
    assert not safety.is_account_silent(9, NOW - timedelta(seconds=299), NOW)
    assert safety.is_account_silent(10, NOW, NOW)
    assert safety.is_account_silent(2, NOW - timedelta(minutes=5), NOW)
    assert not safety.is_account_silent(0, None, NOW)
