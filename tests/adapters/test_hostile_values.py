"""Values that no broker sends and a stranger on the way might."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from engine.adapters.kis.crypt import parse_notice_key
from engine.adapters.kis.frames import Answer, parse_frame, quantity
from engine.adapters.kis.krx import frames as krx_frames
from engine.adapters.kis.krx.frames import parse_krx_trade
from engine.adapters.kis.payloads import parse_holdings
from engine.adapters.kis.profits import parse_krx
from engine.adapters.kis.values import KST, clean, moment, order_no, parse_number, shares
from engine.adapters.server_time import time_in
from engine.errors import PayloadError
from engine.model.ids import Symbol
from engine.model.money import Krw
from tests.adapters.test_kis_krx_frames import SAMSUNG, TODAY
from tests.fuzz.reply_shapes import SHAPES


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  삼성전자 ", "삼성전자"),
        ("a\nb", "a b"),
        ("a\x00\x1b[31mb", "a  [31mb"),
        ("a\ud800", "a"),
        ("\u202eABC\u2066", "ABC"),
        ("x" * 600, "x" * 500),
        ("\u200b\n", ""),
    ],
)
def test_a_text_is_one_line_that_can_be_written(raw: str, kept: str) -> None:
    assert clean(raw) == kept


def test_the_name_of_a_holding_is_cleaned() -> None:
    body = {**SHAPES["us_holdings"], "output1": [dict(SHAPES["us_holdings"]["output1"][0])]}
    body["output1"][0]["ovrs_item_name"] = "애플\n[ERROR] all sold\ud83d"
    (held,) = parse_holdings([body])
    assert held.name == "애플 [ERROR] all sold"


def test_an_order_number_keeps_no_line_break() -> None:
    assert order_no("0037\n508") == "37 508"


@pytest.mark.parametrize("raw", ["9" * 16, "-" + "9" * 16, "1" + "0" * 15, "1" + " " * 40])
def test_a_number_of_no_possible_size_is_refused(raw: str) -> None:
    with pytest.raises(PayloadError):
        parse_number(raw, "x")


def test_the_largest_price_times_the_largest_quantity_can_be_rounded() -> None:
    price, qty = parse_number("9" * 15, "x"), shares(Decimal(10**11 - 1), "x")
    assert price is not None
    assert qty is not None
    assert (Krw(price) * qty).rounded(ROUND_HALF_UP).amount > 0


def test_more_shares_than_exist_are_refused() -> None:
    with pytest.raises(PayloadError):
        quantity("1" + "0" * 11, "CNTG_QTY")


@pytest.mark.parametrize("day", ["19991231", "21000101", "99991231", "00010101"])
def test_a_time_outside_this_century_is_none(day: str) -> None:
    assert moment(day, "235959", KST) is None


def test_a_key_of_half_a_character_is_no_key() -> None:
    assert parse_notice_key("k" * 31 + "\ud800", "i" * 16) is not None  # of no use, and no harm
    assert parse_notice_key("\ud800", "i" * 16) is None


def test_an_answer_keeps_nothing_that_cannot_be_written() -> None:
    answer = parse_frame('{"header":{"tr_id":"X"},"body":{"msg_cd":"OPSP\\ud8000","msg1":"a\\nb"}}')
    assert isinstance(answer, Answer)
    assert (answer.code, answer.text) == ("OPSP 0", "a b")


def test_long_fields_of_a_trade_are_not_remembered() -> None:
    """The socket is not encrypted: what is remembered of it must have a bound."""
    caches = (krx_frames._price, krx_frames._moment, krx_frames._shown, krx_frames._prev_close)
    for place in (1, 2, 3, 4, 10, 33, 36):
        record = TODAY.split("^")
        record[place] = record[place] + " " * 100_000
        before = [cache.cache_info().currsize for cache in caches]
        try:
            parse_krx_trade(record, SAMSUNG)
        except PayloadError:
            assert place != 3
        grown = [cache.cache_info().currsize for cache in caches]
        parse_krx_trade(TODAY.split("^"), SAMSUNG)
        assert sum(grown) - sum(before) <= len(caches)
        assert not any(_remembers_long(cache) for cache in caches)


def _remembers_long(cache: object) -> bool:
    """Whether the wrapped function was ever given more than a field may hold and kept it."""
    return any(
        isinstance(found, str) and len(found) > 50_000
        for inner in gc.get_referents(cache)
        if isinstance(inner, dict)
        for key in inner
        for found in (key if isinstance(key, tuple) else (key,))
    )


def test_leaves_nested_without_end_do_not_stop_the_profits() -> None:
    deep: object = "1"
    for _ in range(5_000):
        deep = [deep]
    row = {**SHAPES["krx_profits"]["output1"][0], "more": deep}
    (sold,) = parse_krx([{**SHAPES["krx_profits"], "output1": [row]}])
    assert sold.symbol == Symbol("005930")


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "0",
        ",,,",
        "Fri, 20 Nov 2026 15:00:00 +99999999999999",
        "Fri, 20 Nov 99999999999999999999 15:00:00 GMT",
        "Fri, 20 Nov " + "9" * 5_000 + " 15:00:00 GMT",
        "\udcff",
    ],
)
def test_a_date_header_that_is_none_tells_no_time(header: str) -> None:
    assert time_in(header) is None


def test_a_date_header_tells_the_time() -> None:
    told = datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert time_in("Fri, 20 Nov 2026 15:00:00 GMT") == told
