from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.listing import SecurityKind
from engine.model.recorded import RecordedMinute
from engine.rules.krx.minute_path import book_at, trades_of
from engine.rules.krx.price_steps import is_on_tick
from tests.desk.krx_world import krw

DAY = date(2026, 1, 7)
COMMON = SecurityKind.COMMON


def bar(opened: int, high: int, low: int, close: int, volume: int) -> RecordedMinute:
    return RecordedMinute(540, opened, high, low, close, volume, 0)


def test_a_rising_minute_visits_its_low_first() -> None:
    path = list(trades_of(bar(100, 120, 90, 110, 43)))
    assert path == [(0, 100, 10), (15, 90, 10), (30, 120, 10), (45, 110, 13)]


def test_a_falling_minute_visits_its_high_first() -> None:
    assert [price for _, price, _ in trades_of(bar(110, 120, 90, 100, 40))] == [110, 120, 90, 100]


def test_a_handful_of_shares_are_one_trade_at_the_close() -> None:
    assert list(trades_of(bar(100, 120, 90, 110, 3))) == [(45, 110, 3)]
    assert list(trades_of(bar(100, 120, 90, 110, 0))) == []


@given(prices=st.tuples(*[st.integers(1, 10_000)] * 4), volume=st.integers(0, 10_000))
def test_no_share_is_lost_or_made_up(prices: tuple[int, int, int, int], volume: int) -> None:
    path = list(trades_of(bar(*prices, volume)))
    assert sum(size for _, _, size in path) == volume
    assert {price for _, price, _ in path} <= set(prices)


@pytest.mark.parametrize(
    ("price", "bid", "ask"),
    [(10_000, 10_000, 10_010), (10_005, 10_000, 10_010), (1_999, 1_999, 2_000)],
)
def test_the_book_lies_around_the_trade_on_whole_steps(price: int, bid: int, ask: int) -> None:
    assert book_at(krw(price), DAY, COMMON, krw(1_000), krw(20_000)) == (krw(bid), krw(ask))


def test_at_a_price_limit_nobody_stands_beyond_it() -> None:
    lower, upper = krw(7_000), krw(13_000)
    assert book_at(upper, DAY, COMMON, lower, upper) == (krw(13_000), None)
    assert book_at(lower, DAY, COMMON, lower, upper) == (None, krw(7_010))


@given(price=st.integers(2_000, 400_000))
def test_orders_at_either_side_are_on_the_step(price: int) -> None:
    bid, ask = book_at(krw(price), DAY, COMMON, krw(1), krw(1_000_000))
    assert bid is not None
    assert ask is not None
    assert bid <= krw(price) <= ask
    assert bid < ask
    assert is_on_tick(bid, DAY, COMMON)
    assert is_on_tick(ask, DAY, COMMON)
