from typing import Any

import pytest

from sandbox.krx.listings import KrxListing
from sandbox.krx.tape import KrxPrint
from sandbox.model import Server, Side
from tests.sandbox.kis_desk import body, code
from tests.sandbox.krx_desk import QUOTES, RANKING, KrxDesk, auction, kst, listing, trade

VOLUME = (QUOTES + "volume-rank", "FHPST01710000")
CHANGE = (RANKING + "fluctuation", "FHPST01700000")
POWER = (RANKING + "volume-power", "FHPST01680000")
NEAR = (RANKING + "near-new-highlow", "FHPST01870000")
ASKED: dict[tuple[str, str], dict[str, str]] = {
    VOLUME: {
        "FID_COND_MRKT_DIV_CODE": "J", "FID_COND_SCR_DIV_CODE": "20171", "FID_INPUT_ISCD": "0000",
        "FID_DIV_CLS_CODE": "0", "FID_BLNG_CLS_CODE": "0", "FID_TRGT_CLS_CODE": "111111111",
        "FID_TRGT_EXLS_CLS_CODE": "0000000000", "FID_INPUT_PRICE_1": "", "FID_INPUT_PRICE_2": "",
        "FID_VOL_CNT": "", "FID_INPUT_DATE_1": "",
    },
    CHANGE: {
        "fid_cond_mrkt_div_code": "J", "fid_cond_scr_div_code": "20170", "fid_input_iscd": "0000",
        "fid_rank_sort_cls_code": "0", "fid_input_cnt_1": "0", "fid_prc_cls_code": "1",
        "fid_input_price_1": "", "fid_input_price_2": "", "fid_vol_cnt": "",
        "fid_trgt_cls_code": "0", "fid_trgt_exls_cls_code": "0", "fid_div_cls_code": "0",
        "fid_rsfl_rate1": "", "fid_rsfl_rate2": "",
    },
    POWER: {
        "fid_trgt_exls_cls_code": "0", "fid_cond_mrkt_div_code": "J",
        "fid_cond_scr_div_code": "20168", "fid_input_iscd": "0000", "fid_div_cls_code": "0",
        "fid_input_price_1": "", "fid_input_price_2": "", "fid_vol_cnt": "",
        "fid_trgt_cls_code": "0",
    },
    NEAR: {
        "fid_aply_rang_vol": "0", "fid_cond_mrkt_div_code": "J", "fid_cond_scr_div_code": "20187",
        "fid_div_cls_code": "0", "fid_input_cnt_1": "0", "fid_input_cnt_2": "100",
        "fid_prc_cls_code": "0", "fid_input_iscd": "0000", "fid_trgt_cls_code": "0",
        "fid_trgt_exls_cls_code": "0", "fid_aply_rang_prc_1": "", "fid_aply_rang_prc_2": "",
    },
}  # fmt: skip


def rows(desk: KrxDesk, call: tuple[str, str], **changes: str) -> list[dict[str, str]]:
    content = body(desk.get(*call, ASKED[call] | changes))
    assert content["rt_cd"] == "0", content
    return list(content["output"])


def named(desk: KrxDesk, call: tuple[str, str], **changes: str) -> list[str]:
    return [row["hts_kor_isnm"] for row in rows(desk, call, **changes)]


def day_of(*prices: int, size: int = 1000) -> list[KrxPrint]:
    """An opening auction and a trade a minute."""
    first, *later = prices
    return [
        auction(kst(9), first, size),
        *(trade(kst(9, n), price, size) for n, price in enumerate(later, 1)),
    ]


@pytest.fixture
def desk() -> KrxDesk:
    names = (
        listing("900010", "상승", large=True),
        listing("900020", "반등", "KOSDAQ"),
        listing("900030", "하락"),
        listing("900040", "거래없음"),
    )
    tape = {
        # Up 3 % on the day; up 1 % from its low.
        "900010": day_of(10_200, 10_300, size=500),
        # Up 1 % on the day, but 6 % from its low.
        "900020": day_of(9_500, 10_100, size=2_000),
        # Down 4 %.
        "900030": day_of(9_900, 9_600),
    }
    return KrxDesk(tape, listings=names)


