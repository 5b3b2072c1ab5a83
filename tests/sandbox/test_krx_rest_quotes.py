import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Server, Side
from tests.sandbox.kis_desk import body, code
from tests.sandbox.krx_desk import (
    FUND,
    NOTE,
    OTHER,
    QUOTES,
    SHARE,
    KrxDesk,
    auction,
    kst,
    listing,
    trade,
)

PRICE = ("inquire-price", "FHKST01010100")
ASKING = ("inquire-asking-price-exp-ccn", "FHKST01010200")
EXECUTIONS = ("inquire-ccnl", "FHKST01010300")
MANY = "FHKST11300006"


def morning() -> list[KrxPrint]:
    return [
        auction(kst(9), 10_100, 1000),
        trade(kst(9, 1), 10_300, 300),
        trade(kst(9, 2), 10_200, 100, Side.SELL),
    ]


def price_of(desk: KrxDesk, symbol: str = SHARE) -> dict[str, str]:
    content = body(desk.quote(*PRICE, symbol))
    assert content["rt_cd"] == "0"
    return dict(content["output"])


def many(desk: KrxDesk, symbols: list[str], **changes: str) -> list[dict[str, str]]:
    params: dict[str, str] = {}
    for number, symbol in enumerate(symbols, 1):
        params[f"FID_COND_MRKT_DIV_CODE_{number}"] = "J"
        params[f"FID_INPUT_ISCD_{number}"] = symbol
    return list(body(desk.get(QUOTES + "intstock-multprice", MANY, params | changes))["output"])


def test_the_price_has_82_fields_of_text_and_no_company_name() -> None:
    output = price_of(KrxDesk(morning()))
    assert len(output) == 82
    assert all(isinstance(value, str) for value in output.values())
    assert "한빛소재" not in output.values()


def test_the_day_is_told_with_limits_tick_and_change() -> None:
    output = price_of(KrxDesk(morning()))
    shown = {
        name: output[name]
        for name in ("stck_prpr", "prdy_vrss", "prdy_vrss_sign", "prdy_ctrt", "stck_oprc")
    }
    assert shown == {
        "stck_prpr": "10200", "prdy_vrss": "200", "prdy_vrss_sign": "2", "prdy_ctrt": "2.00",
        "stck_oprc": "10100",
    }  # fmt: skip
    assert (output["stck_hgpr"], output["stck_lwpr"]) == ("10300", "10100")
    assert (output["stck_mxpr"], output["stck_llam"], output["stck_sdpr"]) == (
        "13000", "7000", "10000",
    )  # fmt: skip
    assert (output["aspr_unit"], output["acml_vol"]) == ("10", "1400")
    assert Decimal(output["acml_tr_pbmn"]) == 10_100_000 + 3_090_000 + 1_020_000
    # 500,000 shares yesterday; 20 million shares at 10,200 won.
    assert (output["prdy_vrss_vol_rate"], output["hts_avls"]) == ("0.28", "2040")
    assert (output["w52_hgpr"], output["w52_lwpr"]) == ("10300", "9950")
    # Yesterday reached from 9,970 to 10,020 and closed at 10,000.
    assert (output["pvt_pont_val"], output["pvt_frst_dmrs_prc"]) == ("9996", "10023")
    assert output["new_hgpr_lwpr_cls_code"] == "1"


def test_before_the_first_trade_the_base_price_stands_alone() -> None:
    output = price_of(KrxDesk(start=kst(8, 40)))
    assert (output["stck_prpr"], output["prdy_vrss_sign"], output["acml_vol"]) == (
        "10000", "3", "0",
    )  # fmt: skip
    assert (output["stck_oprc"], output["stck_hgpr"], output["stck_lwpr"]) == ("0", "0", "0")


def test_a_price_limit_has_its_own_sign_and_leaves_a_side_empty() -> None:
    desk = KrxDesk({SHARE: [auction(kst(9), 13_000)], OTHER: [auction(kst(9), 7_000)]})
    up, down = price_of(desk), price_of(desk, OTHER)
    assert (up["prdy_vrss_sign"], up["prdy_ctrt"]) == ("1", "30.00")
    assert (down["prdy_vrss_sign"], down["prdy_vrss"]) == ("4", "-3000")
    output1 = body(desk.quote(*ASKING))["output1"]
    assert (output1["askp1"], output1["askp_rsqn1"]) == ("0", "0")
    assert output1["bidp1"] == "13000"


