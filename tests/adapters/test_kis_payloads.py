"""Replies as recorded and as the notes describe them, to values."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.kis.errors import OrderFate, order_fate
from engine.adapters.kis.payloads import (
    parse_book,
    parse_buying_power,
    parse_cash,
    parse_holdings,
    parse_order_no,
    parse_price,
    parse_reports,
)
from engine.adapters.kis.values import Best
from engine.errors import PayloadError
from engine.model.account import Holding
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import FxRate, Usd
from engine.model.orders import Side
from engine.model.quotes import QuoteSource, Tick

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
AAPL = Symbol("AAPL")


def recorded(market_data: Path) -> list[dict[str, Any]]:
    text = (market_data / "kis-replies" / "rest.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def recorded_body(market_data: Path, path_end: str) -> dict[str, Any]:
    for reply in recorded(market_data):
        if reply["path"].endswith(path_end):
            body: dict[str, Any] = reply["body"]
            return body
    raise AssertionError(path_end)


def balance_row(**changes: str) -> dict[str, str]:
    return {
        "ovrs_pdno": "AAPL",
        "ovrs_item_name": "애플   ",
        "prdt_type_cd": "512",
        "pchs_avg_pric": "150.1234",
        "ovrs_cblc_qty": "0000000007",
        "ord_psbl_qty": " 5",
        "now_pric2": "160.500000",
        "tr_crcy_cd": "USD",
        "ovrs_excg_cd": "NASD",
    } | changes


def order_row(**changes: str) -> dict[str, str]:
    return {
        "ord_dt": "20261119",
        "odno": "0000037508",
        "orgn_odno": "",
        "pdno": "AAPL",
        "sll_buy_dvsn_cd": "01",
        "rvse_cncl_dvsn": "00",
        "ft_ord_qty": "10",
        "ft_ccld_qty": "4",
        "nccs_qty": "6",
        "ft_ord_unpr3": "145.00000000",
        "ft_ccld_unpr3": "145.02000000",
        "prcs_stat_name": "전송",
        "rjct_rson": "",
        "rjct_rson_name": "",
        "ord_tmd": "003015",
        "dmst_ord_dt": "20261120",
        "ovrs_excg_cd": "NASD",
        "mdia_dvsn_name": "OpenAPI   ",
    } | changes


def holdings(*rows: Mapping[str, str]) -> tuple[Holding, ...]:
    return parse_holdings([{"output1": list(rows)}])


# -- holdings --------------------------------------------------------------------------------


@pytest.mark.market_data
def test_the_recorded_balance_is_one_holding_without_its_blank_row(market_data: Path) -> None:
    (tesla,) = parse_holdings(
        [recorded_body(market_data, "overseas-stock/v1/trading/inquire-balance")]
    )
    assert tesla == Holding(
        symbol=Symbol("TSLA"),
        exchange=Exchange.NASD,
        name="테슬라",
        qty=Qty(744),
        sellable_qty=Qty(744),
        avg_cost=Usd(Decimal("5832.2148")),
        last_price=Usd(Decimal("1064.400000")),
    )


def test_padding_is_not_a_value() -> None:
    (apple,) = holdings(balance_row())
    assert (apple.name, apple.qty, apple.sellable_qty) == ("애플", 7, 5)


def test_one_holding_under_two_exchange_codes_counts_once() -> None:
    wrong, right = balance_row(ovrs_excg_cd="NYSE"), balance_row()
    for rows in ((wrong, right), (right, wrong)):
        (apple,) = holdings(*rows)
        assert (apple.qty, apple.exchange) == (7, Exchange.NASD)


def test_the_same_holding_on_two_pages_counts_once() -> None:
    body = {"output1": [balance_row()]}
    assert len(parse_holdings([body, body])) == 1


def test_sold_out_blank_and_foreign_rows_are_dropped() -> None:
    assert (
        holdings(
            balance_row(ovrs_cblc_qty="0"),
            balance_row(ovrs_pdno=" "),
            balance_row(ovrs_excg_cd="TKSE"),
        )
        == ()
    )


ABSENT: list[dict[str, object]] = [{}, {"output1": None}, {"output1": {}}, {"output1": ""}]
NOTHING: list[dict[str, object]] = [
    {"msg_cd": "KIOK0560"},
    {"output2": {"frcr_pchs_amt1": "0.00000"}},
]


@pytest.mark.parametrize("body", [{"output1": []}, {"output1": [{}]}, {"output1": {"x": ""}}])
def test_an_account_without_holdings_comes_in_many_shapes(body: dict[str, object]) -> None:
    assert parse_holdings([body]) == ()


@pytest.mark.parametrize("body", ABSENT)
def test_a_list_that_lacks_is_empty_only_where_the_reply_says_so(body: dict[str, object]) -> None:
    for said in NOTHING:
        assert parse_holdings([body | said]) == ()
    held: dict[str, object] = {"output2": {"frcr_pchs_amt1": "150.12"}, "msg_cd": "KIOK0510"}
    for silent in (body, body | held):
        with pytest.raises(PayloadError):
            parse_holdings([{"output1": [balance_row()]}, silent])
        with pytest.raises(PayloadError):
            parse_reports([silent])
    with pytest.raises(PayloadError):
        parse_cash(body, NOW)
    with pytest.raises(PayloadError):
        holdings(balance_row(), "")  # type: ignore[arg-type]


def test_a_single_row_may_come_without_its_list() -> None:
    assert len(parse_holdings([{"output1": balance_row()}])) == 1


def test_won_where_dollars_are_due_is_handed_on_as_it_is() -> None:
    (apple,) = holdings(balance_row(pchs_avg_pric="160290.7250", tr_crcy_cd="KRW"))
    assert apple.avg_cost == Usd(Decimal("160290.7250"))


@pytest.mark.parametrize("price", ["", "0.000000"])
def test_a_missing_last_price_is_unknown_and_not_zero(price: str) -> None:
    assert holdings(balance_row(now_pric2=price))[0].last_price is None


@pytest.mark.parametrize(
    "changes",
    [
        {"ovrs_cblc_qty": ""},
        {"ovrs_cblc_qty": "x"},
        {"ovrs_cblc_qty": "1.5"},
        {"ovrs_cblc_qty": "-1"},
        {"ovrs_cblc_qty": "1_0"},
        {"ovrs_cblc_qty": "1e2"},
        {"ord_psbl_qty": ""},
        {"pchs_avg_pric": "x"},
    ],
)
def test_a_holding_that_cannot_be_read_is_an_error_and_never_a_missing_one(
    changes: dict[str, str],
) -> None:
    with pytest.raises(PayloadError):
        holdings(balance_row(**changes))


@pytest.mark.parametrize("cost", ["", "0.0000"])
def test_a_holding_without_a_cost_hides_none_of_the_others(cost: str) -> None:
    odd, apple = holdings(balance_row(ovrs_pdno="ODD", pchs_avg_pric=cost), balance_row())
    assert (odd.symbol, odd.qty, odd.avg_cost) == ("ODD", 7, Usd(Decimal(0)))
    assert apple.avg_cost == Usd(Decimal("150.1234"))


def test_a_row_of_an_unknown_exchange_hides_none_of_the_others() -> None:
    strange = {"ovrs_excg_cd": "MOON", "prdt_type_cd": ""}
    odd, apple = holdings(balance_row(ovrs_pdno="ODD", **strange), balance_row())
    assert (odd.exchange, apple.exchange) == (None, Exchange.NASD)
    rows = [order_row(odno="1", pdno="ODD", **strange), order_row()]
    first, second = parse_reports([{"output": rows}])
    assert (first.exchange, second.exchange) == (None, Exchange.NASD)


def test_of_two_rows_the_one_with_a_known_exchange_wins() -> None:
    strange = balance_row(ovrs_excg_cd="MOON", prdt_type_cd="")
    for rows in ([strange, balance_row()], [balance_row(), strange]):
        (apple,) = holdings(*rows)
        assert apple.exchange is Exchange.NASD


# -- orders ----------------------------------------------------------------------------------


def test_an_order_row_is_read_in_full() -> None:
    (report,) = parse_reports([{"output": [order_row()]}])
    assert report.broker_order_no == BrokerOrderNo("37508")
    assert report.original_order_no is None
    assert (report.side, report.exchange) == (Side.SELL, Exchange.NASD)
    assert (report.order_qty, report.filled_qty, report.open_qty) == (10, 4, 6)
    assert report.avg_price == Usd(Decimal("145.02000000"))
    assert report.limit == Usd(Decimal("145.00000000"))
    assert report.ordered_at == datetime(2026, 11, 19, 15, 30, 15, tzinfo=UTC)  # KST date turned
    assert report.by_api
    assert report.is_open
    assert not report.is_rejected
    assert not report.is_cancel


def test_the_row_of_a_cancel_points_at_its_order() -> None:
    row = order_row(odno="37509", orgn_odno="0000037508", rvse_cncl_dvsn="02")
    (report,) = parse_reports([{"output": [row]}])
    assert report.is_cancel
    assert report.original_order_no == BrokerOrderNo("37508")


@pytest.mark.parametrize("changes", [{"prcs_stat_name": "거부"}, {"rjct_rson_name": "잔고 부족"}])
def test_a_refused_order_is_not_open(changes: dict[str, str]) -> None:
    (report,) = parse_reports([{"output": [order_row(**changes)]}])
    assert report.is_rejected
    assert not report.is_open


def test_an_order_typed_into_the_app_is_told_apart() -> None:
    (report,) = parse_reports([{"output": order_row(mdia_dvsn_name="모바일")}])
    assert not report.by_api


def test_rows_without_a_number_and_repeated_rows_are_skipped() -> None:
    rows = [order_row(odno=""), order_row(odno="0000000000"), order_row(), order_row(odno="37508")]
    assert len(parse_reports([{"output": rows}, {"output": [order_row()]}])) == 1


def test_equal_numbers_of_two_days_are_two_orders() -> None:
    rows = [order_row(), order_row(ord_dt="20261118")]
    assert len(parse_reports([{"output": rows}])) == 2


def test_open_orders_use_another_name_for_the_same_flag() -> None:
    row = order_row(rvse_cncl_dvsn_cd="02")
    del row["rvse_cncl_dvsn"]
    (report,) = parse_reports([{"output": [row]}])
    assert report.is_cancel


@pytest.mark.parametrize(
    "changes", [{"sll_buy_dvsn_cd": "03"}, {"pdno": ""}, {"ft_ccld_qty": ""}, {"nccs_qty": ""}]
)
def test_an_order_that_cannot_be_read_is_an_error(changes: dict[str, str]) -> None:
    with pytest.raises(PayloadError):
        parse_reports([{"output": [order_row(**changes)]}])


def test_an_order_time_that_is_none_is_unknown() -> None:
    for changes in ({"ord_tmd": ""}, {"ord_tmd": "259999"}, {"dmst_ord_dt": "00010101"}):
        (report,) = parse_reports([{"output": [order_row(**changes)]}])
        assert report.ordered_at is None


@pytest.mark.market_data
def test_recorded_order_answers_give_the_number_without_zeros(market_data: Path) -> None:
    accepted = [
        reply["body"]
        for reply in recorded(market_data)
        if reply["method"] == "POST" and reply["body"].get("rt_cd") == "0"
    ]
    assert [parse_order_no(body) for body in accepted] == ["6555", "51378"]


@pytest.mark.market_data
def test_recorded_refusals_have_the_fate_the_notes_give_them(market_data: Path) -> None:
    fates = {
        reply["body"]["msg_cd"]: order_fate(reply["body"]["msg_cd"], reply["http_status"])
        for reply in recorded(market_data)
        if reply["body"].get("rt_cd", "0") != "0"
    }
    resendable = {code for code, fate in fates.items() if fate is OrderFate.NO_EFFECT}
    assert resendable == {"EGW00123", "EGW00201"}
    assert {"APBK0952", "40580000", "40570000", "40910000", "90000000", "EGW02004"} <= {
        code for code, fate in fates.items() if fate is OrderFate.REJECTED
    }


# -- prices and cash -------------------------------------------------------------------------


@pytest.mark.market_data
def test_the_recorded_price_is_a_tick(market_data: Path) -> None:
    body = recorded_body(market_data, "overseas-price/v1/quotations/price")
    assert parse_price(Symbol("TSLA"), body, NOW) == Tick(
        symbol=Symbol("TSLA"),
        at=NOW,
        price=Usd(Decimal("1091.2600")),
        source=QuoteSource.PRICE,
        cum_volume=0,
        prev_close=Usd(Decimal("1091.2600")),
    )


@pytest.mark.parametrize("body", [{}, {"output": {}}, {"output": []}, {"output": {"last": " "}}])
def test_no_price_is_none(body: dict[str, object]) -> None:
    assert parse_price(AAPL, body, NOW) is None


def test_a_book_may_have_one_side_only() -> None:
    body = {"output2": [{"pbid1": "10.0100", "pask1": "0.0000"}]}
    assert parse_book(body) == Best(Usd(Decimal("10.0100")), None)
    assert parse_book({}) == Best(None, None)


def test_cash_is_the_dollar_row() -> None:
    dollars = {
        "crcy_cd": "USD",
        "frcr_dncl_amt_2": "1000.500000",
        "frcr_drwg_psbl_amt_1": "900.250000",
        "frst_bltn_exrt": "1391.50000000",
    }
    body = {"output2": [{"crcy_cd": "JPY", "frcr_dncl_amt_2": "9"}, dollars]}
    cash = parse_cash(body, NOW)
    assert (cash.deposit, cash.orderable) == (Usd(Decimal("1000.5")), Usd(Decimal("900.25")))
    assert cash.fx == FxRate(Decimal("1391.5"), "KIS", NOW)
    no_rate = parse_cash({"output2": dollars | {"frst_bltn_exrt": "0"}}, NOW)
    assert no_rate == replace(cash, fx=None)
    assert parse_cash({"output2": []}, NOW).deposit == Usd(Decimal(0))
    with pytest.raises(PayloadError):
        parse_cash({"output2": dollars | {"frcr_dncl_amt_2": ""}}, NOW)


def test_buying_power_stands_in_for_cash_on_paper() -> None:
    body = {"output": {"ord_psbl_frcr_amt": "500.00", "ovrs_ord_psbl_amt": "450", "exrt": "1390"}}
    cash = parse_buying_power(body, NOW)
    assert (cash.deposit, cash.orderable) == (Usd(Decimal(500)), Usd(Decimal(450)))
    with pytest.raises(PayloadError):
        parse_buying_power({}, NOW)
