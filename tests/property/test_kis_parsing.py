"""Whatever arrives, the parsers answer with a value or a PayloadError."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.kis.bodies import parse_body
from engine.adapters.kis.crypt import NoticeKey, decrypt
from engine.adapters.kis.frames import (
    parse_frame,
)
from engine.adapters.kis.frames_us import parse_notice, parse_trade
from engine.adapters.kis.http import Reply
from engine.adapters.kis.krx import market_payloads as market
from engine.adapters.kis.krx import payloads as account
from engine.adapters.kis.krx.frames import parse_krx_notice, parse_krx_trade, parse_operation
from engine.adapters.kis.krx.master import parse_master
from engine.adapters.kis.payloads import (
    parse_book,
    parse_buying_power,
    parse_cash,
    parse_holdings,
    parse_order_no,
    parse_price,
    parse_reports,
)
from engine.errors import PayloadError
from engine.model.ids import Symbol
from engine.model.listing import Segment

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SAMSUNG = Symbol("005930")

# A busy machine draws slowly; that says nothing about the parsers.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NUMBERS = st.sampled_from(
    ["", " ", "0", "1", "00012", "1.5", "-3", "NaN", "1e9", "(null)", "9" * 50]
)
WORDS = st.sampled_from(
    ["AAPL", "USD", "NASD", "01", "02", "거부", "OpenAPI", "20261120", "093000"]
)
LEAVES = NUMBERS | WORDS | st.text(max_size=8) | st.none() | st.integers() | st.floats()
NAMES = st.sampled_from(
    [
        "ovrs_pdno", "ovrs_cblc_qty", "ord_psbl_qty", "pchs_avg_pric", "now_pric2", "ovrs_excg_cd",
        "prdt_type_cd", "odno", "orgn_odno", "pdno", "sll_buy_dvsn_cd", "ft_ord_qty", "ft_ccld_qty",
        "nccs_qty", "ft_ccld_unpr3", "ft_ord_unpr3", "ord_dt", "dmst_ord_dt", "ord_tmd", "last",
        "base", "tvol", "pbid1", "pask1", "crcy_cd", "frcr_dncl_amt_2", "frcr_drwg_psbl_amt_1",
        "frst_bltn_exrt", "exrt", "ord_psbl_frcr_amt", "ovrs_ord_psbl_amt", "ODNO",
    ]
)  # fmt: skip
KRX_NAMES = st.sampled_from(
    [
        "pdno", "hldg_qty", "ord_psbl_qty", "pchs_avg_pric", "prpr", "loan_dt", "odno", "orgn_odno",
        "sll_buy_dvsn_cd", "ord_qty", "tot_ccld_qty", "rmn_qty", "rjct_qty", "cncl_cfrm_qty",
        "ord_unpr", "avg_prvs", "ord_dt", "ord_tmd", "prvs_rcdl_excc_amt", "nrcvb_buy_amt",
        "stck_prpr", "stck_sdpr", "stck_mxpr", "stck_llam", "stck_oprc", "stck_hgpr", "stck_lwpr",
        "stck_clpr", "acml_vol", "cntg_vol", "stck_bsop_date", "stck_cntg_hour", "prdy_vrss_sign",
        "prdy_vrss", "prdy_ctrt", "mksc_shrn_iscd", "inter_shrn_iscd", "inter2_prpr", "bass_dt",
        "opnd_yn", "bstp_nmix_prpr", "bstp_nmix_prdy_vrss", "prdy_nmix", "bidp1", "askp1", "ODNO",
    ]
)  # fmt: skip


def bodies(names: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    rows = st.dictionaries(names, LEAVES, max_size=14)
    outputs = rows | st.lists(rows | LEAVES, max_size=3) | LEAVES
    return st.dictionaries(st.sampled_from(["output", "output1", "output2"]), outputs)


BODIES = bodies(NAMES)


@calm
@given(body=BODIES)
def test_replies_of_any_shape_raise_nothing_but_payload_errors(body: dict[str, Any]) -> None:
    for parse in (
        lambda: parse_holdings([body]),
        lambda: parse_reports([body]),
        lambda: parse_price(Symbol("AAPL"), body, NOW),
        lambda: parse_book(body),
        lambda: parse_cash(body, NOW),
        lambda: parse_buying_power(body, NOW),
        lambda: parse_order_no(body),
    ):
        with suppress(PayloadError):
            parse()


@calm
@given(body=bodies(KRX_NAMES), other=bodies(KRX_NAMES))
def test_korean_replies_of_any_shape_raise_nothing_but_payload_errors(
    body: dict[str, Any], other: dict[str, Any]
) -> None:
    for parse in (
        lambda: account.parse_holdings([body, other]),
        lambda: account.parse_reports([body, other]),
        lambda: account.parse_answer(body),
        lambda: account.parse_cash(body, other, NOW),
        lambda: market.parse_price(SAMSUNG, body, NOW),
        lambda: market.parse_book(body),
        lambda: market.parse_state(SAMSUNG, body, NOW),
        lambda: market.parse_price_row(SAMSUNG, body),
        lambda: market.parse_rows(body),
        lambda: market.parse_day_candles(body, NOW.date()),
        lambda: market.parse_minutes(body, NOW.date()),
        lambda: market.parse_index(Segment.KOSPI, body, NOW),
        lambda: market.parse_open_days(body),
    ):
        with suppress(PayloadError):
            parse()


@calm
@given(
    content=st.binary(max_size=200),
    lines=st.lists(
        st.text(max_size=20).map(lambda name: f"005930   KR7005930003{name}"), max_size=4
    ),
    tail=st.text(alphabet="0123456789YN STEF", min_size=200, max_size=240),
    segment=st.sampled_from(Segment),
)
def test_any_master_file_raises_nothing_but_payload_errors(
    content: bytes, lines: list[str], tail: str, segment: Segment
) -> None:
    text = "\n".join(line + tail for line in lines).encode("cp949", errors="ignore")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{segment.value.lower()}_code.mst", text)
    whole = packed.getvalue()
    for data in (content, whole, whole[: len(content) * 2], whole.replace(b"005930", content[:6])):
        with suppress(PayloadError):
            parse_master(segment, data)


@calm
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_body_or_none(content: bytes) -> None:
    reply = Reply(200, parse_body(content), has_more=False)
    assert isinstance(reply.code + reply.message, str)


FIELDS = st.sampled_from(
    ["DNASAAPL", "AAPL", "1234567801", "", "0", "1", "2", "20261120", "093000", "259.02", "-1"]
) | st.text(max_size=6)


@calm
@given(record=st.lists(FIELDS, min_size=25, max_size=30))
def test_records_of_any_fields_raise_nothing_but_payload_errors(record: list[str]) -> None:
    with suppress(PayloadError):
        parse_trade(record, "DNASAAPL", Symbol("AAPL"))
    with suppress(PayloadError):
        parse_notice(record, "1234567801", NOW)


@calm
@given(record=st.lists(FIELDS, min_size=46, max_size=48))
def test_korean_records_of_any_fields_raise_nothing_but_payload_errors(record: list[str]) -> None:
    for parse in (
        lambda: parse_krx_trade(record, Symbol(record[0])),
        lambda: parse_operation(record[:11], Symbol(record[0]), NOW),
        lambda: parse_krx_notice(record[:26], record[1].strip(), NOW),
    ):
        with suppress(PayloadError):
            parse()


@calm
@given(
    raw=st.text(max_size=120)
    | st.builds(
        "{}|{}|{}|{}".format,
        st.sampled_from("01"),
        st.sampled_from(["HDFSCNT0", "H0GSCNI0", "X"]),
        st.sampled_from(["001", "002", "0", "-1", "9999"]),
        st.lists(FIELDS, max_size=60).map("^".join),
    )
    | st.recursive(LEAVES, lambda inner: st.dictionaries(st.text(max_size=3), inner)).map(str)
)
def test_frames_of_any_text_raise_nothing_but_payload_errors(raw: str) -> None:
    with suppress(PayloadError):
        frame = parse_frame(raw)
        if isinstance(frame, tuple):
            for record in frame[1]:
                if len(record) > 24:
                    parse_trade(record, "DNASAAPL", Symbol("AAPL"))


@calm
@given(payload=st.text(max_size=100) | st.binary(max_size=64).map(lambda raw: raw.hex()))
def test_any_sealed_payload_raises_nothing_but_payload_errors(payload: str) -> None:
    with suppress(PayloadError):
        decrypt(payload, NoticeKey(b"k" * 32, b"i" * 16))
