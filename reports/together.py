"""Both desks in won: what they brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.ids import DeskName
from engine.model.money import ZERO_KRW, Krw, Money
from engine.model.orders import Side
from reports import stats
from reports.periods import Span
from reports.report import Report
from reports.won import in_won


@dataclass(frozen=True, slots=True)
class Together:
    """Net in won, dollars at the rate kept with each sale, by desk and by exchange date.

    ``lacks_rate``: executions in dollars that are in no sum, because no rate was kept with them.
    ``lacks_entry_fee``: those in it without the commission of their buy.
    """

    by_desk: Mapping[DeskName, Krw]
    days: Mapping[date, Krw]
    drawdown: stats.Drawdown[Krw] | None
    lacks_rate: int
    lacks_entry_fee: int

    @property
    def net(self) -> Krw:
        """Of all desks."""
        return sum(self.by_desk.values(), ZERO_KRW)


def together(reports: Sequence[Report[Money]]) -> Together | None:
    """Add them up; None where there is nothing to add.

    That is: fewer than two desks with a sale, books of different modes, or other periods.
    """
    sold = [one for one in reports if one.result.sales]
    kinds = {(one.mode, one.period.span) for one in sold}
    periods = {one.period for one in sold if one.period.span is not Span.ALL}
    if len(sold) < 2 or len(kinds) > 1 or len(periods) > 1:  # noqa: PLR2004
        return None
    by_desk: dict[DeskName, Krw] = {}
    days: dict[date, Krw] = {}
    lacks_rate = lacks_entry_fee = 0
    for report in sold:
        by_desk[report.desk] = ZERO_KRW
        for one in report.executions:
            if one.side is not Side.SELL or not (one.is_ours and one.knows_cost):
                continue
            net = in_won(one)
            if net is None:
                lacks_rate += 1
                continue
            lacks_entry_fee += one.entry_fee is None
            by_desk[report.desk] += net
            days[one.day] = days.get(one.day, ZERO_KRW) + net
    days = dict(sorted(days.items()))
    fall = stats.drawdown(days, ZERO_KRW)
    return Together(by_desk, days, fall, lacks_rate, lacks_entry_fee)
