from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.entry_facts import HoldReason
from engine.model.ids import Qty
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.money import Krw
from engine.model.orders import OrderKind, OrderReason
from engine.rules.krx.exits import (
    PRECEDENCE,
    ExitDecision,
    HeldView,
    due_exit,
    exit_qty,
    first_due,
    stop_at,
    target_at,
    trailing_at,
)
from engine.rules.krx.sessions import KrxSession, KrxSessionTable


def normal_day() -> KrxSession:
    session = KrxSessionTable(KrxSettings()).session_on(date(2026, 1, 7))
    assert session is not None
    return session


NORMAL_DAY = normal_day()
NOON = datetime(2026, 1, 7, 3, 0, tzinfo=UTC)
SETTINGS = ExitSettings()
COST = Krw(Decimal(10_000))
HELD = HeldView(
    avg_cost=COST,
    opened_at=NOON - timedelta(minutes=10),
    high_water=10_100,
    level=10_000,
    price=10_050,
    upper_limit=13_000,
)


def reason_of(now: datetime = NOON, settings: ExitSettings = SETTINGS, **changes: Any) -> Any:
    decision = due_exit(replace(HELD, **changes), now, settings, NORMAL_DAY)
    return decision.reason if isinstance(decision, ExitDecision) else decision


def test_a_position_that_does_neither_well_nor_badly_is_kept() -> None:
    assert reason_of() is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": 9_800, "level": None}, OrderReason.STOP_LOSS),
        ({"price": 9_801, "level": None}, None),
        ({"price": 10_500}, OrderReason.TAKE_PROFIT),
        ({"price": 10_499}, None),
        ({"price": 10_126, "high_water": 10_250}, OrderReason.TRAILING_STOP),  # 10,250 less 1.2 %
        ({"price": 10_128, "high_water": 10_250}, None),
        ({"price": 10_110, "high_water": 10_249}, None),  # never armed
        ({"price": 9_899}, OrderReason.FAILED_BREAKOUT),
        ({"price": 9_900}, None),
        ({"price": 9_899, "level": None}, None),
        ({"price": 10_050, "opened_at": NOON - timedelta(minutes=60)}, OrderReason.TIME_STOP),
        ({"price": 10_051, "opened_at": NOON - timedelta(minutes=60)}, None),
        ({"price": 10_050, "opened_at": NOON - timedelta(minutes=59)}, None),
    ],
)
def test_each_rule_holds_at_its_price_and_not_one_won_beside(
    changes: dict[str, Any], reason: OrderReason | None
) -> None:
    assert reason_of(**changes) is reason


def test_an_average_with_fractions_of_a_won_is_not_rounded() -> None:
    cost = Krw(Decimal("10000.5"))  # the stop lies at 9,800.49
    assert reason_of(avg_cost=cost, price=9_800, level=None) is OrderReason.STOP_LOSS
    assert reason_of(avg_cost=cost, price=9_801, level=None) is None


def test_a_part_is_sold_once() -> None:
    settings = replace(SETTINGS, scale_out_pct=Decimal(3), scale_out_share_pct=40)
    decision = due_exit(replace(HELD, price=10_300), NOON, settings, NORMAL_DAY)
    assert decision == ExitDecision(OrderReason.SCALE_OUT, 40, OrderKind.LIMIT)
    assert reason_of(settings=settings, price=10_300, has_scaled_out=True) is None
    assert reason_of(settings=settings, price=10_299) is None


@pytest.mark.parametrize(
    ("held", "share", "sold"), [(10, 50, 5), (11, 50, 5), (1, 50, 1), (3, 10, 1), (7, 100, 7)]
)
def test_a_part_is_whole_shares_and_one_at_least(held: int, share: int, sold: int) -> None:
    decision = ExitDecision(OrderReason.SCALE_OUT, share, OrderKind.LIMIT)
    assert exit_qty(Qty(held), decision.share_pct) == sold


def test_what_is_gone_of_a_part_counts_as_held() -> None:
    assert exit_qty(Qty(80), 50, 20) == 30
    assert exit_qty(Qty(50), 50, 50) == 0


