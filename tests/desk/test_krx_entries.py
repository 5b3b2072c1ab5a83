from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.entry_facts import EntryDecided, EntryFilled, EntryRefused
from engine.model.krx_settings import EntrySettings, KrxSettings, RiskSettings, StageSettings
from engine.model.listing import Segment
from engine.model.market_events import Facilities, Ranking
from engine.model.order_facts import OrderAccepted, OrderEnded, OrderRejected
from engine.model.orders import OrderKind, OrderReason, Side
from engine.model.score import Bucket, Gate, Refused, Zone
from tests.desk.krx_world import A, B, KrxWorld, entered, krw, kst, opened, opened_late

STEPS = KrxSettings(
    stages=StageSettings(
        zone_shares={Zone.OPENING_RANGE: 25, Zone.PREV_HIGH: 25, Zone.N_DAY_HIGH: 0},
        zone_points={Zone.OPENING_RANGE: 100},
    )
)


def unfilled() -> KrxWorld:
    return opened(fills_orders=False)


def test_a_breakout_is_bought_at_once_filled_and_told() -> None:
    world = opened()
    world.price(A, 10_200)
    (decided,) = world.told(EntryDecided)
    assert world.placed()[0].order == decided.order
    order = decided.order
    assert (order.side, order.kind, order.reason) == (
        Side.BUY,
        OrderKind.LIMIT,
        OrderReason.BREAKOUT,
    )
    assert (order.limit, order.decision_price) == (krw(10_210), krw(10_200))
    assert (order.score, decided.step) == (100, 1)
    assert order.decided_at == world.now
    world.run_for(1)
    (filled,) = world.told(EntryFilled)
    assert (filled.held_qty, filled.is_complete, filled.avg_cost) == (195, True, krw(10_210))
    assert filled.fee == krw(298)  # 0.015 % of 1,990,950
    assert (filled.stop_price, filled.target_price) == (krw(10_005), krw(10_721))
    assert len(world.told(OrderAccepted)) == 1
    assert world.position().zones == list(Zone)
    assert world.position().level == krw(10_150)


def test_below_its_levels_a_stock_is_left_alone_whatever_its_volume() -> None:
    world = opened()
    world.price(A, 10_050, volume=500_000)
    world.run_for(2)
    assert world.placed() == []
    assert world.desk.why(A, world.now) is not None


def test_the_limit_stays_within_the_collar_of_the_last_price() -> None:
    world = opened(settings=KrxSettings(stages=replace(StageSettings(), max_spread_ticks=20)))
    world.price(A, 10_200, ask=10_400)
    assert world.placed()[0].order.limit == krw(10_250)


def test_a_market_entry_reserves_the_upper_limit() -> None:
    world = opened(settings=KrxSettings(entry=EntrySettings(kind=OrderKind.MARKET)))
    world.price(A, 10_200)
    order = world.placed()[0].order
    assert (order.kind, order.limit) == (OrderKind.MARKET, krw(13_000))
    assert order.qty == 153  # of 2,000,000 won at that price


def test_only_what_can_be_ordered_without_arrears_is_spent() -> None:
    world = opened(cash=1_000_000, unsettled=9_000_000)
    world.price(A, 10_200)
    order = world.placed()[0].order
    assert order.qty == 97  # of 1,000,000 won with the fee; the equity would allow 195


def test_money_that_an_open_entry_holds_buys_nothing_else() -> None:
    rich = RiskSettings(max_order_krw=10_000_000)
    sizing = replace(
        KrxSettings().sizing, max_position_pct=Decimal(70), risk_per_trade_pct=Decimal(9)
    )
    settings = KrxSettings(risk=rich, sizing=replace(sizing, liquidity_share_pct=Decimal(100)))
    world = opened(settings=settings, fills_orders=False)
    world.price(A, 10_200)
    world.price(B, 10_200)
    first, second = (place.order for place in world.placed())
    spent = first.limit.amount * first.qty + second.limit.amount * second.qty
    assert 9_900_000 < spent <= 10_000_000


def test_a_level_broken_later_adds_a_step_to_the_position() -> None:
    world = opened(settings=STEPS)
    world.price(A, 10_060)
    world.run_for(1)
    (first,) = world.told(EntryDecided)
    assert (first.order.qty, first.card.broken) == (49, (Zone.OPENING_RANGE,))
    world.price(A, 10_080)
    world.run_for(2)
    assert len(world.placed()) == 1
    world.price(A, 10_110)
    world.run_for(1)
    second = world.told(EntryDecided)[1]
    assert second.step == 2
    assert world.position().qty == first.order.qty + second.order.qty == 98
    assert world.position().zones == [Zone.OPENING_RANGE, Zone.PREV_HIGH, Zone.N_DAY_HIGH]
    assert world.desk._state.book.day is not None
    assert world.desk._state.book.day.opened == [A]  # one trade, however many steps


