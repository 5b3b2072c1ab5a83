import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.krx.tape import KrxPrint
from sandbox.model import Server, Side
from tests.sandbox.kis_desk import body, code
from tests.sandbox.krx_desk import DAY, QUOTES, SHARE, KrxDesk, auction, kst, trade

DAILY = (QUOTES + "inquire-daily-itemchartprice", "FHKST03010100")
TODAY = (QUOTES + "inquire-time-itemchartprice", "FHKST03010200")
PAST = (QUOTES + "inquire-time-dailychartprice", "FHKST03010230")
INDEX = (QUOTES + "inquire-daily-indexchartprice", "FHKUP03500100")
INDEX_NOW = (QUOTES + "inquire-index-price", "FHPUP02100000")
ASKED = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": SHARE}
SPAN = {"FID_INPUT_DATE_1": "00000101", "FID_INPUT_DATE_2": "20261231"}


def daily(desk: KrxDesk, **changes: str) -> dict[str, Any]:
    params = ASKED | SPAN | {"FID_PERIOD_DIV_CODE": "D", "FID_ORG_ADJ_PRC": "1"}
    return body(desk.get(*DAILY, params | changes))


def minutes(desk: KrxDesk, hour: str, **changes: str) -> list[dict[str, str]]:
    params = ASKED | {
        "FID_INPUT_HOUR_1": hour,
        "FID_PW_DATA_INCU_YN": "N",
        "FID_ETC_CLS_CODE": "",
    }
    return list(body(desk.get(*TODAY, params | changes))["output2"])


def past(desk: KrxDesk, day: str, hour: str = "153000", **changes: str) -> list[dict[str, str]]:
    params = ASKED | {
        "FID_INPUT_DATE_1": day,
        "FID_INPUT_HOUR_1": hour,
        "FID_PW_DATA_INCU_YN": "N",
        "FID_FAKE_TICK_INCU_YN": "",
    }
    return list(body(desk.get(*PAST, params | changes))["output2"])


def every_minute(count: int, start: int = 1) -> list[KrxPrint]:
    first = kst(9, start)
    return [trade(first + timedelta(minutes=n), 10_000 + 10 * n, 100) for n in range(count)]


def hours(rows: list[dict[str, str]]) -> list[str]:
    return [row["stck_cntg_hour"] for row in rows]


def test_the_daily_chart_is_newest_first_with_a_live_row_for_today() -> None:
    desk = KrxDesk([auction(kst(9), 10_100), trade(kst(9, 30), 10_300)])
    content = daily(desk)
    rows = content["output2"]
    assert [row["stck_bsop_date"] for row in rows] == [
        "20261120", "20261119", "20261118", "20261117",
    ]  # fmt: skip
    assert (rows[0]["stck_clpr"], rows[0]["prdy_vrss"], rows[0]["prdy_vrss_sign"]) == (
        "10300", "300", "2",
    )  # fmt: skip
    assert (rows[1]["stck_clpr"], rows[1]["prdy_vrss"]) == ("10000", "10")
    head = content["output1"]
    assert (head["hts_kor_isnm"], head["stck_prpr"], head["stck_prdy_hgpr"]) == (
        "한빛소재", "10300", "10020",
    )  # fmt: skip


def test_a_hundred_days_come_at_once_and_earlier_ones_by_an_earlier_end() -> None:
    desk = KrxDesk(days=120)
    first = daily(desk)["output2"]
    assert len(first) == 100
    oldest = date.fromisoformat(first[-1]["stck_bsop_date"])
    until = (oldest - timedelta(days=1)).strftime("%Y%m%d")
    rest = daily(desk, FID_INPUT_DATE_2=until)["output2"]
    assert len(rest) == 20
    assert rest[0]["stck_bsop_date"] < first[-1]["stck_bsop_date"]


def test_weeks_and_months_add_up_to_their_days() -> None:
    desk = KrxDesk(days=30)
    days = daily(desk)["output2"]
    for period in "WMY":
        joined = daily(desk, FID_PERIOD_DIV_CODE=period)["output2"]
        assert 1 <= len(joined) < len(days)
        assert sum(int(row["acml_vol"]) for row in joined) == 30 * 500_000
        assert joined[0]["stck_clpr"] == days[0]["stck_clpr"]
        for name, best in (("stck_hgpr", max), ("stck_lwpr", min)):
            assert best(row[name].zfill(6) for row in joined) == best(
                row[name].zfill(6) for row in days
            )


