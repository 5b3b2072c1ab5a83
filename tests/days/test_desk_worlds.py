"""Random days of trading, faults and restarts: the books must come out as the broker's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.desk.base import Outcome
from engine.desk.us.desk import UsDesk
from engine.model.commands import Halt, Pause, Resume, SellNow
from engine.model.day_facts import Window
from engine.model.events import Event, FetchKind, NoticeSeen, ReportsSeen, Started
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.intents import FetchCash, FetchHoldings, FetchPrice, FetchReports
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderReason, OrderReport, Side
from engine.model.settings import AtWindowEnd, ExecutionStyle, UsSettings
from engine.rules.sessions import SessionTable
from tests.desk.world import World, et, usd

pytestmark = pytest.mark.timeout(60)
SYMBOLS = ("MU", "AMD")
FETCHES = FetchHoldings | FetchReports | FetchPrice | FetchCash

starts = st.sampled_from(["03:40:00", "04:30:00", "09:28:00", "09:45:00", "11:57:00", "13:00:00"])
prices = st.integers(9600, 11400).map(lambda cents: f"{cents / 100:.2f}")
symbols = st.sampled_from(SYMBOLS)
actions = st.one_of(
    st.tuples(st.just("price"), symbols, prices, prices),
    st.tuples(st.just("rise"), symbols),
    st.tuples(st.just("buy"), symbols, st.integers(1, 9)),
    st.tuples(st.just("sell"), symbols, st.integers(1, 4)),
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.3, 2, 6, 30, 200])),
    st.tuples(st.just("fault"), st.sampled_from(["reject", "lost", "live_unknown"])),
    st.tuples(st.just("cancel"), st.sampled_from(["refuse", "fill_first"])),
    st.tuples(st.just("part"), st.integers(1, 3)),
    st.tuples(st.just("mute"), st.booleans()),
    st.tuples(st.just("fail"), st.sampled_from([set(), {FetchKind.REPORTS}, set(FetchKind)])),
    st.tuples(st.just("stream"), st.booleans()),
    st.tuples(st.just("restart")),
    st.tuples(st.just("command"), st.sampled_from([Pause(), Resume(), Halt()])),
    st.tuples(st.just("by_hand"), symbols),
)
jumps = st.tuples(st.just("jump"), st.sampled_from([-420, -5, 40, 3000]))
styles = st.builds(
    UsSettings,
    execution=st.sampled_from(ExecutionStyle),
    at_window_end=st.sampled_from(AtWindowEnd),
)


def act(world: World, action: tuple[object, ...]) -> None:
    if action[0] in ("price", "rise", "buy", "sell", "by_hand"):
        _trade(world, action)
    elif action[0] == "jump":
        _jump(world, action)
    else:
        _disturb(world, action)


def _trade(world: World, action: tuple[object, ...]) -> None:
    match action:
        case ("price", str(symbol), str(last), str(bid)):
            world.price(symbol, max(last, bid, key=float), min(last, bid, key=float))
        case ("rise", str(symbol)):
            world.price(symbol, "104.00")
            world.run_for(0.5)
            world.price(symbol, "104.01")
        case ("buy", str(symbol), int(qty)):
            world.price(symbol, "100.00")
            world.buy(symbol, qty, "100.00")
        case ("sell", str(symbol), int(qty)):
            share = world.shares.get(Symbol(symbol))
            if share is not None and share.qty - world.open_sells(Symbol(symbol)) >= qty:
                world.sell_elsewhere(symbol, qty, "101.00")
        case ("by_hand", str(symbol)):
            world.command(SellNow(Symbol(symbol), None))


def _jump(world: World, action: tuple[object, ...]) -> None:
    """The world itself refuses an order that is decided before the account was read again."""
    match action:
        case ("jump", int(seconds)):
            world.jump(world.now + timedelta(seconds=seconds))
            for last in ("104.00", "104.01"):
                world.price("MU", last)


def _disturb(world: World, action: tuple[object, ...]) -> None:
    match action:
        case ("wait", float(seconds) | int(seconds)):
            world.run_for(seconds)
        case ("fault", str(how)):
            world.place_answers.append(how)
        case ("cancel", str(how)):
            world.cancel_answers.append(how)
        case ("part", int(qty)):
            world.fill_part = qty
        case ("mute", bool(is_muted)):
            world.drops_notices = is_muted
        case ("fail", set() as kinds):
            world.failing = set(kinds)
        case ("stream", is_up):
            (world.raise_stream if is_up else world.drop_stream)()
        case ("restart",):
            world.restart()
        case ("command", (Pause() | Resume() | Halt()) as command):
            world.command(command)


def check_live_orders(world: World) -> None:
    """Whatever the desk believes to be live fits into what it believes to hold."""
    for symbol, share in world.shares.items():
        assert world.open_sells(symbol) <= share.qty


def settle(world: World) -> None:
    """Let everything work again, and give it time."""
    world.failing = set()
    world.place_answers, world.cancel_answers, world.fill_part = [], [], None
    world.drops_notices = False
    world.raise_stream()
    world.command(Resume())
    for symbol in SYMBOLS:
        world.price(symbol, "99.00")
    world.run_for(1300)


@given(starts, styles, st.lists(actions | jumps, min_size=3, max_size=40))
@settings(max_examples=60, deadline=None)
def test_the_books_agree_with_the_broker_after_any_day(
    start: str, style: UsSettings, steps: list[tuple[object, ...]]
) -> None:
    world = World(now=et(start), settings=style)
    world.start()
    world.run_for(3)
    for step in steps:
        act(world, step)
        check_live_orders(world)
    settle(world)
    if world.window() in (Window.PREMARKET, Window.REGULAR):
        held = {s: share.qty for s, share in world.shares.items() if share.qty}
        view = world.desk.view(world.now)
        assert {p.symbol: p.qty for p in view.positions} == held
    executed = sum(
        o.report.filled_qty
        for o in world.orders.values()
        if o.report.by_api and o.report.side is Side.SELL
    )
    told = sum(fact.fill.qty for fact in world.told(OrderFilled))
    elsewhere = sum(fact.qty for fact in world.told(SoldElsewhere) if fact.price is None)
    assert told <= executed
    if world.window() is not Window.ASLEEP and not elsewhere:
        assert told == executed


@given(starts, st.lists(actions, min_size=1, max_size=25))
@settings(max_examples=10, deadline=None)
def test_nothing_is_read_while_asleep_but_for_the_three_exceptions(
    start: str, steps: list[tuple[object, ...]]
) -> None:
    world = World(now=et(start))
    world.start()
    for step in steps:
        if step[0] != "by_hand":
            act(world, step)
    world.run_until(et("23:59:00"))
    open_orders = 0
    for at, intent in world.intents:
        if isinstance(intent, FETCHES):
            is_window = et("04:00:00") <= at < et("12:00:00")
            is_readiness = et("03:50:00") <= at < et("04:00:00")
            open_orders += not is_window and not is_readiness
            assert is_window or is_readiness or et("12:00:00") <= at <= et("16:00:00")
    placed = bool(world.placed())
    assert open_orders == 0 or placed
    assert world.calls_between(et("03:50:00"), et("04:00:00")) <= 4


class Armed(UsDesk):
    """Counts the shares that became the desk's to sell."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.armed: Counter[Symbol] = Counter()

    def handle(self, event: Event, now: datetime) -> Outcome:
        before = self._armed_now()
        outcome = super().handle(event, now)
        after = self._armed_now()
        for fact in outcome.facts:  # one list may tell of a sale and of a new buy
            if isinstance(fact, OrderFilled) and fact.order.reason is not OrderReason.MANUAL:
                after[fact.order.symbol] += fact.fill.qty
        self.armed += after - before
        return outcome

    def _armed_now(self) -> Counter[Symbol]:
        return Counter({s: p.armed_qty for s, p in self._state.book.positions.items()})