def test_nothing_is_added_once_all_of_the_position_is_allowed_for() -> None:
    world = entered()
    world.price(A, 10_300, volume=100_000)
    world.run_for(5)
    assert len(world.placed()) == 1


def test_an_entry_that_does_not_fill_is_priced_anew_twice_and_then_left_alone() -> None:
    world = unfilled()
    for price in (10_200, 10_220, 10_240, 10_260):
        world.price(A, price)
        world.run_for(20)
    assert [place.order.limit for place in world.placed()] == [
        krw(10_210),
        krw(10_230),
        krw(10_250),
    ]
    assert [ended.will_reprice for ended in world.told(OrderEnded)] == [True, True, False]
    world.price(A, 10_280)
    world.run_for(1)
    assert world.desk.why(A, world.now).refused.gate is Gate.SYMBOL_COOLDOWN  # type: ignore[union-attr]
    world.run_for(31 * 60)
    world.price(A, 10_300)
    assert len(world.placed()) == 4


def test_the_timeout_counts_from_the_acceptance() -> None:
    world = unfilled()
    world.price(A, 10_200)
    accepted = world.now + timedelta(milliseconds=200)
    world.run_until(accepted + timedelta(seconds=9.9))
    assert world.cancels() == []
    world.run_until(accepted + timedelta(seconds=10.1))
    assert len(world.cancels()) == 1


def test_what_was_left_of_a_part_is_bought_at_another_price() -> None:
    world = unfilled()
    world.price(A, 10_200)
    world.run_for(2)
    world.fill(world.number_of(), 100)
    world.run_for(1)
    assert world.position().qty == 100
    world.run_for(15)
    (ended,) = world.told(OrderEnded)
    assert (ended.filled_qty, ended.will_reprice) == (100, True)
    world.price(A, 10_220)
    assert world.placed()[1].order.qty == 95
    world.run_for(1)
    world.fill(world.number_of(), 95)
    world.run_for(1)
    assert world.position().qty == 195


def test_a_cancel_that_comes_too_late_leaves_the_shares_bought() -> None:
    world = opened(fills_orders=False, cancel_answers=["fill_first"])
    world.price(A, 10_200)
    world.run_for(15)
    assert len(world.cancels()) == 1
    assert world.position().qty == 195
    assert world.told(OrderEnded) == []


def test_a_refused_cancel_is_asked_again_while_the_list_shows_the_order() -> None:
    world = opened(fills_orders=False, cancel_answers=["refuse"])
    world.price(A, 10_200)
    world.run_for(40)
    assert len(world.cancels()) == 2
    assert len(world.told(OrderEnded)) == 1


def test_a_refused_entry_is_told_and_the_stock_left_alone() -> None:
    world = opened(place_answers=["reject"])
    world.price(A, 10_200)
    world.run_for(3)
    (rejected,) = world.told(OrderRejected)
    assert rejected.code == "APBK0000"
    world.price(A, 10_250)
    world.run_for(3)
    assert len(world.placed()) == 1
    assert world.positions == {}


def test_a_scan_does_not_delay_the_entry_that_a_trade_calls_for() -> None:
    world = opened()
    world.run_until(kst("09:05:40"))
    world.price(A, 10_200)  # right after rankings were read and scored
    assert len(world.placed()) == 1


def test_after_the_last_entry_open_entries_are_taken_back() -> None:
    patient = KrxSettings(entry=EntrySettings(timeout_s=600))
    world = opened_late(fills_orders=False, settings=patient)
    world.run_until(kst("15:08:00"))
    world.price(A, 10_200)
    world.run_for(2)
    assert len(world.placed()) == 1
    world.run_until(kst("15:10:01"))
    assert len(world.cancels()) == 1
    world.run_for(10)
    (ended,) = world.told(OrderEnded)
    assert not ended.will_reprice


def test_what_is_held_names_no_open_order_of_before_it_was_bought() -> None:
    world = opened()
    world.price(A, 10_200)
    world.desk._state.run.names.by_symbol[A].gate = Refused(Gate.ORDER_OPEN)
    ordered = world.desk.why(A, world.now)
    assert ordered is not None
    assert ordered.refused is not None
    world.run_for(1)
    held = world.desk.why(A, world.now)
    assert held is not None
    assert (held.bucket, held.refused) == (Bucket.HELD, None)


