"""What the tax year of US shares comes to so far: gains in won against the allowance. An estimate.

A resident of Korea owes tax on gains from foreign shares (소득세법 제94조 1항 3호 다목): losses
of the year set against them (제102조), less the allowance of a year (제103조), 20 % (제104조 1항
11호), and a tenth of that as local income tax (지방세법 제103조의3). A sale belongs to the year in
which it is settled (소득세법 시행령 제162조). The tax office takes the rate of that day, and for
the cost that of the purchase (국제세원-229, 2010-05-10); the book has one rate, of the sale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from engine.model.ids import DeskName, Mode
from engine.model.money import ZERO_KRW, Krw, Money
from engine.model.orders import Side
from engine.rules.sessions import SessionTable
from reports.executions import Execution
from reports.trades import total
from reports.won import in_won

_HUNDRED = 100
_SESSIONS = SessionTable()


@dataclass(frozen=True, slots=True)
class Rule:
    """``rate_pct`` with the local income tax."""

    allowance: Krw
    rate_pct: Decimal


# By the first year in which it holds. From 2020 on one allowance for shares of both countries.
RULES: Mapping[int, Rule] = {2020: Rule(Krw(Decimal(2_500_000)), Decimal(22))}


@dataclass(frozen=True, slots=True)
class TaxYear:
    """Gains of a year. ``lacks_entry_fee``: executions in it without the commission of their buy.

    Not in it are ``lacks_rate``, ``lacks_cost`` and ``by_hand``.
    """

    year: int
    rule: Rule
    gain: Krw
    lacks_entry_fee: int
    lacks_rate: int
    lacks_cost: int
    by_hand: int

    @property
    def left(self) -> Krw:
        """Of the allowance."""
        return max(self.rule.allowance - max(self.gain, ZERO_KRW), ZERO_KRW)

    @property
    def taxable(self) -> Krw:
        """Above the allowance."""
        return max(self.gain - self.rule.allowance, ZERO_KRW)

    @property
    def tax(self) -> Krw:
        """On what is above."""
        return (self.taxable * (self.rule.rate_pct / _HUNDRED)).rounded(ROUND_FLOOR)


def is_taxed(desk: DeskName, mode: Mode) -> bool:
    """Whether gains of this book are of money at all, and of shares of the United States."""
    return desk is DeskName.US and mode is Mode.LIVE


def tax_year(executions: Iterable[Execution[Money]], year: int) -> TaxYear:
    """Count it; ``executions``: the whole book of the US desk."""
    sales = [
        one
        for one in executions
        if one.desk is DeskName.US and one.side is Side.SELL and settled_on(one.day).year == year
    ]
    ours = [one for one in sales if one.is_ours]
    known = [one for one in ours if one.knows_cost]
    gains = [in_won(one) for one in known]
    return TaxYear(
        year=year,
        rule=rule_of(year),
        gain=total(gains, ZERO_KRW),
        lacks_entry_fee=sum(
            one.entry_fee is None and gain is not None
            for one, gain in zip(known, gains, strict=True)
        ),
        lacks_rate=gains.count(None),
        lacks_cost=len(ours) - len(known),
        by_hand=len(sales) - len(ours),
    )


def settled_on(day: date) -> date:
    """When a trade of this New York date is paid: the next session (since 2024-05-28, SEC)."""
    return _SESSIONS.next_session(day).day


def rule_of(year: int) -> Rule:
    """The rule that holds in a year; before the table its first one."""
    first = min(RULES)
    return RULES[max((since for since in RULES if since <= year), default=first)]
