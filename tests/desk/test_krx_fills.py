from dataclasses import replace
from datetime import timedelta

import pytest

from engine.errors import InvariantBroken
from engine.model.account import Holding
from engine.model.entry_facts import EntryFilled
from engine.model.events import HoldingsSeen, NoticeSeen, ReportsSeen
from engine.model.fills import FillSource, NoticeKind
from engine.model.ids import BrokerOrderNo, Qty
from engine.model.intents import FetchHoldings, FetchReports
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.mismatches import MismatchSeen
from engine.model.order_facts import OrderEnded, OrderFilled, OrderRejected, SoldElsewhere
from engine.model.orders import Side
from tests.desk.krx_world import A, B, KrxWorld, entered, krw, opened

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))


def bought_in_parts() -> KrxWorld:
    """An open entry of 195 shares, none executed yet."""
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    return world


def test_parts_add_up_at_their_own_prices() -> None:
    world = bought_in_parts()
    number = world.number_of()
    world.fill(number, 100, 10_200)
    world.run_for(1)
    world.fill(number, 95, 10_210)
    world.run_for(6)
    assert [fact.fill.qty for fact in world.told(EntryFilled)] == [100, 95]
    assert [fact.is_complete for fact in world.told(EntryFilled)] == [False, True]
    assert world.position().qty == 195
    assert world.position().cost == krw(100 * 10_200 + 95 * 10_210)


def test_doubled_notices_count_once() -> None:
    world = opened(doubles_notices=True)
    world.price(A, 10_200)
    world.run_for(8)
    assert world.position().qty == 195
    assert len(world.told(EntryFilled)) == 1


def test_a_doubled_notice_of_a_part_counts_once() -> None:
    world = bought_in_parts()
    world.doubles_notices = True
    world.fill(world.number_of(), 90, 10_200)
    world.run_for(1)
    assert world.position().qty == 90


def test_a_notice_after_the_list_told_of_the_fill_changes_nothing() -> None:
    world = opened(notices_after=timedelta(seconds=20))
    world.price(A, 10_200)
    world.run_for(10)
    (filled,) = world.told(EntryFilled)
    assert filled.fill.source is FillSource.EXECUTIONS
    world.run_for(20)
    assert len(world.told(EntryFilled)) == 1
    assert world.position().qty == 195


def test_without_notices_the_list_tells_of_the_fill_within_seconds() -> None:
    world = opened(has_notices=False)
    world.price(A, 10_200)
    placed_at = world.now
    world.run_for(8)
    (at,) = [at for at, fact in world.facts if isinstance(fact, EntryFilled)]
    assert at - placed_at < timedelta(seconds=6)


def test_a_notice_may_overtake_the_answer_to_its_order() -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.fill(world.number_of(), 195)  # before PlaceAnswered comes
    world.run_for(0.1)
    assert world.positions == {}
    world.run_for(0.2)
    (filled,) = world.told(EntryFilled)
    assert filled.fill.source is FillSource.NOTICE


def test_a_parked_notice_that_nobody_claims_is_forgotten() -> None:
    world = opened(place_answers=["silent"])
    world.price(A, 10_200)
    strange = world.notice(BrokerOrderNo("77"), B, Side.BUY, 5, krw(10_000), 5)
    world.give(NoticeSeen(strange))
    assert world.desk._state.run.parked != []
    world.run_for(12)
    assert world.desk._state.run.parked == []
    assert world.positions == {}


def test_a_report_with_more_than_was_ordered_is_fatal() -> None:
    world = bought_in_parts()
    report = world.orders[world.number_of()].report
    wrong = replace(report, filled_qty=Qty(196), open_qty=Qty(0))
    with pytest.raises(InvariantBroken, match="196 of 195"):
        world.give(ReportsSeen((wrong,), world.now, world.quota))


def test_an_order_refused_after_its_acceptance_is_refused() -> None:
    world = bought_in_parts()
    booked = world.orders[world.number_of()]
    booked.report = replace(
        booked.report, is_rejected=True, reject_reason="no such luck", open_qty=Qty(0)
    )
    world.run_for(6)
    (rejected,) = world.told(OrderRejected)
    assert rejected.text == "no such luck"
    assert world.desk._state.book.attempts[A].blocked_until is not None


