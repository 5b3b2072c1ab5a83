from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.kis_wire import KisReply
from sandbox.model import Server
from tests.sandbox.kis_desk import body, code, number
from tests.sandbox.krx_desk import (
    OTHER,
    SHARE,
    TRADING,
    KrxDesk,
    auction,
    kst,
    listing,
    trade,
)

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def desk() -> KrxDesk:
    return KrxDesk([auction(kst(9), 10_000), trade(kst(9, 59), 10_000)], fee_pct="0.1")


def holdings(reply: KisReply) -> list[dict[str, str]]:
    content = body(reply)
    assert content["rt_cd"] == "0"
    return list(content["output1"])


def totals(reply: KisReply) -> dict[str, int]:
    (found,) = body(reply)["output2"]
    return {name: int(Decimal(value)) for name, value in found.items() if value}


def test_a_holding_is_told_with_cost_value_and_what_can_be_sold(desk: KrxDesk) -> None:
    desk.hold(SHARE, 10, "9000.1234")
    desk.order("sell", "4", "10300")
    desk.wait(1)
    (row,) = holdings(desk.krx_balance())
    assert (row["pdno"], row["prdt_name"], row["trad_dvsn_name"]) == (SHARE, "한빛소재", "현금")
    assert (row["hldg_qty"], row["ord_psbl_qty"]) == ("10", "6")
    assert (row["pchs_avg_pric"], row["pchs_amt"], row["prpr"]) == ("9000.1234", "90001", "10000")
    assert (row["evlu_amt"], row["evlu_pfls_amt"], row["evlu_pfls_rt"]) == (
        "100000", "9999", "11.11",
    )  # fmt: skip
    assert all(isinstance(value, str) for value in row.values())


def test_a_purchase_leaves_todays_deposit_and_settles_two_days_later(desk: KrxDesk) -> None:
    number(desk.order("buy", "100", "10000"))
    desk.wait(1)
    spent = 1_000_000 + 1_000
    found = totals(desk.krx_balance())
    assert found["dnca_tot_amt"] == found["nxdy_excc_amt"] == 10_000_000
    assert found["prvs_rcdl_excc_amt"] == 10_000_000 - spent
    assert (found["thdt_buy_amt"], found["thdt_tlex_amt"]) == (1_000_000, 1_000)
    assert found["scts_evlu_amt"] == 1_000_000
    assert found["tot_evlu_amt"] == found["nass_amt"] == 10_000_000 - 1_000
    assert (found["bfdy_tot_asst_evlu_amt"], found["asst_icdc_amt"]) == (10_000_000, -1_000)
    desk.until_day(kst(10, day=MONDAY))
    found = totals(desk.krx_balance())
    assert found["nxdy_excc_amt"] == 10_000_000 - spent
    assert (found["bfdy_buy_amt"], found["thdt_buy_amt"]) == (1_000_000, 0)
    desk.until_day(kst(10, day=TUESDAY))
    assert totals(desk.krx_balance())["dnca_tot_amt"] == 10_000_000 - spent


def test_a_position_sold_out_stays_with_quantity_0_until_it_has_settled(desk: KrxDesk) -> None:
    desk.hold(SHARE, 10, "9000")
    number(desk.order("sell", "10", "9990"))
    desk.wait(1)
    (row,) = holdings(desk.krx_balance())
    assert (row["hldg_qty"], row["thdt_sll_qty"], row["ord_psbl_qty"]) == ("0", "10", "0")
    assert holdings(desk.krx_balance(PRCS_DVSN="01")) == []
    desk.until_day(kst(10, day=MONDAY))
    assert holdings(desk.krx_balance())[0]["bfdy_sll_qty"] == "10"
    desk.until_day(kst(10, day=TUESDAY))
    assert holdings(desk.krx_balance()) == []


@pytest.mark.parametrize(("server", "size"), [(Server.REAL, 50), (Server.PAPER, 20)])
def test_pages_are_as_long_as_the_server_says_and_totals_are_those_of_all(
    server: Server, size: int
) -> None:
    names = tuple(listing(f"91{n:04d}", f"이름{n}") for n in range(size + 1))
    desk = KrxDesk(listings=names)
    for each in names:
        desk.hold(each.symbol, 1, "9000", server)
    first = desk.krx_balance(server)
    assert (len(holdings(first)), first.headers["tr_cont"]) == (size, "F")
    keys: dict[str, Any] = {
        name.upper(): body(first)[name] for name in ("ctx_area_fk100", "ctx_area_nk100")
    }
    second = desk.krx_balance(server, {"tr_cont": "N"}, **keys)
    (last,) = holdings(second)
    assert (last["pdno"], second.headers["tr_cont"]) == (names[-1].symbol, "E")
    assert totals(first) == totals(second)
    assert totals(first)["pchs_amt_smtl_amt"] == 9000 * (size + 1)


