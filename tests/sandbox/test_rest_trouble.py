import json

import pytest

from sandbox.model import Server
from tests.sandbox.kis_desk import KisDesk, body, code, et, prints


@pytest.fixture
def desk() -> KisDesk:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90")
    desk.price()
    return desk


def orders(desk: KisDesk) -> int:
    return len(desk.world.books.accounts[Server.REAL].orders)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("refuse", "APBK0918", (200, "APBK0918")),
        ("http500_json", "EGW00302", (500, "EGW00302")),
        ("rate_limited", "", (500, "EGW00201")),
        ("blank_codes", "", (200, "")),
    ],
)
def test_a_scripted_refusal_strikes_once_and_places_nothing(
    desk: KisDesk, kind: str, value: str, expected: tuple[int, str]
) -> None:
    desk.fault(kind, "TTTT1006U", value=value)
    assert desk.price().status == 200
    assert code(desk.order("sell", "10", "103.00")) == expected
    assert orders(desk) == 0
    assert code(desk.order("sell", "10", "103.00")) == (200, "APBK0013")


def test_html_comes_where_json_was_due(desk: KisDesk) -> None:
    desk.fault("http500_html", "order")
    reply = desk.order("sell", "10", "103.00")
    assert reply.status == 500
    assert reply.body.startswith("<html>")
    assert orders(desk) == 0


def test_a_reset_before_handling_places_nothing(desk: KisDesk) -> None:
    desk.fault("reset_before", "TTTT1006U")
    assert desk.order("sell", "10", "103.00").abort
    assert orders(desk) == 0


def test_a_reset_after_acceptance_leaves_the_order_alive(desk: KisDesk) -> None:
    desk.fault("reset_after", "TTTT1006U")
    assert desk.order("sell", "10", "103.00").abort
    assert orders(desk) == 1
    desk.wait(1)
    assert [row["nccs_qty"] for row in body(desk.nccs())["output"]] == ["10"]
    assert [e.status for e in desk.world.request_log.entries if e.tr_id == "TTTT1006U"] == [0]


def test_a_truncated_answer_is_no_json_and_the_order_stands(desk: KisDesk) -> None:
    desk.fault("truncated", "TTTT1006U")
    reply = desk.order("sell", "10", "103.00")
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)
    assert orders(desk) == 1


def test_a_slow_answer_says_how_long(desk: KisDesk) -> None:
    desk.fault("slow", "HHDFS00000300", value="2.5")
    assert desk.price().delay_s == 2.5


def test_a_killed_token_stays_dead_until_a_new_one_is_asked_for(desk: KisDesk) -> None:
    desk.fault("token_killed")
    assert code(desk.price()) == (500, "EGW00121")
    assert code(desk.price()) == (500, "EGW00121")
    desk.tokens.clear()
    assert desk.price().status == 200


def test_account_inquiries_can_fail_while_quotes_and_orders_work(desk: KisDesk) -> None:
    desk.fault("account_failing", times=0)
    assert desk.balance().status == 500
    assert desk.ccnl().status == 500
    assert desk.price().status == 200
    assert desk.order("sell", "10", "103.00").status == 200


def test_maintenance_lasts_its_market_time(desk: KisDesk) -> None:
    desk.fault("maintenance", value="120")
    assert desk.price().status == 503
    desk.wait(119)
    assert desk.balance().status == 503
    desk.wait(2)
    assert desk.price().status == 200


def test_notices_wait_for_market_time_unless_told_to_overtake_the_answer(desk: KisDesk) -> None:
    desk.order("sell", "2", "99.00")
    assert desk.kinds() == []
    desk.wait(1)
    assert desk.kinds() == ["received", "confirmed", "fill"]
    desk.fault("notice_before_reply", "TTTT1006U")
    desk.order("sell", "2", "99.00")
    assert desk.kinds() == ["received", "confirmed", "fill"] * 2


def test_a_fault_for_every_call_stays_until_cleared(desk: KisDesk) -> None:
    desk.fault("http500_html", times=0)
    assert [desk.price().status for _ in range(3)] == [500] * 3
    desk.world.faults.clear()
    assert desk.price().status == 200
    assert len(desk.world.faults.taken) == 3


def test_a_token_call_is_refused_in_its_own_shape(desk: KisDesk) -> None:
    desk.fault("refuse", "/oauth2/tokenP", value="EGW00133")
    desk.wait(61)
    reply = desk.ask_token()
    assert (reply.status, body(reply)["error_code"]) == (403, "EGW00133")
    assert desk.ask_token().status == 200


def test_a_killed_token_waits_for_a_call_that_carries_one(desk: KisDesk) -> None:
    desk.fault("token_killed")
    desk.wait(61)
    desk.ask_token()
    assert code(desk.price()) == (500, "EGW00121")


def test_below_the_limit_a_call_is_refused_by_chance_and_then_as_over_it(desk: KisDesk) -> None:
    desk.fault("crowded", "HHDFS00000300", times=0, value="30")
    refused = 0
    for _ in range(60):
        desk.wait(1)
        reply = desk.price()
        assert code(reply) in {(200, "MCA00000"), (500, "EGW00201")}
        refused += reply.status == 500
        assert desk.balance().status == 200
    assert 9 <= refused <= 30
    assert len(desk.world.faults.taken) == refused