@pytest.mark.parametrize("kind", [NoticeKind.CANCELLED, NoticeKind.REFUSED, NoticeKind.AMENDED])
def test_a_notice_of_an_end_has_the_list_read_at_once(kind: NoticeKind) -> None:
    world = bought_in_parts()
    world.run_for(2)
    before = len(world.fetched(FetchReports))
    number = world.number_of()
    notice = world.notice(number, A, Side.BUY, 0, krw(0), 195)
    world.give(NoticeSeen(replace(notice, kind=kind)))
    assert len(world.fetched(FetchReports)) == before + 1
    received = replace(notice, kind=NoticeKind.RECEIVED)
    world.give(NoticeSeen(received))
    assert len(world.fetched(FetchReports)) == before + 1


def test_a_cancel_notice_names_the_order_it_ends() -> None:
    world = bought_in_parts()
    before = len(world.fetched(FetchReports))
    notice = world.notice(BrokerOrderNo("9"), A, Side.BUY, 0, krw(0), 195)
    world.give(
        NoticeSeen(replace(notice, kind=NoticeKind.CANCELLED, original_order_no=world.number_of()))
    )
    assert len(world.fetched(FetchReports)) == before + 1


def test_an_order_that_ends_by_itself_is_told_and_left() -> None:
    world = bought_in_parts()
    world.fill(world.number_of(), 40)
    world.end_orders()
    world.run_for(7)
    (ended,) = world.told(OrderEnded)
    assert (ended.filled_qty, ended.will_reprice) == (40, False)
    world.price(A, 10_250)
    world.run_for(1)
    assert len(world.placed()) == 1


def test_shares_told_after_a_cancel_still_count() -> None:
    world = bought_in_parts()
    number = world.number_of()
    world.drops_notices = True
    booked = world.orders[number]
    world.run_for(13)  # the timeout's cancel came through
    assert len(world.told(OrderEnded)) == 1
    booked.report = replace(
        booked.report, filled_qty=Qty(195), open_qty=Qty(0), avg_price=krw(10_210)
    )
    world.shares[A] = 195
    world.give(ReportsSeen((booked.report,), world.now, world.quota))
    assert world.position().qty == 195


def test_the_rest_of_an_average_is_reckoned_back() -> None:
    world = bought_in_parts()
    number = world.number_of()
    world.fill(number, 100, 10_200)
    world.run_for(1)
    world.drops_notices = True
    world.fill(number, 95, 10_100)
    world.run_for(6)
    assert [fact.fill.price for fact in world.told(EntryFilled)] == [krw(10_200), krw(10_100)]


def test_a_list_without_an_average_is_taken_at_the_limit() -> None:
    world = bought_in_parts()
    booked = world.orders[world.number_of()]
    booked.report = replace(booked.report, filled_qty=Qty(195), open_qty=Qty(0))
    world.shares[A] = 195
    world.run_for(6)
    assert world.told(EntryFilled)[0].fill.price == krw(10_210)


# -- the account against the books


def test_shares_bought_by_hand_are_left_alone() -> None:
    world = entered(settings=CALM)
    world.buy_by_hand(A, 30)
    world.buy_by_hand(B, 10)
    world.run_for(320)
    assert world.desk._state.book.foreign == {A: 30, B: 10}
    assert world.position().qty == 195
    world.price(A, 9_900)
    world.run_for(1)
    assert world.placed(Side.SELL)[0].order.qty == 195
    assert B not in world.positions
    world.by_hand.clear()
    world.run_for(320)
    assert world.desk._state.book.foreign == {}


def test_shares_sold_by_hand_leave_the_books_once_the_list_explains_nothing() -> None:
    world = entered(settings=CALM)
    world.sell_by_hand(A, 95)
    world.run_for(60)
    (gone,) = world.told(SoldElsewhere)
    assert (gone.qty, gone.left_qty, gone.price) == (95, 100, None)
    assert world.position().qty == 100
    world.sell_by_hand(A, 100)
    world.run_for(60)
    assert world.positions == {}
    world.price(A, 10_300)
    world.run_for(2)
    assert len(world.placed()) == 1  # the trader wanted to be out


def test_a_list_that_lags_behind_the_balance_is_waited_for() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    world.shares[A] = 0  # the exit was executed, the list does not show it yet
    world.run_for(10)
    world.give(HoldingsSeen((), world.now, world.quota))
    world.run_for(8)
    assert world.position().missing_since is not None
    booked = world.orders[world.number_of()]
    booked.report = replace(
        booked.report, filled_qty=Qty(195), open_qty=Qty(0), avg_price=krw(9_900)
    )
    world.run_for(20)
    assert world.told(SoldElsewhere) == []
    assert len(world.told(OrderFilled)) == 1
    assert world.positions == {}


def test_a_balance_older_than_the_fill_says_nothing() -> None:
    world = entered(settings=CALM)
    world.give(HoldingsSeen((), world.now, world.quota))
    assert world.position().missing_since is None
    world.run_for(10)
    assert world.position().qty == 195


