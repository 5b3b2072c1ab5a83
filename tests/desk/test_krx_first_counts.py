"""Counts from the first minute on: after a start, on another day, after the clock was set."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.desk.base import Outcome
from engine.desk.krx import counting
from engine.model.events import Event, FetchKind
from engine.model.mismatches import MismatchAsked
from engine.model.money import Krw
from engine.model.order_facts import OrderResolved, SoldElsewhere
from engine.model.orders import Side
from tests.desk.krx_late import lost, plain, with_late_ones, without_counts
from tests.desk.krx_world import A, B, KrxWorld, entered, kst, opened, opened_late
from tests.desk.test_krx_doubt import CALM
from tests.desk.test_krx_hand_count import just_before_a_balance

LAST_WEEK = "2026-03-06"


def typed_yesterday(world: KrxWorld) -> None:
    """The newest order."""
    booked = world.orders[world.number_of()]
    assert booked.report.ordered_at is not None
    booked.report = replace(booked.report, ordered_at=booked.report.ordered_at - timedelta(days=1))


def assert_lost_exit_is_settled(world: KrxWorld) -> None:
    lost(world)
    world.price(A, 9_900)
    world.run_for(55)
    (resolved,) = world.told(OrderResolved)
    assert resolved.broker_order_no is None
    assert world.told(MismatchAsked) == []


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


@pytest.mark.parametrize("counted_on", [None, LAST_WEEK])
def test_an_order_decided_at_once_after_the_start_has_a_count_over_a_restart(
    counted_on: str | None,
) -> None:
    world = opened(settings=CALM)
    world.restart(without_counts(world, counted_on))
    world.run_for(5)
    world.place_answers = ["lost"]
    world.price(A, 10_200)
    assert len(world.placed(Side.BUY)) == 1
    world.restart()
    world.run_for(60)
    assert world.told(OrderResolved)[0].broker_order_no is None


def test_what_he_traded_just_before_the_start_is_no_count_of_its_first_list() -> None:
    world = with_late_ones()
    entered(world)
    world.run_for(400)
    world.buy_by_hand(A, 195)
    world.balances_late = timedelta(seconds=8)
    world.restart(without_counts(world, None))
    world.run_for(15)
    world.balances_late = timedelta(0)
    lost(world, "hidden")
    world.price(A, 9_900)
    world.run_for(120)
    assert world.shares[A] == 0
    assert len(world.placed(Side.SELL)) == 1
    assert len(world.told(MismatchAsked)) == 1


@pytest.mark.parametrize("trades_another", [False, True])
def test_a_stock_he_traded_before_the_start_is_counted_within_the_minute(
    *, trades_another: bool
) -> None:
    world = entered(settings=CALM)
    world.buy_by_hand(A, 5)
    world.by_hand[B] = 100
    world.run_for(60)
    world.restart(without_counts(world, None))
    for _ in range(20):
        world.run_for(1.9)
        if trades_another:
            world.sell_by_hand(B, 1, are_his=True)
        world.run_for(1.1)  # then a balance is on its way, one after the other
    assert_lost_exit_is_settled(world)


def test_a_count_is_in_the_book_when_the_program_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    world = entered(settings=CALM)
    world.buy_by_hand(A, 50)
    world.run_for(600)
    books: list[dict[str, Any]] = []
    handle = world.desk.handle

    def keep(event: Event[Krw], now: datetime) -> Outcome[Krw]:
        outcome = handle(event, now)
        if outcome.is_durable:
            books.append(plain(world.desk.snapshot()))
        return outcome

    monkeypatch.setattr(world.desk, "handle", keep)
    world.by_hand[A] = 0  # moved to another broker
    world.run_for(400)
    world.restart(books[-1])
    world.run_for(5)
    assert_lost_exit_is_settled(world)


def test_what_he_traded_yesterday_keeps_no_order_of_today_in_doubt() -> None:
    world = opened(settings=CALM)
    world.buy_by_hand(A, 5)
    typed_yesterday(world)
    entered(world)
    world.run_for(400)
    assert_lost_exit_is_settled(world)


def test_a_balance_of_the_evening_is_not_counted_with_the_list_of_the_morning() -> None:
    world = opened_late(settings=CALM)
    world.buy_by_hand(A, 10)
    typed_yesterday(world)
    world.by_hand[B] = 9
    world.run_until(kst("15:29:57"))
    world.sell_by_hand(B, 1, are_his=True)  # the balance after it waits for a list
    world.run_until(kst("08:05:00", world.now.date() + timedelta(days=1)))
    world.buy_by_hand(A, 10)  # so the list of today looks like the one of yesterday
    world.failing = {FetchKind.HOLDINGS}
    world.run_for(1_800)
    assert counting.expected(world.desk._state, A) == world.by_hand[A] == 20


@pytest.mark.parametrize("after_s", [0.5, 5])
def test_a_clock_that_is_set_back_keeps_no_lost_exit_in_doubt(after_s: float) -> None:
    world = opened(settings=CALM)
    world.run_until(kst("09:40:00"))
    entered(world)
    world.buy_by_hand(A, 5)
    just_before_a_balance(world)
    world.run_for(1 + after_s)
    world.jump(world.now - timedelta(minutes=20))
    world.by_hand[A] -= 3  # moved to another broker
    world.run_for(200)
    assert_lost_exit_is_settled(world)


def test_a_sale_by_hand_after_the_clock_was_set_back_is_booked_at_once() -> None:
    world = opened(settings=CALM)
    world.run_until(kst("09:40:00"))
    entered(world)
    world.run_for(60)
    world.jump(world.now - timedelta(minutes=20))
    world.sell_by_hand(A, 100)
    world.run_for(30)
    assert [gone.qty for gone in world.told(SoldElsewhere)] == [100]
    assert world.told(MismatchAsked) == []