def crowd(count: int) -> KrxDesk:
    names = tuple(listing(f"91{n:04d}", f"이름{n:02d}") for n in range(count))
    tape = {each.symbol: day_of(10_000 + 10 * n) for n, each in enumerate(names)}
    return KrxDesk(tape, listings=names)


@pytest.mark.parametrize("call", list(ASKED))
def test_thirty_rows_and_never_a_next_page(call: tuple[str, str]) -> None:
    desk = crowd(35)
    for headers in (None, {"tr_cont": "N"}):
        reply = desk.get(*call, ASKED[call], headers=headers)
        assert len(body(reply)["output"]) == 30
        assert reply.headers["tr_cont"] == ""


@pytest.mark.parametrize("call", list(ASKED))
def test_rankings_are_real_only_and_check_their_screen(
    desk: KrxDesk, call: tuple[str, str]
) -> None:
    assert code(desk.get(*call, ASKED[call], Server.PAPER)) == (500, "EGW02006")
    screen = {name for name in ASKED[call] if "scr" in name.lower()}.pop()
    assert code(desk.get(*call, ASKED[call] | {screen: "20000"})) == (200, "OPSQ2001")
    for missing in ASKED[call]:
        params = {name: value for name, value in ASKED[call].items() if name != missing}
        refused = desk.get(*call, params)
        assert code(refused) == (200, "OPSQ2001")
        assert missing.upper() in body(refused)["msg1"]


@pytest.mark.parametrize("call", list(ASKED))
def test_what_did_not_trade_is_not_ranked(desk: KrxDesk, call: tuple[str, str]) -> None:
    assert "거래없음" not in named(desk, call)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("0", ["반등", "하락", "상승"]),
        ("3", ["반등", "하락", "상승"]),
    ],
)
def test_volume_and_value_rank_from_the_most(desk: KrxDesk, kind: str, expected: list[str]) -> None:
    found = rows(desk, VOLUME, FID_BLNG_CLS_CODE=kind)
    assert [row["hts_kor_isnm"] for row in found] == expected
    assert [row["data_rank"] for row in found] == ["1", "2", "3"]
    assert (found[0]["mksc_shrn_iscd"], found[0]["acml_vol"]) == ("900020", "4000")
    assert (found[0]["avrg_vol"], found[0]["vol_inrt"]) == ("500000", "0.80")
    assert "stck_shrn_iscd" not in found[0]


def test_risers_are_ranked_by_the_day_only_when_asked_so(desk: KrxDesk) -> None:
    by_day = rows(desk, CHANGE, fid_prc_cls_code="1")
    assert [row["hts_kor_isnm"] for row in by_day] == ["상승", "반등"]
    assert (by_day[0]["stck_shrn_iscd"], by_day[0]["prdy_ctrt"]) == ("900010", "3.00")
    assert "acml_tr_pbmn" not in by_day[0]
    # The default trap: 0 ranks by the distance from the day's low.
    assert named(desk, CHANGE, fid_prc_cls_code="0") == ["반등", "상승"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fid_rank_sort_cls_code": "0000"}, ["상승", "반등"]),
        ({"fid_rank_sort_cls_code": "1"}, ["하락"]),
        ({"fid_rank_sort_cls_code": "2"}, ["반등", "상승"]),
        ({"fid_rank_sort_cls_code": "3"}, ["하락"]),
        ({"fid_rank_sort_cls_code": "4"}, ["반등", "하락", "상승"]),
        ({"fid_rsfl_rate1": "2"}, ["상승"]),
        ({"fid_rsfl_rate2": "2"}, ["반등"]),
        ({"fid_input_price_2": "10200"}, ["반등"]),
        ({"fid_vol_cnt": "1500"}, ["반등"]),
        ({"fid_input_iscd": "0001"}, ["상승"]),
        ({"fid_input_iscd": "1001"}, ["반등"]),
        ({"fid_input_iscd": "2001"}, ["상승"]),
        ({"fid_cond_mrkt_div_code": "NX"}, []),
    ],
)
def test_a_fluctuation_ranking_takes_what_it_is_asked_for(
    desk: KrxDesk, changes: dict[str, str], expected: list[str]
) -> None:
    assert named(desk, CHANGE, **changes) == expected


