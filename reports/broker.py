"""The book's realised figures beside the broker's own, day by day (docs/adr/0025). Pure.

The gain before costs must agree, and so must the costs, to one unit of the currency for each
execution: both sides round each. Which costs the broker counts is not documented: those of the sale
alone, or those of the buy too; either is taken for agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic

from engine.model.ids import Symbol
from engine.model.money import M, M_co
from engine.model.orders import Side
from engine.model.realised import Realised
from reports.executions import Execution
from reports.trades import total


class Verdict(StrEnum):
    """What came of comparing a symbol of a day."""

    AGREES = "agrees"
    COSTS = "costs"  # the gain agrees, fee and tax do not
    DIFFERS = "differs"
    BY_HAND = "by_hand"  # the trader sold it too: the broker does not tell whose sale was which
    NO_COST = "no_cost"  # nobody told the book what the shares cost
    NOT_IN_BOOK = "not_in_book"  # no sale of ours: the trader's own


@dataclass(frozen=True, slots=True)
class Line(Generic[M_co]):
    """A symbol of a day, the book's figures and the broker's. ``realised`` is after ``costs``."""

    symbol: Symbol
    verdict: Verdict
    qty: int
    broker_qty: int
    realised: M_co
    broker_realised: M_co
    costs: M_co
    broker_costs: M_co

    @property
    def is_compared(self) -> bool:
        """Whether both sides speak of the same sales."""
        return self.verdict in {Verdict.AGREES, Verdict.COSTS, Verdict.DIFFERS}


@dataclass(frozen=True, slots=True)
class DayCheck(Generic[M_co]):
    """A day that the broker was asked for."""

    day: date
    lines: tuple[Line[M_co], ...]

    def of(self, *verdicts: Verdict) -> tuple[Line[M_co], ...]:
        """The lines with one of these verdicts."""
        return tuple(line for line in self.lines if line.verdict in verdicts)

    @property
    def agrees(self) -> bool:
        """Whether nothing that could be compared differs."""
        return not self.of(Verdict.DIFFERS, Verdict.COSTS)


@dataclass(frozen=True, slots=True)
class Agreement(Generic[M_co]):
    """Days of a period. ``waiting``: with own sales, and not asked for yet.

    The four sums are over all lines that could be compared.
    """

    checks: tuple[DayCheck[M_co], ...]
    waiting: tuple[date, ...]
    realised: M_co
    broker_realised: M_co
    costs: M_co
    broker_costs: M_co


def agreement(
    executions: Iterable[Execution[M]], told: Mapping[date, Sequence[Realised[M]]], zero: M
) -> Agreement[M]:
    """Compare the days of ``executions`` with what the broker told of days it was asked for."""
    sales: dict[date, list[Execution[M]]] = {}
    for one in executions:
        sales.setdefault(one.day, []).append(one)
    checks = tuple(
        check_day(day, sales[day], told[day], zero) for day in sorted(sales) if day in told
    )
    waiting = tuple(
        day for day, rows in sorted(sales.items()) if day not in told and any(map(_is_sale, rows))
    )
    lines = [line for check in checks for line in check.lines if line.is_compared]
    return Agreement(
        checks,
        waiting,
        total((line.realised for line in lines), zero),
        total((line.broker_realised for line in lines), zero),
        total((line.costs for line in lines), zero),
        total((line.broker_costs for line in lines), zero),
    )


def check_day(
    day: date, executions: Sequence[Execution[M]], rows: Sequence[Realised[M]], zero: M
) -> DayCheck[M]:
    """``executions``: all of the day, ours and others'; ``rows``: the broker's of that day."""
    by_symbol = {row.symbol: row for row in rows}
    symbols = dict.fromkeys([one.symbol for one in executions if one.side is Side.SELL])
    lines = [
        _line(
            symbol,
            [one for one in executions if one.symbol == symbol],
            by_symbol.get(symbol),
            zero,
        )
        for symbol in (*symbols, *(one for one in by_symbol if one not in symbols))
    ]
    return DayCheck(day, tuple(lines))


def _line(
    symbol: Symbol, rows: Sequence[Execution[M]], told: Realised[M] | None, zero: M
) -> Line[M]:
    ours = [one for one in rows if _is_sale(one)]
    gain = total((one.gain for one in ours), zero)
    costs = _costs(rows, ours, told, zero)
    verdict = _verdict(rows, ours, told, (gain, costs))
    return Line(
        symbol,
        verdict,
        sum(one.qty for one in ours),
        0 if told is None else told.qty,
        gain - costs,
        zero if told is None else told.realised,
        costs,
        zero if told is None else told.costs,
    )


def _costs(
    rows: Sequence[Execution[M]],
    ours: Sequence[Execution[M]],
    told: Realised[M] | None,
    zero: M,
) -> M:
    """Fee and tax of the sales; with what buying cost, where that is what the broker says."""
    sold = total((one.fee for one in ours), zero) + total((one.tax for one in ours), zero)
    if told is None:
        return sold
    bought = total((one.entry_fee for one in ours), zero)
    today = total((one.fee for one in rows if one.side is Side.BUY and one.is_ours), zero)
    found = (
        costs for costs in (sold, sold + bought, sold + today) if _near(costs, told.costs, ours)
    )
    return next(found, sold)


def _verdict(
    rows: Sequence[Execution[M]],
    ours: Sequence[Execution[M]],
    told: Realised[M] | None,
    figures: tuple[M, M],
) -> Verdict:
    if any(one.side is Side.SELL and not one.is_ours for one in rows):
        return Verdict.BY_HAND
    if not ours:
        return Verdict.NOT_IN_BOOK
    if not all(one.knows_cost for one in ours):
        return Verdict.NO_COST
    gain, costs = figures
    is_same = told is not None and told.qty == sum(one.qty for one in ours)
    if told is None or not is_same or not _near(gain, told.gain, ours):
        return Verdict.DIFFERS
    return Verdict.AGREES if _near(costs, told.costs, ours) else Verdict.COSTS


def _near(first: M, second: M, ours: Sequence[Execution[M]]) -> bool:
    """To one won or cent for each execution."""
    unit = Decimal(1).scaleb(-first.decimals)
    return abs((first - second).amount) <= unit * len(ours)


def _is_sale(one: Execution[M]) -> bool:
    return one.side is Side.SELL and one.is_ours
