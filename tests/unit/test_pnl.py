"""Costs of US trades against figures worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import Qty
from engine.model.money import Usd
from engine.rules.pnl import (
    SEC_RATES,
    TAF_RATES,
    commission,
    gross_gain,
    net_gain,
    sec_fee,
    selling_charges,
    taf,
    target_price_after_costs,
)
from engine.rules.tick_size import tick_below

IN_2026 = date(2026, 11, 20)
FEE = Decimal("0.25")


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


@pytest.mark.parametrize(
    ("day", "fee"),
    [
        (date(2025, 5, 13), "0.28"),  # 10,000 x 27.80 / 1,000,000 = 0.278
        (date(2025, 5, 14), "0"),
        (date(2026, 4, 3), "0"),
        (date(2026, 4, 4), "0.21"),  # 10,000 x 20.60 / 1,000,000 = 0.206
        (date(2013, 10, 10), "0.08"),  # before the table: its first row
    ],
)
def test_the_sec_fee_is_that_of_the_trade_date_and_rounded_up(day: date, fee: str) -> None:
    assert sec_fee(usd("10000"), day) == usd(fee)


@pytest.mark.parametrize(
    ("qty", "day", "fee"),
    [
        (1, date(2026, 1, 1), "0.01"),
        (1000, date(2025, 12, 31), "0.17"),
        (1000, date(2026, 1, 1), "0.20"),
        (1000, date(2027, 1, 1), "0.24"),
        (1_000_000, date(2025, 12, 31), "8.30"),
    ],
)
def test_the_taf_counts_shares_up_to_its_cap(qty: int, day: date, fee: str) -> None:
    assert taf(Qty(qty), day) == usd(fee)


def test_the_tables_are_in_order_of_their_dates() -> None:
    assert [row.since for row in SEC_RATES] == sorted(row.since for row in SEC_RATES)
    assert [row.since for row in TAF_RATES] == sorted(row.since for row in TAF_RATES)


def test_a_commission_is_not_rounded() -> None:
    assert commission(usd("123.45"), FEE) == usd("0.308625")


def test_the_net_gain_leaves_out_both_commissions_and_the_charges() -> None:
    # 10 x (103 - 100) = 30; 1030 and 1000 at 0.25 % = 2.575 + 2.5; 1030 x 0.0000206 -> 0.03
    gain = net_gain(usd("103"), usd("100"), Qty(10), FEE, IN_2026)
    assert gross_gain(usd("103"), usd("100"), Qty(10)) == usd("30")
    assert gain == usd("24.895")


def test_charges_leave_out_the_taf() -> None:
    assert selling_charges(usd("1030"), IN_2026) == usd("0.03")


def test_three_per_cent_after_costs_is_about_three_and_a_half_before() -> None:
    assert target_price_after_costs(usd("100"), Decimal("3.0"), FEE, IN_2026) == usd("103.52")


@given(
    cents=st.integers(100, 100_000),
    target=st.decimals("0.1", "50", places=1),
    fee_pct=st.decimals("0", "1", places=2),
)
def test_the_target_after_costs_is_the_lowest_price_that_brings_it(
    cents: int, target: Decimal, fee_pct: Decimal
) -> None:
    cost, day = Usd(Decimal(cents) / 100), date(2025, 6, 2)  # no SEC fee: nothing is rounded
    price = target_price_after_costs(cost, target, fee_pct, day)
    wanted = cost * (target / 100)
    assert net_gain(price, cost, Qty(1), fee_pct, day) >= wanted
    assert net_gain(tick_below(price), cost, Qty(1), fee_pct, day) < wanted
