from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import Symbol
from engine.model.money import Usd
from engine.model.quotes import QuoteSource, Tick
from engine.model.settings import SellPrice, UsSettings
from engine.rules.autosell import (
    fee_of,
    gain_pct,
    marketable_limit,
    qualifies,
    sell_limit,
    target_price,
)

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
costs = st.decimals("0.01", "3000", places=4).filter(lambda cost: cost > 0).map(Usd)
targets = st.decimals("0.1", "50", places=1)


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def tick(price: str, bid: str | None = None) -> Tick:
    return Tick(Symbol("A"), NOW, usd(price), QuoteSource.PRICE, bid=usd(bid) if bid else None)


@given(costs, targets, st.booleans())
def test_the_target_price_earns_the_target_and_a_tick_less_does_not(
    cost: Usd, pct: Decimal, with_costs: bool
) -> None:
    settings = UsSettings(include_costs=with_costs)
    target = target_price(cost, pct, settings)
    fees = fee_of(cost, settings) + fee_of(target, settings) if with_costs else usd("0")
    assert (target - cost - fees).ratio(cost) * 100 >= pct - Decimal("1e-20")
    assert target.amount <= cost.amount * (1 + pct / 100) * Decimal("1.0052") + Decimal("0.0101")


def test_three_per_cent_on_a_round_cost_is_exactly_the_target() -> None:
    assert target_price(usd("100"), Decimal("3.0"), UsSettings()) == usd("103.00")
    assert target_price(usd("10.0004"), Decimal("3.0"), UsSettings()) == usd("10.31")


def test_costs_of_both_ways_raise_the_target() -> None:
    settings = UsSettings(include_costs=True, fee_pct=Decimal("0.25"))
    assert target_price(usd("100"), Decimal("3.0"), settings) == usd("103.51")


def test_the_bid_decides_where_a_book_is_shown_and_the_last_price_elsewhere() -> None:
    assert not qualifies(tick("103.10", "102.99"), usd("103.00"))
    assert qualifies(tick("102.90", "103.00"), usd("103.00"))
    assert qualifies(tick("103.00"), usd("103.00"))


@pytest.mark.parametrize(
    ("wish", "bid", "limit"),
    [
        (SellPrice.BID, "103.20", "103.20"),
        (SellPrice.BID, None, "103.24"),
        (SellPrice.TARGET, "103.20", "103.00"),
        (SellPrice.LAST, "103.20", "103.25"),
    ],
)
def test_the_setting_chooses_the_limit(wish: SellPrice, bid: str | None, limit: str) -> None:
    assert sell_limit(tick("103.25", bid), usd("103.00"), wish) == usd(limit)


@given(costs, costs, st.sampled_from(SellPrice))
def test_no_limit_is_ever_below_the_target(last: Usd, target: Usd, wish: SellPrice) -> None:
    seen = Tick(Symbol("A"), NOW, last, QuoteSource.STREAM, bid=last)
    assert sell_limit(seen, target, wish) >= target


def test_a_marketable_limit_takes_the_bid_or_one_tick_under_the_last_price() -> None:
    assert marketable_limit(tick("10.00", "9.95")) == usd("9.95")
    assert marketable_limit(tick("10.00")) == usd("9.99")


def test_the_gain_is_told_in_per_cent() -> None:
    assert gain_pct(usd("103"), usd("100")) == Decimal("3.00")
