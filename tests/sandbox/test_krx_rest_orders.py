from decimal import Decimal
from typing import Any

import pytest

from sandbox.model import Server, Side
from tests.sandbox.kis_desk import body, code, number
from tests.sandbox.krx_desk import (
    FUND,
    NOTE,
    SHARE,
    KrxDesk,
    auction,
    kst,
    listing,
    trade,
)  # fmt: skip


@pytest.fixture
def desk() -> KrxDesk:
    desk = KrxDesk([auction(kst(9), 10_000), trade(kst(9, 59), 10_000)])
    desk.hold(SHARE, 10, "9000")
    return desk


def orders(desk: KrxDesk, server: Server = Server.REAL) -> int:
    return len(desk.world.krx.books.accounts[server].orders)


def test_an_accepted_order_answers_in_upper_case_with_a_padded_number(desk: KrxDesk) -> None:
    reply = desk.order("sell", "10", "10300")
    content = body(reply)
    assert (reply.status, content["rt_cd"], content["msg_cd"]) == (200, "0", "APBK0013")
    assert content["msg1"].strip() == "주문 전송 완료 되었습니다."
    assert len(content["msg1"]) == 80
    output = content["output"]
    assert set(output) == {"KRX_FWDG_ORD_ORGNO", "ODNO", "ORD_TMD"}
    assert (output["KRX_FWDG_ORD_ORGNO"], output["ORD_TMD"]) == ("06010", "100000")
    assert len(output["ODNO"]) == 10
    assert output["ODNO"].startswith("0")


def test_paper_accepts_with_its_own_code_and_an_unpadded_number(desk: KrxDesk) -> None:
    content = body(desk.order("buy", "1", "10000", server=Server.PAPER))
    assert (content["rt_cd"], content["msg_cd"]) == ("0", "40600000")
    assert content["msg1"].strip() == "모의투자 매수주문이 완료 되었습니다."
    assert not content["output"]["ODNO"].startswith("0")
    (order,) = desk.world.krx.books.accounts[Server.PAPER].orders.values()
    assert order.no == content["output"]["ODNO"].zfill(10)


def test_two_orders_of_one_number_are_told_by_their_branches(desk: KrxDesk) -> None:
    desk.order("sell", "10", "10300")
    desk.world.krx.books.hand_order(Server.REAL, Side.BUY, SHARE, 3)
    desk.wait(1)
    rows = body(desk.daily())["output1"]
    assert [(row["ord_gno_brno"], row["odno"], row["tot_ccld_qty"]) for row in rows] == [
        ("00950", "0000117057", "3"), ("06010", "0000117057", "0"),
    ]  # fmt: skip
    desk.fault("fill_hidden", "inquire-daily-ccld", 1, "60")
    assert {row["tot_ccld_qty"] for row in body(desk.daily())["output1"]} == {"0"}


@pytest.mark.parametrize("tr_id", ["TTTC0012U", "TTTC0802U"])
def test_the_tr_id_of_before_nxt_still_buys(desk: KrxDesk, tr_id: str) -> None:
    assert code(desk.order("buy", "1", "10000", tr_id=tr_id)) == (200, "APBK0013")
    desk.wait(1)
    assert body(desk.daily())["output1"][0]["sll_buy_dvsn_cd"] == "02"


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"PDNO": "000000"}, "APBK0656", "40070000"),
    ({"PDNO": "A900010"}, "APBK0656", "40070000"),
    ({"ORD_UNPR": "10005"}, "APBK0506", "40030000"),
    ({"ORD_UNPR": "0"}, "APBK0506", "40030000"),
    ({"ORD_UNPR": "13010"}, "APBK0552", "40270000"),
    ({"ORD_UNPR": "6990"}, "APBK0552", "40270000"),
    ({"ORD_QTY": "11"}, "APBK0400", "40240000"),
    ({"ORD_QTY": "0"}, "APBK0400", "APBK0400"),
    ({"ORD_DVSN": "07", "ORD_UNPR": "10000"}, "APBK3013", "APBK3013"),
    ({"ORD_DVSN": "99"}, "APBK3013", "APBK3013"),
    ({"ORD_DVSN": "05", "ORD_UNPR": "0"}, "APBK0918", "APBK3013"),
    ({"ORD_DVSN": "41"}, "APBK0918", "APBK3013"),
    ({"ORD_DVSN": "01"}, "OPSQ2001", "OPSQ2001"),
    ({"ORD_DVSN": "22"}, "OPSQ2001", "APBK3013"),
    ({"CNDT_PRIC": "10000"}, "OPSQ2001", "OPSQ2001"),
    ({"EXCG_ID_DVSN_CD": "NXT"}, "OPSQ2001", "OPSQ2001"),
    ({"EXCG_ID_DVSN_CD": "KSC"}, "OPSQ2001", "OPSQ2001"),
    ({"SLL_TYPE": "05"}, "OPSQ2001", "OPSQ2001"),
    ({"ORD_UNPR": "10000.0"}, "OPSQ2001", "OPSQ2001"),
    ({"ORD_UNPR": ""}, "OPSQ2001", "OPSQ2001"),
    ({"ORD_UNPR": "-1"}, "OPSQ2001", "OPSQ2001"),
    ({"ORD_QTY": "1.5"}, "OPSQ2001", "OPSQ2001"),
    ({"ORD_QTY": 1}, "OPSQ2001", "OPSQ2001"),
]