def test_a_short_glitch_of_the_balance_changes_nothing() -> None:
    world = entered(settings=CALM)
    world.run_for(30)
    world.give(HoldingsSeen((), world.now, world.quota))
    assert world.position().missing_since is not None
    world.run_for(30)
    assert world.position().qty == 195
    assert world.position().missing_since is None
    assert world.told(SoldElsewhere) == []


def test_a_notice_of_a_strange_sale_has_the_balance_read() -> None:
    world = entered(settings=CALM)
    world.run_for(10)
    before = len(world.fetched(FetchHoldings))
    world.sell_by_hand(A, 10)
    world.run_for(2)
    assert len(world.fetched(FetchHoldings)) > before
    count = len(world.fetched(FetchHoldings))
    world.buy_by_hand(B, 10)
    world.run_for(2)
    assert len(world.fetched(FetchHoldings)) == count  # somebody else's business


def test_more_sold_than_held_is_told_and_takes_what_there_is() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    world.desk._state.book.positions[A].qty = 100  # sold by hand in between, say
    world.fill(world.number_of(), 195)
    world.run_for(1)
    (mismatch,) = world.told(MismatchSeen)
    assert (mismatch.books, mismatch.broker) == ("100 held", "195 sold")
    assert world.positions == {}


def test_more_sold_than_held_gains_no_more_than_the_price_did() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    position = world.desk._state.book.positions[A]
    position.cost -= position.avg_cost * 95
    position.qty = 100  # 95 sold by hand in between
    world.fill(world.number_of(), 195)
    world.run_for(1)
    (sold,) = world.told(OrderFilled)
    assert sold.gain == (sold.fill.price - sold.avg_cost) * 195 == krw(-66_300)
    day = world.desk._state.book.day
    assert day is not None
    assert (day.gross, day.wins, day.round_trips) == (krw(-66_300), 0, 1)


def test_a_late_fill_of_a_closed_position_is_counted_as_its_gain() -> None:
    world = entered(settings=CALM)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    del world.desk._state.book.positions[A]
    world.fill(world.number_of(), 195)
    world.run_for(1)
    assert len(world.told(MismatchSeen)) == 1
    (sold,) = world.told(OrderFilled)
    assert sold.left_qty == 0


def test_cash_and_shares_and_costs_are_conserved_over_a_round_trip() -> None:
    world = entered(settings=CALM)
    world.price(A, 9_900)
    world.run_for(10)
    day = world.desk._state.book.day
    assert day is not None
    (bought,), (sold,) = world.told(EntryFilled), world.told(OrderFilled)
    assert sold.tax is not None
    assert day.realized.amount == sum(world.flows) - sum(
        cost.amount for cost in (bought.fee, sold.fee, sold.tax)
    )
    assert day.gross.amount == sum(world.flows)
    assert (day.round_trips, day.wins, world.desk._state.book.streak) == (1, 0, 1)


def test_a_fill_of_an_unknown_stock_opens_a_position_under_its_code() -> None:
    world = bought_in_parts()
    world.desk._state.run.names.listings.clear()
    world.desk._state.book.attempts.clear()
    world.fill(world.number_of(), 195)
    world.run_for(1)
    position = world.position()
    assert (position.name, position.zones, position.level, position.planned_qty) == (
        A,
        [],
        None,
        195,
    )


def test_the_account_names_what_is_held_at_the_last_price() -> None:
    world = KrxWorld()
    world.start()
    holding = Holding(B, None, "이름", Qty(3), Qty(3), krw(9_000), krw(9_500))
    world.give(HoldingsSeen((holding,), world.now, world.quota))
    assert world.desk._state.price_of(B) == krw(9_500)
    assert world.desk._state.book.foreign == {B: 3}
    view = world.desk.view(world.now)
    assert view.foreign == ((B, B, 3),)


def test_avg_cost_of_nothing_is_nothing() -> None:
    position = entered().position()
    position.qty = 0
    assert position.avg_cost == krw(0)


def test_a_notice_after_the_end_of_its_order_waits_for_the_list() -> None:
    world = bought_in_parts()
    number = world.number_of()
    world.run_for(13)  # its timeout, cancel and end
    assert len(world.told(OrderEnded)) == 1
    world.give(NoticeSeen(world.notice(number, A, Side.BUY, 50, krw(10_210), 195)))
    assert world.positions == {}
    booked = world.orders[number]
    booked.report = replace(booked.report, filled_qty=Qty(50), avg_price=krw(10_210))
    world.shares[A] = 50
    world.run_for(7)
    assert world.position().qty == 50
