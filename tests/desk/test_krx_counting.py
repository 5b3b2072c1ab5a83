"""Counts of the account survive whatever comes between a balance and the list after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.desk.krx import counting
from engine.desk.krx.counted import Balance
from engine.model.commands import Answer, Choice
from engine.model.events import FetchKind, HoldingsSeen, ReportsSeen, Started
from engine.model.facts import OrderResolved
from engine.model.intents import Cancel
from engine.model.mismatches import MismatchAsked
from engine.model.money import Krw
from engine.model.orders import OrderState, Side
from tests.desk.krx_world import A, KrxWorld, entered, opened
from tests.desk.test_krx_doubt import CALM, state_of


class Late(KrxWorld):
    """Its lists and balances show the account as it was some seconds ago."""

    def __post_init__(self) -> None:
        self.lists_late = self.balances_late = timedelta(0)
        self.past: list[tuple[datetime, tuple[Any, ...]]] = []
        super().__post_init__()

    def give(self, event: Any) -> None:
        self._keep()
        super().give(event)
        self._keep()

    def fill_by_hand(self, *args: Any, **how: Any) -> None:
        self._keep()
        super().fill_by_hand(*args, **how)
        self._keep()

    def _keep(self) -> None:
        orders = {number: copy(order) for number, order in self.orders.items()}
        self.past.append((self.now, (dict(self.shares), dict(self.by_hand), orders)))

    def _as_of(self, late: timedelta) -> tuple[Any, ...]:
        now = self.shares, self.by_hand, self.orders
        then = [kept for at, kept in self.past if at <= self.now - late]
        self.shares, self.by_hand, self.orders = then[-1] if late and then else now
        return now

    def _holdings(self) -> HoldingsSeen[Krw]:
        now = self._as_of(self.balances_late)
        seen = super()._holdings()
        self.shares, self.by_hand, self.orders = now
        return seen

    def _reports(self, since: Any) -> ReportsSeen[Krw]:
        now = self._as_of(self.lists_late)
        seen = super()._reports(since)
        self.shares, self.by_hand, self.orders = now
        return seen


def with_late_ones() -> Late:
    world = opened(Late, settings=CALM)
    assert isinstance(world, Late)
    return world


def lost(world: KrxWorld, how: str = "lost") -> None:
    """The next order is in doubt; nothing more of ours goes through."""
    world.drops_notices = True
    world.place_answers = [how, "too_many", "too_many"]


def plain(snapshot: Mapping[str, object]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(snapshot))
    return made


@pytest.mark.parametrize("after_s", [1, 10, 28])
def test_shares_sold_where_no_list_shows_it_hide_no_executed_exit(after_s: int) -> None:
    world = entered(settings=CALM)
    world.drops_notices = True
    world.run_for(after_s)
    world.shares[A] -= 100
    world.desk._state.run.holdings.ask(world.now)
    while not world.told(MismatchAsked):
        world.run_for(1)
    world.command(Answer(world.told(MismatchAsked)[-1].question, Choice.BOOK))
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(60)
    assert world.shares[A] == 0
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1


def test_an_entry_found_late_is_counted_before_its_exit_is_in_doubt() -> None:
    world = opened(settings=CALM, place_answers=["hidden"], has_notices=False, fills_orders=False)
    world.price(A, 10_200)
    world.run_for(400)
    assert state_of(world) is OrderState.NOT_PLACED
    world.fill(world.number_of(), 195)
    world.hidden.clear()
    world.desk._state.run.reports.ask(world.now)
    world.run_for(3)
    assert world.position().qty == 195
    world.fills_orders = True
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(60)
    assert world.shares[A] == 0
    assert len(world.placed(Side.SELL)) == 1


def test_an_entry_executed_just_before_its_cancel_came_is_not_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = replace(CALM, entry=replace(CALM.entry, timeout_s=290))
    world = opened(settings=patient, fills_orders=False, has_notices=False)
    world.price(A, 10_200)
    world.run_for(3)
    number = world.number_of()
    world.hidden.add(number)
    take_back = world._cancel

    def cancel(intent: Cancel) -> None:
        def too_late() -> None:
            if world.orders[number].report.open_qty:
                world.fill(number, 195)
            world.cancel_answers = ["refuse"]
            take_back(intent)

        world.at(world.now + timedelta(seconds=0.1), too_late)

    monkeypatch.setattr(world, "_cancel", cancel)
    world.run_for(200)
    assert world.shares[A] == 195
    assert state_of(world) is OrderState.ACCEPTED


@pytest.mark.parametrize("after_s", [5, 12, 30, 45])
def test_a_lost_entry_soon_after_a_restart_is_settled_where_he_traded_today(after_s: int) -> None:
    world = opened(settings=CALM)
    world.buy_by_hand(A, 5)
    world.run_for(60)
    world.restart()
    world.run_for(after_s)
    lost(world)
    world.price(A, 10_200)
    world.run_for(100)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_an_order_that_only_the_journal_knows_is_settled() -> None:
    world = opened(settings=CALM)
    before = plain(world.desk.snapshot())
    lost(world)
    world.price(A, 10_200)
    (intent,) = (place.order for place in world.placed())
    world.restart(before)
    world.give(Started((intent,)))
    world.run_for(60)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_a_book_without_counts_has_them_soon() -> None:
    world = entered(settings=CALM)
    world.run_for(60)
    old = plain(world.desk.snapshot())
    del old["book"]["counts"], old["book"]["counted_on"]
    world.restart(old)
    world.run_for(12)
    assert counting.expected(world.desk._state, A) == world.shares[A]


def test_counts_of_last_week_are_not_believed() -> None:
    world = entered(settings=CALM)
    world.run_for(400)
    old = plain(world.desk.snapshot())
    old["book"]["counts"][A]["day"] = old["book"]["counted_on"] = "2026-03-06"
    world.failing = {FetchKind.HOLDINGS}
    world.restart(old)
    world.run_for(1)
    assert counting.expected(world.desk._state, A) is None


@pytest.mark.parametrize("fails", [FetchKind.REPORTS, None])
def test_the_trader_is_asked_though_no_list_comes_any_more(fails: FetchKind | None) -> None:
    world = entered(settings=CALM)
    world.run_for(400)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(13)
    world.failing = {fails} if fails else set()
    world.run_for(200)
    assert len(world.told(MismatchAsked)) == 1


@pytest.mark.parametrize("late_s", [0, 3, 8])
def test_a_list_that_is_late_with_his_trade_hides_no_executed_exit(late_s: int) -> None:
    world = entered(with_late_ones())
    assert isinstance(world, Late)
    world.buy_by_hand(A, 200, filled=5)
    number = world.number_of()
    world.run_for(600)
    world.lists_late = timedelta(seconds=late_s)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(8)
    world.fill_by_hand(number, 195)
    world.run_for(60)
    assert world.shares[A] == 0
    assert world.told(OrderResolved) == []
    assert len(world.placed(Side.SELL)) == 1


@pytest.mark.parametrize("late_s", [0, 6, 8, 20])
def test_one_of_two_like_exits_does_not_stand_in_for_the_other(late_s: int) -> None:
    exits = replace(CALM.exits, scale_out_pct=Decimal(1), take_profit_pct=None)
    half = replace(CALM, exits=replace(exits, trailing_arm_pct=None))
    world = opened(Late, settings=half)
    assert isinstance(world, Late)
    entered(world)
    world.sell_by_hand(A, 1)  # so that both halves are the same
    world.run_for(600)
    world.by_hand[A] = 500
    world.run_for(600)
    world.balances_late = timedelta(seconds=late_s)
    world.drops_notices, world.place_answers = True, ["hidden", "", "too_many", "too_many"]
    world.price(A, 10_330)
    world.run_for(4)
    world.drops_notices = False
    world.price(A, 9_900)
    world.run_for(60)
    assert [place.order.qty for place in world.placed(Side.SELL)] == [97, 97]
    assert world.told(OrderResolved) == []


def test_a_list_too_early_for_a_count_is_followed_by_another() -> None:
    world = entered(settings=CALM)
    world.run_for(60)
    world.restart()
    world.run_for(1)
    balance = world.desk._state.run.uncounted
    assert balance is not None
    world.run_for(12)
    assert world.desk._state.run.uncounted is not balance


def test_what_was_counted_before_midnight_is_not_counted_with_a_list_of_the_next_day() -> None:
    world = opened(settings=CALM)
    state = world.desk._state
    world.run_for(20)
    day = state.book.counted_on
    assert day is not None
    world.run_until(world.now.replace(hour=14, minute=59, second=55))  # 23:59:55 in Korea
    state.run.uncounted = Balance(world.now, world.now, {})
    world.run_for(20)
    world.give(world._reports(None))
    assert state.book.counted_on == day
