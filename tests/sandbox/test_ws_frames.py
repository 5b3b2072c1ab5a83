from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from sandbox import ws_answers as answers
from sandbox.frames import (
    CipherPair,
    encrypt,
    render_answer,
    render_encrypted,
    render_pingpong,
    render_plain,
)
from sandbox.model import NoticeKind, Server, Side
from sandbox.ws_columns import book_columns, notice_columns, quote_key, trade_columns
from sandbox.ws_settings import OLDER, OLDEST, Layout, SocketSettings
from sandbox.ws_ticks import Ticker
from tests.sandbox.ws_stage import CUSTOMERS, LISTINGS, START, notice, trade

PAIR = CipherPair(key="k" * 32, iv="i" * 16)


def decrypted(text: str, pair: CipherPair) -> str:
    decryptor = Cipher(AES(pair.key.encode()), CBC(pair.iv.encode())).decryptor()
    padded = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
    assert set(padded[-padded[-1] :]) == {padded[-1]}
    return padded[: -padded[-1]].decode()


def test_a_success_carries_the_key_and_the_iv_in_the_published_shape() -> None:
    text = render_answer(answers.SUBSCRIBED, "HDFSCNT0", "DAMSSPY", PAIR)
    assert text == (
        '{"header":{"tr_id":"HDFSCNT0","tr_key":"DAMSSPY","encrypt":"N"},'
        '"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS",'
        f'"output":{{"iv":"{PAIR.iv}","key":"{PAIR.key}"}}}}}}'
    )


def test_a_refusal_before_the_tr_is_read_says_null() -> None:
    assert json.loads(render_answer(answers.APPKEY_IN_USE, "HDFSCNT0", "DAMSSPY")) == {
        "header": {"tr_id": "(null)", "tr_key": "", "encrypt": "N"},
        "body": {"rt_cd": "9", "msg_cd": "OPSP8996", "msg1": "ALREADY IN USE appkey"},
    }


def test_pingpong_is_stamped_in_korean_time() -> None:
    text = render_pingpong(datetime(2023, 5, 2, 13, 19, 24, tzinfo=UTC))
    assert text == '{"header":{"tr_id":"PINGPONG","datetime":"20230502221924"}}'


def test_a_fresh_pair_has_32_and_16_characters_and_no_twin() -> None:
    pairs = {CipherPair.fresh() for _ in range(50)}
    assert len(pairs) == 50
    assert {(len(pair.key), len(pair.iv)) for pair in pairs} == {(32, 16)}


@pytest.mark.parametrize("text", ["", "가나다", "x" * 16, "a^b^^c"])
def test_what_is_encrypted_can_be_read_with_the_pair(text: str) -> None:
    assert decrypted(encrypt(text, PAIR), PAIR) == text


def test_more_than_twenty_records_take_a_second_frame() -> None:
    records = [(str(index), "x") for index in range(23)]
    first, second = render_plain("HDFSCNT0", records)
    assert first.startswith("0|HDFSCNT0|020|0^x^1^x^")
    assert second == "0|HDFSCNT0|003|20^x^21^x^22^x"


def test_a_trailing_caret_is_one_empty_field_more() -> None:
    assert render_plain("HDFSCNT0", [("a", "b")], trailing=True) == ["0|HDFSCNT0|001|a^b^"]
    sealed = render_encrypted("H0GSCNI0", ("a", "b"), PAIR, trailing=True)
    assert decrypted(sealed.split("|", 3)[3], PAIR) == "a^b^"


