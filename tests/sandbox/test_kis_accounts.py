from datetime import date
from decimal import Decimal

from sandbox.model import Server, Side
from tests.sandbox.kis_desk import TRADING, KisDesk, body, code, et, number, prints


def present(desk: KisDesk, unit: str = "02", server: Server = Server.REAL):  # type: ignore[no-untyped-def]
    params = desk.account(server) | {
        "WCRC_FRCR_DVSN_CD": unit,
        "NATN_CD": "840",
        "TR_MKET_CD": "00",
        "INQR_DVSN_CD": "00",
    }
    tr_id = "CTRP6504R" if server is Server.REAL else "VTRP6504R"
    return body(desk.call("GET", TRADING + "inquire-present-balance", tr_id, params, server))


def holding_everything(server: Server = Server.REAL) -> KisDesk:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    for symbol in ("AAPL", "KO", "SOXL"):
        desk.hold(symbol, 10, "100", server)
    return desk


def symbols(content: dict) -> list[str]:  # type: ignore[type-arg]
    return [row["ovrs_pdno"] for row in content["output1"]]


def test_a_balance_row_has_cost_quantity_and_the_last_price() -> None:
    desk = holding_everything()
    desk.order("sell", "4", "120.00")
    row = body(desk.balance())["output1"][0]
    assert row["pchs_avg_pric"] == "100.0000"
    assert (row["ovrs_cblc_qty"], row["ord_psbl_qty"]) == ("10", "6")
    assert row["now_pric2"] == "110.000000"
    assert row["evlu_pfls_rt"] == "10.00"
    assert row["ovrs_excg_cd"] == "NASD"
    assert all(isinstance(value, str) for value in row.values())


def test_containers_are_a_list_and_an_object_also_when_empty() -> None:
    desk = KisDesk()
    content = body(desk.balance())
    assert content["output1"] == []
    assert isinstance(content["output2"], dict)
    assert content["rt_cd"] == "0"


def test_on_real_nasd_means_all_of_the_us_and_nas_means_nasdaq() -> None:
    desk = holding_everything()
    assert symbols(body(desk.balance("NASD"))) == ["AAPL", "KO", "SOXL"]
    assert symbols(body(desk.balance("NAS"))) == ["AAPL"]
    assert symbols(body(desk.balance("NYSE"))) == ["KO"]


def test_on_paper_nasd_means_nasdaq_only() -> None:
    desk = holding_everything(Server.PAPER)
    assert symbols(body(desk.balance("NASD", Server.PAPER))) == ["AAPL"]
    desk.wait(1)
    assert symbols(body(desk.balance("AMEX", Server.PAPER))) == ["SOXL"]


def test_switches_for_a_blank_row_and_for_two_exchange_codes() -> None:
    desk = holding_everything()
    desk.fault("blank_rows")
    desk.fault("duplicate_rows")
    rows = body(desk.balance("NYSE"))["output1"]
    assert [(row["ovrs_pdno"], row["ovrs_excg_cd"]) for row in rows] == [
        ("KO", "NYSE"), ("KO", "NASD"), ("", ""),
    ]  # fmt: skip


def test_a_frozen_price_stands_still_while_the_fault_lasts() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99), (et(10, 1), "120.00", 9)))
    desk.hold("AAPL", 10, "100")
    desk.fault("frozen_price", "TTTS3012R", times=0)
    assert body(desk.balance())["output1"][0]["now_pric2"] == "110.000000"
    desk.until(et(10, 2))
    assert body(desk.balance())["output1"][0]["now_pric2"] == "110.000000"
    assert body(desk.price())["output"]["last"] == "120.0000"
    desk.world.faults.clear()
    assert body(desk.balance())["output1"][0]["now_pric2"] == "120.000000"


def many_orders(desk: KisDesk, count: int, server: Server = Server.REAL) -> None:
    for _ in range(count):
        desk.world.books.hand_order(server, Side.BUY, "AAPL", 1, Decimal("1.00"))


def test_executions_come_in_pages_of_twenty_with_f_m_and_e() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    many_orders(desk, 45)
    seen, marks, nk, cont = [], [], "", ""
    for _ in range(3):
        reply = desk.ccnl(nk=nk, headers={"tr_cont": cont})
        content = body(reply)
        assert len(content["ctx_area_fk200"]) == len(content["ctx_area_nk200"]) == 200
        seen += [row["odno"] for row in content["output"]]
        marks.append(reply.headers["tr_cont"])
        nk, cont = content["ctx_area_nk200"], "N"
    assert marks == ["F", "M", "E"]
    assert len(set(seen)) == 45


def test_without_the_continuation_header_the_first_page_comes_again() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    many_orders(desk, 25)
    first = body(desk.ccnl())
    again = body(desk.ccnl(nk=first["ctx_area_nk200"]))
    assert again["output"] == first["output"]


def test_paper_pages_hold_fifteen_and_a_single_page_ends_with_d() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    many_orders(desk, 16, Server.PAPER)
    reply = desk.ccnl(Server.PAPER)
    assert (len(body(reply)["output"]), reply.headers["tr_cont"]) == (15, "F")
    assert desk.ccnl().headers["tr_cont"] == "D"