@pytest.mark.parametrize(("changes", "real", "paper"), REFUSED)
def test_a_wrong_sell_is_refused_with_200_and_no_effect(
    desk: KrxDesk, changes: dict[str, Any], real: str, paper: str
) -> None:
    desk.hold(SHARE, 10, "9000", Server.PAPER)
    for server, expected in ((Server.REAL, real), (Server.PAPER, paper)):
        reply = desk.order("sell", "10", "10300", server=server, **changes)
        assert code(reply) == (200, expected)
        assert body(reply)["rt_cd"] != "0"
        assert orders(desk, server) == 0


def test_a_missing_key_is_refused_by_name(desk: KrxDesk) -> None:
    params = desk.account(Server.REAL) | {"PDNO": SHARE, "ORD_DVSN": "00", "ORD_QTY": "1"}
    path = "/uapi/domestic-stock/v1/trading/order-cash"
    reply = desk.call("POST", path, "TTTC0012U", params)
    assert code(reply) == (200, "OPSQ2001")
    assert "ORD_UNPR" in body(reply)["msg1"]


def test_buying_beyond_the_cash_is_refused_with_rt_cd_7(desk: KrxDesk) -> None:
    reply = desk.order("buy", "1001", "10000")
    assert code(reply) == (200, "APBK0952")
    assert body(reply)["rt_cd"] == "7"
    paper = desk.order("buy", "1001", "10000", server=Server.PAPER)
    assert code(paper) == (200, "40250000")


def test_a_market_buy_needs_cash_at_the_upper_limit_price(desk: KrxDesk) -> None:
    assert code(desk.order("buy", "770", "0", ORD_DVSN="01")) == (200, "APBK0952")
    assert code(desk.order("buy", "769", "0", ORD_DVSN="01")) == (200, "APBK0013")


# 9,870,000 won would buy a thousand shares at 9,870 if there were no fee.
@pytest.mark.parametrize(("division", "price", "most"), [("00", "9870", 999), ("01", "0", 759)])
def test_what_psbl_order_says_can_be_bought_can_be_bought_and_one_more_cannot(
    division: str, price: str, most: int
) -> None:
    desk = KrxDesk([trade(kst(9, 59), 10_000)], cash=9_870_000, fee_pct="0.0140527")
    output = body(desk.buyable(division, price))["output"]
    assert int(output["nrcvb_buy_qty"]) == most
    assert int(output["max_buy_qty"]) > most
    over = desk.order("buy", str(most + 1), price, ORD_DVSN=division)
    assert code(over) == (200, "APBK0952")
    assert code(desk.order("buy", str(most), price, ORD_DVSN=division)) == (200, "APBK0013")


def test_without_a_symbol_psbl_order_tells_amounts_only(desk: KrxDesk) -> None:
    output = body(desk.buyable(symbol=""))["output"]
    assert (output["nrcvb_buy_amt"], output["nrcvb_buy_qty"]) == ("10000000", "0")


def test_proceeds_can_be_used_at_once_and_are_told_apart(desk: KrxDesk) -> None:
    desk.order("sell", "10", "9990")
    desk.wait(1)
    output = body(desk.buyable())["output"]
    account = desk.world.krx.books.accounts[Server.REAL]
    proceeds = account.cash - 10_000_000
    assert proceeds > 0
    assert Decimal(output["ruse_psbl_amt"]) == proceeds
    assert Decimal(output["ord_psbl_cash"]) == 10_000_000
    assert Decimal(output["nrcvb_buy_amt"]) == account.cash


