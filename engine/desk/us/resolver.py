"""Orders whose answer never came: looked up, never resent.

Procedure (kis-rest-overseas, order time-out): read the executions 2, 5 and 10 s later; found is
adopted; not found by the last read while the sellable quantity is untouched means not placed.
The trader's own trade may make up for an execution, and a list may be late with it: so one some
time after the balance decides, and only where the position did not change around that balance.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from engine.desk import blotter, doubt, mismatches, vanished
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.desk.us import detection, fills
from engine.desk.us.account import LAG
from engine.desk.us.state import State
from engine.model.account import Holding
from engine.model.ids import BrokerOrderNo, Symbol
from engine.model.order_facts import OrderResolved
from engine.model.orders import OrderReport, OrderState
from engine.model.quota import Priority
from engine.rules.sessions import exchange_date

LIST_LATE = doubt.APART
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def ask_due(state: State, turn: Turn) -> None:
    """Ask for the reads that are due; from the last of the first three on, the balance too."""
    for order in state.live():
        due = doubt.next_read(order)
        if due is None or due > turn.now:
            continue
        order.reads += 1
        order.read_at = turn.now
        state.run.reports.ask(turn.now, Priority.RECONCILE)
        if order.reads >= len(doubt.READS_AFTER):
            state.run.holdings.ask(turn.now, Priority.RECONCILE)


def on_reports(
    state: State,
    turn: Turn,
    reports: tuple[OrderReport, ...],
    asked_at: datetime,
    first: date,
) -> None:
    """Find doubtful orders among the reports; runs before anything else reads them.

    ``first``: the date the list begins with. It is the last word on an order of a date that is
    over: nothing of it can come later.
    """
    today = state.today(asked_at)
    for order in list(state.live()):
        if order.state is not OrderState.UNRESOLVED or order.unresolved_at is None:
            continue
        rows = [r for r in reports if _is_nobodys_yet(state, r, turn.now)]
        is_over = first <= order.day < today
        if (found := doubt.surely(order, rows, is_over=is_over)) is not None:
            _adopt(state, turn, order, found)
        elif is_over:
            doubt.not_placed(turn, order)
        elif doubt.note_candidates(order, rows):
            pass
        elif (again := doubt.note_absent(order, asked_at)) is not None:
            state.run.reports.ask(again)
    _find_late(state, turn, reports)


def on_holdings(
    state: State, turn: Turn, holdings: tuple[Holding, ...], asked_at: datetime
) -> None:
    """Whether the shares of an order nobody lists are free, as they would be without it."""
    for order in list(state.live()):
        if not _may_speak_of(order, asked_at):
            continue
        is_over = _is_untouched(state, order, holdings)
        clear_at = _changed_at(state, order.intent.symbol) + LAG
        if asked_at < clear_at:
            state.run.holdings.ask(clear_at)
        is_answered = order.is_doubtful or vanished.is_answered(order)
        if not is_over or not is_answered or asked_at < clear_at:
            order.untouched_at = None
        elif order.untouched_at is None:
            order.untouched_at = turn.now
            state.run.reports.ask(turn.now + LIST_LATE)
        seen = order.untouched_at
        if seen is not None and turn.now < seen + doubt.ASK_AFTER and not order.candidates:
            continue  # the list after it decides
        shown = _shown(state, order, holdings)
        if order.is_doubtful:
            _ask(state, turn, doubt.sides(*shown, turn.now))
        elif (not is_over and asked_at >= clear_at) or vanished.is_open_question(order, asked_at):
            _ask(state, turn, vanished.sides(*shown))


def decide(state: State, turn: Turn, asked_at: datetime) -> None:
    """A list is counted: what neither it nor a balance some time before it shows is over."""
    for order in list(state.live()):
        seen = order.untouched_at
        if seen is None or order.absent_at is None:
            continue
        if asked_at < seen + LIST_LATE:
            state.run.reports.ask(max(turn.now, seen + LIST_LATE))  # one wish can hide a later one
        elif _changed_at(state, order.intent.symbol) > seen:
            order.untouched_at = None  # nobody knows whether the balance showed that
        elif order.is_doubtful:
            doubt.not_placed(turn, order)
        else:
            vanished.settle(turn, order)
            order.is_repricing = True  # nobody took it back: the rules go on selling
            fills.end(state, turn, order)


def link(state: State, turn: Turn, order: OwnOrder, number: BrokerOrderNo) -> None:
    """The order is the listed one of this number; the next list brings what became of it."""
    blotter.accept(order, number, turn.now)
    turn.tell(OrderResolved(order.intent, number))
    state.run.reports.ask(turn.now)


def _find_late(state: State, turn: Turn, reports: tuple[OrderReport, ...]) -> None:
    """An order that was believed not placed is in the list after all."""
    doubtful = [order for order in state.live() if order.is_doubtful]
    for order in list(state.book.orders.values()):
        if order.state is not OrderState.NOT_PLACED:
            continue
        rows = [row for row in reports if _is_nobodys_yet(state, row, turn.now)]
        found = [
            row
            for row in doubt.candidates(order, rows, blotter.CLOCK_SLACK)
            if not any(blotter.is_alike(other, row) for other in doubtful)
        ]
        if len(found) == 1:
            _adopt(state, turn, order, found[0])


def _shown(
    state: State, order: OwnOrder, holdings: tuple[Holding, ...]
) -> tuple[OwnOrder, str, int]:
    symbol = order.intent.symbol
    held = next((holding for holding in holdings if holding.symbol == symbol), None)
    position = state.book.positions.get(symbol)
    name = position.name if position is not None else symbol
    return order, name, held.qty if held is not None else 0


def _ask(state: State, turn: Turn, sides: mismatches.Sides | None) -> None:
    if sides is not None:
        mismatches.ask(state.book, turn, sides, state.next_id)


def _may_speak_of(order: OwnOrder, asked_at: datetime) -> bool:
    """Whether a balance is late enough to show what became of an order that no list has."""
    if order.state is OrderState.UNRESOLVED:
        begun = order.unresolved_at
        return begun is not None and asked_at >= begun + doubt.READS_AFTER[-1]
    return any(True for _ in vanished.gone((order,), asked_at))


def _changed_at(state: State, symbol: Symbol) -> datetime:
    """The last trade in the stock that was told."""
    position = state.book.positions.get(symbol)
    gone_at = state.book.gone.get(symbol, _LONG_AGO)
    return position.changed_at if position is not None else gone_at


def _is_untouched(state: State, order: OwnOrder, holdings: tuple[Holding, ...]) -> bool:
    symbol = order.intent.symbol
    position = state.book.positions.get(symbol)
    held = next((h for h in holdings if h.symbol == symbol), None)
    if position is None:
        return held is None  # others sold them all: no order of ours can hold any
    if held is None or held.qty < position.qty:
        return False
    others = state.live_qty(symbol) - order.left_qty
    his = max(position.blocked_qty, state.run.his_open.get(symbol, 0))
    return held.sellable_qty >= position.qty - his - others


def _is_nobodys_yet(state: State, report: OrderReport, now: datetime) -> bool:
    if detection.is_counted(state, report, now):
        return False
    day = None if report.ordered_at is None else exchange_date(report.ordered_at)
    return blotter.by_number(state.book.orders, report, day, on_any_day=True) is None


def _adopt(state: State, turn: Turn, order: OwnOrder, report: OrderReport) -> None:
    blotter.accept(order, report.broker_order_no, turn.now)
    turn.tell(OrderResolved(order.intent, report.broker_order_no))
    fills.apply_report(state, turn, order, report)
