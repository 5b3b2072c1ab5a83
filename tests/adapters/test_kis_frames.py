"""Socket frames, captured ones first."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.kis.crypt import NoticeKey, decrypt, parse_notice_key
from engine.adapters.kis.frames import (
    Answer,
    Ping,
    parse_frame,
    split_records,
)
from engine.adapters.kis.frames_us import parse_notice, parse_trade
from engine.adapters.kis.registrations import Verdict, judge
from engine.errors import PayloadError
from engine.model.fills import NoticeKind
from engine.model.ids import BrokerOrderNo, Symbol
from engine.model.money import Usd
from engine.model.orders import Side
from engine.model.quotes import QuoteSource
from sandbox.frames import CipherPair, encrypt

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ACCOUNT = "1234567801"
AAPL = Symbol("AAPL")
LIVE = (
    "DNASAAPL^AAPL^4^20241227^20241227^070229^20241227^210229^258.6000^259.0200^258.4000^259.0200"
    "^3^0.0000^0.00^258.9600^259.2200^200^20^10^4629^1198097^2222^680^30.60^1"
)


def captured(market_data: Path) -> list[dict[str, Any]]:
    text = (market_data / "kis-replies" / "ws-frames.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def notice(**changes: str) -> list[str]:
    columns = {
        "CUST_ID": "hts", "ACNT_NO": ACCOUNT, "ODER_NO": "0000037508", "OODER_NO": "",
        "SELN_BYOV_CLS": "02", "RCTF_CLS": "0", "ODER_KIND2": "2", "STCK_SHRN_ISCD": "AAPL",
        "CNTG_QTY": "0000000100", "CNTG_UNPR": "001480100", "STCK_CNTG_HOUR": "", "RFUS_YN": "0",
        "CNTG_YN": "2", "ACPT_YN": "2", "BRNC_NO": "06010", "ODER_QTY": "0000000100",
        "ACNT_NAME": "홍길동", "CNTG_ISNM": "APPLE", "ODER_COND": "6", "DEBT_GB": "10",
        "DEBT_DATE": "", "START_TM": "", "END_TM": "", "TM_DIV_TP": "", "CNTG_UNPR12": "0",
    }  # fmt: skip
    return list((columns | changes).values())


@pytest.mark.market_data
def test_every_captured_us_trade_frame_is_understood(market_data: Path) -> None:
    seen = []
    for line in captured(market_data):
        frame = parse_frame(line["raw"])
        if not isinstance(frame, tuple) or frame[0] != "HDFSCNT0":
            continue
        records = frame[1]
        assert len(records) == line["records"]
        assert {len(record) for record in records} == {line["fields_per_record"]}
        seen += [parse_trade(record, record[0], Symbol(record[1])) for record in records]
    assert len(seen) == 6
    google = seen[0]
    assert google.price == Usd(Decimal("354.4200"))
    assert (google.bid, google.ask) == (Usd(Decimal("354.3800")), Usd(Decimal("354.4400")))
    assert google.at == datetime(2026, 7, 10, 14, 43, 30, tzinfo=UTC)
    assert google.cum_volume == 3474974
    assert google.prev_close == Usd(Decimal("358.8900"))  # the sign field says down
    assert google.source is QuoteSource.STREAM


@pytest.mark.market_data
def test_other_captured_frames_are_told_apart(market_data: Path) -> None:
    frames = [parse_frame(line["raw"]) for line in captured(market_data)]
    assert sum(isinstance(frame, Ping) for frame in frames) == 1
    verdicts = [judge(frame) for frame in frames if isinstance(frame, Answer)]
    assert verdicts == [
        Verdict.DONE, Verdict.DONE, Verdict.BAD_APPROVAL, Verdict.REFUSED, Verdict.IN_USE,
    ]  # fmt: skip
    plain = [frame for frame in frames if isinstance(frame, tuple)]
    korean = [records for tr_id, records in plain if tr_id.startswith("H0ST")]
    assert [len(records[0]) for records in korean] == [46, 62, 46]


def test_the_live_premarket_frame_of_the_notes() -> None:
    tick = parse_trade(LIVE.split("^"), "DNASAAPL", AAPL)
    assert tick.at == datetime(2024, 12, 27, 12, 2, 29, tzinfo=UTC)
    assert tick.prev_close == Usd(Decimal("259.0200"))


def test_the_official_layout_without_its_first_column_is_not_read_one_off() -> None:
    tick = parse_trade(LIVE.split("^")[1:], "DNASAAPL", AAPL)
    assert tick.price == Usd(Decimal("259.0200"))


def test_new_columns_at_the_end_and_a_trailing_separator_do_no_harm() -> None:
    records = split_records("HDFSCNT0", 2, f"{LIVE}^new^{LIVE}^new^")
    assert [len(record) for record in records] == [27, 27]
    assert {parse_trade(record, "DNASAAPL", AAPL).price for record in records} == {
        Usd(Decimal("259.0200"))
    }


def test_fields_that_do_not_divide_drop_the_frame() -> None:
    with pytest.raises(PayloadError):
        split_records("HDFSCNT0", 2, f"{LIVE}^{LIVE}^x^y^z")
    with pytest.raises(PayloadError):
        split_records("HDFSCNT0", 2, LIVE)


@pytest.mark.parametrize(
    ("column", "value"),
    [(0, "DNYSAAPL"), (1, "MSFT"), (11, ""), (11, "0"), (11, "(null)"), (5, "250000"), (4, "")],
)
def test_a_record_that_cannot_be_trusted_is_refused(column: int, value: str) -> None:
    record = LIVE.split("^")
    record[column] = value
    with pytest.raises(PayloadError):
        parse_trade(record, "DNASAAPL", AAPL)


def test_a_trade_with_columns_missing_is_refused() -> None:
    with pytest.raises(PayloadError, match="columns missing"):
        parse_trade(LIVE.split("^")[:25], "DNASAAPL", AAPL)


def test_an_empty_side_of_the_book_is_unknown() -> None:
    record = LIVE.split("^")
    record[15], record[16], record[20], record[13] = "0.0000", "", "", ""
    tick = parse_trade(record, "DNASAAPL", AAPL)
    assert (tick.bid, tick.ask, tick.cum_volume, tick.prev_close) == (None, None, None, None)


@pytest.mark.parametrize(
    "raw", ["", "2|HDFSCNT0|001|x", "0|HDFSCNT0|x|y", "0|HDFSCNT0|000|y", "0|HDFSCNT0", "{", "[]"]
)
def test_shapes_nobody_knows_are_payload_errors(raw: str) -> None:
    with pytest.raises(PayloadError):
        parse_frame(raw)


def test_a_buy_filled_in_the_app() -> None:
    seen = parse_notice(notice(), ACCOUNT, NOW)
    assert seen is not None
    assert (seen.kind, seen.side, seen.symbol) == (NoticeKind.FILL, Side.BUY, AAPL)
    assert (seen.qty, seen.price, seen.order_qty) == (100, Usd(Decimal("148.0100")), 100)
    assert (seen.broker_order_no, seen.original_order_no) == (BrokerOrderNo("37508"), None)
    assert seen.at == NOW
    assert seen.key == "37508:fill::100:148.0100"


@pytest.mark.parametrize("width", [21, 24, 25])
def test_older_notice_layouts_still_work(width: int) -> None:
    assert parse_notice(notice()[:width], ACCOUNT, NOW) is not None


@pytest.mark.parametrize(
    ("change", "refused", "filled", "accepted", "kind"),
    [
        ("0", "0", "1", "1", NoticeKind.RECEIVED),
        ("0", "0", "1", "2", NoticeKind.CONFIRMED),
        ("0", "0", "2", "2", NoticeKind.FILL),
        ("1", "0", "2", "2", NoticeKind.FILL),
        ("0", "1", "1", "1", NoticeKind.REFUSED),
        ("2", "1", "1", "3", NoticeKind.REFUSED),
        ("1", "0", "1", "2", NoticeKind.AMENDED),
        ("1", "0", "1", "1", NoticeKind.RECEIVED),
        ("2", "0", "1", "2", NoticeKind.CANCELLED),
        ("2", "0", "1", "1", NoticeKind.RECEIVED),
        ("0", "0", "1", "3", NoticeKind.CANCELLED),
    ],
)
def test_the_flags_are_read_by_the_table(
    change: str, refused: str, filled: str, accepted: str, kind: NoticeKind
) -> None:
    record = notice(RCTF_CLS=change, RFUS_YN=refused, CNTG_YN=filled, ACPT_YN=accepted)
    seen = parse_notice(record, ACCOUNT, NOW)
    assert seen is not None
    assert seen.kind is kind


def test_a_receipt_has_no_order_quantity() -> None:
    seen = parse_notice(notice(CNTG_YN="1", ODER_QTY=""), ACCOUNT, NOW)
    assert seen is not None
    assert seen.order_qty is None


def test_notices_of_another_account_are_not_ours() -> None:
    assert parse_notice(notice(ACNT_NO="9999999901"), ACCOUNT, NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"RFUS_YN": "N"}, {"CNTG_YN": "3"}, {"ACPT_YN": ""}, {"SELN_BYOV_CLS": "03"},
        {"ODER_NO": ""}, {"STCK_SHRN_ISCD": " "}, {"CNTG_QTY": "x"}, {"CNTG_UNPR": "148.01"},
        {"CNTG_UNPR": ""}, {"RCTF_CLS": "9", "CNTG_YN": "1"}, {"CNTG_QTY": "1.5"},
    ],
)  # fmt: skip
def test_a_notice_that_cannot_be_trusted_is_refused_without_its_values(
    changes: dict[str, str],
) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_notice(notice(**changes), ACCOUNT, NOW)
    assert ACCOUNT not in str(caught.value)
    assert "홍길동" not in str(caught.value)


def test_what_one_side_encrypts_the_other_reads() -> None:
    pair = CipherPair.fresh()
    key = parse_notice_key(pair.key, pair.iv)
    assert key is not None
    assert decrypt(encrypt("홍^길^동", pair), key) == "홍^길^동"
    assert pair.key not in repr(key)


@pytest.mark.parametrize("payload", ["", "not base64!", "AAAA", "A" * 64])
def test_damaged_notices_are_payload_errors(payload: str) -> None:
    with pytest.raises(PayloadError):
        decrypt(payload, NoticeKey(b"k" * 32, b"i" * 16))


@pytest.mark.parametrize(("key", "iv"), [(None, "i" * 16), ("k" * 31, "i" * 16), ("k" * 32, 5)])
def test_an_acknowledgement_without_a_usable_key_gives_none(key: object, iv: object) -> None:
    assert parse_notice_key(key, iv) is None