def test_rules_that_are_switched_off_never_hold() -> None:
    off = replace(
        SETTINGS,
        take_profit_pct=None,
        trailing_arm_pct=None,
        failed_breakout_pct=None,
        time_stop_min=None,
    )
    old = NOON - timedelta(hours=2)
    for price in (9_801, 10_000, 12_999):
        assert reason_of(settings=off, price=price, high_water=12_999, opened_at=old) is None


# Settings under which a rule holds at the cost price itself, and under which it does not.
HOLDING: dict[OrderReason, dict[str, Any]] = {
    OrderReason.STOP_LOSS: {"stop_loss_pct": Decimal(0)},
    OrderReason.END_OF_DAY: {},
    OrderReason.TRAILING_STOP: {"trailing_arm_pct": Decimal(0), "trailing_give_pct": Decimal(0)},
    OrderReason.FAILED_BREAKOUT: {"failed_breakout_pct": Decimal(0)},
    OrderReason.TAKE_PROFIT: {"take_profit_pct": Decimal(0)},
    OrderReason.TIME_STOP: {"time_stop_min": 0},
    OrderReason.SCALE_OUT: {"scale_out_pct": Decimal(0)},
}
SILENT = ExitSettings(
    take_profit_pct=None, trailing_arm_pct=None, failed_breakout_pct=None, time_stop_min=None
)
ORDER = list(HOLDING)


def test_the_precedence_is_this_table() -> None:
    assert list(PRECEDENCE) == ORDER


def test_of_any_rules_in_one_tick_the_first_of_the_table_wins() -> None:
    view = replace(HELD, price=10_000, high_water=10_000, level=10_001)
    for holding in product((False, True), repeat=len(ORDER)):
        due = [reason for reason, holds in zip(ORDER, holding, strict=True) if holds]
        changes = {name: value for reason in due for name, value in HOLDING[reason].items()}
        flatten = OrderReason.END_OF_DAY in due
        now = NORMAL_DAY.flatten if flatten else NORMAL_DAY.flatten - timedelta(seconds=1)
        settings = replace(SILENT, **changes)
        first = due[0] if due else None
        assert first_due(view, now, settings, NORMAL_DAY) is first
        decision = due_exit(view, now, settings, NORMAL_DAY)
        assert (decision.reason if isinstance(decision, ExitDecision) else decision) is first


def test_stop_loss_wins_over_the_end_of_the_day_and_the_failed_breakout() -> None:
    late = NORMAL_DAY.flatten
    assert (
        reason_of(late, price=9_700, opened_at=late - timedelta(hours=5)) is OrderReason.STOP_LOSS
    )


def test_a_gap_through_trail_and_target_is_told_as_the_trail() -> None:
    assert reason_of(price=10_900, high_water=11_200) is OrderReason.TRAILING_STOP


AUCTION = NORMAL_DAY.close_auction


@pytest.mark.parametrize(
    ("now", "decision"),
    [
        (NORMAL_DAY.flatten - timedelta(seconds=1), None),
        (NORMAL_DAY.flatten, ExitDecision(OrderReason.END_OF_DAY, 100, OrderKind.LIMIT)),
        (AUCTION, ExitDecision(OrderReason.END_OF_DAY, 100, OrderKind.MARKET)),
        (
            NORMAL_DAY.close - timedelta(seconds=1),
            ExitDecision(OrderReason.END_OF_DAY, 100, OrderKind.MARKET),
        ),
        (NORMAL_DAY.close, None),
    ],
)
def test_the_day_ends_flat_by_a_limit_and_in_the_auction_by_a_market_order(
    now: datetime, decision: ExitDecision | None
) -> None:
    held = replace(HELD, opened_at=now)
    assert due_exit(held, now, SETTINGS, NORMAL_DAY) == decision


def test_nothing_is_sold_before_the_open_or_after_the_close() -> None:
    for now in (NORMAL_DAY.open - timedelta(seconds=1), NORMAL_DAY.close):
        assert reason_of(now, price=5_000) is None
    assert reason_of(NORMAL_DAY.open, price=5_000) is OrderReason.STOP_LOSS


def test_no_order_while_trading_is_halted_but_the_wish_is_told() -> None:
    assert reason_of(price=9_000, is_halted=True) is HoldReason.TRADING_HALT
    assert reason_of(is_halted=True) is None
    assert reason_of(NORMAL_DAY.flatten, is_halted=True) is HoldReason.TRADING_HALT


