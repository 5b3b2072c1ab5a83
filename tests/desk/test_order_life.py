"""The records of one order in any order, told once or twice: each share counts once, on both desks.

A notice, the polled list and the list of a reconciliation may all report the same fill; a cancel
may come too late; a list may be older than what was told before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from engine.desk.own_order import OwnOrder
from engine.model.commands import CancelOpenOrder
from engine.model.entry_facts import EntryFilled
from engine.model.events import (
    CancelAnswered,
    CommandGiven,
    NoticeSeen,
    PlaceAnswered,
    ReportsSeen,
    Started,
)
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import BrokerOrderNo, CommandId, Qty
from engine.model.krx_settings import ExitSettings, KrxSettings
from engine.model.mismatches import MismatchSeen
from engine.model.order_facts import OrderFilled, OrderUnresolved, SoldElsewhere
from engine.model.orders import (
    Accepted,
    OrderReport,
    OrderState,
    OutcomeUnknown,
    Rejected,
    Side,
)
from tests.desk.conftest import armed_world
from tests.desk.krx_world import A, entered, opened
from tests.desk.world import World

CALM = KrxSettings(exits=ExitSettings(failed_breakout_pct=None))
PART = 4


@dataclass
class Life:
    """An accepted order of a desk, and what is told of it from here on."""

    desk: Any
    order: OwnOrder[Any]
    report: OrderReport[Any]
    quota: Any
    now: datetime
    held: int
    facts: list[Any] = field(default_factory=list)

    @property
    def qty(self) -> int:
        return self.order.intent.qty

    @property
    def counted(self) -> int:
        """Shares told to be executed."""
        fills = (f.fill.qty for f in self.facts if isinstance(f, OrderFilled | EntryFilled))
        return sum(fills)

    def left(self) -> int:
        """Shares of the position."""
        position = self.desk._state.book.positions.get(self.order.intent.symbol)
        return 0 if position is None else position.qty

    def give(self, event: Any) -> None:
        self.now += timedelta(seconds=1)
        self.facts += self.desk.handle(event, self.now).facts

    def tell(self, what: str) -> None:
        """n: notice, l: list, e: list that ends it, with the shares so far; or about a cancel."""
        kind, _, rest = what.partition(" ")
        match kind:
            case "n":
                first, _, last = rest.partition("-")
                self.give(NoticeSeen(self.notice(int(last) - int(first), rest)))
            case "l" | "e":
                filled = int(rest)
                left = 0 if kind == "e" else self.qty - filled
                self.give(self.listed(filled, left))
            case "cancel":
                order_id = self.order.intent.client_order_id
                self.give(CommandGiven(CommandId("c1"), CancelOpenOrder(order_id)))
            case "yes":
                number = Accepted(BrokerOrderNo("999"))
                self.give(CancelAnswered(self.order.intent.client_order_id, number))
            case "no":
                refused = Rejected("APBK0344", "too late")
                self.give(CancelAnswered(self.order.intent.client_order_id, refused))

    def notice(self, qty: int, key: str) -> OrderNotice[Any]:
        intent, number = self.order.intent, self.report.broker_order_no
        return OrderNotice(
            *(NoticeKind.FILL, number, None, intent.symbol, intent.side, Qty(qty)),
            *(intent.limit, intent.qty, self.now, key),
        )

    def listed(self, filled: int, left: int) -> ReportsSeen[Any]:
        price = self.order.intent.limit if filled else None
        row = replace(self.report, filled_qty=Qty(filled), open_qty=Qty(left), avg_price=price)
        return ReportsSeen((row,), self.now, self.quota)


def us_sale() -> Life:
    world = armed_world(World)
    world.price("MU", "103.50", "103.40")
    world.price("MU", "102.00")  # gone before the order came
    world.run_for(0.5)
    (order,) = world.desk._state.book.orders.values()
    report = next(o.report for o in world.orders.values() if o.report.by_api)
    return Life(world.desk, order, report, world.quota(), world.now, 10)


def krx_sale() -> Life:
    world = entered(settings=CALM)
    world.run_for(40)
    world.fills_orders = False
    world.price(A, 9_900)
    world.run_for(1)
    order = list(world.desk._state.book.orders.values())[-1]
    report = world.orders[world.number_of()].report
    return Life(world.desk, order, report, world.quota, world.now, 195)


def krx_buy() -> Life:
    world = opened(settings=CALM, fills_orders=False)
    world.price(A, 10_200)
    world.run_for(1)
    (order,) = world.desk._state.book.orders.values()
    report = world.orders[world.number_of()].report
    return Life(world.desk, order, report, world.quota, world.now, 0)


LIVES: dict[str, Callable[[], Life]] = {"us": us_sale, "krx": krx_sale, "krx buy": krx_buy}


def many(name: str, stories: Iterable[Sequence[str]]) -> Iterator[tuple[Life, Sequence[str]]]:
    """The same order for each story."""
    begun = LIVES[name]()
    state = begun.desk._state
    shared = [state.settings, state.sessions, getattr(state, "facilities", None)]
    for story in stories:
        yield deepcopy(begun, {id(part): part for part in shared}), story


def check(life: Life, told: Sequence[str], filled: int) -> None:
    """What must hold once the broker's last word was heard."""
    for what in told:
        life.tell(what)
    assert life.counted == life.order.filled_qty == filled, told
    assert life.order.state.is_final, told
    assert (life.order.state is OrderState.FILLED) is (filled == life.qty), told
    sign = 1 if life.order.intent.side is Side.BUY else -1
    assert life.left() == life.held + sign * filled, told
    kinds = (MismatchSeen, SoldElsewhere)
    assert [fact for fact in life.facts if isinstance(fact, kinds)] == [], told


