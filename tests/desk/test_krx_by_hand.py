"""The trader trades by hand in a stock of the desk, or seems to because the balance is late."""

from __future__ import annotations

from dataclasses import replace

from engine.desk.krx import counting
from engine.model.commands import ApplySettings
from engine.model.events import FetchKind, HoldingsSeen
from engine.model.ids import BrokerOrderNo, DeskState
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.market_events import ListingsSeen
from engine.model.mismatches import MismatchAsked, MismatchSeen
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderReason, Side
from engine.model.score import Bucket
from engine.model.state_facts import StateChanged
from engine.rules.krx.sessions import kst_date
from tests.desk.krx_world import DAY, A, B, KrxWorld, entered, krw, kst, opened

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))


def holding(**changes: object) -> KrxWorld:
    """195 of A, bought at 10,210 half a minute ago."""
    world = entered(settings=replace(CALM, **changes))  # type: ignore[arg-type]
    world.run_for(35)
    return world


def sell_by_hand(world: KrxWorld, qty: int, price: int | None = None) -> BrokerOrderNo:
    world.sell_by_hand(A, qty)
    booked = world.orders[world.number_of()]
    if price is not None:
        booked.report = replace(booked.report, avg_price=krw(price))
    return world.number_of()


def look(world: KrxWorld, times: int = 3) -> None:
    """The account is read again and again."""
    for _ in range(times):
        world.desk._state.run.holdings.ask(world.now)
        world.run_for(8)


def test_a_sale_by_hand_counts_as_a_round_trip_at_its_price() -> None:
    world = holding()
    sell_by_hand(world, 95, 10_100)
    look(world)
    (gone,) = world.told(SoldElsewhere)
    assert (gone.qty, gone.left_qty, gone.price) == (95, 100, krw(10_100))
    assert world.desk.view(world.now).today.round_trips == 0
    sell_by_hand(world, 100, 10_300)
    look(world)
    day = world.desk._state.book.day
    assert day is not None
    gross = 95 * (10_100 - 10_210) + 100 * (10_300 - 10_210)
    assert (day.round_trips, day.wins, world.desk._state.book.streak) == (1, 0, 1)
    assert day.gross == krw(gross)
    assert day.realized == krw(gross) - day.fees - day.tax
    assert day.fees == krw(298 + 143 + 154)  # 0.015 % of the purchase and of both sales
    assert day.tax == krw(1_919 + 2_060)  # 0.20 % of both sales


def test_a_stock_sold_by_hand_is_left_alone_for_a_while() -> None:
    world = holding()
    sell_by_hand(world, 195, 10_200)
    look(world)
    assert world.positions == {}
    world.price(A, 10_250)
    world.run_for(2)
    assert len(world.placed(Side.BUY)) == 1


def test_a_loss_by_hand_is_a_loss_of_the_day() -> None:
    world = holding(risk=RiskSettings(max_daily_loss_krw=20_000))
    world.sell_by_hand(A, 195)  # at a price that the list does not tell
    world.price(A, 10_110)
    look(world)
    assert world.told(SoldElsewhere)[0].price is None
    assert world.told(StateChanged)[-1].state is DeskState.EXITS_ONLY
    assert world.desk.view(world.now).today.realized < krw(-195 * 100)


def test_a_late_balance_takes_no_position_from_the_desk() -> None:
    world = holding()
    world.shares[A] = 0  # as the balance has it
    look(world, 6)
    assert world.position().qty == 195
    (mismatch,) = world.told(MismatchAsked)
    assert (mismatch.books, mismatch.broker) == ("195 held", "0 in the account")
    world.shares[A] = 195
    look(world)
    assert world.desk._state.book.foreign == {}
    world.price(A, 9_900)
    world.run_for(2)
    assert [fact.order.reason for fact in world.told(OrderFilled)] == [OrderReason.STOP_LOSS]


def test_no_more_is_believed_sold_than_the_list_shows() -> None:
    world = holding()
    sell_by_hand(world, 60)
    world.shares[A] = 0
    look(world)
    assert world.position().qty == 135
    assert world.told(MismatchAsked)[0].broker == "0 in the account"
    look(world)
    assert world.position().qty == 135  # the same sale explains nothing twice
    assert len(world.told(MismatchAsked)) == 1


def test_what_the_trader_had_himself_was_sold_first() -> None:
    world = opened(settings=CALM)
    world.by_hand[A] = 20
    world.run_for(310)
    world.price(A, 10_200)
    world.run_for(40)
    world.buy_by_hand(A, 10)
    world.by_hand[A] = 0
    sell_by_hand(world, 75)
    world.shares[A] = 100  # late: more seems to be missing
    look(world)
    assert [gone.qty for gone in world.told(SoldElsewhere)] == [45]
    assert world.position().qty == 150


def test_a_sale_before_the_entry_was_heard_of_is_of_the_desks_shares() -> None:
    world = opened(settings=CALM, drops_notices=True)
    world.failing.add(FetchKind.REPORTS)  # so nobody hears of the execution
    world.price(A, 10_200)
    world.run_for(60)
    assert world.positions == {}
    sell_by_hand(world, 5, 10_150)
    world.failing.clear()
    look(world, 15)
    assert world.position().qty == 190
    assert [(gone.qty, gone.price) for gone in world.told(SoldElsewhere)] == [(5, krw(10_150))]
    assert world.told(MismatchAsked) == []


