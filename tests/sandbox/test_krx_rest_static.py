from datetime import date, timedelta
from decimal import Decimal

import pytest

from sandbox.kis_wire import KisReply
from sandbox.krx.hours import is_trading_day
from sandbox.model import Server
from tests.sandbox.kis_desk import body, code
from tests.sandbox.krx_desk import FUND, NOTE, OTHER, QUOTES, SHARE, KrxDesk, auction, kst, trade

HOLIDAY = (QUOTES + "chk-holiday", "CTCA0903R")
STOCK = (QUOTES + "search-stock-info", "CTPF1002R")
PRODUCT = (QUOTES + "search-info", "CTPF1604R")
VI = (QUOTES + "inquire-vi-status", "FHPST01390000")
ASKED_VI = {
    "FID_DIV_CLS_CODE": "0", "FID_COND_SCR_DIV_CODE": "20139", "FID_MRKT_CLS_CODE": "0",
    "FID_INPUT_ISCD": "", "FID_RANK_SORT_CLS_CODE": "0", "FID_INPUT_DATE_1": "20261120",
    "FID_TRGT_CLS_CODE": "", "FID_TRGT_EXLS_CLS_CODE": "",
}  # fmt: skip


def holidays(
    desk: KrxDesk, base: str, nk: str = "", headers: dict[str, str] | None = None
) -> KisReply:
    params = {"BASS_DT": base, "CTX_AREA_FK": "", "CTX_AREA_NK": nk}
    return desk.get(*HOLIDAY, params, headers=headers)


def interrupted() -> KrxDesk:
    """A jump of 12 % from the opening price, then a fall in another name."""
    calm = [auction(kst(9), 10_000), trade(kst(9, 5), 10_000)]
    return KrxDesk(
        {
            SHARE: [*calm, trade(kst(9, 30), 11_200), trade(kst(9, 40), 11_300)],
            OTHER: [*calm, trade(kst(9, 59), 8_900)],
        },
        start=kst(10),
    )


def test_a_page_of_the_calendar_is_24_days_and_leads_to_the_next() -> None:
    desk = KrxDesk()
    first = holidays(desk, "20261220")
    content = body(first)
    days = content["output"]
    assert (len(days), days[0]["bass_dt"], first.headers["tr_cont"]) == (24, "20261220", "F")
    assert (len(content["ctx_area_nk"]), len(content["ctx_area_fk"])) == (20, 20)
    second = holidays(desk, "20261220", content["ctx_area_nk"], {"tr_cont": "N"})
    assert second.headers["tr_cont"] == "M"
    assert body(second)["output"][0]["bass_dt"] == "20270113"


def test_the_calendar_may_be_given_once_a_day_only() -> None:
    desk = KrxDesk()
    desk.fault("once_a_day", "chk-holiday", times=0)
    first = holidays(desk, "20261120")
    more = {"nk": body(first)["ctx_area_nk"], "headers": {"tr_cont": "N"}}
    assert (first.status, holidays(desk, "20261120", **more).status) == (200, 200)
    assert code(holidays(desk, "20261120")) == (500, "EGW00215")
    desk.until_day(kst(8, day=date(2026, 11, 23)))
    assert holidays(desk, "20261123").status == 200


def test_only_opnd_yn_knows_that_the_last_day_of_the_year_is_closed() -> None:
    rows = {row["bass_dt"]: row for row in body(holidays(KrxDesk(), "20261220"))["output"]}
    last = rows["20261231"]
    assert (last["opnd_yn"], last["bzdy_yn"], last["wday_dvsn_cd"]) == ("N", "Y", "05")
    assert (rows["20261220"]["wday_dvsn_cd"], rows["20261226"]["wday_dvsn_cd"]) == ("01", "07")
    for text, row in rows.items():
        assert (row["opnd_yn"] == "Y") == is_trading_day(date.fromisoformat(text))


def test_the_calendar_ends_where_it_is_known() -> None:
    reply = holidays(KrxDesk(), "20271225")
    assert (len(body(reply)["output"]), reply.headers["tr_cont"]) == (7, "D")
    assert code(holidays(KrxDesk(), "soon")) == (200, "OPSQ2001")


def test_stock_facts_have_67_fields_and_follow_a_halt() -> None:
    desk = KrxDesk()
    asked = {"PRDT_TYPE_CD": "300", "PDNO": SHARE}
    output = body(desk.get(*STOCK, asked))["output"]
    assert len(output) == 67
    assert (output["tr_stop_yn"], output["mket_id_cd"], output["scty_grp_id_cd"]) == (
        "N", "STK", "ST",
    )  # fmt: skip
    assert (output["prdt_abrv_name"], output["pdno"]) == ("한빛소재", "00000A900010")
    desk.world.krx.market.halt(SHARE, kst(10))
    assert body(desk.get(*STOCK, asked))["output"]["tr_stop_yn"] == "Y"
    groups = {}
    for symbol in (FUND, NOTE):
        found = body(desk.get(*STOCK, asked | {"PDNO": symbol}))["output"]
        groups[symbol] = found["scty_grp_id_cd"]
    assert groups == {FUND: "EF", NOTE: "EN"}