def test_a_trade_reads_as_captured_on_2026_07_10() -> None:
    tick = Ticker().read(trade(), LISTINGS["GOOGL"])
    assert "^".join(trade_columns("DNASGOOGL", tick)) == (
        "DNASGOOGL^GOOGL^4^20260710^20260710^104330^20260710^234330^357.5250^357.8200^353.3400"
        "^354.4200^5^4.4700^-1.25^354.3800^354.4400^20^10^201^3474974^1237049112^0^201^0.00^2"
    )


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("358.89", ("3", "0.0000", "0.00")),
        ("359.11", ("2", "0.2200", "+0.06")),
        ("354.42", ("5", "4.4700", "-1.25")),
    ],
)
def test_the_difference_is_unsigned_and_the_rate_signed(
    price: str, expected: tuple[str, str, str]
) -> None:
    tick = Ticker().read(trade(price=price), LISTINGS["GOOGL"])
    assert trade_columns("DNASGOOGL", tick)[12:15] == expected


@pytest.mark.parametrize(
    ("utc", "mtyp"), [((13, 19), "1"), ((13, 30), "2"), ((19, 59), "2"), ((20, 0), "3")]
)
def test_mtyp_is_as_captured_not_as_documented(utc: tuple[int, int], mtyp: str) -> None:
    at = datetime(2026, 7, 10, *utc, tzinfo=UTC)
    assert trade_columns("k", Ticker().read(trade(at=at), LISTINGS["GOOGL"]))[25] == mtyp


def test_the_korean_date_runs_ahead_after_eleven_in_the_morning_et() -> None:
    at = datetime(2026, 1, 5, 15, 0, 1, tzinfo=UTC)  # winter: 10:00:01 ET
    columns = trade_columns("k", Ticker().read(trade(at=at), LISTINGS["GOOGL"]))
    assert columns[3:8] == ("20260105", "20260105", "100001", "20260106", "000001")


def test_strength_is_bought_over_sold_by_the_tick_rule() -> None:
    ticker, listing = Ticker(), LISTINGS["GOOGL"]
    prices = [("10.00", 100), ("9.99", 50), ("9.99", 30), ("10.00", 20)]
    last = [ticker.read(trade(price=price, size=size), listing) for price, size in prices][-1]
    assert trade_columns("k", last)[22:25] == ("80", "120", "150.00")


def test_a_new_day_starts_the_counts_again() -> None:
    ticker, listing = Ticker(), LISTINGS["GOOGL"]
    ticker.read(trade(), listing)
    tick = ticker.read(trade(at=datetime(2026, 7, 13, 9, 0, tzinfo=UTC), size=7), listing)
    assert (tick.sold, tick.bought, tick.before) == (0, 7, None)


def test_the_book_has_eleven_columns_and_ten_levels_of_six() -> None:
    ticker, listing = Ticker(), LISTINGS["GOOGL"]
    ticker.read(trade(bid_size=50, ask_size=4), listing)
    columns = book_columns("DNASGOOGL", ticker.read(trade(), listing))
    assert len(columns) == 71
    assert columns[:7] == (
        *("DNASGOOGL", "GOOGL", "4", "20260710", "104330", "20260710", "234330"),
    )
    assert columns[9:17] == ("-30", "6", "354.3800", "354.4400", "20", "10", "-30", "6")
    levels = [columns[start : start + 6] for start in range(11, 71, 6)]
    assert [level[0] for level in levels[:3]] == ["354.3800", "354.3700", "354.3600"]
    assert [level[1] for level in levels[:3]] == ["354.4400", "354.4500", "354.4600"]
    assert int(columns[7]) == sum(int(level[2]) for level in levels)
    assert int(columns[8]) == sum(int(level[3]) for level in levels)


def test_book_levels_of_a_penny_stock_never_fall_below_zero() -> None:
    penny = trade("F", "0.0003", bid=Decimal("0.0003"), ask=Decimal("0.0004"))
    columns = book_columns("DNYSF", Ticker().read(penny, LISTINGS["F"]))
    assert columns[11::6][:5] == ("0.0003", "0.0002", "0.0001", "0.0000", "0.0000")
    assert columns[13 + 6 * 4] == "0"


