"""A sale of shares whose cost nobody told: it is said, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.model.ids import Mode
from engine.model.money import ZERO_USD, Money
from engine.model.orders import Side
from reports.report import Report, make
from tests.bot import report_samples


def us(changes: dict[str, Any]) -> Report[Money]:
    found = report_samples.us()
    first, *others = found.executions
    return make(found.desk, (replace(first, **changes), *others), {}, Mode.LIVE, found.period)


@pytest.mark.parametrize("changes", [{"avg_cost": ZERO_USD}, {"gain": None}])
def test_it_is_in_no_sum_and_no_trade(changes: dict[str, Any]) -> None:
    whole, found = report_samples.us(), us(changes)
    first, second = whole.executions
    assert first.gain is not None
    assert second.gain is not None
    assert second.fee is not None
    assert (found.result.lacks_cost, found.result.sales) == (1, 1)
    assert found.result.gain == second.gain
    assert list(found.days.values()) == [second.gain - second.fee]
    assert [trade.symbol for trade in found.trades] == [second.symbol]
    assert found.quality.trades == 1
    assert found.result.lacks_entry_fee == 1  # of those that are counted


def test_a_position_with_such_a_sale_is_no_trade() -> None:
    found = report_samples.krx()
    rows = [
        replace(one, gain=None) if one.seq == 2 and one.side is Side.SELL else one
        for one in found.executions
    ]
    shown = make(found.desk, rows, {}, Mode.LIVE, found.period)
    assert len(found.trades) == 2
    assert [trade.net for trade in shown.trades] == [found.trades[1].net]
    assert shown.result.lacks_cost == 1


def test_shares_left_in_another_account_are_no_part_of_a_trade() -> None:
    found = report_samples.krx()
    first = found.executions[0]
    left = [replace(first, at=first.at - timedelta(days=100), account="old")]
    shown = make(found.desk, (*left, *found.executions), {}, Mode.LIVE, found.period)
    assert shown.trades == found.trades
    mixed = [replace(one, account="") for one in left]
    assert make(found.desk, (*mixed, *found.executions), {}, Mode.LIVE, found.period).trades != (
        found.trades
    )