@pytest.mark.parametrize(
    ("traits", "field", "value", "state"),
    [
        ({"halted": True}, "temp_stop_yn", "Y", "58"),
        ({"managed": True}, "mang_issu_cls_code", "Y", "51"),
        ({"liquidation": True}, "sltr_yn", "Y", "51"),
        ({"warning": "02"}, "mrkt_warn_cls_code", "02", "53"),
        ({"warning": "01"}, "mrkt_warn_cls_code", "01", "54"),
        ({"overheated": 2}, "short_over_yn", "Y", "59"),
        ({"caution": True}, "invt_caful_yn", "Y", "55"),
        ({}, "marg_rate", "40.00", "55"),
    ],
)
def test_what_is_wrong_with_a_symbol_is_flagged(
    traits: dict[str, Any], field: str, value: str, state: str
) -> None:
    output = price_of(KrxDesk(listings=(listing(SHARE, "이름", **traits),)))
    assert (output[field], output["iscd_stat_cls_code"]) == (value, state)


def test_a_halt_and_an_interruption_of_the_day_show_at_once() -> None:
    desk = KrxDesk(morning())
    desk.world.krx.market.start_vi(SHARE, kst(10))
    assert price_of(desk)["vi_cls_code"] == "Y"
    assert price_of(desk, OTHER)["vi_cls_code"] == "N"
    desk.world.krx.market.halt(OTHER, kst(10))
    assert price_of(desk, OTHER)["iscd_stat_cls_code"] == "58"


def test_an_unknown_symbol_is_no_error_but_has_the_price_0() -> None:
    desk = KrxDesk(morning())
    unknown = price_of(desk, "000000")
    assert (unknown["stck_prpr"], unknown["stck_shrn_iscd"]) == ("0", "")
    assert list(unknown) == list(price_of(desk))
    content = body(desk.quote(*ASKING, "000000"))
    assert (content["rt_cd"], content["output1"]) == ("0", {})
    assert body(desk.quote(*EXECUTIONS, "000000"))["output"] == []


def test_another_venue_knows_nothing_and_an_invented_one_is_refused() -> None:
    desk = KrxDesk(morning())
    for venue, expected in (("NX", "0"), ("UN", "10200")):
        params = {"FID_COND_MRKT_DIV_CODE": venue, "FID_INPUT_ISCD": SHARE}
        assert (
            body(desk.get(QUOTES + PRICE[0], PRICE[1], params))["output"]["stck_prpr"] == expected
        )
    params = {"FID_COND_MRKT_DIV_CODE": "X", "FID_INPUT_ISCD": SHARE}
    assert code(desk.get(QUOTES + PRICE[0], PRICE[1], params)) == (200, "OPSQ2001")


def test_parameters_may_come_in_lower_case_but_not_be_missing() -> None:
    desk = KrxDesk(morning())
    lower = {"fid_cond_mrkt_div_code": "J", "fid_input_iscd": SHARE}
    assert body(desk.get(QUOTES + PRICE[0], PRICE[1], lower))["output"]["stck_prpr"] == "10200"
    del lower["fid_input_iscd"]
    refused = desk.get(QUOTES + PRICE[0], PRICE[1], lower)
    assert code(refused) == (200, "OPSQ2001")
    assert "FID_INPUT_ISCD" in body(refused)["msg1"]


def test_the_book_has_ten_levels_on_their_steps_and_totals() -> None:
    output1 = body(KrxDesk(morning()).quote(*ASKING))["output1"]
    asks = [int(output1[f"askp{n}"]) for n in range(1, 11)]
    bids = [int(output1[f"bidp{n}"]) for n in range(1, 11)]
    assert asks == [10_200 + 10 * n for n in range(10)]
    assert bids == [10_190 - 10 * n for n in range(10)]
    sizes = [int(output1[f"askp_rsqn{n}"]) for n in range(1, 11)]
    assert sizes[0] == 1000
    assert int(output1["total_askp_rsqn"]) == sum(sizes)
    assert output1["aspr_acpt_hour"] == "090200"


