from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.commands import (
    Answer,
    ApplySettings,
    CancelOpenOrder,
    Choice,
    Command,
    CommandAnswered,
    Halt,
    Pause,
    Refusal,
    ReleaseGuard,
    Resume,
    SellNow,
)
from engine.model.events import FetchKind
from engine.model.ids import BrokerOrderNo, DeskState, Qty, QuestionId, Symbol
from engine.model.order_facts import OrderFilled
from engine.model.orders import OrderReason
from engine.model.position_facts import QuestionAsked, QuestionClosed
from engine.model.settings import ExecutionStyle, UsSettings
from engine.model.state_facts import StateChanged
from tests.desk.world import World, et, usd

MU = Symbol("MU")


def answer(world: World) -> CommandAnswered:
    return world.told(CommandAnswered)[-1]


def test_sell_now_takes_the_bid_of_a_fresh_price_without_a_target(armed: World) -> None:
    armed.price("MU", "98.00", "97.90")
    armed.command(SellNow(MU, Qty(4)))
    assert armed.told(CommandAnswered) == []
    armed.run_for(2)
    (place,) = armed.placed()
    assert (place.order.qty, place.order.limit) == (4, usd("97.90"))
    assert place.order.reason is OrderReason.MANUAL
    assert answer(armed).client_order_ids == (place.order.client_order_id,)
    assert armed.told(OrderFilled)[0].gain.amount < 0


@pytest.mark.parametrize("latch", [Pause(), Halt()])
def test_sell_now_works_in_every_state(armed: World, latch: Command) -> None:
    armed.command(latch)
    armed.command(SellNow(MU, None))
    armed.run_for(2)
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [10]


def test_sell_now_after_the_window_is_followed_and_then_sleep_returns(armed: World) -> None:
    armed.run_until(et("14:00:00"))
    calls = len(armed.calls)
    armed.command(SellNow(MU, None))
    armed.run_for(200)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10
    assert len(armed.calls) - calls <= 6
    calls = len(armed.calls)
    armed.run_until(et("20:00:00"))
    assert len(armed.calls) == calls


def test_sell_now_is_refused_with_its_reason(armed: World) -> None:
    armed.command(SellNow(Symbol("XXX"), None))
    assert answer(armed).refusal is Refusal.UNKNOWN_SYMBOL
    armed.shares[MU].tied = 10
    armed.run_for(620)
    armed.command(SellNow(MU, None))
    assert answer(armed).refusal is Refusal.NOTHING_TO_SELL
    armed.run_until(et("16:00:00"))
    armed.command(SellNow(MU, None))
    assert answer(armed).refusal is Refusal.MARKET_CLOSED


def test_sell_now_waits_for_no_order_in_doubt(armed: World) -> None:
    armed.place_answers = ["lost"]
    armed.price("MU", "103.05")
    armed.run_for(1)
    armed.command(SellNow(MU, None))
    assert answer(armed).refusal is Refusal.ORDER_IN_DOUBT


def test_a_sale_without_a_price_is_answered_in_time(armed: World) -> None:
    armed.failing = {FetchKind.PRICE}
    armed.command(SellNow(MU, None))
    armed.run_for(9)
    assert answer(armed).refusal is Refusal.NO_PRICE
    assert len(armed.told(CommandAnswered)) == 1


def test_a_price_that_never_comes_is_given_up_after_eight_seconds(armed: World) -> None:
    armed.command(SellNow(MU, None))
    armed._heap.clear()
    given = armed.now
    armed.run_for(10)
    assert answer(armed).refusal is Refusal.NO_PRICE
    assert armed.told_at(CommandAnswered)[-1] - given == timedelta(seconds=8)


def test_two_sales_by_hand_never_sell_more_than_there_is(armed: World) -> None:
    armed.command(SellNow(MU, Qty(7)))
    armed.command(SellNow(MU, Qty(7)))
    armed.run_for(3)
    assert sum(place.order.qty for place in armed.placed()) <= 10


