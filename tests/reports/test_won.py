"""What needs won: the tax year of US shares, and both desks together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.model.ids import DeskName, Mode
from engine.model.money import ZERO_KRW, ZERO_USD, Krw, Money
from engine.model.orders import Side
from reports import queries
from reports.executions import Execution
from reports.periods import Span, period
from reports.report import Report, make, read
from reports.together import together
from reports.us_tax import RULES, Rule, TaxYear, rule_of, settled_on, tax_year
from tests.reports import plain

pytestmark = [pytest.mark.xdist_group("two years"), pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def us_rows(book: Path) -> tuple[Execution[Money], ...]:
    with queries.opened(book) as connection:
        return queries.executions(connection, DeskName.US)


told = cache(plain.count)


@cache
def reports(book: Path, span: Span, until: date | None = None) -> tuple[Report[Money], ...]:
    desks = DeskName.KRX, DeskName.US
    found = [read(book.parent, desk, Mode.LIVE, span, until) for desk in desks]
    return tuple(one for one in found if one is not None)


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_tax_year_is_that_of_plain_loops(
    book: Path, us_rows: tuple[Execution[Money], ...], year: int
) -> None:
    found = tax_year(us_rows, year)
    assert found.gain.amount == sum(
        won for day, won in told(book, "us").won.items() if plain.tax_year(day) == year
    )
    assert found.gain
    assert (found.lacks_rate, found.lacks_cost, found.lacks_entry_fee, found.by_hand) == (0,) * 4


def test_a_sale_is_settled_on_the_next_session() -> None:
    days = {
        "2025-12-31": "2026-01-02",
        "2025-12-30": "2025-12-31",
        "2026-07-02": "2026-07-06",  # the third is a holiday, then a weekend
        "2026-11-25": "2026-11-27",
    }
    for day, settled in days.items():
        assert settled_on(date.fromisoformat(day)).isoformat() == settled


def test_what_cannot_be_counted_in_won_is_counted_apart(
    us_rows: tuple[Execution[Money], ...],
) -> None:
    whole = tax_year(us_rows, 2025)
    sales = [one for one in us_rows if one.side is Side.SELL and one.day.year == 2025]
    changes: list[tuple[str, dict[str, Any]]] = [
        ("lacks_rate", {"krw_per_usd": None}),
        ("lacks_cost", {"avg_cost": sales[0].avg_cost * 0}),
        ("by_hand", {"order": None}),
        ("lacks_entry_fee", {"entry_fee": None}),
    ]
    for name, change in changes:
        doubtful = replace(sales[0], **change)
        rows = [doubtful if one.seq == doubtful.seq else one for one in us_rows]
        found = tax_year(rows, 2025)
        assert getattr(found, name) == 1
        without = tax_year([one for one in us_rows if one.seq != doubtful.seq], 2025)
        if name == "lacks_entry_fee":
            assert found.gain > whole.gain
        else:
            assert found.gain == without.gain


@pytest.mark.parametrize(
    ("gain", "left", "taxable", "tax"),
    [
        (-1_000_000, 2_500_000, 0, 0),
        (2_499_999, 1, 0, 0),
        (2_500_000, 0, 0, 0),
        (3_500_003, 0, 1_000_003, 220_000),  # a fraction of a won is cut
    ],
)
def test_only_what_is_above_the_allowance_is_taxed(
    gain: int, left: int, taxable: int, tax: int
) -> None:
    found = TaxYear(2026, rule_of(2026), Krw(Decimal(gain)), 0, 0, 0, 0)
    shown = found.left.amount, found.taxable.amount, found.tax.amount
    assert shown == tuple(map(Decimal, (left, taxable, tax)))


def test_a_rule_holds_from_its_year_on(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Rule(Krw(Decimal(50_000_000)), Decimal(25))
    monkeypatch.setitem(RULES, 2027, other)
    first = RULES[2020]
    assert [rule_of(year) for year in (2019, 2020, 2026, 2027, 2031)] == [first] * 3 + [other] * 2


def test_a_report_of_a_year_has_it_where_tax_is_owed(book: Path) -> None:
    krx, us = reports(book, Span.YEAR, date(2025, 6, 1))
    assert krx.tax is None
    assert us.tax is not None
    assert us.tax.year == 2025
    assert reports(book, Span.MONTH, date(2025, 6, 1))[1].tax is None
    with queries.opened(book) as connection:
        rows = queries.executions(connection, DeskName.US)
    paper = make(DeskName.US, rows, {}, Mode.PAPER, period(Span.YEAR, date(2025, 6, 1)))
    assert paper.tax is None


@pytest.mark.parametrize(
    ("span", "until"),
    [(Span.ALL, None), (Span.YEAR, date(2025, 6, 1)), (Span.MONTH, date(2026, 2, 1))],
)
def test_both_desks_together_are_those_of_plain_loops(
    book: Path, span: Span, until: date | None
) -> None:
    shown = reports(book, span, until)
    found = together(shown)
    assert found is not None
    joint: dict[str, int] = {}
    for desk in DeskName:
        days = {
            day: won
            for day, won in told(book, desk.value).won.items()
            if date.fromisoformat(day) in shown[0].period
        }
        assert found.by_desk[desk].amount == sum(days.values())
        for day, won in days.items():
            joint[day] = joint.get(day, 0) + won
    assert {day.isoformat(): net.amount for day, net in found.days.items()} == joint
    assert found.net.amount == sum(joint.values())
    worst, when = plain.deepest(joint)
    assert found.drawdown is not None
    assert found.drawdown.amount.amount == worst
    assert found.drawdown.trough_on.isoformat() == when
    assert found.lacks_rate == found.lacks_entry_fee == 0


def test_a_sale_without_a_rate_is_in_no_sum_of_both(book: Path) -> None:
    krx, us = reports(book, Span.MONTH, date(2026, 2, 1))
    without = replace(us, executions=tuple(replace(x, krw_per_usd=None) for x in us.executions))
    found = together([krx, without])
    assert found is not None
    assert found.by_desk[DeskName.US] == ZERO_KRW
    assert found.lacks_rate == sum(one.side is Side.SELL for one in us.executions)
    assert found.net == found.by_desk[DeskName.KRX]


@pytest.mark.parametrize("change", [{"avg_cost": ZERO_USD}, {"order": None}])
def test_a_sale_of_unknown_cost_or_by_hand_is_in_no_sum_of_both(
    book: Path, change: dict[str, Any]
) -> None:
    krx, us = reports(book, Span.MONTH, date(2026, 2, 1))
    rows = tuple(replace(one, **change) for one in us.executions)
    found = together([krx, replace(us, executions=rows)])
    assert found is not None
    assert found.by_desk == {DeskName.KRX: found.net, DeskName.US: ZERO_KRW}
    assert found.net.amount == sum(net.amount for net in found.days.values())
    assert found.lacks_rate == 0


def test_nothing_is_added_up_that_does_not_belong_together(book: Path) -> None:
    krx, us = reports(book, Span.MONTH, date(2026, 2, 1))
    assert together([krx]) is None
    assert together([krx, replace(us, mode=Mode.PAPER)]) is None
    assert together([krx, replace(us, period=period(Span.MONTH, date(2026, 3, 1)))]) is None
    assert together([krx, replace(us, result=replace(us.result, sales=0))]) is None