@pytest.mark.parametrize(
    ("start", "real", "paper"),
    [
        (kst(8), "APBK0918", "40570000"),
        (kst(15, 30), "APBK0918", "40580000"),
        (kst(18), "APBK0918", "40580000"),
        (kst(9, 59, day=kst(0).date().replace(day=19)), "APBK0013", "40600000"),
        (kst(10, day=kst(0).date().replace(day=22)), "APBK0919", "40100000"),
    ],
)
def test_the_session_decides_with_a_text_that_says_so(start: Any, real: str, paper: str) -> None:
    desk = KrxDesk(start=start)
    reply = desk.order("buy", "1", "10000")
    assert code(reply) == (200, real)
    if real == "APBK0918":
        assert "장운영시간이 아닙니다" in body(reply)["msg1"]
    assert code(desk.order("buy", "1", "10000", server=Server.PAPER)) == (200, paper)


def test_a_halted_symbol_takes_no_order(desk: KrxDesk) -> None:
    desk.world.krx.market.halt(SHARE, kst(10))
    assert code(desk.order("sell", "1", "10000")) == (200, "APBK0066")
    paper = desk.order("buy", "1", "10000", server=Server.PAPER)
    assert code(paper) == (200, "40070000")


def test_an_ioc_order_is_refused_while_an_interruption_lasts(desk: KrxDesk) -> None:
    desk.world.krx.market.start_vi(SHARE, kst(10))
    refused = desk.order("sell", "1", "10000", ORD_DVSN="11")
    assert code(refused) == (200, "APBK3013")
    assert "단일가" in body(refused)["msg1"]
    assert code(desk.order("sell", "1", "10000")) == (200, "APBK0013")


def test_a_note_is_ordered_by_its_seven_characters(desk: KrxDesk) -> None:
    assert code(desk.order("buy", "1", "9995", NOTE)) == (200, "APBK0013")
    assert code(desk.order("buy", "1", "9995", NOTE[1:])) == (200, "APBK0656")
    assert code(desk.order("buy", "1", "9995", SHARE)) == (200, "APBK0506")
    assert code(desk.order("buy", "1", "9995", FUND)) == (200, "APBK0013")


def test_a_cancellation_of_everything_gets_a_new_number_that_points_to_the_old(
    desk: KrxDesk,
) -> None:
    old = number(desk.order("sell", "10", "10300"))
    desk.wait(1)
    new = number(desk.change(old, "02"))
    assert int(new) > int(old)
    desk.wait(1)
    rows = {row["odno"]: row for row in body(desk.daily())["output1"]}
    assert rows[new]["orgn_odno"] == old
    assert (rows[old]["rmn_qty"], rows[old]["cncl_yn"]) == ("0", "Y")
    assert rows[old]["cnc_cfrm_qty"] == "10"
    assert body(desk.open_orders())["output"] == []


def test_a_part_can_be_cancelled(desk: KrxDesk) -> None:
    old = number(desk.order("sell", "10", "10300"))
    desk.wait(1)
    number(desk.change(old, "02", "4"))
    desk.wait(1)
    (row,) = body(desk.open_orders())["output"]
    assert (row["ord_qty"], row["psbl_qty"]) == ("10", "6")


def test_an_amendment_changes_the_price_of_all_that_is_open(desk: KrxDesk) -> None:
    old = number(desk.order("sell", "10", "10300"))
    desk.wait(1)
    new = number(desk.change(old, "01", "0", "10200", KRX_FWDG_ORD_ORGNO="06010"))
    desk.wait(1)
    (row,) = body(desk.open_orders())["output"]
    assert (row["odno"], row["orgn_odno"], row["ord_unpr"]) == (new, old, "10200")


def test_paper_amends_by_its_unpadded_number(desk: KrxDesk) -> None:
    old = number(desk.order("buy", "3", "9000", server=Server.PAPER))
    desk.wait(1)
    reply = desk.change(old, "01", "0", "9100", server=Server.PAPER)
    assert code(reply) == (200, "40600000")
    assert body(reply)["msg1"].strip() == "모의투자 정정주문이 완료 되었습니다."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": "1"}, "APBK0344"),
        ({"KRX_FWDG_ORD_ORGNO": "91252"}, "APBK0344"),
        ({"kind": "03"}, "OPSQ2001"),
        ({"QTY_ALL_ORD_YN": ""}, "OPSQ2001"),
        ({"EXCG_ID_DVSN_CD": "SOR"}, "OPSQ2001"),
        ({"qty": "11"}, "APBK0400"),
        ({"kind": "01", "price": "10305"}, "APBK0506"),
        ({"kind": "01", "price": "20000"}, "APBK0552"),
        ({"kind": "01", "price": "10300", "ORD_DVSN": "77"}, "APBK3013"),
    ],
)
def test_a_wrong_change_is_refused_and_leaves_the_order(
    desk: KrxDesk, changes: dict[str, Any], expected: str
) -> None:
    given = {"number": number(desk.order("sell", "10", "10300")), "kind": "02"} | changes
    desk.wait(1)
    assert code(desk.change(**given)) == (200, expected)
    (row,) = body(desk.open_orders())["output"]
    assert row["psbl_qty"] == "10"


