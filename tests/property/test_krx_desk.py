"""Whatever happens to it, the KRX desk keeps its limits, its books and its funnel."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flow.replay_check import Inspector
from engine.model.calls import CallTally
from engine.model.commands import CancelOpenOrder, Pause, Resume, SellNow
from engine.model.entry_facts import EntryFilled
from engine.model.events import CallsSeen, NoticeSeen, ReportsSeen
from engine.model.fills import OrderNotice
from engine.model.ids import Qty, Symbol
from engine.model.intents import Place
from engine.model.krx_settings import ExitSettings, KrxSettings, RiskSettings
from engine.model.money import Krw
from engine.model.orders import Side
from tests.desk.krx_world import BASE, DAY, KrxWorld, krw, opened

SYMBOLS = tuple(Symbol(f"0001{i:02}") for i in range(5))
TIGHT = KrxSettings(
    exits=ExitSettings(scale_out_pct=Decimal(1)),
    risk=RiskSettings(
        max_trades=4,
        max_positions=2,
        max_orders_per_minute=3,
        max_order_krw=1_500_000,
        max_daily_loss_krw=40_000,
        loss_streak=3,
        loss_streak_pause_min=1,
        symbol_cooldown_min=1,
    ),
)

BUSY = replace(
    TIGHT,
    risk=replace(TIGHT.risk, max_positions=5, max_orders_per_minute=2, max_order_krw=300_000),
)
SYMBOL = st.integers(0, len(SYMBOLS) - 1).map(SYMBOLS.__getitem__)
PRICES = st.sampled_from([9_800, 9_950, 10_060, 10_110, 10_200, 10_210, 10_320, 10_480, 10_800])
ACTION = st.one_of(
    *[st.tuples(st.just("price"), SYMBOL, PRICES)] * 8,
    st.tuples(st.just("wait"), st.sampled_from([0.1, 0.3, 1, 4, 12, 65])),
    st.tuples(st.just("answer"), st.sampled_from(["lost", "reject", "live_unknown"])),
    st.tuples(st.just("cancel"), st.sampled_from(["refuse", "fill_first"])),
    st.tuples(st.just("part"), st.integers(1, 60)),
    st.tuples(st.just("fills"), st.booleans()),
    st.tuples(st.just("doubles"), st.booleans()),
    st.tuples(st.just("drops"), st.booleans()),
    st.tuples(st.just("stream"), st.booleans()),
    st.tuples(st.just("vi"), SYMBOL, st.booleans()),
    st.tuples(st.just("sell"), SYMBOL),
    st.tuples(st.just("take back")),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("restart")),
    st.tuples(st.just("calls"), st.sampled_from([0, 0, 3, 10])),
)


class Watched(KrxWorld):
    """A world whose desk an inspector looks at over the shoulder."""

    def inspect(self) -> Inspector:
        """From now on."""
        self.inspector = Inspector(
            DAY, krw(self.cash), self.settings, self._price, lambda _: Decimal(BASE)
        )
        self._told = len(self.facts)
        self._wished = len(self.intents)
        return self.inspector

    def look(self) -> None:
        """Hand over what came since the last look, in order."""
        events = sorted(
            [
                *((at, 0, i, fact) for i, (at, fact) in enumerate(self.facts[self._told :])),
                *((at, 1, i, it) for i, (at, it) in enumerate(self.intents[self._wished :])),
            ],
            key=lambda event: event[:3],
        )
        self._told, self._wished = len(self.facts), len(self.intents)
        for at, kind, _, what in events:
            if kind == 0:
                self.inspector.on_fact(what)  # type: ignore[arg-type]  # by its kind
            elif isinstance(what, Place):
                self.inspector.on_order(what.order, at)

    def _price(self, symbol: Symbol) -> Decimal:
        price = self.desk._state.price_of(symbol)
        return price.amount if price is not None else Decimal(BASE)

    def give(self, event: object) -> None:
        """As before, looked at after each event: prices are those of the decision."""
        super().give(event)  # type: ignore[arg-type]  # any event
        if hasattr(self, "inspector"):
            self.look()


def act(world: KrxWorld, action: tuple[object, ...]) -> None:  # noqa: C901, PLR0912 - a table
    match action:
        case ("price", str() as symbol, int() as price):
            world.price(Symbol(symbol), price)
        case ("wait", float() | int() as seconds):
            world.run_for(float(seconds))
        case ("answer", str() as how):
            world.place_answers = [how]
        case ("cancel", str() as how):
            world.cancel_answers = [how]
        case ("part", int() as qty):
            world.fill_part = qty
        case ("fills", bool() as switch):
            world.fills_orders = switch
        case ("doubles", bool() as switch):
            world.doubles_notices = switch
        case ("drops", bool() as switch):
            world.drops_notices = switch
        case ("stream", bool() as is_up) if is_up != world.is_stream_up:
            if is_up:
                world.raise_stream()
            else:
                world.drop_stream()
        case ("vi", str() as symbol, bool() as switch):
            world.halt(Symbol(symbol), has_vi=switch)
        case ("sell", str() as symbol):
            world.command(SellNow(Symbol(symbol), None))
        case ("take back",):
            for order in list(world.desk._state.live(side=Side.BUY)):
                world.command(CancelOpenOrder(order.intent.client_order_id))
        case ("pause", bool() as switch):
            world.command(Pause() if switch else Resume())
        case ("restart",):
            world.restart()
        case ("calls", int() as errors):
            lost_at = world.now if errors else None
            world.give(CallsSeen(CallTally(errors, lost_at, unanswered_until=lost_at)))


def settle(world: KrxWorld) -> None:
    """Everything answers again; doubts end and the list tells of each share."""
    world.fills_orders, world.drops_notices = True, False
    world.place_answers, world.cancel_answers = [], []
    world.is_stream_up = True
    world.run_for(90)


def check_books(world: KrxWorld) -> None:
    """Shares are the broker's; cash, cost and costs add up to the won."""
    book, day = world.desk._state.book, world.desk._state.book.day
    assert day is not None
    held = {symbol: qty for symbol, qty in world.shares.items() if qty}
    assert {symbol: p.qty for symbol, p in book.positions.items()} == held
    cost = sum((p.cost.amount for p in book.positions.values()), Decimal(0))
    entry_fees = sum((p.entry_fees.amount for p in book.positions.values()), Decimal(0))
    assert day.gross.amount == sum(world.flows, Decimal(0)) + cost
    costs = day.fees.amount + day.tax.amount
    assert day.realized.amount == day.gross.amount - costs + entry_fees


