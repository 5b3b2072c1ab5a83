"""Unclear answers, doubled and late records, restarts at awkward moments."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import InvariantBroken
from engine.model.events import FetchKind, NoticeSeen, ReportsSeen
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.intents import FetchCash, FetchReports
from engine.model.mismatches import MismatchSeen
from engine.model.order_facts import (
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderResolved,
    OrderUnresolved,
    SoldElsewhere,
)
from engine.model.orders import OrderState, Side
from tests.desk.world import World, et, usd


def watch_market(world: World, seconds: int, price: str = "103.05") -> None:
    for _ in range(seconds):
        world.price("MU", price)
        world.run_for(1)


def sold(world: World) -> int:
    return sum(fact.fill.qty for fact in world.told(OrderFilled))


def notice_of(world: World, qty: int, key: str, kind: NoticeKind = NoticeKind.FILL) -> OrderNotice:
    number = next(n for n, o in world.orders.items() if o.report.by_api)
    return OrderNotice(
        kind,
        number,
        None,
        Symbol("MU"),
        Side.SELL,
        Qty(qty),
        usd("103.05"),
        Qty(10),
        world.now,
        key,
    )


def test_an_unanswered_order_that_lives_is_found_and_adopted(armed: World) -> None:
    armed.place_answers = ["live_unknown"]
    watch_market(armed, 30)
    assert len(armed.placed()) == 1
    assert len(armed.told(OrderUnresolved)) == 1
    (resolved,) = armed.told(OrderResolved)
    assert resolved.broker_order_no is not None
    assert sold(armed) == 10


def test_an_unanswered_order_that_never_arrived_frees_the_shares_after_the_last_read(
    armed: World,
) -> None:
    armed.place_answers = ["lost"]
    began = armed.now
    watch_market(armed, 40)
    assert armed.told(OrderResolved)[0].broker_order_no is None
    assert armed.told_at(OrderResolved)[0] - began >= timedelta(seconds=10)
    first, second = armed.placed()
    assert first.order.client_order_id != second.order.client_order_id
    assert sold(armed) == 10


def test_reads_come_two_five_and_ten_seconds_after_the_doubt(armed: World) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.run_for(0.2)
    doubt = armed.told_at(OrderUnresolved)[0]
    armed.run_for(11)
    reads = [
        round((at - doubt).total_seconds())
        for at, intent in armed.intents
        if isinstance(intent, FetchReports) and at > doubt
    ]
    assert sorted(set(reads)) == [2, 5, 10]


def test_reads_that_fail_do_not_mean_that_the_order_is_not_there(armed: World) -> None:
    armed.place_answers = ["live_unknown"]
    armed.drops_notices = True
    armed.price("MU", "103.05", "102.90")
    armed.price("MU", "103.05")
    armed.failing = {FetchKind.REPORTS}
    watch_market(armed, 90)
    assert armed.told(OrderResolved) == []
    assert len(armed.placed()) == 1
    armed.failing = set()
    watch_market(armed, 70)
    assert armed.told(OrderResolved)[0].broker_order_no is not None
    assert len(armed.placed()) == 1
    assert sold(armed) == 10


def test_shares_that_are_tied_keep_an_absent_order_in_doubt(armed: World) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.shares[Symbol("MU")].tied = 10
    watch_market(armed, 45)
    assert armed.told(OrderResolved) == []
    armed.shares[Symbol("MU")].tied = 0
    watch_market(armed, 45)
    assert len(armed.told(OrderResolved)) == 1


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.21, 1.0, 3.0, 6.0, 12.0])
@pytest.mark.parametrize("answer", ["", "live_unknown", "lost"])
def test_a_restart_at_any_moment_sells_once(armed: World, answer: str, delay: float) -> None:
    armed.place_answers = [answer]
    armed.price("MU", "103.05")
    armed.run_for(delay)
    armed.restart()
    watch_market(armed, 60)
    assert armed.shares[Symbol("MU")].qty == 0
    assert sold(armed) == 10
    assert armed.told(SoldElsewhere) == []
    assert armed.desk.view(armed.now).positions == ()


def test_doubled_and_late_notices_change_nothing(armed: World) -> None:
    armed.drops_notices = True
    armed.price("MU", "103.05", "103.00")
    armed.run_for(0.3)
    for _ in range(3):
        armed.give(NoticeSeen(notice_of(armed, 4, "a")))
    assert sold(armed) == 4
    armed.run_for(60)
    assert sold(armed) == 10
    armed.give(NoticeSeen(notice_of(armed, 10, "b")))
    armed.run_for(60)
    assert sold(armed) == 10
    assert armed.told(MismatchSeen) == []


def test_two_equal_fills_are_capped_at_the_order_and_corrected_by_the_list(armed: World) -> None:
    armed.drops_notices = True
    armed.price("MU", "103.05", "103.05")
    armed.run_for(0.3)
    armed.give(NoticeSeen(notice_of(armed, 7, "a")))
    armed.give(NoticeSeen(notice_of(armed, 7, "b")))
    armed.run_for(30)
    assert sold(armed) == 10


def test_a_lost_notice_is_made_up_for_by_the_list(armed: World) -> None:
    armed.drops_notices = True
    armed.price("MU", "103.05")
    armed.run_for(20)
    assert sold(armed) == 10


def test_more_executed_than_ordered_is_fatal_only_when_the_list_says_so(armed: World) -> None:
    armed.drops_notices = True
    armed.price("MU", "103.05", "103.00")
    armed.price("MU", "102")
    armed.run_for(0.5)
    (order,) = [o for o in armed.orders.values() if o.report.by_api]
    wrong = replace(order.report, filled_qty=Qty(11))
    with pytest.raises(InvariantBroken):
        armed.desk.handle(ReportsSeen((wrong,), armed.now, armed.quota()), armed.now)


def test_a_refused_cancel_leaves_the_order_to_the_list(armed: World) -> None:
    armed.cancel_answers = ["refuse"]
    armed.fill_part = 4
    armed.price("MU", "103.50")
    armed.run_for(1)
    for _ in range(40):
        armed.price("MU", "103.20", "103.10")
        armed.run_for(1)
    assert len(armed.cancels()) == 2
    assert sold(armed) == 10
    assert all(place.order.qty <= 10 for place in armed.placed())


def test_a_fill_that_overtakes_the_cancel_counts(armed: World) -> None:
    armed.cancel_answers = ["fill_first"]
    armed.fill_part = 4
    armed.price("MU", "103.50")
    armed.run_for(1)
    for _ in range(20):
        armed.price("MU", "103.20", "103.10")
        armed.run_for(1)
    assert len(armed.placed()) == 1
    assert sold(armed) == 10


def test_an_order_taken_back_in_the_brokers_app_is_not_sent_again_that_day(armed: World) -> None:
    armed.price("MU", "103.50", "103.40")
    armed.price("MU", "102.00")
    armed.orders = {
        number: replace(o, report=replace(o.report, open_qty=Qty(0))) if o.report.by_api else o
        for number, o in armed.orders.items()
    }
    armed.run_for(20)
    assert [fact.will_reprice for fact in armed.told(OrderEnded)] == [False]
    watch_market(armed, 10)
    assert len(armed.placed()) == 1


def test_the_price_is_corrected_to_the_average_without_a_second_fact(armed: World) -> None:
    armed.drops_notices = True
    armed.price("MU", "103.05")
    armed.run_for(0.3)
    armed.give(NoticeSeen(notice_of(armed, 10, "a")))
    number = armed.placed()[0].order.client_order_id
    for key, order in armed.orders.items():
        if order.report.by_api:
            armed.orders[key].report = replace(order.report, avg_price=usd("103.20"))
    armed.run_for(20)
    assert len(armed.told(OrderFilled)) == 1
    assert armed.desk._state.book.orders[number].avg_price == usd("103.20")


def test_a_notice_that_overtakes_the_answer_waits_for_it(armed: World) -> None:
    armed.price("MU", "103.05")
    armed.run_for(0.19)
    assert armed.told(OrderFilled) == []
    armed.run_for(0.1)
    assert armed.told_at(OrderFilled) == armed.told_at(OrderAccepted)


def test_an_order_in_flight_blocks_its_symbol(armed: World) -> None:
    armed.place_answers = ["lost"]
    for _ in range(20):
        armed.price("MU", "103.05")
        armed.run_for(0.1)
    assert len(armed.placed()) == 1
    (view,) = armed.desk.view(armed.now).orders
    assert view.state is OrderState.UNRESOLVED
    assert armed.desk.view(et("10:00:00")).positions[0].state == "selling"


def test_an_order_of_another_program_is_not_taken_for_ours(armed: World) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.run_for(1)
    armed.orders[BrokerOrderNo("9")] = replace(
        next(iter(armed.orders.values())),
        report=replace(
            next(iter(armed.orders.values())).report,
            broker_order_no=BrokerOrderNo("9"),
            side=Side.SELL,
            order_qty=Qty(10),
            limit=usd("103.05"),
            filled_qty=Qty(0),
            open_qty=Qty(0),
            avg_price=None,
            by_api=False,
        ),
    )
    armed.run_for(30)
    assert armed.told(OrderResolved)[0].broker_order_no is None


def test_the_cash_is_read_once_soon_after_a_trade_and_not_before(armed: World) -> None:
    before = armed.now
    watch_market(armed, 40)
    (sold_at,) = armed.told_at(OrderFilled)
    assert armed.calls_between(before, sold_at, "cash") == 0
    assert armed.calls_between(sold_at, armed.now, "cash") == 1


def test_the_cash_after_a_trade_takes_no_call_kept_for_exits(armed: World) -> None:
    before = armed.now
    watch_market(armed, 40)
    asked = [i for at, i in armed.intents if at > before and isinstance(i, FetchCash)]
    assert [intent.priority.may_use_reserve for intent in asked] == [False]


def test_two_lists_ten_seconds_apart_must_lack_a_sale(armed: World) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.failing = {FetchKind.REPORTS}
    armed.run_for(9.9)
    armed.failing.clear()
    armed.run_for(8)  # one list, with the last of the three reads, and the balance
    assert armed.told(OrderResolved) == []
    armed.run_for(16)
    assert armed.told(OrderResolved)[0].broker_order_no is None


@pytest.mark.parametrize("answer", ["live_unknown", "lost"])
def test_a_broker_whose_clock_is_behind_keeps_no_sale_in_doubt(armed: World, answer: str) -> None:
    armed.place_answers, armed.drops_notices = [answer], True
    armed.price("MU", "103.05")
    for order in armed.orders.values():
        at = order.report.ordered_at
        assert at is not None
        order.report = replace(order.report, ordered_at=at - timedelta(seconds=90))
    watch_market(armed, 40)
    (resolved,) = armed.told(OrderResolved)
    assert (resolved.broker_order_no is None) is (answer == "lost")
    assert sold(armed) == 10
    assert armed.told(SoldElsewhere) == []
    assert armed.told(MismatchSeen) == []