def test_a_running_auction_tells_what_it_would_trade() -> None:
    expected = KrxPrint(kst(8, 55), Decimal(10_300), 700, kind=PrintKind.EXPECTED)
    desk = KrxDesk([expected, auction(kst(9), 10_100)], start=kst(8, 56))
    output2 = body(desk.quote(*ASKING))["output2"]
    assert (output2["antc_cnpr"], output2["antc_vol"], output2["antc_cntg_vrss"]) == (
        "10300", "700", "300",
    )  # fmt: skip
    assert output2["stck_prpr"] == "10000"
    (row,) = many(desk, [SHARE])
    assert (row["intr_antc_vol"], row["intr_antc_cntg_prdy_ctrt"]) == ("700", "3.00")
    desk.until(kst(9, 0, 1))
    after = body(desk.quote(*ASKING))["output2"]
    assert (after["antc_cnpr"], after["stck_prpr"]) == ("0", "10100")


def test_executions_are_the_newest_thirty_with_their_strength() -> None:
    prints = [trade(kst(9, 30, n), 10_000 + 10 * (n % 2), 10) for n in range(35)]
    desk = KrxDesk([*prints, trade(kst(9, 31), 10_000, 70, Side.SELL)])
    rows = body(desk.quote(*EXECUTIONS))["output"]
    assert len(rows) == 30
    newest = rows[0]
    assert (newest["stck_cntg_hour"], newest["cntg_vol"]) == ("093100", "70")
    # 350 bought for 70 sold.
    assert newest["tday_rltv"] == "500.00"
    assert rows[1]["stck_cntg_hour"] == "093034"


def test_the_executions_go_on_in_the_after_market_and_the_price_does_not() -> None:
    desk = KrxDesk([auction(kst(15, 30), 10_000), trade(kst(16, 1), 10_500)], start=kst(15, 29))
    desk.until(kst(16, 2))
    assert body(desk.quote(*EXECUTIONS))["output"][0]["stck_prpr"] == "10500"
    assert price_of(desk)["stck_prpr"] == "10000"


def test_many_prices_keep_the_order_and_the_unknown_are_blank() -> None:
    desk = KrxDesk({SHARE: morning(), OTHER: [auction(kst(9), 9_900)]})
    rows = many(desk, [OTHER, "000000", SHARE, NOTE])
    assert [row["inter_shrn_iscd"] for row in rows] == [OTHER, "", SHARE, NOTE]
    assert [row["inter2_prpr"] for row in rows] == ["9900", "0", "10200", "10000"]
    # The difference has no sign here: the sign code has it.
    assert (rows[0]["inter2_prdy_vrss"], rows[0]["prdy_vrss_sign"]) == ("100", "5")
    assert (rows[2]["kospi_kosdaq_cls_name"], rows[2]["inter_kor_isnm"]) == ("KOSPI", "한빛소재")
    assert all(list(row) == list(rows[0]) for row in rows)


def test_the_31st_symbol_is_ignored_and_a_gap_ends_the_list() -> None:
    desk = KrxDesk(morning())
    assert len(many(desk, [SHARE] * 40)) == 30
    gap = {"FID_INPUT_ISCD_2": ""}
    assert len(many(desk, [SHARE, SHARE, FUND], **gap)) == 1


@pytest.mark.parametrize(("path", "tr_id"), [PRICE, ASKING, EXECUTIONS])
def test_these_quotes_are_on_paper_under_the_same_tr_id(path: str, tr_id: str) -> None:
    assert code(KrxDesk(morning()).quote(path, tr_id, server=Server.PAPER))[0] == 200


@pytest.mark.market_data
def test_the_price_has_the_members_of_kiss_own_example_in_its_order(market_data: Path) -> None:
    text = (market_data / "kis-replies" / "rest.jsonl").read_text("utf-8")
    known = [json.loads(line) for line in text.splitlines()]
    (theirs,) = [line["body"]["output"] for line in known if line["tr_id"] == PRICE[1]]
    ours = price_of(KrxDesk(morning()))
    assert list(ours)[: len(theirs)] == list(theirs)
    for name, value in theirs.items():
        if value.replace(".", "").lstrip("-").isdigit() and ours[name]:
            assert ours[name].count(".") == value.count("."), name
            assert len(ours[name].partition(".")[2]) == len(value.partition(".")[2]), name


def test_the_days_turn_makes_todays_close_the_next_base() -> None:
    desk = KrxDesk(morning())
    desk.until_day(kst(8, 40, day=date(2026, 11, 23)))
    output = price_of(desk)
    assert (output["stck_sdpr"], output["acml_vol"]) == ("10200", "0")