@pytest.mark.parametrize(
    ("call", "changes"),
    [
        (CHANGE, {"fid_rank_sort_cls_code": "9"}),
        (CHANGE, {"fid_input_price_1": "much"}),
        (CHANGE, {"fid_input_iscd": "0007"}),
        (VOLUME, {"FID_BLNG_CLS_CODE": "7"}),
        (NEAR, {"fid_prc_cls_code": ""}),
    ],
)
def test_an_undocumented_value_is_refused(
    desk: KrxDesk, call: tuple[str, str], changes: dict[str, str]
) -> None:
    assert code(desk.get(*call, ASKED[call] | changes)) == (200, "OPSQ2001")


ODD: dict[str, dict[str, Any]] = {
    "경고": {"warning": "02"}, "관리": {"managed": True}, "정리": {"liquidation": True},
    "우선주": {"preferred": 1}, "ETF": {"group": "EF"}, "ETN": {"group": "EN"},
    "스팩": {"spac": True},
}  # fmt: skip


@pytest.mark.parametrize(
    ("digits", "gone"),
    [
        ("1000000000", {"경고"}),
        ("0100000000", {"관리"}),
        ("0010000000", {"정리"}),
        ("0000100000", {"우선주"}),
        ("0000001000", {"ETF"}),
        ("0000000100", {"ETN"}),
        ("0000000001", {"스팩"}),
        ("0000000010", set(ODD)),
        ("0000000000", set()),
        ("0", set()),
    ],
)
def test_each_digit_leaves_out_one_kind(digits: str, gone: set[str]) -> None:
    odd = [listing(f"92{n:04d}", name, **traits) for n, (name, traits) in enumerate(ODD.items())]
    names: tuple[KrxListing, ...] = (listing("900010", "보통주"), *odd)
    desk = KrxDesk({each.symbol: day_of(10_000) for each in names}, listings=names)
    found = named(desk, VOLUME, FID_TRGT_EXLS_CLS_CODE=digits)
    assert set(found) == {"보통주", *ODD} - gone
    assert set(named(desk, VOLUME, FID_DIV_CLS_CODE="2")) == {"우선주"}
    assert set(named(desk, VOLUME, FID_TRGT_CLS_CODE="010000000")) == {"보통주"}


def test_strength_ranks_from_the_most_bought() -> None:
    names = (listing("900010", "매수"), listing("900020", "매도"))
    tape = {
        "900010": [trade(kst(9, 1), 10_000, 300), trade(kst(9, 2), 10_000, 100, Side.SELL)],
        "900020": [trade(kst(9, 1), 10_000, 100), trade(kst(9, 2), 10_000, 200, Side.SELL)],
    }
    found = rows(KrxDesk(tape, listings=names), POWER)
    assert [(row["hts_kor_isnm"], row["tday_rltv"]) for row in found] == [
        ("매수", "300.00"), ("매도", "50.00"),
    ]  # fmt: skip
    assert (found[0]["shnu_cnqn_smtn"], found[0]["seln_cnqn_smtn"]) == ("300", "100")
    assert found[0]["stck_shrn_iscd"] == "900010"


def test_the_nearest_to_a_high_and_to_a_low(desk: KrxDesk) -> None:
    # The days before reached from 9,950 to 10,020.
    found = rows(desk, NEAR)
    assert [(row["hts_kor_isnm"], row["hprc_near_rate"]) for row in found] == [
        ("상승", "0.00"), ("반등", "0.00"), ("하락", "4.38"),
    ]  # fmt: skip
    assert (found[0]["new_hgpr"], found[0]["mksc_shrn_iscd"]) == ("10300", "900010")
    assert named(desk, NEAR, fid_input_cnt_1="1") == ["하락"]
    assert named(desk, NEAR, fid_prc_cls_code="1")[0] == "하락"
    assert named(desk, NEAR, fid_div_cls_code="1") == []
