"""Amounts of won as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import SETTABLE, check_value, find_settable
from engine.config.amounts import Won
from engine.config.checks import NotAllowed
from engine.errors import ConfigError

ANY = Won(0, 10**15)


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("200만", 2_000_000),
        ("1억", 100_000_000),
        ("1.5억", 150_000_000),
        ("1.23456789억", 123_456_789),
        ("0.1만", 1_000),
        ("1억5천만", 150_000_000),
        ("1억 5000만", 150_000_000),
        ("1억5000만2000원", 150_002_000),
        ("2백만원", 2_000_000),
        ("3천억", 300_000_000_000),
        ("1만5000", 15_000),
        ("1,200만", 12_000_000),
        (" 2,000,000원 ", 2_000_000),
        ("200만 원", 2_000_000),
        ("1억 5천만 원", 150_000_000),
        ("2,000,000 원", 2_000_000),
        ("1.50만", 15_000),
        ("0.125억", 12_500_000),
        ("1.2345억", 123_450_000),
        ("2_000_000", 2_000_000),
        ("0", 0),
    ],
)
def test_an_amount_is_read_exactly(text: str, won: int) -> None:
    assert ANY.read(text) == won


@pytest.mark.parametrize(
    "text",
    [
        *("", "만", "억", "원", "백만", "-3만", "+3만", "1e3만", "٣만", "３만", "만3", "3만억"),
        *("3만2억", "1..5억", "1.5억3만", "1억20000만", "1억2천십만", "1만50000", "0.00001만"),
        *("1.000000001억", "1억만", "200 만", "200만 만", "2,00만", "1,0000", "NaN", "null", "1.5"),
        *("99999999999억", "1.500만", "12.500억", "1.500천만", "200 만 원", "만 원"),
    ],
)
def test_what_may_be_a_slip_is_no_amount(text: str) -> None:
    with pytest.raises(NotAllowed):
        ANY.read(text)


@given(st.integers(0, 10**13))
def test_an_amount_in_ten_thousands_is_the_same_amount(ten_thousands: int) -> None:
    exact = f"{Decimal(ten_thousands) / 100_000_000:f}"
    if ten_thousands < 10**9:
        assert Won(0, 10**20).read(f"{ten_thousands}만") == ten_thousands * 10_000
    assert Won(0, 10**20).read(str(ten_thousands)) == ten_thousands
    whole, _, part = exact.partition(".")
    if len(whole) <= 9 and not (len(part) == 3 and whole != "0"):  # 1.500억 may mean 1,500억
        assert Won(0, 10**20).read(f"{exact}억") == ten_thousands


def test_every_setting_in_won_takes_them() -> None:
    won = [one for one in SETTABLE if one.key.endswith("_krw")]
    assert len(won) == 8
    for one in won:
        assert "(KRW)" in one.allowed
        assert check_value(one, "100만") == "1000000"


def test_the_bounds_hold_in_any_writing() -> None:
    max_order = find_settable("최대주문")
    assert max_order is not None
    assert check_value(max_order, "1만") == "10000"
    with pytest.raises(ConfigError, match=r"10000 - 1000000000 \(KRW\)"):
        check_value(max_order, "10.1억")
    with pytest.raises(ConfigError):
        check_value(max_order, "0.9만")
