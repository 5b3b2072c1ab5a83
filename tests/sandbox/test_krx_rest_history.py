from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.kis_wire import KisReply
from sandbox.model import Server, Side
from tests.sandbox.kis_desk import body, code, number
from tests.sandbox.krx_desk import OTHER, SHARE, TRADING, KrxDesk, auction, kst, trade


@pytest.fixture
def desk() -> KrxDesk:
    prints = [auction(kst(9), 10_000), trade(kst(9, 59), 10_000), trade(kst(10, 5), 10_100, 40)]
    return KrxDesk(prints, cash=1_000_000_000)


def rows(reply: KisReply) -> list[dict[str, str]]:
    content = body(reply)
    assert content["rt_cd"] == "0"
    return list(content["output1"] if "output1" in content else content["output"])


def test_a_fill_is_told_by_order_with_its_average_and_estimated_costs() -> None:
    prints = [trade(kst(9, 59), 10_000), trade(kst(10, 5), 10_100, 40, Side.BUY)]
    desk = KrxDesk(prints, fee_pct="0.1")
    desk.hold(SHARE, 100, "9000")
    sold = number(desk.order("sell", "100", "10100"))
    desk.until(kst(10, 6))
    reply = desk.daily()
    (row,) = rows(reply)
    assert (row["odno"], row["ord_qty"], row["ord_unpr"]) == (sold, "100", "10100")
    assert (row["tot_ccld_qty"], row["rmn_qty"], row["avg_prvs"]) == ("40", "60", "10100")
    assert (row["tot_ccld_amt"], row["excg_dvsn_cd"]) == ("404000", "02")
    totals = body(reply)["output2"]
    assert (totals["tot_ord_qty"], totals["tot_ccld_qty"]) == ("100", "40")
    # The fee is 0.1 % and the tax 0.20 %, both of 404,000 won.
    assert Decimal(totals["prsm_tlex_smtl"]) == 404 + 808


def test_an_order_that_ended_with_the_session_has_no_rest_and_was_not_cancelled() -> None:
    desk = KrxDesk(start=kst(15))
    number(desk.order("buy", "3", "9000"))
    desk.until(kst(15, 31))
    (row,) = rows(desk.daily())
    assert (row["rmn_qty"], row["tot_ccld_qty"], row["cncl_yn"]) == ("0", "0", "N")


def test_pages_of_a_hundred_on_real_chain_by_their_keys(desk: KrxDesk) -> None:
    for _ in range(205):
        desk.order("buy", "1", "9000")
    found, heads = [], []
    keys: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for _ in range(3):
        reply = desk.daily(headers=headers, **keys)
        content = body(reply)
        assert (len(content["ctx_area_fk100"]), len(content["ctx_area_nk100"])) == (100, 100)
        found += [row["odno"] for row in content["output1"]]
        heads.append(reply.headers["tr_cont"])
        keys = {
            "CTX_AREA_FK100": content["ctx_area_fk100"],
            "CTX_AREA_NK100": content["ctx_area_nk100"],
        }
        headers = {"tr_cont": "N"}
    assert heads == ["F", "M", "E"]
    assert len(found) == len(set(found)) == 205
    assert found == sorted(found, reverse=True)


def test_paper_pages_hold_fifteen_and_one_page_ends_with_d(desk: KrxDesk) -> None:
    for _ in range(16):
        desk.order("buy", "1", "9000", server=Server.PAPER)
    reply = desk.daily(Server.PAPER)
    assert (len(rows(reply)), reply.headers["tr_cont"]) == (15, "F")
    assert desk.daily(Server.PAPER, ODNO="0000117058").headers["tr_cont"] == "D"


def test_an_invented_page_key_is_refused(desk: KrxDesk) -> None:
    desk.order("buy", "1", "9000")
    reply = desk.daily(headers={"tr_cont": "N"}, CTX_AREA_NK100="77")
    assert code(reply) == (200, "OPSQ2001")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["buy", "sell", "other"]),
        ({"SLL_BUY_DVSN_CD": "01"}, ["sell"]),
        ({"SLL_BUY_DVSN_CD": "02"}, ["buy", "other"]),
        ({"PDNO": OTHER}, ["other"]),
        ({"CCLD_DVSN": "01"}, ["sell"]),
        ({"CCLD_DVSN": "02"}, ["buy", "other"]),
        ({"ORD_GNO_BRNO": "06010"}, ["buy", "sell", "other"]),
        ({"ORD_GNO_BRNO": "91252"}, []),
        ({"INQR_DVSN_3": "02"}, []),
        ({"EXCG_ID_DVSN_CD": "ALL"}, ["buy", "sell", "other"]),
        ({"EXCG_ID_DVSN_CD": "SOR"}, []),
        ({"INQR_STRT_DT": "20261121", "INQR_END_DT": "20261121"}, []),
    ],
)
def test_each_filter_keeps_what_it_names(
    desk: KrxDesk, changes: dict[str, Any], expected: list[str]
) -> None:
    desk.hold(SHARE, 5, "9000")
    names = {
        number(desk.order("buy", "1", "9000")): "buy",
        number(desk.order("sell", "5", "9990")): "sell",
        number(desk.order("buy", "1", "9000", OTHER)): "other",
    }
    desk.wait(1)
    found = [names[row["odno"]] for row in rows(desk.daily(INQR_DVSN="01", **changes))]
    assert found == expected