def test_an_execution_row_has_an_unpadded_number_us_and_korean_dates_and_its_origin() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    desk.hold("AAPL", 10, "100")
    given = number(desk.order("sell", "10", "109.00"))
    desk.wait(1)
    (row,) = body(desk.ccnl())["output"]
    assert row["odno"] == given.lstrip("0")
    # 10:00 in New York is midnight of the next day in Seoul.
    assert (row["ord_dt"], row["dmst_ord_dt"]) == ("20261120", "20261121")
    assert (row["ft_ccld_qty"], row["nccs_qty"], row["prcs_stat_name"]) == ("10", "0", "완료")
    assert Decimal(row["ft_ccld_unpr3"]) == Decimal("110.00")
    assert row["mdia_dvsn_name"] == "OpenAPI"
    desk.world.books.hand_order(Server.REAL, Side.BUY, "AAPL", 1)
    assert body(desk.ccnl())["output"][-1]["mdia_dvsn_name"] == "모바일"


def test_nothing_found_is_no_error() -> None:
    desk = KisDesk()
    content = body(desk.ccnl())
    assert (content["rt_cd"], content["msg_cd"], content["output"]) == ("0", "KIOK0560", [])


def test_real_filters_by_side_and_state_and_paper_does_not() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    for server in Server:
        desk.hold("AAPL", 10, "100", server)
        desk.world.books.hand_order(server, Side.SELL, "AAPL", 1)
        desk.world.books.hand_order(server, Side.BUY, "AAPL", 1, Decimal("1.00"))
    desk.wait(1)
    assert len(body(desk.ccnl(SLL_BUY_DVSN="01"))["output"]) == 1
    assert len(body(desk.ccnl(CCLD_NCCS_DVSN="02"))["output"]) == 1
    assert len(body(desk.ccnl(ORD_END_DT="20261119"))["output"]) == 0
    assert len(body(desk.ccnl(Server.PAPER, SLL_BUY_DVSN="01"))["output"]) == 2


def test_a_hidden_fill_shows_in_the_balance_first() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    desk.hold("AAPL", 10, "100")
    desk.fault("fill_hidden", "inquire-ccnl", times=0, value="5")
    desk.order("sell", "10", "109.00")
    desk.wait(1)
    assert body(desk.balance())["output1"] == []
    (row,) = body(desk.ccnl())["output"]
    assert (row["ft_ccld_qty"], row["nccs_qty"]) == ("0", "10")
    desk.wait(5)
    (row,) = body(desk.ccnl())["output"]
    assert (row["ft_ccld_qty"], row["nccs_qty"]) == ("10", "0")


def test_paper_does_not_offer_open_orders() -> None:
    assert code(KisDesk().nccs(Server.PAPER)) == (200, "90000000")


def test_buying_power_counts_resting_buys_and_fees() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)), fee_pct="0.25")
    desk.order("buy", "10", "100.00")
    params = desk.account(Server.REAL) | {
        "OVRS_EXCG_CD": "NASD",
        "OVRS_ORD_UNPR": "110.00",
        "ITEM_CD": "AAPL",
    }
    output = body(desk.call("GET", TRADING + "inquire-psamount", "TTTS3007R", params))["output"]
    assert output["ovrs_ord_psbl_amt"] == "8997.50"
    assert output["max_ord_psbl_qty"] == "81"


def test_the_present_balance_in_won_has_prices_in_won() -> None:
    desk = KisDesk(prints((et(4, 10), "110.00", 99)), start=et(4, 10, 1))
    desk.hold("AAPL", 10, "100")
    (dollars,) = present(desk)["output1"]
    (won,) = present(desk, "01")["output1"]
    rate = Decimal(won["bass_exrt"])
    assert dollars["avg_unpr3"] == "100.0000"
    assert Decimal(won["avg_unpr3"]) == 100 * rate
    assert Decimal(won["ovrs_now_pric1"]) == 110 * rate


def test_the_present_balance_is_blind_from_a_quarter_past_six_until_after_the_close() -> None:
    # 18:15 in Seoul is 04:15 in New York winter time.
    desk = KisDesk(prints((et(4, 10), "110.00", 999)), start=et(4, 12))
    desk.hold("AAPL", 10, "100")
    desk.order("buy", "2", "111.00")
    desk.until(et(4, 14))
    (row,) = present(desk)["output1"]
    assert [Decimal(row[key]) for key in ("ccld_qty_smtl1", "thdt_buy_ccld_qty1")] == [12, 2]
    assert Decimal(row["cblc_qty13"]) == 10
    desk.until(et(10))
    desk.order("sell", "12", "110.00")
    desk.until(et(10, 1))
    assert body(desk.balance())["output1"] == []
    (row,) = present(desk)["output1"]
    assert [Decimal(row[key]) for key in ("ccld_qty_smtl1", "thdt_sll_ccld_qty1")] == [12, 0]
    desk.until(et(16, 31))
    (row,) = present(desk)["output1"]
    assert [Decimal(row[key]) for key in ("ccld_qty_smtl1", "thdt_sll_ccld_qty1")] == [0, 12]


def test_on_paper_only_the_totals_of_the_present_balance_mean_anything() -> None:
    desk = KisDesk()
    desk.hold("AAPL", 10, "100", Server.PAPER)
    content = present(desk, server=Server.PAPER)
    assert (content["output1"], content["output2"]) == ([], [])
    assert Decimal(content["output3"]["tot_asst_amt"]) > 0


def test_yesterdays_orders_are_found_under_their_us_date() -> None:
    desk = KisDesk(prints((et(9, 59), "110.00", 99)))
    many_orders(desk, 1)
    desk.until(et(10, day=date(2026, 11, 23)))
    desk.tokens.clear()
    assert len(body(desk.ccnl())["output"]) == 1
    assert body(desk.ccnl(ORD_STRT_DT="20261123", ORD_END_DT="20261123"))["output"] == []
