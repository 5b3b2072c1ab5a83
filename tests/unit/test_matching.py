"""Simulated fills are pessimistic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import Qty, Symbol
from engine.model.money import Usd
from engine.model.quotes import QuoteSource, Tick
from engine.rules.matching import LATENCY, VOLUME_SHARE, RestingSell, fillable, reaches

PLACED = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LATER = PLACED + LATENCY
ORDER = RestingSell(Usd(Decimal("103.00")), Qty(10), PLACED, volume_at_start=1000)


def tick(price: str, bid: str | None = None, volume: int | None = None) -> Tick:
    return Tick(
        symbol=Symbol("AAPL"),
        at=LATER,
        price=Usd(Decimal(price)),
        source=QuoteSource.STREAM,
        bid=None if bid is None else Usd(Decimal(bid)),
        cum_volume=volume,
    )


def test_a_bid_at_the_limit_fills() -> None:
    assert fillable(ORDER, tick("103.00", "103.00", 2000)) == 10


def test_a_trade_above_the_limit_does_not_fill_while_the_bid_is_below() -> None:
    assert fillable(ORDER, tick("104.00", "102.99", 2000)) == 0


@pytest.mark.parametrize(("price", "is_reached"), [("103.00", False), ("103.01", True)])
def test_without_a_book_the_price_must_be_above_the_limit(price: str, is_reached: bool) -> None:
    assert reaches(ORDER.limit, tick(price)) is is_reached


def test_nothing_fills_within_half_a_second() -> None:
    early = replace(tick("103.00", "103.00", 2000), at=LATER - timedelta(microseconds=1))
    assert fillable(ORDER, early) == 0


def test_a_fill_takes_a_tenth_of_the_volume_since_the_order() -> None:
    assert fillable(ORDER, tick("103.00", "103.00", 1059)) == 5


def test_shares_taken_before_count_against_that_tenth() -> None:
    order = replace(ORDER, open_qty=Qty(5), taken=5)
    assert fillable(order, tick("103.00", "103.00", 1059)) == 0
    assert fillable(order, tick("103.00", "103.00", 1070)) == 2


def test_without_any_volume_shown_the_whole_order_fills() -> None:
    assert fillable(ORDER, tick("103.00", "103.00")) == 10


def test_a_volume_that_was_set_back_fills_nothing() -> None:
    assert fillable(ORDER, tick("103.00", "103.00", 5)) == 0


@given(volumes=st.lists(st.integers(0, 10_000), max_size=30))
def test_a_sequence_of_ticks_never_takes_more_than_open_or_than_its_share(
    volumes: list[int],
) -> None:
    order, most = ORDER, 0
    for volume in volumes:
        most = max(most, volume - 1000)
        qty = fillable(order, tick("103.00", "103.00", volume))
        order = replace(order, open_qty=Qty(order.open_qty - qty), taken=order.taken + qty)
    assert order.open_qty >= 0
    assert order.taken + order.open_qty == 10
    assert order.taken * VOLUME_SHARE <= most or order.taken == 0