@pytest.mark.parametrize(
    "changes",
    [
        {"FID_PERIOD_DIV_CODE": "X"},
        {"FID_ORG_ADJ_PRC": "2"},
        {"FID_INPUT_DATE_1": "2026-11-20"},
        {"FID_INPUT_DATE_2": ""},
        {"FID_COND_MRKT_DIV_CODE": ""},
    ],
)
def test_an_undocumented_value_is_refused(changes: dict[str, str]) -> None:
    content = daily(KrxDesk(), **changes)
    assert (content["rt_cd"], content["msg_cd"]) == ("2", "OPSQ2001")


def test_an_unknown_symbol_has_no_bars_and_the_price_0() -> None:
    content = daily(KrxDesk(), FID_INPUT_ISCD="000000")
    assert (content["output1"]["stck_prpr"], content["output2"]) == ("0", [])
    assert minutes(KrxDesk(), "100000", FID_INPUT_ISCD="000000") == []


def test_an_empty_object_may_trail_the_bars() -> None:
    desk = KrxDesk()
    desk.fault("blank_rows", DAILY[1])
    assert daily(desk)["output2"][-1] == {}


def test_todays_minutes_come_by_thirty_and_page_by_the_oldest_less_a_minute() -> None:
    desk = KrxDesk(every_minute(45))
    first = minutes(desk, "094500")
    assert (len(first), first[0]["stck_cntg_hour"], first[-1]["stck_cntg_hour"]) == (
        30, "094500", "091600",
    )  # fmt: skip
    second = minutes(desk, "091500")
    assert hours(second) == [f"09{minute:02d}00" for minute in range(15, 0, -1)]
    assert minutes(desk, "090000") == []


def test_a_minute_has_its_range_its_volume_and_the_days_value_so_far() -> None:
    prints = [
        auction(kst(9), 10_000, 10),
        trade(kst(9, 1, 5), 10_100, 1),
        trade(kst(9, 1, 20), 10_000, 2),
        trade(kst(9, 1, 50), 10_050, 3),
    ]
    row = minutes(KrxDesk(prints), "090100")[0]
    assert row == {
        "stck_bsop_date": "20261120", "stck_cntg_hour": "090100", "stck_prpr": "10050",
        "stck_oprc": "10100", "stck_hgpr": "10100", "stck_lwpr": "10000", "cntg_vol": "6",
        "acml_tr_pbmn": str(100_000 + 10_100 + 20_000 + 30_150),
    }  # fmt: skip


def test_midnight_and_blank_ask_for_now() -> None:
    desk = KrxDesk(every_minute(45))
    assert minutes(desk, "000000") == minutes(desk, "") == minutes(desk, "100000")


def test_an_hour_that_has_not_come_is_filled_from_the_present_price() -> None:
    desk = KrxDesk([*every_minute(1), trade(kst(10, 5), 12_000)])
    rows = minutes(desk, "100500")
    assert hours(rows) == ["100500", "100400", "100300", "100200", "100100", "090100"]
    assert {(row["stck_prpr"], row["cntg_vol"]) for row in rows[:5]} == {("10000", "0")}
    assert set(hours(minutes(desk, "153000"))) == {f"15{n:02d}00" for n in range(1, 31)}


def test_the_closing_auction_stands_in_todays_chart_without_volume() -> None:
    prints = [trade(kst(15, 19), 10_100), auction(kst(15, 30), 10_200, 500)]
    desk = KrxDesk(prints, start=kst(15, 29, 59))
    desk.until(kst(15, 31))
    rows = minutes(desk, "153000")
    assert hours(rows) == ["153000", *(f"15{n}00" for n in range(28, 18, -1))]
    assert [row["cntg_vol"] for row in rows] == ["500", *["0"] * 9, "100"]
    assert rows[1]["stck_prpr"] == "10100"


def test_with_past_data_the_chart_goes_on_into_the_day_before() -> None:
    desk = KrxDesk(every_minute(3))
    rows = minutes(desk, "100000", FID_PW_DATA_INCU_YN="Y")
    assert len(rows) == 30
    assert {row["stck_bsop_date"] for row in rows[3:]} == {"20261119"}