mu_actions = st.one_of(
    st.just(("rise", "MU")),
    st.tuples(st.just("buy"), st.just("MU"), st.integers(1, 9)),
    st.tuples(st.just("sell"), st.just("MU"), st.integers(1, 4)),
    st.just(("by_hand", "MU")),
    st.tuples(st.just("command"), st.sampled_from([Pause(), Resume()])),
    st.tuples(st.just("wait"), st.sampled_from([0.3, 6, 30])),
    st.tuples(st.just("part"), st.integers(1, 3)),
    st.tuples(st.just("mute"), st.booleans()),
    st.tuples(st.just("fail"), st.sampled_from([set(), {FetchKind.REPORTS}])),
)


@given(styles, st.lists(mu_actions | jumps, min_size=3, max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_more_is_sold_by_the_rules_than_was_ever_armed(
    style: UsSettings, steps: list[tuple[object, ...]]
) -> None:
    world = World(now=et("09:28:00"), settings=style)
    desk = world.desk = Armed(world.settings, world.sessions)
    world.start()
    world.run_until(et("09:35:00"))
    for step in (("buy", "MU", 9), ("command", Pause()), ("buy", "MU", 5), *steps):
        act(world, step)
        world.run_for(2)
        by_rule = sum(
            fact.fill.qty
            for fact in world.told(OrderFilled)
            if fact.order.reason is not OrderReason.MANUAL
        )
        assert by_rule <= desk.armed[Symbol("MU")]


class Recorder(UsDesk):
    """Keeps what it was given."""

    def __init__(self, world: World) -> None:
        super().__init__(world.settings, world.sessions)
        self.given: list[tuple[Event, datetime]] = []

    def handle(self, event: Event, now: datetime) -> Outcome:
        self.given.append((event, now))
        return super().handle(event, now)


@given(starts, st.lists(actions, min_size=3, max_size=25), st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_a_desk_restored_at_any_cut_goes_on_as_the_one_that_lived(
    start: str, steps: list[tuple[object, ...]], share: float
) -> None:
    world = World(now=et(start))
    desk = world.desk = Recorder(world)
    world.start()
    for step in steps:
        if step[0] != "restart":
            act(world, step)
    world.run_for(30)
    cut = int(share * (len(desk.given) - 1)) + 1
    table, given_settings = SessionTable(), replace(world.settings)
    lived = UsDesk(given_settings, table)
    for event, now in desk.given[:cut]:
        lived.handle(event, now)
    restored = UsDesk(given_settings, table, restored=lived.snapshot())
    assert restored.snapshot() == lived.snapshot()
    at = desk.given[cut - 1][1]
    assert restored.handle(Started(), at) == lived.handle(Started(), at)
    for event, now in desk.given[cut:]:
        assert restored.handle(event, now) == lived.handle(event, now)
    assert restored.snapshot() == lived.snapshot()


@given(
    st.permutations(
        [
            ("n", 3, "a"),
            ("n", 3, "a"),
            ("n", 3, "b"),
            ("n", 4, "c"),
            ("r", 3, ""),
            ("r", 6, ""),
            ("r", 10, ""),
        ]
    )
)
@settings(max_examples=80, deadline=None)
def test_any_order_of_doubled_and_late_records_gives_the_same_position(
    records: list[tuple[str, int, str]],
) -> None:
    world = World(now=et("09:29:00"))
    world.start()
    world.run_until(et("09:35:00"))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(3)
    world.price("MU", "100.5")
    world.drops_notices = True
    world.price("MU", "103.05", "103.04")
    world.price("MU", "102.00")
    world.run_for(0.3)
    number = next(n for n, o in world.orders.items() if o.report.by_api)
    report = world.orders[number].report
    best = 0
    for record in records:
        world.give(_event(world, number, report, record))
        best = max(best, record[1] if record[0] == "r" else 0)
        told = sum(fact.fill.qty for fact in world.told(OrderFilled))
        assert best <= told <= 10
    told = sum(fact.fill.qty for fact in world.told(OrderFilled))
    assert told == 10
    assert world.desk.view(world.now).positions == ()


def _event(
    world: World, number: BrokerOrderNo, report: OrderReport, record: tuple[str, int, str]
) -> Event:
    kind, qty, key = record
    limit = usd("103.04")
    if kind == "n":
        return NoticeSeen(
            OrderNotice(
                NoticeKind.FILL,
                number,
                None,
                Symbol("MU"),
                Side.SELL,
                Qty(qty),
                limit,
                Qty(10),
                world.now,
                key,
            )
        )
    filled = replace(report, filled_qty=Qty(qty), open_qty=Qty(10 - qty), avg_price=limit)
    buys = [o.report for o in world.orders.values() if not o.report.by_api]
    return ReportsSeen((*buys, filled), world.now, world.quota())
