"""What a cancel that never came as far as its order may not prove, and what it must not cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.desk import vanished
from engine.model.commands import CancelOpenOrder
from engine.model.events import CancelAnswered
from engine.model.intents import Cancel, FetchHoldings, FetchReports
from engine.model.mismatches import MismatchKind
from engine.model.orders import Rejected, Side
from tests.desk.krx_world import A, KrxWorld, entered, opened
from tests.desk.test_krx_doubt import CALM
from tests.desk.test_reconciliation import asked, krx_vanished, krx_with_exit, settled

GATEWAY = Rejected("EGW00201", "too many calls", is_about_order=False)


def refusing(world: KrxWorld) -> Callable[[Cancel], None]:
    """Cancels are refused before anybody looked for their order."""

    def cancel(intent: Cancel) -> None:
        order = intent.order.client_order_id
        world._later(lambda: world.give(CancelAnswered(order, GATEWAY)))

    return cancel


def test_a_cancel_refused_at_the_gateway_does_not_end_an_order_nobody_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = opened(fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    world.hidden.add(world.number_of())
    monkeypatch.setattr(world, "_cancel", refusing(world))
    for second in range(420):
        world.price(A, 10_210 + 10 * (second % 2))
        world.run_for(1)
    assert settled(world, MismatchKind.VANISHED_ORDER) == []
    assert len(world.placed(Side.BUY)) == 1
    assert len(asked(world, MismatchKind.VANISHED_ORDER)) == 1


def test_a_vanished_sale_whose_cancel_is_refused_is_not_cancelled_without_end() -> None:
    world = krx_vanished(is_tied=True)()
    world.cancel_answers = ["refuse"] * 1_000
    for _ in range(300):
        world.price(A, 9_850)
        world.run_for(1)
    half = world.now
    for _ in range(300):
        world.price(A, 9_850)
        world.run_for(1)
    late = [intent for at, intent in world.intents if at > half]
    assert not any(isinstance(intent, Cancel) for intent in late)
    assert sum(isinstance(intent, FetchReports | FetchHoldings) for intent in late) < 40
    assert len(asked(world, MismatchKind.VANISHED_ORDER)) == 1


def test_an_answer_from_before_the_clock_was_set_back_proves_nothing() -> None:
    world = krx_with_exit()
    order = next(iter(world.desk._state.live()))
    assert order.broker_order_no is not None
    world.cancel_answers = ["refuse"]
    world.command(CancelOpenOrder(order.broker_order_no))
    world.run_for(2)
    assert order.cancel_answered_at is not None
    world.jump(world.now - timedelta(minutes=20))
    order.absent_since = world.now
    assert not vanished.is_answered(order)


@pytest.mark.parametrize("trades_by_hand", [False, True])
def test_a_sale_the_exchange_dropped_is_sent_again(*, trades_by_hand: bool) -> None:
    world = entered(settings=CALM)
    if trades_by_hand:
        world.buy_by_hand(A, 5)
    world.run_for(600)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(2)
    del world.orders[world.number_of()]
    world.fills_orders = True
    for _ in range(240):
        world.price(A, 9_900)
        world.run_for(1)
    assert len(settled(world, MismatchKind.VANISHED_ORDER)) == 1
    assert world.positions == {}