def test_a_fill_notice_has_padded_quantities_implied_decimals_and_no_time() -> None:
    columns = notice_columns(notice(), CUSTOMERS[Server.REAL], LISTINGS["GOOGL"])
    assert columns == (
        *("Htsreal", "6712345601", "0000037501", "", "02", "0", "2", "GOOGL"),
        *("0000000003", "001480100", "", "0", "2", "2", "06010", "0000000010"),
        *("홍모래", "ALPHABET A", "6", "10", "", "", "", "", "000001480100"),
    )


def test_a_sub_dollar_price_keeps_its_four_decimals() -> None:
    told = notice(price=Decimal("0.0115"), side=Side.SELL, symbol="F", exchange="NYSE")
    columns = notice_columns(told, CUSTOMERS[Server.REAL], LISTINGS["F"])
    assert (columns[4], columns[9], columns[18]) == ("01", "000000115", "7")


@pytest.mark.parametrize(
    ("kind", "flags", "order_qty"),
    [
        (NoticeKind.RECEIVED, ("0", "0", "1", "1"), ""),
        (NoticeKind.CONFIRMED, ("0", "0", "1", "2"), ""),
        (NoticeKind.FILL, ("0", "0", "2", "2"), "0000000010"),
        (NoticeKind.REFUSED, ("0", "1", "1", "1"), ""),
        (NoticeKind.AMENDED, ("1", "0", "1", "2"), ""),
        (NoticeKind.CANCELLED, ("2", "0", "1", "2"), ""),
    ],
)
def test_each_kind_of_notice_has_its_flags(
    kind: NoticeKind, flags: tuple[str, ...], order_qty: str
) -> None:
    columns = notice_columns(notice(kind), CUSTOMERS[Server.REAL], None)
    assert (columns[5], columns[11], columns[12], columns[13]) == flags
    assert columns[15] == order_qty


def test_a_received_change_is_not_taken_for_a_new_order() -> None:
    told = notice(NoticeKind.RECEIVED, order_no="0000037502", original_no="0000037501")
    columns = notice_columns(told, CUSTOMERS[Server.REAL], None)
    assert columns[2:4] == ("0000037502", "0000037501")
    assert (columns[5], columns[13]) == ("1", "1")


def test_the_quote_key_is_of_the_night_family_except_in_the_korean_day() -> None:
    daytime = datetime(2026, 7, 10, 1, 0, tzinfo=UTC)  # 10:00 KST
    assert [quote_key(LISTINGS[symbol], START) for symbol in ("GOOGL", "F", "SPY")] == [
        "DNASGOOGL",
        "DNYSF",
        "DAMSSPY",
    ]
    assert quote_key(LISTINGS["SPY"], daytime) == "RBAASPY"


def test_older_layouts_lack_the_columns_that_came_later() -> None:
    trade_today = trade_columns("DNASGOOGL", Ticker().read(trade(), LISTINGS["GOOGL"]))
    book_today = book_columns("DNASGOOGL", Ticker().read(trade(), LISTINGS["GOOGL"]))
    told = notice_columns(notice(), CUSTOMERS[Server.REAL], None)
    older, oldest = Layout(OLDER), Layout(OLDEST)
    assert older.fit("HDFSCNT0", trade_today) == trade_today[1:]
    assert older.fit("HDFSASP0", book_today) == book_today[:17]
    assert oldest.fit("HDFSASP0", book_today) == book_today[1:17]
    assert older.fit("H0GSCNI0", told) == told[:24]
    assert oldest.fit("H0GSCNI0", told) == told[:21]


def test_a_wider_layout_adds_columns_at_the_end() -> None:
    assert Layout({"H0GSCNI0": 27}).fit("H0GSCNI0", ["x"] * 25) == (*["x"] * 25, "0", "0")


@pytest.mark.parametrize("widths", [{"NOSUCHTR": 5}, {"HDFSCNT0": 0}])
def test_a_layout_that_does_not_exist_is_refused(widths: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="no such layout"):
        SocketSettings(widths=widths)


def test_settings_under_which_nothing_works_are_refused() -> None:
    with pytest.raises(ValueError, match="ping_seconds must be above 0"):
        SocketSettings(ping_seconds=0)