def check_funnel(world: KrxWorld) -> None:
    scan = world.desk.scan(world.now)
    assert sum(count for _, count in scan.counts) == len(world.listings)
    for found in scan.top:
        if found.card is not None:
            points = (stage.points for stage in found.card.stages if stage.points is not None)
            assert found.card.total == sum(points, Decimal(0))


@settings(max_examples=15, deadline=None)
@given(actions=st.lists(ACTION, min_size=5, max_size=40), limits=st.sampled_from([TIGHT, BUSY]))
def test_no_list_of_events_breaks_a_limit_the_books_or_the_funnel(
    actions: list[tuple[object, ...]], limits: KrxSettings
) -> None:
    world = opened(Watched, symbols=SYMBOLS, settings=limits)
    assert isinstance(world, Watched)
    inspector = world.inspect()
    for action in actions:
        act(world, action)
    world.run_for(1)  # after a restart the lists come first
    check_funnel(world)
    settle(world)
    assert inspector.violations == []
    check_books(world)
    check_funnel(world)


# -- notices in any order


def parts_of(total: int, cuts: list[int]) -> list[int]:
    points = sorted({cut % total for cut in cuts} - {0})
    edges = [0, *points, total]
    return [b - a for a, b in pairwise(edges)]


@settings(max_examples=15, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 400), max_size=5),
    prices=st.lists(st.sampled_from([10_190, 10_200, 10_210]), min_size=6, max_size=6),
    data=st.data(),
)
def test_any_order_of_double_and_late_notices_gives_the_same_position(
    cuts: list[int], prices: list[int], data: st.DataObject
) -> None:
    world = opened(fills_orders=False, has_notices=False)
    symbol = world.symbols[0]
    world.price(symbol, 10_200)
    world.run_for(1)
    number, total = world.number_of(), world.placed()[0].order.qty
    parts = parts_of(total, cuts)
    notices: list[OrderNotice[Krw]] = []
    for index, (qty, price) in enumerate(zip(parts, prices, strict=False)):
        made = world.notice(number, symbol, Side.BUY, qty, krw(price), total)
        notices.append(replace(made, key=f"{index}"))
        world.fill(number, qty, price)
    final = world.orders[number].report
    told = data.draw(st.permutations([*notices, *data.draw(st.lists(st.sampled_from(notices)))]))
    looks_at = data.draw(st.none() | st.integers(0, len(told)))
    for index, notice in enumerate(told):
        if index == looks_at:
            world.give(ReportsSeen((final,), world.now, world.quota))
        world.give(NoticeSeen(notice))
    world.give(ReportsSeen((final,), world.now, world.quota))
    position = world.position(symbol)
    assert position.qty == total
    assert sum(fact.fill.qty for fact in world.told(EntryFilled)) == total
    paid = sum(q * p for q, p in zip(parts, prices, strict=False))
    slack = 0 if looks_at is None else Decimal(total) / 2  # an average is rounded to the won
    assert abs(position.cost.amount - paid) <= slack
    assert Qty(position.planned_qty) >= total
