"""Eight kinds of disagreement on two desks: a rule or a question, once, also over a restart.

The table of docs/reconciliation.md, played.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from engine.model.commands import Answer, CancelOpenOrder, Choice, CommandAnswered, Refusal
from engine.model.events import FetchKind, WakeUp
from engine.model.ids import BrokerOrderNo, Qty, QuestionId, Symbol
from engine.model.intents import Cancel, FetchHoldings, FetchReports, Place
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.mismatches import Decision, MismatchAsked, MismatchKind, MismatchSettled
from engine.model.order_facts import OrderResolved
from engine.model.orders import OrderState, Side
from engine.model.position_facts import QuestionAsked, QuestionClosed, QuestionKind
from tests.desk.conftest import armed_world
from tests.desk.krx_world import A, B, KrxWorld, entered, krw
from tests.desk.world import Share, World, et, usd

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))
MU, AMD = Symbol("MU"), Symbol("AMD")
K, D, C = MismatchKind, Decision, Choice
AnyWorld = World | KrxWorld


# -- how each comes about


def us_armed() -> World:
    return armed_world(World)


def us_with_order(how: str = "") -> World:
    """A sale of all ten waits at the broker; the market went away from it."""
    world = armed_world(World)
    world.place_answers = [how]
    world.price("MU", "103.50", "103.40")
    world.price("MU", "102.00")
    world.run_for(1)
    return world


def us_bought_unseen() -> World:
    world = us_armed()
    world.shares[AMD] = Share(5, usd("50"))
    return world


def us_held(qty: int) -> Callable[[], World]:
    def make() -> World:
        world = us_armed()
        world.shares[MU].qty = qty
        return world

    return make


def us_cost() -> World:
    world = us_armed()
    world.shares[MU].cost = usd("80")
    return world


def us_strange_order() -> World:
    world = us_armed()
    world._book(MU, Side.SELL, 4, usd("110"), filled=0, by_api=False)
    return world


def us_vanished(*, is_tied: bool) -> Callable[[], World]:
    def make() -> World:
        world = us_with_order()
        ours = next(number for number, o in world.orders.items() if o.report.by_api)
        del world.orders[ours]
        world.shares[MU].tied = 10 if is_tied else 0
        return world

    return make


def us_late_fill() -> World:
    world = us_with_order()
    number, booked = next((n, o) for n, o in world.orders.items() if o.report.by_api)
    world.command(CancelOpenOrder(number))
    world.run_for(8)
    world.drops_notices = True
    booked = world.orders[number]
    booked.report = replace(booked.report, open_qty=booked.report.order_qty)
    world.fill(number, 4)
    booked.report = replace(booked.report, open_qty=Qty(0))
    return world


def us_doubt() -> World:
    world = us_with_order("live_unknown")
    ours = next(o for o in world.orders.values() if o.report.by_api)
    twin = BrokerOrderNo("77")
    world.orders[twin] = replace(ours, report=replace(ours.report, broker_order_no=twin))
    return world


def krx_held(**changes: Any) -> KrxWorld:
    world = entered(settings=CALM, **changes)
    world.run_for(40)
    return world


def krx_with_exit(how: str = "") -> KrxWorld:
    """The stop-loss of all 195 waits at the broker."""
    world = krx_held()
    world.fills_orders, world.place_answers = False, [how]
    world.price(A, 9_900)
    world.run_for(1)
    return world


def krx_bought_unseen() -> KrxWorld:
    world = krx_held()
    world.by_hand[B] = 20
    return world


def krx_short(qty: int) -> Callable[[], KrxWorld]:
    def make() -> KrxWorld:
        world = krx_held()
        world.shares[A] = qty  # in no list of orders
        return world

    return make


def krx_sold_by_hand() -> KrxWorld:
    world = krx_held()
    world.sell_by_hand(A, 195)
    return world


def krx_cost() -> KrxWorld:
    world = krx_held()
    world.costs[A] = krw(9_800)
    return world


def krx_strange_order() -> KrxWorld:
    world = krx_held()
    world.buy_by_hand(B, 0)
    booked = world.orders[world.number_of()]
    booked.report = replace(booked.report, order_qty=Qty(7), open_qty=Qty(7))
    return world


def krx_vanished(*, is_tied: bool) -> Callable[[], KrxWorld]:
    def make() -> KrxWorld:
        world = krx_with_exit()
        if is_tied:
            world.hidden.add(world.number_of())
            world.cancel_answers = ["refuse"] * 40
        else:
            del world.orders[world.number_of()]
        return world

    return make


def krx_late_fill() -> KrxWorld:
    world = krx_with_exit()
    number = world.number_of()
    world.command(CancelOpenOrder(number))
    world.run_for(8)
    world.drops_notices = True
    booked = world.orders[number]
    booked.report = replace(booked.report, open_qty=booked.report.order_qty)
    world.fill(number, 45)
    booked.report = replace(booked.report, open_qty=Qty(0))
    return world


def krx_doubt() -> KrxWorld:
    world = krx_with_exit("live_unknown")
    number = world.number_of()
    twin = replace(world.orders[number].report, broker_order_no=BrokerOrderNo("77"))
    world.orders[twin.broker_order_no] = replace(world.orders[number], report=twin)
    return world


# -- what becomes of it


@dataclass(frozen=True)
class Cell:
    """``rule``: what the desk makes of it alone; else ``choices`` are asked."""

    make: Callable[[], AnyWorld]
    rule: Decision | None = None
    choices: tuple[Choice, ...] = ()


TABLE: dict[tuple[MismatchKind, str], Cell] = {
    (K.UNKNOWN_HOLDING, "us"): Cell(us_bought_unseen, D.BOOKED),
    (K.MISSING_HOLDING, "us"): Cell(us_held(0), D.BOOKED),
    (K.DIFFERENT_QTY, "us"): Cell(us_held(7), D.BOOKED),
    (K.DIFFERENT_COST, "us"): Cell(us_cost, choices=(C.SELL, C.WAIT, C.EXCLUDE)),
    (K.UNKNOWN_ORDER, "us"): Cell(us_strange_order, D.LEFT_ALONE),
    (K.VANISHED_ORDER, "us"): Cell(us_vanished(is_tied=False), D.ENDED),
    (K.VANISHED_ORDER, "us, tied"): Cell(us_vanished(is_tied=True), choices=(C.BOOK, C.IGNORE)),
    (K.FILL_UNSEEN, "us"): Cell(us_late_fill, D.BOOKED),
    (K.ORDER_IN_DOUBT, "us"): Cell(us_doubt, choices=(C.NOT_PLACED, C.LINK, C.IGNORE)),
    (K.UNKNOWN_HOLDING, "krx"): Cell(krx_bought_unseen, D.LEFT_ALONE),
    (K.MISSING_HOLDING, "krx"): Cell(krx_short(0), choices=(C.BOOK, C.IGNORE)),
    (K.MISSING_HOLDING, "krx, listed"): Cell(krx_sold_by_hand, D.BOOKED),
    (K.DIFFERENT_QTY, "krx"): Cell(krx_short(100), choices=(C.BOOK, C.IGNORE, C.SELL)),
    (K.DIFFERENT_COST, "krx"): Cell(krx_cost, choices=(C.BOOK, C.IGNORE, C.SELL)),
    (K.UNKNOWN_ORDER, "krx"): Cell(krx_strange_order, D.LEFT_ALONE),
    (K.VANISHED_ORDER, "krx"): Cell(krx_vanished(is_tied=False), D.ENDED),
    (K.VANISHED_ORDER, "krx, tied"): Cell(krx_vanished(is_tied=True), choices=(C.BOOK, C.IGNORE)),
    (K.FILL_UNSEEN, "krx"): Cell(krx_late_fill, D.BOOKED),
    (K.ORDER_IN_DOUBT, "krx"): Cell(krx_doubt, choices=(C.NOT_PLACED, C.LINK, C.IGNORE)),
}
RULES = [pytest.param(*key, id=" ".join(key)) for key, cell in TABLE.items() if cell.rule]
ASKED = [pytest.param(*key, id=" ".join(key)) for key, cell in TABLE.items() if cell.choices]


def look(world: AnyWorld, times: int = 9) -> None:
    """Holdings and lists are read again and again."""
    for _ in range(times):
        world.desk._state.run.holdings.ask(world.now)
        world.desk._state.run.reports.ask(world.now)
        world.give(WakeUp())
        world.run_for(16)


def settled(world: AnyWorld, kind: MismatchKind) -> list[MismatchSettled]:
    return [fact for fact in world.told(MismatchSettled) if fact.kind is kind]


def asked(world: AnyWorld, kind: MismatchKind) -> list[Any]:
    found: list[Any] = [fact for fact in world.told(MismatchAsked) if fact.kind is kind]
    costs = [fact for fact in world.told(QuestionAsked) if fact.kind is QuestionKind.COST_CHANGED]
    return found + (costs if kind is K.DIFFERENT_COST else [])


def waiting(world: AnyWorld) -> list[QuestionId]:
    """What the chat would show as open."""
    view: Any = world.desk.view(world.now)
    questions = getattr(view, "questions", ())
    return [fact.question for fact in (*view.mismatches, *questions)]


def answer(world: AnyWorld, question: QuestionId, choice: Choice, number: Any = None) -> Any:
    """The refusal, once the desk has answered."""
    command = world.command(Answer(question, choice, number))
    world.run_for(3)
    return next(f.refusal for f in world.told(CommandAnswered) if f.command_id == command)


def known_order(kind: Any) -> bool:
    return kind in (K.VANISHED_ORDER, K.ORDER_IN_DOUBT)


def trade_on(world: AnyWorld, *, is_refused: bool) -> None:
    """The Korean market fills orders again; refused: its shares are tied by one still there."""
    if isinstance(world, KrxWorld):
        world.fills_orders = True
        world.place_answers = ["too_many"] * 60 if is_refused else []


def held(world: AnyWorld, symbol: Symbol) -> int:
    position = world.desk._state.book.positions.get(symbol)
    return 0 if position is None else position.qty


def test_every_kind_has_a_cell_on_both_desks() -> None:
    for desk in ("us", "krx"):
        assert {kind for kind, name in TABLE if name == desk} == set(MismatchKind)
    assert all(bool(cell.rule) != bool(cell.choices) for cell in TABLE.values())


@pytest.mark.parametrize(("kind", "desk"), RULES)
def test_what_is_certain_is_settled_by_a_rule_and_written_down_once(
    kind: MismatchKind, desk: str
) -> None:
    cell = TABLE[kind, desk]
    world = cell.make()
    before = len(settled(world, kind))
    look(world)
    (row,) = settled(world, kind)[before:]
    assert (row.decision, row.by_user) == (cell.rule, False)
    assert row.books != row.broker
    assert asked(world, kind) == waiting(world) == []
    facts = len(world.told(MismatchSettled))
    look(world, 3)
    world.restart()
    look(world, 3)
    assert len(world.told(MismatchSettled)) == facts
    for symbol in {*world.desk._state.book.positions, MU, AMD, A}:
        shares: Any = world.shares.get(symbol, 0)
        assert held(world, symbol) == getattr(shares, "qty", shares)


@pytest.mark.parametrize(("kind", "desk"), ASKED)
def test_what_is_not_certain_is_asked_once_and_changes_nothing(
    kind: MismatchKind, desk: str
) -> None:
    cell = TABLE[kind, desk]
    world = cell.make()
    book = world.desk._state.book
    before = {symbol: position.qty for symbol, position in book.positions.items()}
    look(world)
    (question,) = asked(world, kind)
    assert question.choices == cell.choices
    assert waiting(world) == [question.question]
    look(world, 3)
    world.restart()
    look(world, 3)
    assert len(asked(world, kind)) == 1
    assert waiting(world) == [question.question]
    assert settled(world, kind) == []
    book = world.desk._state.book
    assert {symbol: position.qty for symbol, position in book.positions.items()} == before


ANSWERS = [
    pytest.param(kind, desk, choice, id=f"{kind} {desk} {choice}")
    for (kind, desk), cell in TABLE.items()
    for choice in cell.choices
]
DECISIONS = {
    C.BOOK: D.BOOKED,
    C.IGNORE: D.IGNORED,
    C.SELL: D.SOLD,
    C.WAIT: D.BOOKED,
    C.EXCLUDE: D.LEFT_ALONE,
    C.NOT_PLACED: D.NOT_PLACED,
    C.LINK: D.LINKED,
}


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("kind", "desk", "choice"), ANSWERS)
def test_every_answer_ends_the_question_with_a_row_and_works_once(
    kind: MismatchKind, desk: str, choice: Choice, restarts: bool
) -> None:
    world = TABLE[kind, desk].make()
    look(world)
    (question,) = asked(world, kind)
    if restarts:
        world.restart()
        look(world, 3)
    is_alive = known_order(question.kind) and choice is not C.LINK
    trade_on(world, is_refused=is_alive)
    number = question.candidates[0] if choice is C.LINK else None
    assert answer(world, question.question, choice, number) is None
    (row,) = [row for row in settled(world, kind) if row.by_user]
    is_order = kind is K.VANISHED_ORDER and choice is C.BOOK
    assert row.decision is (D.ENDED if is_order else DECISIONS[choice])
    closed = [f.choice for f in world.told(QuestionClosed) if f.question == question.question]
    assert closed == [choice]
    assert answer(world, question.question, choice, number) is Refusal.QUESTION_GONE
    look(world, 3)
    assert len([row for row in settled(world, kind) if row.by_user]) == 1
    if choice not in (C.WAIT, C.EXCLUDE) or desk != "us":
        assert waiting(world) == []


def test_booked_shares_are_a_sale_by_hand_at_the_last_price() -> None:
    world = krx_short(100)()
    look(world)
    answer(world, waiting(world)[0], C.BOOK)
    assert held(world, A) == 100
    look(world, 3)
    assert held(world, A) == 100
    assert asked(world, K.DIFFERENT_QTY) == asked(world, K.DIFFERENT_QTY)[:1]


def test_sold_means_booked_and_the_rest_sold() -> None:
    world = krx_short(100)()
    look(world)
    answer(world, waiting(world)[0], C.SELL)
    assert (held(world, A), world.shares[A]) == (0, 0)
    assert world.placed(Side.SELL)[-1].order.qty == 100


def test_a_booked_cost_moves_the_stop_and_an_ignored_one_does_not() -> None:
    for choice, cost in ((C.BOOK, 9_800), (C.IGNORE, 10_210)):
        world = krx_cost()
        look(world)
        answer(world, waiting(world)[0], choice)
        look(world, 3)
        assert world.position().avg_cost == krw(cost)
        assert len(asked(world, K.DIFFERENT_COST)) == 1


def test_what_was_ignored_is_asked_about_again_when_it_changes() -> None:
    world = krx_short(100)()
    look(world)
    answer(world, waiting(world)[0], C.IGNORE)
    look(world, 3)
    assert (waiting(world), held(world, A)) == ([], 195)
    world.restart()
    look(world, 3)
    assert (waiting(world), len(asked(world, K.DIFFERENT_QTY))) == ([], 1)
    world.shares[A] = 60
    look(world)
    assert [fact.broker for fact in asked(world, K.DIFFERENT_QTY)] == [
        "100 in the account",
        "60 in the account",
    ]
    assert len(waiting(world)) == 1


def test_a_question_closes_by_itself_when_both_sides_agree_again() -> None:
    world = krx_short(100)()
    look(world)
    world.shares[A] = 195
    look(world, 3)
    assert waiting(world) == []
    assert [fact.choice for fact in world.told(QuestionClosed)] == [None]
    assert held(world, A) == 195


@pytest.mark.parametrize("make", [us_doubt, krx_doubt])
def test_a_linked_order_is_followed_under_its_number(make: Callable[[], AnyWorld]) -> None:
    world = make()
    look(world)
    (question,) = asked(world, K.ORDER_IN_DOUBT)
    number = question.candidates[0]
    assert answer(world, question.question, C.LINK, BrokerOrderNo("1")) is Refusal.QUESTION_GONE
    assert answer(world, question.question, C.LINK, number) is None
    assert [fact.broker_order_no for fact in world.told(OrderResolved)] == [number]
    symbol = question.symbol
    qty = held(world, symbol)
    world.fill(number, 4)
    look(world, 2)
    assert held(world, symbol) == qty - 4


@pytest.mark.parametrize("make", [us_doubt, krx_doubt])
def test_an_order_declared_not_placed_is_not_found_again(make: Callable[[], AnyWorld]) -> None:
    world = make()
    look(world)
    (question,) = asked(world, K.ORDER_IN_DOUBT)
    order_id = world.sent[-1]
    trade_on(world, is_refused=True)
    answer(world, question.question, C.NOT_PLACED)
    look(world)
    assert world.desk._state.book.orders[order_id].state is OrderState.NOT_PLACED
    assert len(asked(world, K.ORDER_IN_DOUBT)) == 1
    assert len(set(world.sent)) == len(world.sent)


def test_a_vanished_order_that_is_there_after_all_ends_before_another_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = krx_with_exit()
    number = world.number_of()
    world.hidden.add(number)
    monkeypatch.setattr(world, "_open_sells", lambda _: 0)  # nor does the balance know of it
    look(world)
    assert world.orders[number].report.open_qty == 0
    (cancelled,) = (at for at, i in world.intents if isinstance(i, Cancel))
    sold = [at for at, i in world.intents if isinstance(i, Place) and i.order.side is Side.SELL]
    assert len(sold) == 2
    assert cancelled < sold[1]


def test_a_vanished_order_whose_cancel_nobody_answers_holds_its_shares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = krx_with_exit()
    world.hidden.add(world.number_of())
    monkeypatch.setattr(world, "_open_sells", lambda _: 0)
    monkeypatch.setattr(world, "_cancel", lambda _: None)
    look(world)
    assert settled(world, K.VANISHED_ORDER) == []
    assert len(world.placed(Side.SELL)) == 1


# -- when it is looked at


def reads(world: AnyWorld, since: Any) -> set[type]:
    kinds = (FetchHoldings, FetchReports)
    return {type(i) for at, i in world.intents if at >= since and isinstance(i, kinds)}


@pytest.mark.parametrize("make", [us_armed, krx_held])
def test_account_and_orders_are_read_at_the_start_after_a_reconnect_and_every_few_minutes(
    make: Callable[[], AnyWorld],
) -> None:
    world = make()
    for again in (world.restart, lambda: (world.drop_stream(), world.raise_stream())):
        since = world.now
        again()
        world.run_for(2)
        assert reads(world, since) == {FetchHoldings, FetchReports}
    world.run_for(20)
    since = world.now
    world.run_for(305)
    assert reads(world, since) == {FetchHoldings, FetchReports}


def test_nothing_is_decided_on_the_us_desk_before_the_account_was_read() -> None:
    world = us_armed()
    world.failing = {FetchKind.HOLDINGS}
    world.restart()
    for _ in range(30):
        world.price("MU", "103.50")
        world.run_for(1)
    assert world.placed() == []


def test_premarket_lists_are_read_every_few_minutes_too() -> None:
    world = World(now=et("03:45:00"))
    world.start()
    world.run_until(et("04:05:00"))
    since = world.now
    world.run_for(timedelta(minutes=6).total_seconds())
    assert reads(world, since) == {FetchHoldings, FetchReports}
