"""The figures of the two years as empyrical-reloaded counts them, where it means the same.

Those are: the deepest fall in per cent of an equity curve with daily marks, what a week, month,
quarter, year and all of it brought in per cent of the equity it began with, and the profit factor,
which is the omega ratio of the trades' nets at nothing. It knows no other figure of a report in the
same sense: its ratios are of daily returns, ours of trades.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import empyrical
import pandas as pd
import pytest

from engine.model.ids import DeskName
from engine.model.money import ZERO_KRW, ZERO_USD, Krw, Money, Usd
from reports import queries, stats
from reports.executions import Execution
from reports.periods import Span, period
from reports.trades import trades

pytestmark = [pytest.mark.xdist_group("two years"), pytest.mark.timeout(90)]
CAPITAL: Mapping[DeskName, Money] = {
    DeskName.KRX: Krw(Decimal(1_000_000_000)),
    DeskName.US: Usd(Decimal(100_000)),
}
ZERO: Mapping[DeskName, Money] = {DeskName.KRX: ZERO_KRW, DeskName.US: ZERO_USD}
NAMES = {
    Span.WEEK: "weekly",
    Span.MONTH: "monthly",
    Span.QUARTER: "quarterly",
    Span.YEAR: "yearly",
}


@dataclass(frozen=True)
class Curve:
    """A desk's executions, its days, and the same days as returns for the stranger."""

    rows: tuple[Execution[Money], ...]
    zero: Money
    capital: Money
    days: Mapping[date, Money]
    returns: pd.Series

    def before(self, day: date) -> Money:
        """The equity with which a day begins."""
        return sum((net for when, net in self.days.items() if when < day), self.capital)


@pytest.fixture(scope="module", params=list(DeskName))
def curve(book: Path, request: pytest.FixtureRequest) -> Curve:
    desk: DeskName = request.param
    with queries.opened(book) as connection:
        rows = queries.executions(connection, desk)
    zero, capital = ZERO[desk], CAPITAL[desk]
    days = stats.daily(rows, zero)
    equity, returns = capital, []
    for net in days.values():
        returns.append(float(net.ratio(equity)))
        equity += net
    series = pd.Series(returns, index=pd.DatetimeIndex(list(days)))
    return Curve(rows, zero, capital, days, series)


def same(found: Decimal, theirs: float) -> bool:
    return float(found) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("year", [None, 2025, 2026])
def test_the_deepest_fall_is_theirs(curve: Curve, year: int | None) -> None:
    days = {day: net for day, net in curve.days.items() if year in (None, day.year)}
    fall = stats.drawdown(days, curve.zero)
    returns = curve.returns if year is None else curve.returns[str(year)]
    assert fall is not None
    peak = curve.before(min(days) if fall.peak_on is None else fall.peak_on + timedelta(days=1))
    assert same(-fall.amount.ratio(peak), empyrical.max_drawdown(returns))
    assert fall.amount > curve.zero


@pytest.mark.parametrize("span", NAMES)
def test_every_period_brought_what_they_say(curve: Curve, span: Span) -> None:
    theirs = empyrical.aggregate_returns(curve.returns, NAMES[span])
    periods = list(dict.fromkeys(period(span, day) for day in curve.days))
    assert len(theirs) == len(periods)
    for one, expected in zip(periods, theirs, strict=True):
        within = [row for row in curve.rows if row.day in one]
        net = stats.result(within, curve.zero).net
        assert same(net.ratio(curve.before(one.first)), expected)


def test_all_of_it_brought_what_they_say(curve: Curve) -> None:
    net = stats.result(curve.rows, curve.zero).net
    assert same(net.ratio(curve.capital), empyrical.cum_returns_final(curve.returns))


def test_the_profit_factor_is_their_omega_ratio(curve: Curve) -> None:
    made = trades(curve.rows, curve.zero)
    found = stats.quality(made, curve.zero).profit_factor
    nets = pd.Series([float(trade.net.amount) for trade in made])
    assert found is not None
    assert same(found, empyrical.omega_ratio(nets, annualization=1))
