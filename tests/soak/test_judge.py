"""The judge of a soak, on made-up figures."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tests.e2e.children import Json
from tests.soak import judge
from tests.soak.plan import Deed, Part, Trouble, draw
from tests.soak.samples import COLUMNS, Sample, row
from tests.soak.told import Told, alerts, first_text, kind_of

BEGUN = datetime(2026, 11, 16, 23, 20, tzinfo=UTC)
CALM = Sample(
    *(BEGUN.isoformat(), 0.0, 90.0, 90.0, 30, 5, 0, 1.0, 1.0, 60.0, 20.0, 5.0, 5.0, 5.0),
    *("ok", "running", "running", 10, 10, 10, 0, 0, 0, 1.0, 1.0, 4.0, 10, 5),
)
FILLED = "🛒 가람 800010 매수 전량 체결 · 돌파 진입\n{qty}주 × 1,000원 · 비용(추정) 1원"


def day(rss_late: float = 90.0) -> list[Sample]:
    return [
        replace(CALM, hours=hour, rss_mib=rss_late if hour > 23 else 90.0)
        for hour in (minute / 60 for minute in range(24 * 60 + 1))
    ]


def message(number: int, text: str) -> Json:
    return {
        "message_id": number,
        "content": {"text": f"[실전] {text}"},
        "edits": [],
        "markup": None,
    }


def fill_alerts(*quantities: int) -> list[Told]:
    return [Told(n, "fill", FILLED.format(qty=qty)) for n, qty in enumerate(quantities)]


BOOKS: Json = {
    "orders": [],
    "fills": [],
    "krx": {
        "orders": [
            {
                "order_no": "0000000101",
                "branch": "06010",
                "day": "2026-11-17",
                "media": "OpenAPI",
                "action": "new",
                "symbol": "800010",
                "side": "buy",
            }
        ],
        "fills": [
            {
                "order_no": "0000000101",
                "branch": "06010",
                "day": "2026-11-17",
                "symbol": "800010",
                "side": "buy",
                "qty": qty,
                "price": "1000",
            }
            for qty in (3, 4)
        ],
    },
}


def fills(told: list[Told], books: Json = BOOKS) -> judge.Row:
    return next(one for one in judge.judge_alerts(books, {}, told) if one.kind == "executions")


def orders(told: list[Told]) -> judge.Row:
    return next(one for one in judge.judge_alerts(BOOKS, {}, told) if one.kind == "orders")


def test_growth_compares_the_medians_of_hours_2_and_3_and_of_the_last() -> None:
    early, late = judge.early_and_late(day(rss_late=99.0))
    assert (early[0].hours, early[-1].hours) == (1.0, 179 / 60)
    assert late[0].hours > 23.0
    assert judge.growth_pct([s.rss_mib for s in early], [s.rss_mib for s in late]) == 10.0


def test_a_short_run_is_compared_by_quarters() -> None:
    early, late = judge.early_and_late(day()[:121])
    assert (early[0].hours, early[-1].hours) == (0.5, 59 / 60)
    assert (late[0].hours, late[-1].hours) == (1.5, 2.0)


def test_a_machine_that_cannot_follow_the_clock_is_noticed() -> None:
    slow = [replace(one, loop_lag_ms=1500.0) for one in day()[:100]]
    assert judge.lateness([*day()[:900], *slow], 30) != ""
    assert judge.lateness([*day()[:900], *slow[:10]], 30) == ""
    assert judge.lateness(slow, 10) == ""


def test_tracebacks_and_lost_tasks_are_unhandled_and_warnings_are_not() -> None:
    log = (
        "2026-11-27 09:00:00,000 WARNING engine.flow: again in 3 s\n"
        "2026-11-27 09:00:01,000 ERROR asyncio: Task exception was never retrieved\n"
        "Traceback (most recent call last):\n"
        "2026-11-27 09:00:02,000 INFO bot: fine\n"
    )
    assert len(judge.unhandled(log)) == 2
    assert judge.loud(log)["WARNING engine.flow: again in # s"] == 1


def test_executions_may_be_told_together_but_all_and_once() -> None:
    assert fills(fill_alerts(3, 4)).wrong == ()
    assert fills(fill_alerts(7)).wrong == ()
    for told in (fill_alerts(3), fill_alerts(3, 4, 4), fill_alerts(3, 5), []):
        found = fills(told)
        assert found.wrong != ()
    assert (fills(fill_alerts(7)).expected, fills(fill_alerts(7)).told) == (1, 1)
    assert fills(fill_alerts(3, 4, 4)).expected != 3


def test_what_the_trader_bought_in_the_app_is_no_execution_of_ours() -> None:
    by_hand = deepcopy(BOOKS)
    by_hand["krx"]["orders"][0]["media"] = "HTS"
    assert fills([], by_hand).wrong == ()


def test_each_order_is_told_by_its_number_once() -> None:
    accepted = Told(1, "OrderAccepted", "📨 가람 800010 매수 주문 접수\n7주 @ 1,000원\n번호 101")
    found_later = Told(
        2, "OrderResolved", "✅ 가람 800010 매수 주문 확인됨\nKIS에 접수되어 있습니다: 101"
    )
    assert orders([accepted]).wrong == ()
    assert orders([found_later]).wrong == ()
    assert orders([]).wrong != ()
    assert orders([accepted, found_later]).wrong != ()


def test_a_kind_only_the_journal_knows_is_counted_against_it() -> None:
    told = [Told(1, "EntryRefused", "✋ 가람 800010 70점, 사지 않음")]
    books: Json = {"orders": [], "fills": [], "krx": {"orders": [], "fills": []}}
    rows = judge.judge_alerts(books, {"EntryRefused": 2, "PhaseChanged": 9}, told)
    refused = next(one for one in rows if one.kind == "EntryRefused")
    assert (refused.expected, refused.told) == (2, 1)
    assert all(one.kind != "PhaseChanged" for one in rows)


def test_each_stop_of_a_guard_has_one_alert_and_one_end() -> None:
    stop = Told(1, "StateChanged", "🟡 국내 데스크: 청산만\n이유: 오류\n잠금: 가드")
    end = Told(2, "StateChanged", "🟢 국내 데스크: 가동")
    seen = {"krx": [(BEGUN, False), (BEGUN, True), (BEGUN, True), (BEGUN, False)], "us": []}

    def odd(told: list[Told]) -> list[str]:
        return [one.kind for one in judge.judge_stops(told, seen) if one.expected != one.told]

    assert odd([stop, end]) == []
    assert odd([stop]) == ["guard ends, krx"]
    assert odd([stop, end, stop, end]) == ["guard stops, krx", "guard ends, krx"]


def test_a_trouble_that_must_stop_a_desk_and_does_not_is_named() -> None:
    deed = Deed(BEGUN, Part.KRX, Trouble("errors", (), 5, stops=True))
    during = {"krx": [(BEGUN + timedelta(minutes=3), True)], "us": []}
    after = {"krx": [(BEGUN + timedelta(minutes=30), True)], "us": []}
    assert judge.judge_script([deed], during).wrong == ()
    assert judge.judge_script([deed], after).wrong != ()


def test_alerts_are_known_by_their_first_line_before_anybody_edited_it() -> None:
    edited = message(3, "답했습니다")
    edited["edits"] = [{"content": {"text": "[실전] ❓ 애플 (AAPL) 12주\n묻습니다"}}]
    said = [
        message(1, "🛒 애플 (AAPL) 12주 매수 확인\n평균 $1"),
        message(2, "상태: 가동"),
        edited,
        message(4, "🔁 아직 확인하지 않은 알림 (1번 알림)\n🚨 가람 800010 매수 주문 거부"),
    ]
    assert [one.kind for one in alerts(said)] == ["BuySeen", "asked"]
    assert first_text(edited).startswith("❓")


def test_a_repeated_alert_that_says_so_counts_only_where_the_first_is_missing() -> None:
    first = message(1, "↩️ 가람 800010 매수 주문 끝남\n남은 수량 3주")
    again = message(
        2, "(다시 보냄: 이미 받았을 수 있음)\n↩️ 가람 800010 매수 주문 끝남\n남은 수량 3주"
    )
    assert len(list(alerts([first, again]))) == 1
    assert len(list(alerts([again]))) == 1


def test_the_same_seed_draws_the_same_day_and_every_trouble_is_withdrawn_in_it() -> None:
    end = BEGUN + timedelta(hours=24)
    deeds = draw(7, BEGUN, end)
    assert deeds == draw(7, BEGUN, end)
    assert deeds != draw(8, BEGUN, end)
    troubles = [deed for deed in deeds if isinstance(deed.what, Trouble)]
    assert {deed.part for deed in troubles} == set(Part)
    assert all(one.until < two.at for one, two in pairwise(troubles))
    assert all(deed.until < end for deed in deeds)
    assert any(deed.what.stops for deed in troubles if isinstance(deed.what, Trouble))


def test_a_row_has_a_figure_for_every_column() -> None:
    assert len(row(CALM)) == len(COLUMNS)


def test_a_stock_is_known_by_its_code_whatever_its_name() -> None:
    sold = "매도 전량 체결 · 봇 매도\n5주 × $206.55 · 평균 $200.50"
    shown = {"애플 (AAPL)": "AAPL", "가람 800010": "800010", "AMD": "AMD"}
    for name, symbol in shown.items():
        assert Told(1, "fill", f"🔴 {name} {sold}").symbol == symbol


def test_an_answer_is_no_alert() -> None:
    assert kind_of("상태\n🟢 국내 데스크: 가동") is None
    assert kind_of("🟢 국내 데스크: 가동") == "StateChanged"