@pytest.mark.parametrize("name", LIVES)
def test_however_the_records_of_a_filled_order_come_each_share_counts_once(name: str) -> None:
    qty = LIVES[name]().qty
    first, rest = f"n 0-{PART}", f"n {PART}-{qty}"
    told = (first, first, rest, f"l {PART}", f"l {qty}")
    for life, some in many(name, sorted(set(permutations(told)))):
        check(life, (*some, f"l {qty}", first, rest), qty)


@pytest.mark.parametrize("name", LIVES)
def test_a_cancel_that_comes_too_late_takes_no_share_away(name: str) -> None:
    qty = LIVES[name]().qty
    told = (f"n 0-{PART}", "no", f"l {PART}", f"n {PART}-{qty}")
    for life, some in many(name, permutations(told)):
        check(life, ("cancel", *some, f"l {qty}"), qty)


@pytest.mark.parametrize("name", LIVES)
def test_shares_filled_while_the_cancel_was_on_its_way_count_once(name: str) -> None:
    first = f"n 0-{PART}"
    told = (first, first, "yes", "l 0", f"l {PART}")
    for life, some in many(name, sorted(set(permutations(told)))):
        check(life, ("cancel", *some, f"e {PART}", first, f"e {PART}"), PART)


@pytest.mark.parametrize("name", LIVES)
def test_a_list_that_shows_more_after_the_end_is_believed(name: str) -> None:
    qty = LIVES[name]().qty
    check(LIVES[name](), ("cancel", "yes", "e 0", f"e {PART}", "e 0", f"e {PART}"), PART)
    check(LIVES[name](), ("cancel", "yes", f"e {PART}", f"e {qty}", f"e {PART}"), qty)


@pytest.mark.parametrize("name", LIVES)
def test_an_order_that_ends_without_a_share_holds_none(name: str) -> None:
    check(LIVES[name](), ("e 0", "e 0"), 0)


@pytest.mark.parametrize("name", LIVES)
def test_a_price_amended_by_the_broker_changes_no_quantity(name: str) -> None:
    life = LIVES[name]()
    life.tell(f"n 0-{life.qty}")
    dear = replace(life.listed(life.qty, 0).reports[0], avg_price=life.order.intent.limit * 2)
    life.give(ReportsSeen((dear,), life.now, life.quota))
    check(life, (), life.qty)


@pytest.mark.parametrize("name", LIVES)
def test_an_order_changed_in_the_app_has_ended_under_its_old_number(name: str) -> None:
    """The new number is the trader's order: the rest of ours is over, nothing counts twice."""
    life = LIVES[name]()
    life.tell(f"l {PART}")
    ended = life.listed(PART, 0).reports[0]
    rest = Qty(life.qty - PART)
    theirs = replace(
        *(ended,),
        broker_order_no=BrokerOrderNo("777"),
        original_order_no=ended.broker_order_no,
        order_qty=rest,
        filled_qty=Qty(0),
        open_qty=rest,
        avg_price=None,
        by_api=False,
    )
    for _ in range(2):
        life.give(ReportsSeen((ended, theirs), life.now, life.quota))
    check(life, (), PART)


@pytest.mark.parametrize("name", LIVES)
def test_an_order_the_journal_knows_and_the_snapshot_does_not_is_in_doubt(name: str) -> None:
    life = LIVES[name]()
    intent = life.order.intent
    del life.desk._state.book.orders[intent.client_order_id]
    life.desk._state.book.next_number = 1
    life.give(Started((intent,)))
    assert [fact.order for fact in life.facts if isinstance(fact, OrderUnresolved)] == [intent]
    life.order = life.desk._state.book.orders[intent.client_order_id]
    assert life.order.state is OrderState.UNRESOLVED
    assert life.desk._state.next_id("o") != intent.client_order_id
    check(life, (f"l {PART}", f"l {life.qty}"), life.qty)


@pytest.mark.parametrize("name", LIVES)
def test_an_answer_only_the_journal_heard_is_told_before_the_start(name: str) -> None:
    life = LIVES[name]()
    number, life.order.broker_order_no = life.order.broker_order_no, None
    life.order.state, life.order.open_since = OrderState.INTENDED, None
    assert number is not None
    for _ in range(2):
        life.give(PlaceAnswered(life.order.intent.client_order_id, Accepted(number)))
    life.give(Started())
    assert [fact for fact in life.facts if isinstance(fact, OrderUnresolved)] == []
    orders = life.desk._state.book.orders
    assert orders[life.order.intent.client_order_id].broker_order_no == number
    check(life, (f"l {life.qty}",), life.qty)


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("name", LIVES)
def test_an_answer_that_comes_after_the_doubt_ends_it(name: str, is_there: bool) -> None:
    life = LIVES[name]()
    number, life.order.broker_order_no = life.order.broker_order_no, None
    life.order.state, life.order.open_since = OrderState.INTENDED, None
    assert number is not None
    order_id = life.order.intent.client_order_id
    for _ in range(2):
        life.give(PlaceAnswered(order_id, OutcomeUnknown("ReadTimeout")))
    assert len([fact for fact in life.facts if isinstance(fact, OrderUnresolved)]) == 1
    answer = Accepted(number) if is_there else Rejected("APBK0919", "closed")
    life.give(PlaceAnswered(order_id, answer))
    check(life, (f"l {life.qty}",) if is_there else (), life.qty if is_there else 0)
