"""Domestic replies: recorded ones, and shapes that only the notes tell of."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.kis.krx.market_payloads import (
    parse_day_candles,
    parse_index,
    parse_minutes,
    parse_price,
    parse_rows,
    parse_state,
)
from engine.adapters.kis.krx.payloads import (
    parse_answer,
    parse_cash,
    parse_holdings,
    parse_reports,
)
from engine.errors import PayloadError
from engine.model.ids import Symbol
from engine.model.listing import Segment
from engine.model.money import Krw

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
KIA = Symbol("000270")


def won(amount: int | str) -> Krw:
    return Krw(Decimal(amount))


def recorded(market_data: Path, ending: str) -> list[dict[str, Any]]:
    text = (market_data / "kis-replies" / "rest.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    return [line["body"] for line in lines if line["path"].endswith(ending)]


# -- recorded --------------------------------------------------------------------------------


@pytest.mark.market_data
def test_the_recorded_price_has_limits_and_state(market_data: Path) -> None:
    (body,) = recorded(market_data, "/inquire-price")
    tick, state = parse_price(KIA, body, NOW), parse_state(KIA, body, NOW)
    assert tick is not None
    assert (tick.price, tick.prev_close, tick.cum_volume) == (
        won(128_500), won(128_500), 2_669_075,
    )  # fmt: skip
    assert tick.day is not None
    assert (tick.day.high, tick.day.is_halted, tick.day.has_vi) == (won(130_000), False, False)
    assert (state.base_price, state.upper_limit, state.lower_limit) == (
        won(128_500), won(167_000), won(90_000),
    )  # fmt: skip


@pytest.mark.market_data
def test_recorded_charts_are_read_oldest_first(market_data: Path) -> None:
    (days,) = recorded(market_data, "/inquire-daily-itemchartprice")
    candles = parse_day_candles(days, date(2026, 1, 6))
    assert [candle.day for candle in candles][-2:] == [date(2026, 1, 2), date(2026, 1, 5)]
    assert (candles[-1].close, candles[-1].volume) == (won(5_940), 2_293_406)
    assert candles[-1].value == won(13_123_973_395)
    (minutes,) = recorded(market_data, "/inquire-time-itemchartprice")
    newest, older = parse_minutes(minutes, date(2026, 9, 29))
    assert (newest.at, newest.volume) == (datetime(2026, 9, 29, 1, 0, tzinfo=UTC), 46_062)
    assert older.close == won(271_500)
    assert parse_minutes(minutes, date(2026, 9, 30)) == ()


@pytest.mark.market_data
def test_recorded_answers_to_orders_tell_branch_and_number(market_data: Path) -> None:
    accepted = [
        answer
        for body in recorded(market_data, "/order-cash")
        if body["rt_cd"] == "0" and (answer := parse_answer(body)) is not None
    ]
    assert [(answer.broker_order_no, answer.branch) for answer in accepted] == [
        ("6555", "06590"),
        ("51378", "00950"),
    ]


# -- holdings --------------------------------------------------------------------------------


def held(**changes: str) -> dict[str, str]:
    return {
        "pdno": "005930", "prdt_name": "삼성전자", "hldg_qty": "10", "ord_psbl_qty": "7",
        "pchs_avg_pric": "70000.5000", "prpr": "0", "loan_dt": "",
    } | changes  # fmt: skip


def test_pages_and_credit_rows_make_one_holding() -> None:
    bodies = [
        {"output1": [held(), held(pdno="", hldg_qty="")]},
        {"output1": [held(), held(hldg_qty="0", pdno="000660")]},  # the last page told again
        {"output1": [held(loan_dt="20261101", hldg_qty="5", pchs_avg_pric="73000.50")]},
    ]
    (holding,) = parse_holdings(bodies)
    assert (holding.qty, holding.sellable_qty) == (15, 14)
    assert holding.avg_cost == won("71000.5")
    assert holding.last_price is None  # a server without a price says 0


def test_a_holding_without_a_quantity_is_no_holding_of_none() -> None:
    with pytest.raises(PayloadError):
        parse_holdings([{"output1": [held(hldg_qty="")]}])


@pytest.mark.parametrize("output", [None, {}, "", [""], [None]])
def test_a_list_that_lacks_is_no_empty_account(output: object) -> None:
    absent: dict[str, object] = {"rt_cd": "0", "msg_cd": "KIOK0510", "output1": output}
    with pytest.raises(PayloadError):
        parse_holdings([{"output1": [held()]}, absent])
    with pytest.raises(PayloadError):
        parse_reports([absent])
    assert parse_reports([{"msg_cd": "KIOK0560"}]) == ()
    assert parse_reports([{"output2": {"tot_ord_qty": "0"}}]) == ()
    assert parse_holdings([{"output2": [{"pchs_amt_smtl_amt": "0"}]}]) == ()
    with pytest.raises(PayloadError):
        parse_holdings([{"output2": [{"pchs_amt_smtl_amt": "700005"}]}])


# -- reports ---------------------------------------------------------------------------------


def order(**changes: str) -> dict[str, str]:
    return {
        "ord_dt": "20261120", "ord_tmd": "093354", "ord_gno_brno": "06010", "odno": "0000012345",
        "orgn_odno": "", "sll_buy_dvsn_cd": "02", "sll_buy_dvsn_cd_name": "현금매수",
        "pdno": "005930", "ord_qty": "30", "ord_unpr": "72000", "tot_ccld_qty": "10",
        "avg_prvs": "71900", "rmn_qty": "20", "rjct_qty": "0", "cncl_yn": "N",
        "cncl_cfrm_qty": "0", "excg_id_dvsn_cd": "KRX",
    } | changes  # fmt: skip


def test_a_report_tells_what_is_filled_and_open() -> None:
    (report,) = parse_reports([{"output1": [order()]}])
    assert (report.order_qty, report.filled_qty, report.open_qty) == (30, 10, 20)
    assert (report.avg_price, report.limit) == (won(71_900), won(72_000))
    assert report.ordered_at == datetime(2026, 11, 20, 0, 33, 54, tzinfo=UTC)
    assert report.is_open


@pytest.mark.parametrize("name", ["cncl_cfrm_qty", "cnc_cfrm_qty"])
def test_what_was_cancelled_is_not_open_whatever_is_said_to_remain(name: str) -> None:
    row = order(cncl_yn="Y", cncl_cfrm_qty="") | {name: "20"}
    (report,) = parse_reports([{"output1": [row]}])
    assert (report.open_qty, report.is_rejected, report.is_cancel) == (0, False, False)


def test_an_order_the_exchange_refused_is_rejected() -> None:
    row = order(tot_ccld_qty="0", avg_prvs="0", rmn_qty="0", rjct_qty="30")
    (report,) = parse_reports([{"output1": [row]}])
    assert (report.is_rejected, report.is_open, report.avg_price) == (True, False, None)


@pytest.mark.parametrize(
    ("changes", "is_cancel"),
    [
        ({"sll_buy_dvsn_cd_name": "매수취소*"}, True),
        ({"ord_unpr": "0", "tot_ccld_qty": "0", "rmn_qty": "0"}, True),
        ({"sll_buy_dvsn_cd_name": "매수정정*"}, False),  # a revised order goes on
    ],
)
def test_the_row_of_a_cancel_is_no_order(changes: dict[str, str], is_cancel: bool) -> None:
    row = order(orgn_odno="0000012344", **changes)
    (report,) = parse_reports([{"output1": [row]}])
    assert (report.is_cancel, report.original_order_no) == (is_cancel, "12344")
    assert report.is_open is not is_cancel


def test_numbers_come_again_another_day_and_in_another_branch() -> None:
    other = order(ord_gno_brno="00950", pdno="000660", sll_buy_dvsn_cd="01")
    rows = [order(), other, order(ord_dt="20261119"), order(tot_ccld_qty="30", rmn_qty="0")]
    ours, theirs, before = parse_reports([{"output1": rows}])
    assert (ours.branch, ours.symbol, ours.filled_qty) == ("06010", "005930", 30)
    assert (theirs.branch, theirs.symbol) == ("00950", "000660")
    assert before.broker_order_no == theirs.broker_order_no == ours.broker_order_no


def test_the_venue_is_read_whatever_its_spelling() -> None:
    row = order(excg_id_dvsn_cd="") | {"excg_id_dvsn_Cd": "NXT"}
    (report,) = parse_reports([{"output1": [row]}])
    assert report.exchange is None


# -- cash ------------------------------------------------------------------------------------

BALANCE = {"output2": [{"dnca_tot_amt": "900", "prvs_rcdl_excc_amt": "1000"}]}
POWER = {"output": {"nrcvb_buy_amt": "700", "max_buy_amt": "2000", "ord_psbl_cash": "800"}}


def test_cash_is_what_is_there_after_settlement_and_never_on_credit() -> None:
    cash = parse_cash(BALANCE, POWER, NOW)
    assert (cash.deposit, cash.orderable) == (won(1_000), won(700))
    today = {"output2": [{"dnca_tot_amt": "900", "prvs_rcdl_excc_amt": ""}]}
    assert parse_cash(today, POWER, NOW).deposit == won(900)


def test_without_the_right_amount_there_is_no_cash_to_speak_of() -> None:
    with pytest.raises(PayloadError):
        parse_cash(BALANCE, {"output": {"max_buy_amt": "2000", "ord_psbl_cash": "800"}}, NOW)
    with pytest.raises(PayloadError):
        parse_cash({"output2": []}, POWER, NOW)


# -- market ----------------------------------------------------------------------------------


def test_a_change_gets_its_direction_from_the_sign_code() -> None:
    row = {"mksc_shrn_iscd": "005930", "stck_prpr": "900", "prdy_vrss": "100", "prdy_ctrt": "10.0"}
    (down,) = parse_rows({"output": [{**row, "prdy_vrss_sign": "5"}]})
    assert (down.prev_close, down.change_pct) == (won(1_000), Decimal("-10.0"))
    (signed,) = parse_rows({"output": [{**row, "prdy_vrss_sign": "5", "prdy_vrss": "-100"}]})
    assert signed.prev_close == won(1_000)
    (up,) = parse_rows({"output": [{**row, "prdy_vrss_sign": "2"}]})
    assert (up.prev_close, up.change_pct) == (won(800), Decimal("10.0"))


def test_one_unreadable_row_does_not_cost_the_scan() -> None:
    good = {"stck_shrn_iscd": "005930", "stck_prpr": "900"}
    rows = [{**good, "stck_prpr": "x"}, {}, {**good, "stck_prpr": "0"}, good]
    assert [row.symbol for row in parse_rows({"output": rows})] == ["005930"]
    with pytest.raises(PayloadError):
        parse_rows({"output": rows[:1]})
    assert parse_rows({"output": []}) == ()


def test_days_without_a_trade_and_empty_rows_are_no_candles() -> None:
    day = {
        "stck_bsop_date": "20261118", "stck_oprc": "10", "stck_hgpr": "12", "stck_lwpr": "9",
        "stck_clpr": "11", "acml_vol": "5",
    }  # fmt: skip
    halted = {**day, "stck_bsop_date": "20261119", "stck_oprc": "0", "acml_vol": "0"}
    today = {**day, "stck_bsop_date": "20261120"}
    body = {"output2": [{}, today, halted, day]}
    assert [candle.day for candle in parse_day_candles(body, date(2026, 11, 20))] == [
        date(2026, 11, 18)
    ]


@pytest.mark.parametrize("letter", ["Y", "1", "2", "D"])
def test_any_letter_but_no_means_a_volatility_halt(letter: str) -> None:
    body = {"output": {"stck_prpr": "900", "vi_cls_code": letter}}
    tick = parse_price(KIA, body, NOW)
    assert tick is not None
    assert tick.day is not None
    assert tick.day.has_vi


def test_the_previous_index_is_told_or_worked_out() -> None:
    row = {"bstp_nmix_prpr": "2650.12", "bstp_nmix_prdy_vrss": "13.90", "prdy_vrss_sign": "5"}
    assert parse_index(Segment.KOSPI, {"output": row}, NOW).prev_close == Decimal("2664.02")
    chart = {"output1": {**row, "prdy_nmix": "2664.00"}}
    assert parse_index(Segment.KOSPI, chart, NOW).prev_close == Decimal("2664.00")
    with pytest.raises(PayloadError):
        parse_index(Segment.KOSPI, {"output": {"bstp_nmix_prpr": "0.00"}}, NOW)


def test_an_unknown_code_has_blanks_for_a_price() -> None:
    body = {"output": {"stck_prpr": "0", "stck_mxpr": "", "stck_sdpr": "0"}}
    assert parse_price(KIA, body, NOW) is None
    with pytest.raises(PayloadError):
        parse_state(KIA, body, NOW)
