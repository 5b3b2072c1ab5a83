"""Looks up orders whose answer never came: in the broker's list, and in what the account holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.desk import blotter, doubt, mismatches, vanished
from engine.desk.krx import fills, lists, positions
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.facts import OrderResolved
from engine.model.ids import BrokerOrderNo, Symbol
from engine.model.money import Krw
from engine.model.orders import OrderReport, OrderState, Side
from engine.model.quota import Priority
from engine.rules.krx.sessions import kst_date

_LAST_READ = doubt.READS_AFTER[-1]
BALANCE_LATE = timedelta(seconds=30)  # by then it shows every trade, as far as was seen
# A balance is of a moment after it was asked for: it waits its turn, and the clocks may differ.
ANSWERS_WITHIN = timedelta(seconds=10)  # one that took longer is not counted by
UNCLEAR_FOR = ANSWERS_WITHIN + blotter.CLOCK_SLACK


def ask_due(state: State, turn: Turn[Krw]) -> None:
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
    turn: Turn[Krw],
    reports: tuple[OrderReport[Krw], ...],
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
        rows = _not_ours_yet(state, order, reports)
        is_over = first <= order.day < today
        if (found := doubt.surely(order, rows, is_over=is_over)) is not None:
            _adopt(state, turn, order, found)
        elif is_over:
            not_placed(state, turn, order)
        elif doubt.note_candidates(order, rows):
            pass
        elif (again := doubt.note_absent(order, asked_at)) is not None:
            state.run.reports.ask(again)
        else:
            _decide(state, turn, order)
    _find_late(state, turn, reports)


def on_holdings(
    state: State,
    turn: Turn[Krw],
    holdings: dict[Symbol, Holding[Krw]],
    asked_at: datetime,
) -> None:
    """Whether the account looks as it would without the doubtful order."""
    for order in list(state.live()):
        if order.state is not OrderState.UNRESOLVED or order.unresolved_at is None:
            continue
        if asked_at < order.unresolved_at + _LAST_READ:
            continue
        order.untouched_at = asked_at if _is_untouched(state, order, holdings, asked_at) else None
        _decide(state, turn, order)
        if order.state is OrderState.UNRESOLVED:
            _ask(state, turn, doubt.sides(*_shown(state, order, holdings), turn.now))
    for order in list(vanished.gone(state.live(), asked_at)):
        is_untouched = _is_untouched(state, order, holdings, asked_at)
        if is_untouched and vanished.is_answered(order):
            vanished.settle(turn, order)
            fills.end(state, turn, order)
        elif not is_untouched or vanished.is_open_question(order, asked_at):
            _ask(state, turn, vanished.sides(*_shown(state, order, holdings)))


def link(state: State, turn: Turn[Krw], order: OwnOrder[Krw], number: BrokerOrderNo) -> None:
    """The order is the listed one of this number; the next list brings what became of it."""
    state.revive()
    blotter.accept(order, number, turn.now)
    turn.tell(OrderResolved(order.intent, number))
    lists.name_ours(state, turn.now)
    state.run.reports.ask(turn.now)


def _shown(
    state: State, order: OwnOrder[Krw], holdings: dict[Symbol, Holding[Krw]]
) -> tuple[OwnOrder[Krw], str, int]:
    symbol = order.intent.symbol
    held = holdings.get(symbol)
    return order, state.name_of(symbol), held.qty if held is not None else 0


def _ask(state: State, turn: Turn[Krw], sides: mismatches.Sides | None) -> None:
    if sides is not None:
        mismatches.ask(state.book, turn, sides, state.next_id)


def _find_late(state: State, turn: Turn[Krw], reports: tuple[OrderReport[Krw], ...]) -> None:
    """An order that was believed not placed is in the list after all."""
    doubtful = [order for order in state.live() if order.is_doubtful]
    for order in list(state.book.orders.values()):
        if order.state is not OrderState.NOT_PLACED:
            continue
        found = [
            report
            for report in doubt.candidates(
                order, _not_ours_yet(state, order, reports), blotter.CLOCK_SLACK
            )
            if not any(blotter.is_alike(other, report) for other in doubtful)
        ]
        if len(found) == 1:
            state.revive()
            _adopt(state, turn, order, found[0])
            lists.name_ours(state, turn.now)
        elif found:
            numbers = [report.broker_order_no for report in found]
            name = state.name_of(order.intent.symbol)
            _ask(state, turn, doubt.late_sides(order, name, numbers))


def _adopt(state: State, turn: Turn[Krw], order: OwnOrder[Krw], report: OrderReport[Krw]) -> None:
    blotter.accept(order, report.broker_order_no, turn.now)
    turn.tell(OrderResolved(order.intent, report.broker_order_no))
    fills.apply_report(state, turn, order, report)


def _not_ours_yet(
    state: State, order: OwnOrder[Krw], reports: tuple[OrderReport[Krw], ...]
) -> list[OrderReport[Krw]]:
    """Rows of the order's day that no order of ours has the number of."""
    found = []
    for report in reports:
        day = None if report.ordered_at is None else kst_date(report.ordered_at)
        is_known = blotter.by_number(state.book.orders, report, day) is not None
        if day in (None, order.day) and not is_known:
            found.append(report)
    return found


