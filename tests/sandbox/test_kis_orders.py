import json
from decimal import Decimal
from typing import Any

import pytest

from sandbox.kis_wire import KisRequest
from sandbox.model import Server
from tests.sandbox.kis_desk import TRADING, KisDesk, body, code, et, number, prints


@pytest.fixture
def desk() -> KisDesk:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    return desk


def orders(desk: KisDesk, server: Server = Server.REAL) -> int:
    return len(desk.world.books.accounts[server].orders)


def test_an_accepted_order_answers_in_upper_case_with_a_padded_number(desk: KisDesk) -> None:
    reply = desk.order("sell", "10", "103.00")
    content = body(reply)
    assert (reply.status, content["rt_cd"], content["msg_cd"]) == (200, "0", "APBK0013")
    assert content["msg1"].strip() == "주문 전송 완료 되었습니다."
    assert len(content["msg1"]) == 80
    output = content["output"]
    assert set(output) == {"KRX_FWDG_ORD_ORGNO", "ODNO", "ORD_TMD"}
    assert len(output["ODNO"]) == 10
    assert output["ODNO"].startswith("0")
    assert output["ORD_TMD"] == "000000"


def test_numbers_rise(desk: KisDesk) -> None:
    first, second = desk.order("sell", "1", "103.00"), desk.order("sell", "1", "103.00")
    assert int(number(second)) > int(number(first))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ORD_DVSN": "01"}, "APBK3013"),
        ({"ORD_DVSN": "35"}, "APBK3013"),
        ({"OVRS_ORD_UNPR": "0"}, "APBK1507"),
        ({"OVRS_ORD_UNPR": "0.005"}, "APBK1507"),
        ({"OVRS_ORD_UNPR": "103.001"}, "APTR0057"),
        ({"OVRS_ORD_UNPR": "0.12345"}, "APTR0057"),
        ({"OVRS_ORD_UNPR": "abc"}, "OPSQ2001"),
        ({"OVRS_ORD_UNPR": "NaN"}, "OPSQ2001"),
        ({"ORD_QTY": "0"}, "APBK0400"),
        ({"ORD_QTY": "1.5"}, "APBK0400"),
        ({"ORD_QTY": "11"}, "APBK1234"),
        ({"OVRS_EXCG_CD": "NAS"}, "OPSQ2001"),
        ({"OVRS_EXCG_CD": "NYSE"}, "APBK0656"),
        ({"PDNO": "NOPE"}, "APBK0656"),
        ({"SLL_TYPE": ""}, "OPSQ2001"),
    ],
)
def test_a_wrong_sell_is_refused_with_200_and_no_effect(
    desk: KisDesk, changes: dict[str, Any], expected: str
) -> None:
    reply = desk.order("sell", "10", "103.00", **changes)
    assert code(reply) == (200, expected)
    assert body(reply)["rt_cd"] != "0"
    assert orders(desk) == 0


@pytest.mark.parametrize("price", ["103", "103.00", "103.10", "103.1000"])
def test_a_price_may_carry_zeros_beyond_its_decimals(desk: KisDesk, price: str) -> None:
    assert code(desk.order("sell", "10", price)) == (200, "APBK0013")


def test_four_decimals_are_allowed_below_a_dollar(desk: KisDesk) -> None:
    assert code(desk.order("buy", "10", "0.9999")) == (200, "APBK0013")


def test_buying_beyond_the_cash_is_refused_with_rt_cd_7(desk: KisDesk) -> None:
    reply = desk.order("buy", "101", "100.00")
    assert code(reply) == (200, "APBK0952")
    assert body(reply)["rt_cd"] == "7"


def test_a_number_instead_of_a_string_is_refused_by_name(desk: KisDesk) -> None:
    reply = desk.order("sell", "10", "103.00", ORD_QTY=10)
    assert code(reply) == (200, "OPSQ2001")
    assert "ORD_QTY" in body(reply)["msg1"]
    assert orders(desk) == 0


