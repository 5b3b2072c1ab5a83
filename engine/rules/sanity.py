"""Figures that look too good, or too odd, to act on without asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.money import Usd
from engine.model.position_facts import QuestionKind
from engine.model.settings import UsSettings
from engine.rules.autosell import gain_pct

# A cost in won is about 1,400 times the price in dollars; no US stock loses 98 % unnoticed.
WON_RATIO = 50
# How far a gain must move before the same question is asked again (points).
MATERIAL_POINTS = Decimal(5)
# KIS rounds the average to four decimals and may shift it slightly when a day is settled.
COST_NOISE_PCT = Decimal("0.1")
# A split keeps quantity times cost; cash in lieu of fractions moves it a little.
SPLIT_NOISE_PCT = Decimal(2)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Concern:
    """Why not to sell: what is ``seen`` beside what was ``expected``."""

    kind: QuestionKind
    seen: Usd
    expected: Usd


def move_pct(price: Usd, reference: Usd) -> Decimal:
    """Distance of two prices in per cent of the reference, without sign."""
    return abs(gain_pct(price, reference))


def check_sale(
    price: Usd,
    cost: Usd,
    prev_close: Usd | None,
    settings: UsSettings,
    approved_pct: Decimal | None = None,
) -> Concern | None:
    """The first objection to selling at ``price``, or None.

    ``approved_pct``: a gain the trader saw and agreed to; it counts a little further.
    """
    if concern := check_currency(price, cost):
        return concern
    limit = settings.max_gain_pct
    if approved_pct is not None:
        limit = max(limit, approved_pct + MATERIAL_POINTS)
    if gain_pct(price, cost) > limit:
        return Concern(QuestionKind.GAIN_TOO_HIGH, price, cost)
    if prev_close is not None and move_pct(price, prev_close) > settings.max_day_move_pct:
        return Concern(QuestionKind.FAR_FROM_CLOSE, price, prev_close)
    return None


def check_currency(price: Usd, cost: Usd) -> Concern | None:
    """Whether the cost looks like won."""
    if cost.amount > price.amount * WON_RATIO:
        return Concern(QuestionKind.WRONG_CURRENCY, cost, price)
    return None


def is_same_cost(new: Usd, old: Usd) -> bool:
    """Whether two average costs differ by no more than rounding."""
    return move_pct(new, old) <= COST_NOISE_PCT


def is_split(qty: int, cost: Usd, old_qty: int, old_cost: Usd) -> bool:
    """Whether quantity and cost changed against each other, as in a split."""
    if qty == old_qty or is_same_cost(cost, old_cost):
        return False
    return move_pct(cost * qty, old_cost * old_qty) <= SPLIT_NOISE_PCT


def is_break(price: Usd, reference: Usd, settings: UsSettings) -> bool:
    """Whether the price level jumped as a split or a bad print would make it."""
    return move_pct(price, reference) > settings.max_day_move_pct


def is_too_old(at: datetime, now: datetime, settings: UsSettings) -> bool:
    """Whether a quote is too old to sell on."""
    return (now - at).total_seconds() > settings.max_quote_age_s


def is_material(gain: Decimal, asked_at_gain: Decimal) -> bool:
    """Whether a gain moved far enough to ask the same question again."""
    return abs(gain - asked_at_gain) >= MATERIAL_POINTS