def test_an_open_order_is_taken_back_by_either_number(armed: World) -> None:
    armed.price("MU", "103.50", "103.40")
    armed.price("MU", "102.00")
    armed.run_for(1)
    (view,) = armed.desk.view(armed.now).orders
    assert view.broker_order_no is not None
    armed.command(CancelOpenOrder(view.broker_order_no))
    assert answer(armed).refusal is None
    armed.run_for(5)
    assert len(armed.cancels()) == 1
    for _ in range(5):
        armed.price("MU", "103.50")
        armed.run_for(1)
    assert len(armed.placed()) == 1, "the trader took it back: not again today"
    armed.command(CancelOpenOrder(BrokerOrderNo("1")))
    assert answer(armed).refusal is Refusal.UNKNOWN_ORDER


def test_halted_sells_nothing_by_itself_but_follows_open_orders(armed: World) -> None:
    armed.price("MU", "103.50", "103.40")
    armed.price("MU", "102.00")
    armed.run_for(1)
    armed.command(Halt())
    assert armed.desk.view(armed.now).state is DeskState.HALTED
    armed.price("MU", "103.60")
    armed.run_for(10)
    assert sum(f.fill.qty for f in armed.told(OrderFilled)) == 10
    armed.buy("MU", 5, "100")
    armed.run_for(10)
    for _ in range(5):
        armed.price("MU", "103.60")
        armed.run_for(1)
    assert len(armed.placed()) == 1


def test_exits_only_goes_on_selling_but_arms_nothing_new(armed: World) -> None:
    armed.command(Pause())
    armed.price("SPY", "500")
    armed.buy("SPY", 2, "500")
    armed.run_for(10)
    armed.price("MU", "103.50")
    armed.price("SPY", "520")
    armed.price("SPY", "520.1")
    armed.run_for(2)
    assert [place.order.symbol for place in armed.placed()] == ["MU"]
    armed.command(Resume())
    armed.run_for(2)
    armed.price("SPY", "520.2")
    armed.price("SPY", "520.3")
    armed.run_for(2)
    assert [place.order.symbol for place in armed.placed()] == ["MU", "SPY"]