def test_a_past_day_comes_by_120_and_agrees_with_its_day_bar() -> None:
    desk = KrxDesk(days=3)
    found: list[dict[str, str]] = []
    end = time(15, 30)
    while rows := past(desk, "20261118", f"{end:%H%M%S}"):
        assert len(rows) <= 120
        found += rows
        oldest = time.fromisoformat(rows[-1]["stck_cntg_hour"])
        end = (datetime.combine(DAY, oldest) - timedelta(minutes=1)).time()
    assert {row["stck_bsop_date"] for row in found} == {"20261118"}
    assert sum(int(row["cntg_vol"]) for row in found) == 500_000
    assert found == sorted(found, key=lambda row: row["stck_cntg_hour"], reverse=True)


def test_a_past_chart_does_not_tell_of_a_future_day() -> None:
    assert past(KrxDesk(every_minute(3)), "20261123") == []


@pytest.mark.parametrize("hour", ["1000", "250000", "abcdef"])
def test_an_hour_that_is_none_is_refused(hour: str) -> None:
    params = ASKED | {"FID_INPUT_HOUR_1": hour, "FID_PW_DATA_INCU_YN": "N", "FID_ETC_CLS_CODE": ""}
    assert code(KrxDesk().get(*TODAY, params)) == (200, "OPSQ2001")


def test_the_index_moves_with_its_shares_and_counts_them() -> None:
    desk = KrxDesk([auction(kst(9), 10_000), trade(kst(9, 30), 10_500, 4000, Side.BUY)])
    asked = {"FID_COND_MRKT_DIV_CODE": "U", "FID_INPUT_ISCD": "0001"}
    output = body(desk.get(*INDEX_NOW, asked))["output"]
    state = desk.world.krx.market.index("KOSPI")
    assert state.change_pct > 0
    assert (output["bstp_nmix_prdy_ctrt"], output["prdy_vrss_sign"]) == (str(state.change_pct), "2")
    assert (output["ascn_issu_cnt"], output["down_issu_cnt"]) == ("1", "0")
    # Thousand shares and million won.
    assert (output["acml_vol"], output["acml_tr_pbmn"]) == ("5", "52")
    chart = body(desk.get(*INDEX, asked | SPAN | {"FID_PERIOD_DIV_CODE": "D"}))
    assert chart["output2"][0]["bstp_nmix_prpr"] == output["bstp_nmix_prpr"]
    assert len(chart["output2"]) == 50
    kosdaq = body(desk.get(*INDEX_NOW, asked | {"FID_INPUT_ISCD": "1001"}))["output"]
    assert kosdaq["bstp_nmix_prdy_ctrt"] == "0.00"
    for wrong in ({"FID_INPUT_ISCD": "9999"}, {"FID_COND_MRKT_DIV_CODE": "J"}):
        assert code(desk.get(*INDEX_NOW, asked | wrong)) == (200, "OPSQ2001")


def test_paper_has_these_charts_but_neither_past_minutes_nor_the_index_now() -> None:
    desk = KrxDesk(every_minute(3))
    params = ASKED | SPAN | {"FID_PERIOD_DIV_CODE": "D", "FID_ORG_ADJ_PRC": "0"}
    assert code(desk.get(*DAILY, params, Server.PAPER))[0] == 200
    index = {"FID_COND_MRKT_DIV_CODE": "U", "FID_INPUT_ISCD": "0001"}
    charted = index | SPAN | {"FID_PERIOD_DIV_CODE": "D"}
    assert code(desk.get(*INDEX, charted, Server.PAPER))[0] == 200
    for call in (PAST, INDEX_NOW):
        assert code(desk.get(*call, index, Server.PAPER)) == (500, "EGW02006")


@pytest.mark.market_data
@pytest.mark.parametrize("call", [DAILY, TODAY])
def test_bars_have_the_members_of_the_captured_ones(
    market_data: Path, call: tuple[str, str]
) -> None:
    text = (market_data / "kis-replies" / "rest.jsonl").read_text("utf-8")
    known = [json.loads(line) for line in text.splitlines()]
    (theirs,) = [line["body"]["output2"][0] for line in known if line["tr_id"] == call[1]]
    desk = KrxDesk(every_minute(3))
    ours = daily(desk)["output2"][0] if call is DAILY else minutes(desk, "100000")[0]
    assert list(ours)[: len(theirs)] == list(theirs)
    for name, value in theirs.items():
        assert len(ours[name].partition(".")[2]) == len(value.partition(".")[2]), name
        assert len(ours[name]) == len(value) or name not in {"stck_bsop_date", "stck_cntg_hour"}
