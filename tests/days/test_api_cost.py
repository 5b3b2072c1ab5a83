"""What a whole day costs in calls; ``python -m tests.days cost`` prints the table."""

from pathlib import Path

import pytest

from tests.days.costs import EARLY_EXIT, LATE_EXIT, Market, Spend, spend_day


def assert_limits(spend: Spend) -> None:
    assert spend.asleep == 0
    assert 0 < spend.ready <= 4
    assert spend.premarket <= 2750
    assert spend.busiest_hour <= 500
    assert spend.most_reconciling <= 4
    assert spend.rest <= 40
    assert spend.after_noon == 0
    assert spend.total <= 4500


@pytest.mark.long
@pytest.mark.timeout(180)
def test_an_ordinary_day_with_five_positions_keeps_the_limits(tmp_path: Path) -> None:
    spend = spend_day(Market.ORDINARY, tmp_path)
    assert_limits(spend)
    assert [order["symbol"] for order in spend.sells] == [EARLY_EXIT, LATE_EXIT]
    assert {order["status"] for order in spend.sells} == {"filled"}
    assert spend.longest_gap_s <= 10.5
    assert spend.reconciling >= 40  # every five minutes, both lists


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_morning_near_every_target_keeps_the_limits_and_sells(tmp_path: Path) -> None:
    spend = spend_day(Market.NEAR, tmp_path)
    assert_limits(spend)
    assert spend.premarket > 2300  # the budget is used, not saved
    assert EARLY_EXIT in [order["symbol"] for order in spend.sells]