def test_unknown_products_are_not_found_with_rt_cd_7() -> None:
    desk = KrxDesk()
    for call in (STOCK, PRODUCT):
        reply = desk.get(*call, {"PRDT_TYPE_CD": "300", "PDNO": "000000"})
        assert (code(reply), body(reply)["rt_cd"]) == ((200, "KIOK0560"), "7")


def test_search_info_knows_korean_and_foreign_products() -> None:
    desk = KrxDesk()
    korean = body(desk.get(*PRODUCT, {"PRDT_TYPE_CD": "300", "PDNO": SHARE}))["output"]
    foreign = body(desk.get(*PRODUCT, {"PRDT_TYPE_CD": "512", "PDNO": "AAPL"}))["output"]
    assert list(korean) == list(foreign)
    assert (korean["shtn_pdno"], korean["prdt_abrv_name"]) == (SHARE, "한빛소재")


def test_interruptions_come_newest_first_with_the_base_that_was_left() -> None:
    rows = body(interrupted().get(*VI, ASKED_VI))["output"]
    assert [row["mksc_shrn_iscd"] for row in rows] == [OTHER, SHARE]
    running, ended = rows
    assert (running["vi_cls_code"], running["vi_cncl_hour"]) == ("Y", "000000")
    assert (ended["vi_cls_code"], ended["cntg_vi_hour"]) == ("N", "093000")
    assert "093200" <= ended["vi_cncl_hour"] <= "093230"
    assert (ended["vi_kind_code"], ended["vi_prc"], ended["vi_stnd_prc"], ended["vi_dprt"]) == (
        "1", "11200", "10000", "12.00",
    )  # fmt: skip
    assert (ended["vi_dmc_stnd_prc"], ended["vi_dmc_dprt"]) == ("0", "0.00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"FID_DIV_CLS_CODE": "1"}, [SHARE]),
        ({"FID_DIV_CLS_CODE": "2"}, [OTHER]),
        ({"FID_MRKT_CLS_CODE": "Q"}, [OTHER]),
        ({"FID_MRKT_CLS_CODE": "K"}, [SHARE]),
        ({"FID_INPUT_ISCD": SHARE}, [SHARE]),
        ({"FID_RANK_SORT_CLS_CODE": "2"}, []),
        ({"FID_INPUT_DATE_1": "20261119"}, []),
    ],
)
def test_interruptions_can_be_sifted(changes: dict[str, str], expected: list[str]) -> None:
    content = body(interrupted().get(*VI, ASKED_VI | changes))
    assert [row["mksc_shrn_iscd"] for row in content["output"]] == expected
    assert (content["rt_cd"], content["msg_cd"] == "KIOK0560") == ("0", not expected)


def test_the_list_of_interruptions_ends_with_the_thirtieth() -> None:
    desk = KrxDesk([auction(kst(9), 10_000), trade(kst(9, 1), 10_000)], start=kst(9, 1))
    market = desk.world.krx.market
    moment = kst(9, 2)
    for _ in range(31):
        desk.until(moment)
        market.start_vi(SHARE, moment)
        moment += timedelta(minutes=3)
    rows = body(desk.get(*VI, ASKED_VI))["output"]
    assert len(market.vis()) == 31
    assert len(rows) == 30
    assert Decimal(rows[0]["vi_count"]) == 31


@pytest.mark.parametrize(
    ("call", "params"),
    [
        (HOLIDAY, {"BASS_DT": "20261120", "CTX_AREA_FK": "", "CTX_AREA_NK": ""}),
        (STOCK, {"PRDT_TYPE_CD": "300", "PDNO": SHARE}),
        (PRODUCT, {"PRDT_TYPE_CD": "300", "PDNO": SHARE}),
        (VI, ASKED_VI),
    ],
)
def test_static_facts_are_real_only_and_want_every_parameter(
    call: tuple[str, str], params: dict[str, str]
) -> None:
    desk = KrxDesk()
    assert code(desk.get(*call, params, Server.PAPER)) == (500, "EGW02006")
    for missing in params:
        fewer = {name: value for name, value in params.items() if name != missing}
        assert code(desk.get(*call, fewer)) == (200, "OPSQ2001")
