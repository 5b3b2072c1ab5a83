"""3,000 trades over two years, counted by the reports and once more by plain loops."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from engine.model.ids import DeskName
from engine.model.money import ZERO_KRW, ZERO_USD, Krw, Money
from reports import queries, stats
from reports.executions import Execution
from reports.periods import Period, Span, period
from reports.trades import Trade, trades
from tests.reports import plain
from tests.reports.book_maker import US_NAMES

pytestmark = [pytest.mark.xdist_group("two years"), pytest.mark.timeout(90)]
ZERO: dict[DeskName, Money] = {DeskName.KRX: ZERO_KRW, DeskName.US: ZERO_USD}
PERIODS = (
    Period(Span.ALL, date(2025, 1, 1), date(2026, 12, 31)),
    period(Span.YEAR, date(2025, 5, 1)),
    period(Span.QUARTER, date(2025, 12, 31)),
    period(Span.MONTH, date(2026, 1, 1)),
    period(Span.WEEK, date(2025, 12, 31)),  # over the new year
    period(Span.DAY, date(2026, 3, 10)),
)
CAPITAL = Krw(Decimal(1_000_000_000))
Counted = tuple[tuple[Execution[Money], ...], tuple[Trade[Money], ...], plain.Told]


@pytest.fixture(scope="module", params=list(DeskName))
def counted(book: Path, request: pytest.FixtureRequest) -> tuple[DeskName, Counted]:
    desk: DeskName = request.param
    with queries.opened(book) as connection:
        rows = queries.executions(connection, desk)
    return desk, (rows, trades(rows, ZERO[desk]), plain.count(book, desk.value))


def test_the_book_is_large_enough(book: Path) -> None:
    with queries.opened(book) as connection:
        found = [trades(queries.executions(connection, desk), ZERO[desk]) for desk in DeskName]
        assert queries.names(connection, DeskName.US) == US_NAMES
    assert sum(map(len, found)) >= 3_000
    assert all(found)


@pytest.mark.parametrize("span", PERIODS, ids=lambda one: one.label)
def test_sums_are_those_of_plain_loops(counted: tuple[DeskName, Counted], span: Period) -> None:
    desk, (rows, _, told) = counted
    within = [row for row in rows if row.day in span]
    found = stats.result(within, ZERO[desk])
    assert exact(found.gain) == over(told.gain, span)
    assert exact(found.fees) == over(told.fees, span)
    assert exact(found.tax) == over(told.tax, span)
    assert exact(found.net) == over(told.days, span)
    assert found.apart == over(told.by_hand, span)
    assert found.lacks_entry_fee == 0
    assert exact(stats.slippage(within, ZERO[desk]).amount) == over(told.slipped, span)
    for day, net in stats.daily(within, ZERO[desk]).items():
        assert exact(net) == told.days[day.isoformat()]


@pytest.mark.parametrize("span", PERIODS, ids=lambda one: one.label)
def test_trades_are_those_of_plain_loops(counted: tuple[DeskName, Counted], span: Period) -> None:
    desk, (_, made, told) = counted
    mine = [trade for trade in made if trade.day in span]
    theirs = [done for done in told.trades if date.fromisoformat(done.day) in span]
    assert len(mine) == len(theirs)
    for trade, done in zip(mine, theirs, strict=True):
        assert (trade.symbol, trade.reason, trade.score) == (done.symbol, done.reason, done.score)
        assert (trade.opened_at, trade.closed_at) == (done.opened, done.closed)
        assert exact(trade.net) == done.net
        assert (None if trade.fifo_gain is None else exact(trade.fifo_gain)) == done.fifo
    judge_quality(stats.quality(mine, ZERO[desk]), theirs)


def judge_quality(found: stats.Quality[Money], theirs: list[plain.Done]) -> None:
    won, lost = [d.net for d in theirs if d.net > 0], [-d.net for d in theirs if d.net < 0]
    assert (found.trades, found.wins, found.losses) == (len(theirs), len(won), len(lost))
    if not theirs:
        assert (found.win_rate, found.expectancy, found.best) == (None, None, None)
        return
    assert near(found.win_rate, Fraction(len(won), len(theirs)) * 100)
    assert found.expectancy is not None
    assert near(found.expectancy.amount, sum((d.net for d in theirs), Fraction(0)) / len(theirs))
    if won and lost:
        assert near(found.payoff, sum(won, Fraction(0)) / len(won) * len(lost) / sum(lost))
        assert near(found.profit_factor, Fraction(sum(won), sum(lost)))
    held = [done.closed - done.opened for done in theirs if done.opened is not None]
    assert found.longest_held == max(held)
    assert found.average_held is not None
    assert abs(found.average_held - sum(held, timedelta()) / len(held)) < timedelta(seconds=1)
    assert found.best is not None
    assert exact(found.best.net) == max(done.net for done in theirs)
    assert found.worst is not None
    assert exact(found.worst.net) == min(done.net for done in theirs)
    assert found.is_few == (len(theirs) < 30)


def test_parts_are_those_of_plain_loops(counted: tuple[DeskName, Counted]) -> None:
    desk, (_, made, told) = counted
    zone = plain.ZONES[desk.value]
    keys: dict[Callable[[Trade[Money]], str | None], Callable[[plain.Done], str | None]] = {
        stats.symbol: lambda done: done.symbol,
        stats.reason: lambda done: done.reason,
        stats.hour: lambda done: f"{done.closed.astimezone(zone):%H}",
        stats.score_band: lambda done: (
            None if done.score is None else f"{done.score // 10}0-{done.score // 10}9"
        ),
    }
    for key, plainly in keys.items():
        expected: dict[str, list[Fraction]] = defaultdict(list)
        for done in told.trades:
            if (name := plainly(done)) is not None:
                expected[name].append(done.net)
        found = stats.by(made, key, ZERO[desk])
        assert found.keys() == expected.keys()
        for name, part in found.items():
            assert (part.trades, exact(part.net)) == (len(expected[name]), sum(expected[name]))
            assert part.wins == sum(net > 0 for net in expected[name])
        nets = [part.net for part in found.values()]
        assert nets == sorted(nets, reverse=True)


def test_the_deepest_fall_is_the_one_found_by_comparing_every_pair(book: Path) -> None:
    with queries.opened(book) as connection:
        rows = queries.executions(connection, DeskName.KRX)
    fall = stats.drawdown(stats.daily(rows, ZERO_KRW), ZERO_KRW)
    worst, when = plain.deepest(plain.count(book, "krx").days)
    assert fall is not None
    assert exact(fall.amount) == worst
    assert fall.trough_on.isoformat() == when


def test_the_oracle_knows_nothing_of_the_project() -> None:
    tree = ast.parse(Path(plain.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def exact(amount: Money) -> Fraction:
    return Fraction(amount.amount)


def near(found: Decimal | None, expected: Fraction) -> bool:
    return found is not None and abs(Fraction(found) - expected) <= abs(expected) / 10**20


def over(by_day: dict[str, Fraction] | dict[str, int], span: Period) -> Fraction:
    return sum(
        (Fraction(n) for day, n in by_day.items() if date.fromisoformat(day) in span), Fraction(0)
    )