def test_in_a_volatility_halt_only_the_stop_loss_goes_out_and_says_that_it_waits() -> None:
    stop = due_exit(replace(HELD, price=9_000, has_vi=True), NOON, SETTINGS, NORMAL_DAY)
    assert stop == ExitDecision(
        OrderReason.STOP_LOSS, 100, OrderKind.MARKET, waits_for_auction=True
    )
    due: list[dict[str, Any]] = [{"price": 10_600}, {"price": 9_850}]
    for changes in due:
        assert reason_of(**changes) is not None
        assert reason_of(**changes, has_vi=True) is None
    assert reason_of(NORMAL_DAY.flatten, has_vi=True) is None


def test_a_volatility_halt_that_runs_into_the_closing_auction_holds_nothing_back() -> None:
    held = replace(HELD, has_vi=True, opened_at=AUCTION)
    assert due_exit(held, AUCTION, SETTINGS, NORMAL_DAY) == ExitDecision(
        OrderReason.END_OF_DAY, 100, OrderKind.MARKET
    )


def test_a_stock_at_its_upper_limit_is_held_even_over_the_close() -> None:
    limit_up: dict[str, Any] = {"price": 13_000, "high_water": 13_000}
    for now in (NOON, NORMAL_DAY.flatten, AUCTION):
        assert reason_of(now, **limit_up) is HoldReason.UPPER_LIMIT
    assert reason_of(**limit_up, upper_limit=None) is OrderReason.TAKE_PROFIT
    freely = replace(SETTINGS, hold_upper_limit=False)
    assert reason_of(settings=freely, **limit_up) is OrderReason.TAKE_PROFIT


def test_the_upper_limit_never_holds_a_stop_loss_back() -> None:
    dear = Krw(Decimal(14_000))  # bought before the base price was corrected for rights
    assert reason_of(avg_cost=dear, price=13_000) is OrderReason.STOP_LOSS


def test_the_prices_of_the_plan_are_those_of_the_rules() -> None:
    assert stop_at(COST, SETTINGS) == 9_800
    assert target_at(COST, SETTINGS) == 10_500
    assert target_at(COST, replace(SETTINGS, take_profit_pct=None)) is None
    assert trailing_at(COST, 10_249, SETTINGS) is None
    uneven = Krw(Decimal("10000.5"))  # in whole won, on the side where the rule holds
    assert (stop_at(uneven, SETTINGS), target_at(uneven, SETTINGS)) == (
        Decimal(9_800),
        Decimal(10_501),
    )
    assert trailing_at(COST, 11_000, SETTINGS) == Decimal(10868)


@given(prices=st.lists(st.integers(5_000, 15_000), min_size=1, max_size=30))
def test_the_trailing_stop_never_comes_down(prices: list[int]) -> None:
    high, last = 10_000, Decimal(0)
    for price in prices:
        high = max(high, price)
        stop = trailing_at(COST, high, SETTINGS)
        assert stop is not None or last == 0
        assert (stop or last) >= last
        last = stop or last


@given(
    price=st.integers(1, 20_000),
    high=st.integers(1, 20_000),
    level=st.none() | st.integers(1, 20_000),
    seconds=st.integers(-100, 24_000),
    has_vi=st.booleans(),
    is_halted=st.booleans(),
)
def test_a_loss_beyond_the_stop_is_always_sold_while_the_market_takes_orders(
    *, price: int, high: int, level: int | None, seconds: int, has_vi: bool, is_halted: bool
) -> None:
    now = NORMAL_DAY.open + timedelta(seconds=seconds)
    view = replace(
        HELD, price=price, high_water=high, level=level, has_vi=has_vi, is_halted=is_halted
    )
    decision = due_exit(view, now, SETTINGS, NORMAL_DAY)
    if not NORMAL_DAY.open <= now < NORMAL_DAY.close:
        assert decision is None
    elif is_halted:
        assert not isinstance(decision, ExitDecision)
    elif price <= 9_800:
        assert isinstance(decision, ExitDecision)
        assert (decision.reason, decision.share_pct) == (OrderReason.STOP_LOSS, 100)