def test_exits_only_in_premarket_takes_one_call_a_minute(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    premarket.command(Pause())
    premarket.run_for(10)
    begun = premarket.now
    premarket.run_for(1200)
    assert premarket.calls_between(begun, premarket.now) <= 21
    premarket.price("MU", "103.50")
    premarket.run_for(130)
    assert sum(f.fill.qty for f in premarket.told(OrderFilled)) == 10


def test_a_lower_target_applies_at_once_but_not_while_latched(armed: World) -> None:
    lower = replace(UsSettings(), target_pct=Decimal("2.0"))
    armed.command(Pause())
    armed.command(ApplySettings(lower))
    armed.price("MU", "102.10")
    armed.run_for(1)
    assert armed.placed() == []
    armed.command(Resume())
    armed.price("MU", "102.10")
    armed.run_for(1)
    assert len(armed.placed()) == 1


def test_an_override_of_one_symbol_wins(armed: World) -> None:
    armed.command(ApplySettings(UsSettings(target_overrides={MU: Decimal("5.0")})))
    armed.price("MU", "104.00")
    assert armed.placed() == []
    armed.price("MU", "105.00")
    assert len(armed.placed()) == 1


def test_latches_are_told_kept_over_a_restart_and_released_apart(armed: World) -> None:
    armed.command(Pause())
    armed.restart()
    view = armed.desk.view(armed.now)
    assert (view.state, view.user_latch, view.guard_latch) == (
        DeskState.EXITS_ONLY,
        DeskState.EXITS_ONLY,
        DeskState.RUNNING,
    )
    armed.command(ReleaseGuard())
    assert answer(armed).refusal is Refusal.NOT_LATCHED
    armed.command(Resume())
    assert answer(armed).refusal is None
    armed.command(Resume())
    assert answer(armed).refusal is Refusal.NOT_LATCHED
    assert [fact.state for fact in armed.told(StateChanged)] == [
        DeskState.EXITS_ONLY,
        DeskState.RUNNING,
    ]


def test_pause_does_not_loosen_a_halt(armed: World) -> None:
    armed.command(Halt())
    armed.command(Pause())
    assert armed.desk.view(armed.now).state is DeskState.HALTED


def test_every_command_is_answered_exactly_once(armed: World) -> None:
    given = [
        armed.command(command)
        for command in (
            Pause(),
            SellNow(MU, None),
            Halt(),
            Resume(),
            Resume(),
            ReleaseGuard(),
            CancelOpenOrder(BrokerOrderNo("5")),
            ApplySettings(UsSettings()),
            Answer(QuestionId("none"), Choice.WAIT),
            SellNow(Symbol("NO"), None),
        )
    ]
    armed.run_for(20)
    assert sorted(fact.command_id for fact in armed.told(CommandAnswered)) == sorted(given)


def test_a_managed_holding_is_armed_only_when_the_desk_may_arm(armed: World) -> None:
    world = World(now=et("09:29:00"))
    world.hold("MU", 10, "100")
    world.price("MU", "101")
    world.start()
    world.run_until(et("09:35:00"))
    world.command(Pause())
    (asked,) = world.told(QuestionAsked)
    world.command(Answer(asked.question, Choice.MANAGE))
    assert world.desk.view(world.now).positions[0].state == "held"
    world.command(Resume())
    assert world.desk.view(world.now).positions[0].state == "armed"


def test_halted_leaves_an_armed_lot_alone_until_it_is_released(armed: World) -> None:
    armed.command(Halt())
    for _ in range(5):
        armed.price("MU", "103.60")
        armed.run_for(1)
    assert armed.placed() == []
    armed.command(Resume())
    armed.price("MU", "103.60")
    assert len(armed.placed()) == 1


def test_shares_in_an_open_order_are_not_offered_again_by_hand(armed: World) -> None:
    armed.fill_part = 1
    armed.command(SellNow(MU, Qty(7)))
    armed.run_for(2)
    armed.price("MU", "99.00", "98.00")
    armed.command(SellNow(MU, None))
    armed.run_for(2)
    assert [place.order.qty for place in armed.placed()] == [7, 3]


def rest(world: World) -> None:
    world.command(ApplySettings(replace(UsSettings(), execution=ExecutionStyle.RESTING)))
    world.run_for(2)
    assert [place.order.limit for place in world.placed()] == [usd(103)]


def test_sell_now_takes_a_resting_order_back_and_sells_its_shares(armed: World) -> None:
    rest(armed)
    armed.command(SellNow(MU, None))
    armed.run_for(20)
    assert [place.order.reason for place in armed.placed()][1:] == [OrderReason.MANUAL]
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [10]
    assert answer(armed).client_order_ids == (armed.placed()[-1].order.client_order_id,)


def test_after_a_sale_of_some_by_hand_the_rest_lies_at_the_target_again(armed: World) -> None:
    rest(armed)
    armed.command(SellNow(MU, Qty(4)))
    armed.run_for(30)
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [4]
    last = armed.placed()[-1].order
    assert (last.qty, last.limit, last.reason) == (6, usd(103), OrderReason.RESTING_TARGET)


def test_a_sale_by_hand_whose_order_cannot_be_taken_back_is_refused(armed: World) -> None:
    rest(armed)
    armed.cancel_answers = ["refuse"] * 9
    armed.command(SellNow(MU, None))
    armed.run_for(50)
    assert answer(armed).refusal is Refusal.NOTHING_TO_SELL
    assert len(armed.placed()) == 1
    armed.price("MU", "103.10")
    armed.run_for(1)
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [10]


def test_a_question_answered_with_sell_stays_open_until_there_is_a_price(armed: World) -> None:
    for _ in range(3):
        armed.price("MU", "118")
        armed.run_for(1)
    (asked,) = armed.told(QuestionAsked)
    armed.failing = {FetchKind.PRICE}
    armed.command(Answer(asked.question, Choice.SELL))
    assert armed.command(Answer(asked.question, Choice.SELL)) == answer(armed).command_id
    assert answer(armed).refusal is Refusal.QUESTION_GONE
    armed.run_for(10)
    assert answer(armed).refusal is Refusal.NO_PRICE
    assert armed.told(QuestionClosed) == []
    armed.failing = set()
    armed.command(Answer(asked.question, Choice.SELL))
    armed.run_for(3)
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [10]
    assert len(armed.told(QuestionClosed)) == 1


@pytest.mark.parametrize("clock", ["04:10:00", "09:40:00", "14:00:00"])
def test_looking_changes_nothing(premarket: World, clock: str) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_until(et(clock))
    before = deepcopy(premarket.desk._state)
    for seconds in (0, 1, 100, 5000):
        premarket.desk.view(premarket.now + timedelta(seconds=seconds))
    assert before.run == premarket.desk._state.run
    assert before.book == premarket.desk._state.book
