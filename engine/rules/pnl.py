"""Fees, charges and gains of US trades.

Commission is the customer's own rate at KIS (0.25 % is quoted as usual; a setting). On sales come
the SEC's Section 31 fee, a rate on the amount, and FINRA's Trading Activity Fee (TAF), a rate on
the shares with a cap a trade; brokers round both up to the cent. Sources: the SEC's yearly orders
(release 34-99973 of 2024-04-17 for the rate until 2025-05-13, the order of 2026-02-27), FINRA's
By-Laws, Schedule A, section 1. Unconfirmed: the start of the 8.00 rate, the day on which the rate
of 2026 begins, the TAF's rates and caps from 2026 on, and whether KIS passes the TAF on, so the
TAF is left out of ``selling_charges``. Dates before a table take its first row: a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import TypeVar

from engine.model.ids import Qty
from engine.model.money import Usd
from engine.rules.tick_size import round_up

_HUNDRED = Decimal(100)
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class SecRate:
    """Dollars per million dollars sold, from a trade date on."""

    since: date
    per_million: Decimal


@dataclass(frozen=True, slots=True)
class TafRate:
    """Dollars a share sold and at most a trade, from a trade date on."""

    since: date
    per_share: Decimal
    cap: Decimal


SEC_RATES = (
    SecRate(date(2023, 2, 27), Decimal("8.00")),
    SecRate(date(2024, 5, 22), Decimal("27.80")),
    SecRate(date(2025, 5, 14), Decimal("0.00")),
    SecRate(date(2026, 4, 4), Decimal("20.60")),
)
TAF_RATES = (
    TafRate(date(2024, 1, 1), Decimal("0.000166"), Decimal("8.30")),
    TafRate(date(2026, 1, 1), Decimal("0.000195"), Decimal("9.79")),
    TafRate(date(2027, 1, 1), Decimal("0.000232"), Decimal("11.61")),
)

_Dated = TypeVar("_Dated", SecRate, TafRate)


def commission(amount: Usd, fee_pct: Decimal) -> Usd:
    """Estimated commission of one way, not rounded. ``fee_pct`` in per cent of the amount."""
    return amount * (fee_pct / _HUNDRED)


def sec_fee(amount: Usd, on: date) -> Usd:
    """Section 31 fee of a sale on a New York date, rounded up to the cent as brokers do."""
    rate = _in_force(SEC_RATES, on).per_million / _MILLION
    return (amount * rate).rounded(ROUND_CEILING)


def taf(qty: Qty, on: date) -> Usd:
    """Trading Activity Fee of one sale on a New York date, rounded up to the cent."""
    rate = _in_force(TAF_RATES, on)
    return Usd(min(rate.per_share * qty, rate.cap)).rounded(ROUND_CEILING)


def selling_charges(amount: Usd, on: date) -> Usd:
    """Estimated charges (제세금) that KIS takes from a sale beside its commission."""
    return sec_fee(amount, on)


def gross_gain(price: Usd, avg_cost: Usd, qty: Qty) -> Usd:
    """Gain of a sale before costs."""
    return (price - avg_cost) * qty


def net_gain(price: Usd, avg_cost: Usd, qty: Qty, fee_pct: Decimal, on: date) -> Usd:
    """Gain of a sale after the commission of both ways and the charges; an estimate.

    ``avg_cost`` is taken as not containing the commission of the purchase.
    """
    sold, paid = price * qty, avg_cost * qty
    fees = commission(sold, fee_pct) + commission(paid, fee_pct)
    return gross_gain(price, avg_cost, qty) - fees - selling_charges(sold, on)


def target_price_after_costs(avg_cost: Usd, target_pct: Decimal, fee_pct: Decimal, on: date) -> Usd:
    """Lowest price on a tick that brings ``target_pct`` of the cost after all costs."""
    fee = fee_pct / _HUNDRED
    charges = _in_force(SEC_RATES, on).per_million / _MILLION
    return round_up(avg_cost * ((1 + target_pct / _HUNDRED + fee) / (1 - fee - charges)))


def _in_force(rates: Sequence[_Dated], on: date) -> _Dated:
    return next((rate for rate in reversed(rates) if rate.since <= on), rates[0])