@pytest.mark.parametrize(
    "changes", [{"INQR_DVSN": "00"}, {"UNPR_DVSN": "02"}, {"PRCS_DVSN": ""}, {"AFHR_FLPR_YN": "Z"}]
)
def test_an_undocumented_value_is_refused(desk: KrxDesk, changes: dict[str, Any]) -> None:
    assert code(desk.krx_balance(**changes)) == (200, "OPSQ2001")


def test_the_account_of_the_other_server_is_refused(desk: KrxDesk) -> None:
    other: dict[str, Any] = desk.account(Server.PAPER)
    reply = desk.krx_balance(**other)
    assert (code(reply), body(reply)["rt_cd"]) == ((200, "OPSQ2000"), "2")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("refuse", "EGW00215", (500, "EGW00215")),
        ("account_failing", "", (500, "EGW00300")),
        ("refuse", "APAC0081", (200, "APAC0081")),
    ],
)
def test_scripted_refusals_come_with_the_status_of_their_family(
    desk: KrxDesk, kind: str, value: str, expected: tuple[int, str]
) -> None:
    desk.fault(kind, "inquire-balance", value=value)
    assert code(desk.krx_balance()) == expected
    assert code(desk.krx_balance())[0] == 200


def test_prices_can_be_missing_or_stand_still_and_rows_be_blank() -> None:
    desk = KrxDesk([trade(kst(9, 59), 10_000), trade(kst(10, 1), 10_100)])
    desk.hold(SHARE, 10, "9000")
    desk.fault("zero_price", "TTTC8434R")
    assert holdings(desk.krx_balance())[0]["prpr"] == "0"
    desk.fault("blank_rows", "TTTC8434R")
    assert set(holdings(desk.krx_balance())[1].values()) == {""}
    desk.fault("frozen_price", "TTTC8434R", times=0)
    shown = [holdings(desk.krx_balance())[0]["prpr"]]
    desk.until(kst(10, 2))
    shown.append(holdings(desk.krx_balance())[0]["prpr"])
    desk.world.faults.clear()
    shown.append(holdings(desk.krx_balance())[0]["prpr"])
    assert shown == ["10000", "10000", "10100"]


def test_the_price_is_the_regular_sessions_after_it_too() -> None:
    prints: dict[str, list[Any]] = {
        SHARE: [auction(kst(15, 30), 10_000), trade(kst(16, 1), 10_500)]
    }
    desk = KrxDesk(prints, start=kst(15, 29))
    desk.hold(SHARE, 1, "9000")
    desk.until(kst(16, 2))
    assert desk.world.krx.market.price(SHARE) == 10_500
    assert holdings(desk.krx_balance())[0]["prpr"] == "10000"


def test_sellable_shares_of_one_symbol(desk: KrxDesk) -> None:
    desk.hold(SHARE, 10, "9000")
    desk.order("sell", "4", "10300")
    desk.wait(1)
    path = TRADING + "inquire-psbl-sell"
    asked = desk.account(Server.REAL) | {"PDNO": SHARE}
    output = body(desk.get(path, "TTTC8408R", asked))["output"]
    assert (output["cblc_qty"], output["ord_psbl_qty"], output["now_pric"]) == ("10", "6", "10000")
    none = body(desk.get(path, "TTTC8408R", asked | {"PDNO": OTHER}))["output"]
    assert (none["cblc_qty"], none["ord_psbl_qty"]) == ("0", "0")
    assert code(desk.get(path, "TTTC8408R", asked | {"PDNO": "000000"})) == (200, "APBK0656")
    paper = desk.account(Server.PAPER) | {"PDNO": SHARE}
    assert code(desk.get(path, "TTTC8408R", paper, Server.PAPER)) == (500, "EGW02006")
    assert code(desk.get(path, "VTTC8408R", paper, Server.PAPER)) == (200, "OPSQ0002")