def test_a_name_goes_through_the_funnel_to_its_end() -> None:
    world = opened()
    assert _bucket(world) is Bucket.WATCHED
    world.price(A, 10_200)
    assert _bucket(world) is Bucket.ORDERED
    world.run_for(1)
    assert _bucket(world) is Bucket.HELD
    world.price(A, 9_900)
    world.run_for(1)
    assert world.positions == {}
    assert _bucket(world) is Bucket.DONE


def _bucket(world: KrxWorld) -> Bucket | None:
    why = world.desk.why(A, world.now)
    assert why is not None
    return why.bucket


# -- gates at the desk


def refused_by(world: KrxWorld) -> Gate:
    """The gate that held back A, of which nothing was bought."""
    assert world.placed() == []
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.refused is not None
    return why.refused.gate


def test_before_the_opening_range_is_over_nothing_is_bought() -> None:
    world = KrxWorld()
    world.start()
    world.run_until(kst("09:00:01"))
    world.price(A, 10_000, volume=300_000)
    world.run_until(kst("09:04:00"))
    world.price(A, 10_300)
    world.run_until(kst("09:04:59"))
    assert world.placed() == []


def test_after_the_last_entry_nothing_is_bought() -> None:
    world = opened_late()
    world.run_until(kst("15:10:01"))
    world.price(A, 10_200, volume=900_000)
    world.run_for(5)
    assert world.placed() == []


@pytest.mark.parametrize(
    ("flag", "gate"),
    [("is_halted", Gate.TRADING_HALT), ("has_vi", Gate.VOLATILITY_HALT)],
)
def test_a_halted_stock_is_not_bought(flag: str, gate: Gate) -> None:
    world = opened()
    world.price(A, 10_200, **{flag: True})
    assert refused_by(world) is gate
    assert [refused.refused.gate for refused in world.told(EntryRefused)] == [gate]
    world.run_for(2)
    world.price(A, 10_210)
    assert len(world.placed()) == 1


def test_an_expected_price_of_an_auction_is_no_trade() -> None:
    world = opened()
    world.price(A, 10_200, is_regular=False)
    world.run_for(2)
    assert world.placed() == []
    assert world.desk._state.run.names.by_symbol[A].running.price == 10_050


def test_at_the_upper_limit_nobody_sells() -> None:
    world = opened()
    world.price(A, 13_000, ask=None)
    assert refused_by(world) is Gate.UPPER_LIMIT


def test_a_wide_spread_is_a_refusal() -> None:
    world = opened()
    world.price(A, 10_200, ask=10_240)
    assert refused_by(world) is Gate.SPREAD
    (told,) = world.told(EntryRefused)
    assert (told.refused.measured, told.refused.limit) == ("4", "3")


def test_a_locked_stock_is_not_bought() -> None:
    world = opened(settings=KrxSettings(locks=frozenset({B})))
    world.price(B, 10_200)
    world.run_for(1)
    assert world.placed() == []


def test_too_little_known_is_a_refusal() -> None:
    heavy = replace(EntrySettings(), min_present_weight=100)
    world = opened(strength=None, settings=KrxSettings(entry=heavy))
    world.price(A, 10_200)
    assert refused_by(world) is Gate.TOO_LITTLE_KNOWN
    assert world.told(EntryRefused) == []  # what every stock meets is told to nobody


def test_a_score_below_the_threshold_is_a_refusal() -> None:
    world = opened(strength="90", index_pct=dict.fromkeys(Segment, "-0.6"))
    world.price(A, 10_060)
    assert refused_by(world) is Gate.SCORE
    assert world.told(EntryRefused) == []


def test_a_refusal_is_told_once_a_day() -> None:
    world = opened()
    for _ in range(3):
        world.price(A, 10_200, ask=10_240)
        world.run_for(2)
    assert len(world.told(EntryRefused)) == 1


def test_without_shares_to_afford_the_refusal_says_why() -> None:
    world = opened(cash=9_000)
    world.price(A, 10_200)
    assert refused_by(world) in (Gate.NO_CASH, Gate.TOO_SMALL)


def test_a_position_that_is_full_is_not_told_as_refused() -> None:
    world = opened(settings=STEPS)
    world.price(A, 10_060)
    world.run_for(1)
    for price in (10_200, 10_210, 10_220):
        world.price(A, price)
        world.run_for(3)
    assert all(r.refused.gate is not Gate.TOO_SMALL for r in world.told(EntryRefused))


def test_without_the_market_stage_the_rest_decides() -> None:
    without = Facilities(frozenset(Ranking), 30, has_open_days=True, has_index=False)
    world = opened(strength=None, index_pct={}, facilities=without)
    world.price(A, 10_200)
    (decided,) = world.told(EntryDecided)
    assert decided.card.present_weight == 80
    assert decided.card.total > 99  # tenths are cut