def test_changing_what_is_no_longer_open_is_refused(desk: KrxDesk) -> None:
    filled = number(desk.order("sell", "10", "9990"))
    desk.wait(1)
    assert code(desk.change(filled, "02")) == (200, "APBK0344")
    desk.hold(SHARE, 10, "9000", Server.PAPER)
    filled = number(desk.order("sell", "10", "9990", server=Server.PAPER))
    desk.wait(1)
    assert code(desk.change(filled, "02", server=Server.PAPER)) == (200, "40330000")


def test_a_stop_limit_keeps_its_trigger_through_an_amendment(desk: KrxDesk) -> None:
    old = number(desk.order("sell", "5", "9000", ORD_DVSN="22", CNDT_PRIC="9500"))
    desk.wait(1)
    number(desk.change(old, "01", "0", "9100", ORD_DVSN="22"))
    desk.wait(1)
    (row,) = body(desk.open_orders())["output"]
    assert (row["ord_unpr"], row["stpm_cndt_pric"], row["stpm_efct_occr_yn"]) == (
        "9100", "9500", "N",
    )  # fmt: skip


def test_the_exchange_may_refuse_later_and_the_list_shows_it(desk: KrxDesk) -> None:
    desk.fault("refuse_later", "TTTC0011U", value="호가 거부")
    number(desk.order("sell", "10", "10300"))
    desk.wait(1)
    (row,) = body(desk.daily())["output1"]
    assert (row["rjct_qty"], row["rmn_qty"], row["tot_ccld_qty"]) == ("10", "0", "0")


def test_notices_of_an_order_wait_while_its_answer_is_being_written(desk: KrxDesk) -> None:
    sent = number(desk.order("sell", "10", "9990"))
    desk.rest.hold_notices(sent)
    desk.wait(1)
    assert desk.kinds() == []
    desk.rest.release_notices(sent)
    assert desk.kinds() == ["received", "confirmed", "fill"]


def test_notices_may_overtake_the_answer_when_scripted(desk: KrxDesk) -> None:
    desk.fault("notice_before_reply", "TTTC0011U")
    desk.order("sell", "10", "9990")
    assert desk.kinds() == ["received", "confirmed", "fill"]


def test_the_answer_may_be_lost_though_the_order_lives(desk: KrxDesk) -> None:
    desk.fault("reset_after", "/order-cash")
    assert desk.order("sell", "10", "10300").abort
    assert len(body(desk.open_orders())["output"]) == 1


def test_warned_names_need_the_whole_amount_even_with_arrears() -> None:
    desk = KrxDesk(listings=(listing(SHARE, "번개소재", warning="02"),))
    output = body(desk.buyable("00", "10000"))["output"]
    assert output["max_buy_qty"] == output["nrcvb_buy_qty"]


def test_a_further_page_may_be_the_one_before(desk: KrxDesk) -> None:
    for _ in range(120):
        desk.world.krx.books.hand_order(Server.REAL, Side.BUY, SHARE, 1)
    first = desk.daily()
    key = {"CTX_AREA_NK100": body(first)["ctx_area_nk100"]}
    desk.fault("page_twice", "inquire-daily-ccld")
    again = desk.daily(headers={"tr_cont": "N"}, **key)
    assert (body(again), again.headers["tr_cont"]) == (body(first), "F")
    rest = desk.daily(headers={"tr_cont": "N"}, **key)
    assert (len(body(rest)["output1"]), rest.headers["tr_cont"]) == (20, "E")


def test_a_list_may_be_missing_from_a_yes(desk: KrxDesk) -> None:
    desk.fault("output_absent", "inquire-balance")
    content = body(desk.krx_balance())
    assert (content["rt_cd"], "output1" in content, "output2" in content) == ("0", False, True)
    assert len(body(desk.krx_balance())["output1"]) == 1
    desk.fault("output_absent", "inquire-balance", value="output1 output2")
    assert "output2" not in body(desk.krx_balance())