def test_a_missing_key_is_refused_by_name(desk: KisDesk) -> None:
    params = desk.account(Server.REAL) | {"OVRS_EXCG_CD": "NASD", "PDNO": "AAPL"}
    reply = desk.call("POST", TRADING + "order", "TTTT1006U", params)
    assert code(reply) == (200, "OPSQ2001")
    assert "ORD_QTY" in body(reply)["msg1"]


def test_a_body_that_is_no_json_is_refused(desk: KisDesk) -> None:
    headers = desk.headers(Server.REAL, "TTTT1006U")
    request = KisRequest(Server.REAL, "POST", TRADING + "order", headers, {}, "{")
    assert code(desk.rest.handle(request)) == (200, "OPSQ9995")


def test_another_account_is_refused(desk: KisDesk) -> None:
    assert code(desk.order("sell", "1", "103.00", CANO="00000000")) == (200, "OPSQ2000")


def test_paper_takes_limit_orders_only() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90", Server.PAPER)
    refused = desk.order("sell", "1", "103.00", server=Server.PAPER, ORD_DVSN="32")
    assert code(refused) == (200, "APBK3013")
    desk.wait(1)
    assert code(desk.order("sell", "1", "103.00", server=Server.PAPER)) == (200, "APBK0013")


@pytest.mark.parametrize(
    ("hour", "real", "paper"), [(3, "APBK1664", "40570000"), (17, "APBK1664", "40580000")]
)
def test_outside_the_session_orders_are_refused_with_the_closed_text(
    hour: int, real: str, paper: str
) -> None:
    desk = KisDesk(start=et(hour))
    assert code(desk.order("buy", "1", "10.00")) == (200, real)
    reply = desk.order("buy", "1", "10.00", server=Server.PAPER)
    assert code(reply) == (200, paper)


def test_a_cancellation_gets_a_new_number_that_points_to_the_old(desk: KisDesk) -> None:
    old = number(desk.order("sell", "10", "103.00"))
    desk.wait(1)
    new = number(desk.change(old, "02", "10"))
    assert int(new) > int(old)
    desk.wait(1)
    rows = {row["odno"]: row for row in body(desk.ccnl())["output"]}
    assert rows[new.lstrip("0")]["orgn_odno"] == old.lstrip("0")
    assert rows[new.lstrip("0")]["rvse_cncl_dvsn"] == "02"
    assert rows[old.lstrip("0")]["nccs_qty"] == "0"
    assert body(desk.nccs())["output"] == []


def test_a_cancellation_of_quantity_0_takes_all_that_is_open(desk: KisDesk) -> None:
    old = number(desk.order("sell", "10", "103.00"))
    desk.wait(1)
    desk.change(old.lstrip("0"), "02", "0")
    desk.wait(1)
    assert body(desk.nccs())["output"] == []


def test_an_amendment_changes_the_price(desk: KisDesk) -> None:
    old = number(desk.order("sell", "10", "103.00"))
    desk.wait(1)
    new = number(desk.change(old, "01", "10", "102.00"))
    desk.wait(1)
    (row,) = body(desk.nccs())["output"]
    assert (row["odno"], row["orgn_odno"]) == (new, old)
    assert Decimal(row["ft_ord_unpr3"]) == Decimal("102.00")


def test_changing_what_is_not_open_is_refused(desk: KisDesk) -> None:
    filled = number(desk.order("sell", "10", "100.00"))
    desk.wait(1)
    assert code(desk.change(filled, "02", "10")) == (200, "APBK0344")
    assert code(desk.change("1", "02", "10")) == (200, "APBK0344")
    assert code(desk.change(filled, "03", "10")) == (200, "OPSQ2001")


def test_the_log_keeps_calls_without_account_or_keys(desk: KisDesk) -> None:
    desk.order("sell", "10", "103.00")
    entry = desk.world.request_log.entries[-1]
    assert (entry.tr_id, entry.msg_cd, entry.status) == ("TTTT1006U", "APBK0013", 200)
    assert entry.params["ORD_QTY"] == "10"
    text = json.dumps([e.as_json() for e in desk.world.request_log.since()], ensure_ascii=False)
    owner = desk.world.credentials[Server.REAL]
    for secret in (owner.app_key, owner.app_secret, owner.account[:8], desk.tokens[Server.REAL]):
        assert secret not in text