def _is_untouched(
    state: State,
    order: OwnOrder[Krw],
    holdings: dict[Symbol, Holding[Krw]],
    asked_at: datetime,
) -> bool:
    """A buy would have brought shares, a sale would hold or have taken some.

    The trader's own shares are no stand-in for those of the desk; what he trades of them in the
    broker's app meanwhile is reckoned with, also what the books do not know yet.
    """
    symbol, held = order.intent.symbol, holdings.get(order.intent.symbol)
    position = state.book.positions.get(symbol)
    expected = state.book.foreign.get(symbol, 0) + (position.qty if position is not None else 0)
    qty, sellable = (held.qty, held.sellable_qty) if held is not None else (0, 0)
    maybe_ours = doubt.candidates(order, state.run.strangers)
    rows = [r for r in state.run.strangers if r.symbol == symbol and r not in maybe_ours]
    since = state.book.foreign_at.get(symbol, order.intent.decided_at)
    shown = asked_at - BALANCE_LATE  # what he traded later, this balance may lack
    if order.intent.side is Side.BUY:
        brought = _filled(rows, Side.BUY, since + UNCLEAR_FOR, shown)
        return qty <= expected + brought - _filled(rows, Side.SELL, since - blotter.CLOCK_SLACK)
    took = _filled(rows, Side.SELL, since + UNCLEAR_FOR, shown)
    expected += _filled(rows, Side.BUY, since - blotter.CLOCK_SLACK) - took
    tied = sum(o.left_qty for o in state.live(symbol, Side.SELL)) - order.left_qty
    tied += sum(row.open_qty for row in rows if row.side is Side.SELL)
    return qty >= expected and sellable >= expected - tied


def _filled(
    rows: list[OrderReport[Krw]], side: Side, since: datetime, until: datetime | None = None
) -> int:
    """Shares of orders from ``since`` on; one without a time counts where there is no ``until``.

    What could hide an execution of ours has one: it counts only if surely not in the count yet.
    """
    found = 0
    for row in rows:
        at = row.ordered_at
        is_within = until is None if at is None else since <= at and (until is None or at < until)
        found += row.filled_qty if row.side is side and is_within else 0
    return found


def _decide(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    if order.absent_at is not None and order.untouched_at is not None:
        not_placed(state, turn, order)


def not_placed(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    """The broker has no such order."""
    doubt.not_placed(turn, order)
    state.run.cash_call.ask(turn.now)
    if order.intent.side is Side.BUY:
        positions.leave_alone(state, turn, order.intent.symbol)
