"""The broker's own sums of what sales brought, both markets, counted again from the books."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from sandbox.kis_wire import KisReply
from sandbox.krx.listings import KrxListing
from sandbox.model import Listing, Server, Side
from sandbox.rates import usd_krw
from tests.sandbox.kis_desk import AAPL, DAY, KO, KisDesk, body, code, et, prints
from tests.sandbox.krx_desk import FUND, NOTE, OTHER, SHARE, KrxDesk, auction, kst, trade

MONDAY = date(2026, 11, 23)


def krx_desk(**changes: Any) -> KrxDesk:
    """Friday and Monday, with a commission and a price that goes up."""
    script = {
        symbol: [
            entry
            for day in (DAY, MONDAY)
            for entry in (
                auction(kst(9, day=day), 10_000),
                trade(kst(9, 59, day=day), 10_000),
                trade(kst(10, 5, day=day), 10_110, 40),
            )
        ]
        for symbol in (SHARE, OTHER, FUND, NOTE)
    }
    return KrxDesk(script, fee_pct="0.0140527", cash=1_000_000_000, **changes)


@pytest.fixture
def traded() -> KrxDesk:
    """Three sales of one share and a buy of another on Friday, a fund and a note on Monday."""
    desk = krx_desk()
    for symbol, average in ((SHARE, "9123.4567"), (FUND, "9000"), (NOTE, "11000")):
        desk.hold(symbol, 100, average)
    for qty in ("7", "13"):
        desk.order("sell", qty, "9990")
    desk.order("buy", "5", "10000", OTHER)
    desk.until(kst(10, 6))
    desk.order("sell", "3", "10100")
    desk.wait(1)
    desk.until_day(kst(10, day=MONDAY))
    for symbol in (FUND, NOTE):
        desk.order("sell", "10", "9990", symbol)
    desk.wait(1)
    return desk


def rows(reply: KisReply) -> list[dict[str, str]]:
    content = body(reply)
    assert content["rt_cd"] == "0"
    assert all(isinstance(value, str) for row in content["output1"] for value in row.values())
    return list(content["output1"])


def whole(amount: Decimal) -> str:
    return str(amount.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_row_is_a_day_and_symbol_with_what_its_sales_cost_and_brought(traded: KrxDesk) -> None:
    (row,) = rows(traded.trade_profits(PDNO=SHARE))
    proceeds = 20 * 9_990 + 3 * 10_100
    # Fractions are cut off fill by fill; 0.0140527 % and 0.20 % of 69,930, 129,870 and 30,300.
    fee, tax = 9 + 18 + 4, 139 + 259 + 60
    gain = proceeds - 23 * Decimal("9123.4567")
    assert row["trad_dt"] == "20261120"
    assert (row["sll_qty"], row["sll_amt"], row["buy_qty"]) == ("23", str(proceeds), "0")
    assert (row["fee"], row["tl_tax"]) == (str(fee), str(tax))
    assert row["rlzt_pfls"] == whole(gain - fee - tax)
    assert (row["pchs_unpr"], row["sll_pric"], row["hldg_qty"]) == ("9123", "10004", "77")
    assert Decimal(row["pfls_rt"]) == pytest.approx(
        (gain - fee - tax) / (23 * Decimal("9123.4567")) * 100, abs=Decimal("1e-8")
    )


def test_codes_are_long_and_the_latest_day_and_highest_code_come_first(traded: KrxDesk) -> None:
    shown = [
        ("20261123", f"00000{NOTE}"),
        ("20261123", f"00000A{FUND}"),
        ("20261120", f"00000A{OTHER}"),
        ("20261120", f"00000A{SHARE}"),
    ]
    for order, expected in (("00", shown), ("02", shown), ("01", shown[::-1])):
        found = rows(traded.trade_profits(SORT_DVSN=order))
        assert [(row["trad_dt"], row["pdno"]) for row in found] == expected
    (note,) = rows(traded.trade_profits(PDNO=f"00000{NOTE}"))
    assert (note["tl_tax"], note["prdt_name"]) == ("0", "한빛 금 선물 ETN")


def test_a_day_with_buys_alone_is_a_row_that_realised_nothing(traded: KrxDesk) -> None:
    (row,) = rows(traded.trade_profits(PDNO=OTHER))
    assert (row["buy_qty"], row["buy_amt"], row["hldg_qty"]) == ("5", "50000", "5")
    assert (row["sll_qty"], row["rlzt_pfls"], row["pfls_rt"]) == ("0", "0", "0.00000000")


def test_sums_and_days_agree_with_the_books(traded: KrxDesk) -> None:
    account = traded.world.krx.books.accounts[Server.REAL]
    sales = [one for one in account.executions if one.side is Side.SELL]
    totals = body(traded.trade_profits())["output2"]
    assert totals["tot_rlzt_pfls"] == whole(account.realised)
    assert Decimal(totals["sll_fee_smtl"]) == sum(one.fee for one in sales)
    assert Decimal(totals["sll_tltx_smtl"]) == sum(one.tax for one in sales)
    assert Decimal(totals["tot_fee"]) == sum(one.fee for one in account.executions)
    assert (totals["buyqty_smtl"], totals["buy_tr_amt_smtl"]) == ("5", "50000")
    monday, friday = rows(traded.day_profits())
    assert (monday["trad_dt"], friday["trad_dt"]) == ("20261123", "20261120")
    assert (friday["sll_qty1"], friday["buy_qty1"]) == ("23", "5")
    assert body(traded.day_profits())["output2"]["tot_rlzt_pfls"] == whole(account.realised)
    assert abs(sum(int(row["rlzt_pfls"]) for row in (monday, friday)) - account.realised) <= 1


def test_days_outside_the_span_are_not_told_and_nothing_is_no_refusal(traded: KrxDesk) -> None:
    friday: dict[str, Any] = {"INQR_STRT_DT": "20261120", "INQR_END_DT": "20261120"}
    assert {row["trad_dt"] for row in rows(traded.trade_profits(**friday))} == {"20261120"}
    reply = traded.trade_profits(INQR_END_DT="20261119")
    assert (rows(reply), code(reply)) == ([], (200, "KIOK0560"))
    assert body(reply)["output2"]["tot_rlzt_pfls"] == "0"


def test_a_hundred_and_five_symbols_are_three_pages_named_by_their_last_rows() -> None:
    listings = tuple(
        KrxListing(f"{910_000 + 10 * n}", f"종목{n}", "KOSPI", Decimal(10_000), 1_000_000, 1_000)
        for n in range(105)
    )
    script = {one.symbol: [trade(kst(9, 59), 10_000)] for one in listings}
    desk = KrxDesk(script, cash=1_000_000_000, listings=listings)
    for one in listings:
        desk.hold(one.symbol, 1, "9000")
        desk.order("sell", "1", "9990", one.symbol)
    desk.wait(1)
    found, heads, codes = [], [], []
    changes: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for _ in range(3):
        reply = desk.trade_profits(headers=headers, **changes)
        content = body(reply)
        assert content["ctx_area_fk100"] == " " * 100
        found += [row["pdno"] for row in rows(reply)]
        heads.append(reply.headers["tr_cont"])
        codes.append(content["msg_cd"])
        changes, headers = {"CTX_AREA_NK100": content["ctx_area_nk100"]}, {"tr_cont": "N"}
    assert (heads, codes) == (["F", "M", "E"], ["KIOK0500", "KIOK0500", "KIOK0510"])
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 105
    wrong = desk.trade_profits(headers=headers, CTX_AREA_NK100="20261120^00000A000660^300^0^^")
    assert code(wrong) == (200, "OPSQ2001")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SORT_DVSN", "03"), ("CBLC_DVSN", "01"), ("INQR_STRT_DT", "20261301"),
        ("INQR_END_DT", "2026-11-20"), ("INQR_STRT_DT", ""), ("INQR_STRT_DT", "20261201"),
    ],
)  # fmt: skip
def test_a_wrong_domestic_parameter_is_refused_by_name(name: str, value: str) -> None:
    changed: dict[str, Any] = {name: value}
    reply = krx_desk().trade_profits(**changed)
    assert code(reply) == (200, "OPSQ2001")
    assert name in body(reply)["msg1"]


def test_a_missing_parameter_is_refused() -> None:
    desk = krx_desk()
    params = desk.account(Server.REAL) | {"SORT_DVSN": "00"}
    path = "/uapi/domestic-stock/v1/trading/inquire-period-trade-profit"
    assert code(desk.get(path, "TTTC8715R", params)) == (200, "OPSQ2001")


def test_neither_market_has_them_on_paper() -> None:
    desk = krx_desk()
    assert code(desk.trade_profits(Server.PAPER)) == (500, "EGW02006")
    assert code(desk.day_profits(Server.PAPER)) == (500, "EGW02006")
    path = "/uapi/domestic-stock/v1/trading/inquire-period-trade-profit"
    invented = desk.get(path, "VTTC8715R", desk.account(Server.PAPER), Server.PAPER)
    assert code(invented) == (200, "OPSQ0002")
    assert code(KisDesk().profits(Server.PAPER)) == (500, "EGW02006")


# -- US --------------------------------------------------------------------------------------


@pytest.fixture
def us() -> KisDesk:
    """Two sales of one stock and one of another on Friday; then Monday morning."""
    morning = [(et(9, 59), "110.00", 99), (et(10, 5), "112.00", 40)]
    script = {"AAPL": prints(*morning), "KO": prints((et(9, 59), "59.00", 99))}
    desk = KisDesk(script, fee_pct="0.25", listings=(AAPL, KO))
    desk.hold("AAPL", 20, "100.1234")
    desk.hold("KO", 3, "60")
    desk.order("sell", "5", "109.00")
    desk.order("sell", "3", "58.00", "KO")
    desk.until(et(10, 6))
    desk.order("sell", "4", "111.00")
    desk.wait(1)
    return desk


def monday(desk: KisDesk) -> KisDesk:
    desk.until(et(4, day=MONDAY))
    desk.tokens.clear()
    return desk


def test_a_us_sale_is_told_from_the_next_day_on(us: KisDesk) -> None:
    assert code(us.profits()) == (200, "KIOK0560")
    us.until(et(23, 59))
    assert rows(us.profits()) == []
    us.until(et(0, day=DAY + timedelta(days=1)))
    assert len(rows(us.profits())) == 2


def test_a_us_row_is_in_dollars_by_01_and_in_won_by_02(us: KisDesk) -> None:
    sales = [one for one in us.world.books.accounts[Server.REAL].executions if one.qty != 3]
    assert [one.qty for one in sales] == [5, 4]
    proceeds = sum(one.price * one.qty for one in sales)
    fees = sum(one.fee for one in sales)
    _, row = rows(monday(us).profits())
    assert (row["trad_day"], row["ovrs_pdno"], row["slcl_qty"]) == ("20261120", "AAPL", "9")
    assert row["pchs_avg_pric"] == "100.1234"
    assert row["frcr_pchs_amt1"] == "901.11060"
    assert Decimal(row["frcr_sll_amt_smtl1"]) == proceeds
    assert Decimal(row["stck_sll_tlex"]) == fees
    assert row["ovrs_rlzt_pfls_amt"] == f"{proceeds - Decimal('901.1106') - fees:.5f}"
    fx = usd_krw(sales[-1].at)
    assert (row["exrt"], row["frst_bltn_exrt"]) == (f"{fx:.1f}", f"{fx:.8f}")
    _, in_won = rows(us.profits(WCRC_FRCR_DVSN_CD="02"))
    assert in_won["frcr_pchs_amt1"] == f"{Decimal('901.1106') * fx:.5f}"


def test_us_sums_in_dollars_of_all_exchanges_are_not_given(us: KisDesk) -> None:
    account = monday(us).world.books.accounts[Server.REAL]
    assert body(us.profits())["output2"]["ovrs_rlzt_pfls_tot_amt"] == "0.00000"
    totals = body(us.profits(OVRS_EXCG_CD="NASD"))["output2"]
    assert totals["ovrs_rlzt_pfls_tot_amt"] == f"{account.realised:.5f}"
    assert len(rows(us.profits(PDNO="KO"))) == 1


def test_a_hundred_and_five_us_rows_are_three_pages() -> None:
    listings = tuple(Listing(f"A{n:03d}", "NASD", f"A{n}", Decimal(100), 9) for n in range(105))
    desk = KisDesk(
        {one.symbol: prints((et(9, 59), "100.00", 9)) for one in listings}, listings=listings
    )
    for one in listings:
        desk.hold(one.symbol, 1, "90")
        desk.order("sell", "1", "99.00", one.symbol)
        desk.wait(1)
    monday(desk)
    found, heads = [], []
    changes: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for _ in range(3):
        reply = desk.profits(headers=headers, **changes)
        found += [row["ovrs_pdno"] for row in rows(reply)]
        heads.append(reply.headers["tr_cont"])
        content = body(reply)
        keys = ("CTX_AREA_FK200", "CTX_AREA_NK200")
        changes, headers = {key: content[key.lower()] for key in keys}, {"tr_cont": "N"}
    assert heads == ["F", "M", "E"]
    assert found == sorted((one.symbol for one in listings), reverse=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WCRC_FRCR_DVSN_CD", ""), ("OVRS_EXCG_CD", "NAS"), ("NATN_CD", "000"),
        ("CRCY_CD", "KRW"), ("INQR_END_DT", "20261000"),
    ],
)  # fmt: skip
def test_a_wrong_us_parameter_is_refused_by_name(name: str, value: str) -> None:
    changed: dict[str, Any] = {name: value}
    reply = KisDesk().profits(**changed)
    assert code(reply) == (200, "OPSQ2001")
    assert name in body(reply)["msg1"]
