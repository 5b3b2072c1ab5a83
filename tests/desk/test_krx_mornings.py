"""What a day must not take over from the one before, and what a clock may not hide."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from engine.model.commands import ApplySettings, ReleaseGuard
from engine.model.entry_facts import Phase
from engine.model.events import FetchKind, TickSeen, WakeUp
from engine.model.ids import DeskState
from engine.model.intents import FetchIndex, FetchPrice, FetchRows
from engine.model.krx_settings import KrxSettings, RiskSettings, StageSettings
from engine.model.orders import Side
from engine.model.score import Gate
from engine.model.state_facts import StateChanged
from tests.desk.krx_world import A, B, C, KrxWorld, entered, krw, kst, opened

TOMORROW = date(2026, 3, 11)


def gate_of(world: KrxWorld) -> Gate | None:
    why = world.desk.why(A, world.now)
    return why.refused.gate if why is not None and why.refused is not None else None


def test_the_days_equity_is_read_on_that_day() -> None:
    world = opened()
    assert world.desk.view(world.now).today.start_equity == krw(10_000_000)
    world.cash = 1_000_000  # withdrawn in the evening
    world.run_until(kst("00:05:00", TOMORROW))
    world.run_until(kst("08:45:00", TOMORROW))
    assert world.desk.view(world.now).today.start_equity == krw(1_000_000)


def test_a_tick_after_the_last_entry_is_not_judged_by_the_phase_before() -> None:
    world = opened()
    world.price(A, 10_000)
    world.run_until(kst("15:09:59"))
    world.now = kst("15:10:00")  # the tick comes before the wake-up
    world.price(A, 10_200, volume=900_000)
    assert world.placed() == []
    assert world.phase is Phase.MANAGING


def test_cash_of_an_order_that_waits_to_be_sent_is_not_counted_twice() -> None:
    world = opened(cash=2_100_000, settings=KrxSettings(sizing=replace(
        KrxSettings().sizing, max_position_pct=Decimal(95), risk_per_trade_pct=Decimal(5),
    )), fills_orders=False)  # fmt: skip
    world.place_answers = ["waiting"]
    world.price(A, 10_200)
    first = world.placed()[0].order
    world.run_for(20)  # the cash was read again meanwhile, without the order
    world.price(B, 10_200)
    spent = sum((p.order.limit * p.order.qty).amount for p in world.placed(Side.BUY))
    assert first.qty > 150
    assert spent <= 2_100_000


def test_nothing_is_bought_on_the_levels_of_yesterday() -> None:
    world = opened()
    world.price(A, 10_000)
    world.failing = {FetchKind.LISTINGS}
    world.run_until(kst("09:10:00", TOMORROW))
    world.price(A, 10_300, volume=900_000)
    assert world.placed() == []


def test_a_clock_set_back_stops_no_watching_of_what_is_held() -> None:
    world = entered()
    world.drop_stream()
    world.run_until(kst("10:00:00"))
    world.jump(kst("09:30:00"))
    before = len(world.fetched(FetchPrice))
    world.run_for(60)
    assert len(world.fetched(FetchPrice)) > before + 5


def test_after_a_jump_no_exit_is_priced_by_what_was_seen_before() -> None:
    world = entered()
    world.jump(kst("15:16:00"))
    assert world.placed(Side.SELL) == []
    world.run_for(5)
    asked = world.fetched(FetchPrice)
    (sold,) = world.placed(Side.SELL)
    assert asked
    assert sold.order.decided_at > asked[-1]


def test_an_index_that_was_never_read_or_long_ago_counts_as_fallen() -> None:
    world = opened()
    world.failing = {FetchKind.INDEX}
    world.run_for(240)
    world.price(A, 10_200)
    assert world.placed() == []
    assert gate_of(world) is Gate.INDEX_DOWN
    world.failing.clear()
    world.run_for(30)
    world.price(A, 10_200)
    assert len(world.placed()) == 1
    assert world.fetched(FetchIndex)


def test_a_longer_opening_range_takes_its_high_from_all_of_its_minutes() -> None:
    world = opened()
    world.price(A, 10_180)
    world.run_until(kst("09:20:00"))
    world.price(A, 10_400)
    world.price(A, 10_050)
    stages = replace(StageSettings(), opening_range_min=30)
    world.command(ApplySettings(replace(world.settings, stages=stages)))
    world.run_until(kst("09:32:00"))
    why = world.desk.why(A, world.now)
    assert why is not None
    assert why.card is not None
    raw = dict(pair for stage in why.card.stages for pair in stage.raw)
    assert raw["opening_range"] == "10400"


def test_a_latch_whose_limit_was_raised_is_released_and_one_that_holds_is_not() -> None:
    limit = KrxSettings(risk=RiskSettings(max_trades=1))
    world = entered(settings=limit)
    world.run_for(2)
    assert world.desk.view(world.now).guard_latch is DeskState.EXITS_ONLY
    command = world.command(ReleaseGuard())
    assert world.refusal_of(command) is not None
    world.command(ApplySettings(replace(limit, risk=RiskSettings(max_trades=5))))
    assert world.desk.view(world.now).guard_latch is DeskState.RUNNING
    assert world.told(StateChanged)[-1].reason == "the limit was changed"


def test_an_old_trade_repeated_after_registering_sells_nothing() -> None:
    world = entered()
    tick = world.ticks[A]
    for age in (timedelta(hours=2), timedelta(days=1)):
        old = replace(tick, price=krw(8_000), bid=krw(8_000), at=world.now - age)
        world.give(TickSeen(old))
    assert world.placed(Side.SELL) == []
    world.give(TickSeen(replace(tick, price=krw(9_900), bid=krw(9_900), at=world.now)))
    assert len(world.placed(Side.SELL)) == 1


def test_who_only_looks_changes_nothing() -> None:
    one, other = opened(), opened()
    for world in (one, other):
        world.price(A, 10_050, volume=50_000)
        if world is one:
            world.desk.scan(world.now)
            world.desk.why(A, world.now)
            world.desk.why(C, world.now)
        world.run_for(1)
        world.price(A, 10_200, volume=50_000)
        world.run_for(60)
    assert one.intents == other.intents


def test_an_open_exit_and_a_slow_broker_wake_the_desk_no_more_than_needed() -> None:
    world = entered()
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(8)
    handled, desk = [], world.desk.handle
    world.desk.handle = lambda event, now: (handled.append(event), desk(event, now))[1]  # type: ignore[method-assign,func-returns-value]
    world.failing = {FetchKind.REPORTS}
    world.run_for(10)
    assert sum(isinstance(event, WakeUp) for event in handled) < 40


def test_a_held_stock_without_a_base_price_breaks_nothing() -> None:
    world = entered()
    world.listings[A] = replace(world.listings[A], base_price=krw(0))
    world.run_until(kst("08:45:00", TOMORROW))
    world.price(A, 10_300)
    world.run_until(kst("09:10:00", TOMORROW))
    assert world.desk.view(world.now).universe >= 1


def test_a_candidate_that_the_stream_does_not_bring_is_asked_for_again() -> None:
    world = opened()
    world.price(A, 10_050)
    world.run_for(20)
    assert A in world.watched()
    world.has_quotes = False
    before = len(row_calls(world))
    world.run_for(90)
    assert sum(A in symbols for symbols in row_calls(world)[before:]) >= 4


def row_calls(world: KrxWorld) -> list[tuple[str, ...]]:
    return [intent.symbols for _, intent in world.intents if isinstance(intent, FetchRows)]