def test_what_is_missing_in_the_morning_was_sold_after_the_close() -> None:
    world = opened(settings=replace(CALM, exits=replace(CALM.exits, hold_upper_limit=True)))
    world.price(A, 10_200)
    world.run_for(2)
    snapshot = world.desk.snapshot()
    world.now = kst("08:31:00", kst_date(world.now).replace(day=DAY.day + 1))
    world.restart(snapshot)
    world.shares[A] = 0  # in no list of today
    look(world)
    assert world.positions == {}
    assert world.told(MismatchSeen) == []


def test_shares_that_show_up_again_are_the_desks() -> None:
    world = holding()
    streak = world.desk._state.book.streak
    before = world.desk.view(world.now).today
    sell_by_hand(world, 195, 10_100)
    look(world)
    assert world.positions == {}
    world.shares[A] = 195
    look(world)
    assert world.position().qty == 195
    assert world.told(MismatchSeen)[-1].books == "195 sold by hand"
    assert world.told(MismatchSeen)[-1].taken_back == 195
    assert replace(world.desk.view(world.now).today, open_gain=before.open_gain) == before
    assert world.desk._state.book.streak == streak
    assert world.desk._state.book.foreign == {}
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.bucket is Bucket.HELD
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}


def test_a_part_that_shows_up_again_belongs_to_the_position() -> None:
    world = holding()
    cost = world.position().cost
    sell_by_hand(world, 95, 10_300)
    look(world)
    assert world.position().qty == 100
    world.shares[A] = 150  # not all of it yet
    look(world)
    assert world.position().qty == 100
    world.shares[A] = 195
    look(world)
    assert (world.position().qty, world.position().cost) == (195, cost)
    assert world.position().realized == krw(0)


def test_shares_bought_back_by_hand_are_not_the_desks() -> None:
    world = holding()
    sell_by_hand(world, 195, 10_100)
    look(world)
    world.buy_by_hand(A, 195)
    look(world)
    world.run_for(40)  # a balance so soon after a trade may lack it
    assert world.positions == {}
    assert world.desk._state.book.foreign == {A: 195}


def test_shares_that_show_up_much_later_are_not_the_desks() -> None:
    world = holding()
    sell_by_hand(world, 195, 10_100)
    look(world)
    world.run_for(11 * 60)
    world.shares[A] = 195
    look(world)
    assert world.positions == {}
    assert world.desk._state.book.gone == {}


def test_the_day_of_an_unsold_winner_is_as_before() -> None:
    world = holding()
    sell_by_hand(world, 195, 10_400)
    look(world)
    assert world.desk.view(world.now).today.wins == 1
    world.shares[A] = 195
    look(world)
    today = world.desk.view(world.now).today
    assert (today.wins, today.round_trips, today.realized) == (0, 0, krw(0))


def test_what_is_bought_after_its_stock_left_the_universe_has_a_stop() -> None:
    world = opened(settings=CALM, fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    locked = replace(CALM, locks=frozenset({A}))
    world.command(ApplySettings(locked))
    others = tuple(row for symbol, row in world.listings.items() if symbol != A)
    for listings in (others, ()):
        world.give(ListingsSeen(listings, DAY))
        assert A in world.watched()
        assert A in world.desk._state.run.names.by_symbol
    world.fill(world.number_of(), 195)
    world.fills_orders = True
    world.run_for(1)
    world.price(A, 9_900)
    world.run_for(2)
    assert [fact.order.reason for fact in world.told(OrderFilled)] == [OrderReason.STOP_LOSS]


def test_a_fill_told_after_the_end_of_its_order_has_a_stop_too() -> None:
    world = opened(settings=CALM, fills_orders=False, drops_notices=True)
    world.price(A, 10_200)
    world.run_for(1)
    number = world.number_of()
    booked = world.orders[number]
    world.run_for(13)  # taken back after its timeout
    world.give(ListingsSeen((world.listings[B],), DAY))
    assert A not in world.desk._state.run.names.by_symbol
    booked.report = replace(booked.report, open_qty=booked.report.order_qty)
    world.fill(number, 195)
    world.run_for(320)
    assert world.position().qty == 195
    world.fills_orders = True
    world.price(A, 9_900)
    world.run_for(2)
    assert world.positions == {}


def test_a_balance_during_a_trade_says_nothing_about_the_traders_shares() -> None:
    world = opened(settings=CALM, drops_notices=True)
    world.price(A, 10_200)
    world.run_for(0.4)  # bought, and nobody told the desk yet
    assert world.shares[A] == 195
    world.give(HoldingsSeen(world._holdings().holdings, world.now, world.quota))
    assert world.desk._state.book.foreign == {}


def test_a_sale_in_the_books_explains_nothing_of_an_order_in_doubt() -> None:
    world = holding()
    sell_by_hand(world, 95)
    state = world.desk._state
    next(iter(state.book.orders.values())).changed_at = world.now  # ours blurs the balances now
    look(world)
    assert world.position().qty == 100
    assert counting.expected(state, A) == 100