def test_one_order_is_found_by_its_number_with_or_without_zeros(desk: KrxDesk) -> None:
    first, second = (number(desk.order("buy", "1", "9000")) for _ in range(2))
    for asked in (first, first.lstrip("0")):
        assert [row["odno"] for row in rows(desk.daily(ODNO=asked))] == [first]
    assert [row["odno"] for row in rows(desk.daily())] == [second, first]


def test_only_krx_can_be_asked_for_on_paper(desk: KrxDesk) -> None:
    assert code(desk.daily(Server.PAPER, EXCG_ID_DVSN_CD="ALL")) == (200, "OPSQ2001")


def test_the_older_span_does_not_hold_todays_orders(desk: KrxDesk) -> None:
    desk.order("buy", "1", "9000")
    params = desk.account(Server.REAL) | dict.fromkeys(
        ("ORD_GNO_BRNO", "ODNO", "PDNO", "INQR_DVSN_1", "CTX_AREA_FK100", "CTX_AREA_NK100"), ""
    )
    params |= {"INQR_STRT_DT": "20260101", "INQR_END_DT": "20261231", "SLL_BUY_DVSN_CD": "00"}
    params |= {"CCLD_DVSN": "00", "INQR_DVSN": "00", "INQR_DVSN_3": "00"}
    older = desk.get(TRADING + "inquire-daily-ccld", "CTSC9215R", params)
    assert (rows(older), body(older)["msg_cd"]) == ([], "KIOK0560")
    assert len(rows(desk.get(TRADING + "inquire-daily-ccld", "TTTC8001R", params))) == 1


def test_open_orders_can_be_asked_by_side_and_by_symbol(desk: KrxDesk) -> None:
    desk.hold(SHARE, 5, "9000")
    for side, price, symbol in (("buy", "9000", OTHER), ("sell", "11000", SHARE)):
        number(desk.order(side, "1", price, symbol))
    desk.wait(1)
    assert [row["pdno"] for row in rows(desk.open_orders())] == [OTHER, SHARE]
    assert [row["pdno"] for row in rows(desk.open_orders(INQR_DVSN_1="1"))] == [SHARE, OTHER]
    assert [row["pdno"] for row in rows(desk.open_orders(INQR_DVSN_2="1"))] == [SHARE]
    assert code(desk.open_orders(INQR_DVSN_2="9")) == (200, "OPSQ2001")


def test_open_orders_come_by_fifty(desk: KrxDesk) -> None:
    for _ in range(51):
        desk.order("buy", "1", "9000")
    reply = desk.open_orders()
    assert (len(rows(reply)), reply.headers["tr_cont"]) == (50, "F")


def test_open_orders_are_not_offered_on_paper(desk: KrxDesk) -> None:
    params = desk.account(Server.PAPER) | {"INQR_DVSN_1": "0", "INQR_DVSN_2": "0"}
    params |= {"CTX_AREA_FK100": "", "CTX_AREA_NK100": ""}
    path = TRADING + "inquire-psbl-rvsecncl"
    assert code(desk.get(path, "VTTC0084R", params, Server.PAPER)) == (200, "90000000")
    assert code(desk.get(path, "TTTC0084R", params, Server.PAPER)) == (500, "EGW02006")


def test_young_fills_can_be_hidden_from_the_list(desk: KrxDesk) -> None:
    desk.hold(SHARE, 5, "9000")
    number(desk.order("sell", "5", "9990"))
    desk.wait(2)
    desk.fault("fill_hidden", "inquire-daily-ccld", times=0, value="5")
    (row,) = rows(desk.daily())
    assert (row["tot_ccld_qty"], row["rmn_qty"]) == ("0", "5")
    desk.wait(5)
    (row,) = rows(desk.daily())
    assert (row["tot_ccld_qty"], row["rmn_qty"]) == ("5", "0")


def test_orders_of_another_day_stay_under_their_date(desk: KrxDesk) -> None:
    desk.order("buy", "1", "9000")
    desk.until_day(kst(9, 30, day=date(2026, 11, 23)))
    assert len(rows(desk.daily())) == 1
    assert rows(desk.daily(INQR_STRT_DT="20261123", INQR_END_DT="20261123")) == []
