"""Looks up orders whose answer never came: in the broker's list, and in what the account holds."""

from __future__ import annotations

from datetime import date, datetime

from engine.desk import blotter, doubt, mismatches, vanished
from engine.desk.krx import counting, fills, lists, positions
from engine.desk.krx.counted import Balance
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.ids import BrokerOrderNo
from engine.model.money import Krw
from engine.model.order_facts import OrderResolved
from engine.model.orders import OrderReport, OrderState, Side
from engine.model.quota import Priority
from engine.rules.krx.sessions import kst_date

_LAST_READ = doubt.READS_AFTER[-1]


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


def judge(state: State, turn: Turn[Krw], asked_at: datetime) -> None:
    """See whether the last balance looks as it would without an order, once a list came after it.

    ``asked_at``: of the list. Orders in doubt and such that vanished are over where it does.
    """
    balance = state.run.balance
    if balance is None or asked_at < balance.arrived_at:
        return
    is_late = asked_at >= balance.arrived_at + counting.LIST_LATE
    if is_late:
        state.run.balance = None
    his = {row.symbol for row in state.run.strangers}  # of these the list must not be too fresh
    for order in _in_doubt(state, balance):
        is_judged = is_late or order.intent.symbol not in his
        if is_judged:
            order.untouched_at = balance.asked_at if _is_untouched(state, order, balance) else None
            _decide(state, turn, order)
        if order.state is OrderState.UNRESOLVED and (is_judged or order.candidates):
            _ask(state, turn, doubt.sides(*_shown(state, order, balance), turn.now))
    for order in list(vanished.gone(state.live(), balance.asked_at)):
        if is_late or order.intent.symbol not in his:
            _judge_vanished(state, turn, order, balance)


def ask_without_lists(state: State, turn: Turn[Krw]) -> None:
    """A balance came, and lists fail for so long that the trader should look."""
    balance, reports_at = state.run.balance, state.run.reports_at
    if balance is None or reports_at is None or turn.now - reports_at < doubt.ASK_AFTER:
        return
    for order in _in_doubt(state, balance):
        _ask(state, turn, doubt.sides(*_shown(state, order, balance), turn.now))
    for order in vanished.gone(state.live(), balance.asked_at):
        if vanished.is_open_question(order, balance.asked_at):
            _ask(state, turn, vanished.sides(*_shown(state, order, balance)))


def _in_doubt(state: State, balance: Balance) -> list[OwnOrder[Krw]]:
    """Orders of unknown outcome that a balance may speak of."""
    return [
        order
        for order in state.live()
        if order.state is OrderState.UNRESOLVED
        and order.unresolved_at is not None
        and balance.asked_at >= order.unresolved_at + _LAST_READ
    ]


def _judge_vanished(state: State, turn: Turn[Krw], order: OwnOrder[Krw], balance: Balance) -> None:
    """What came between, a fill or the answer to its cancel, a balance may not show yet."""
    since = max(order.changed_at, order.cancel_answered_at or order.changed_at)
    if vanished.is_answered(order) and balance.asked_at < since + counting.BALANCE_LATE:
        state.run.holdings.ask(since + counting.BALANCE_LATE)
        return
    is_untouched = _is_untouched(state, order, balance)
    if is_untouched and vanished.is_answered(order):
        vanished.settle(turn, order)
        fills.end(state, turn, order)
    elif not is_untouched or vanished.is_open_question(order, balance.asked_at):
        _ask(state, turn, vanished.sides(*_shown(state, order, balance)))


def link(state: State, turn: Turn[Krw], order: OwnOrder[Krw], number: BrokerOrderNo) -> None:
    """The order is the listed one of this number; the next list brings what became of it."""
    state.revive()
    rows = (row for row in state.run.strangers if row.broker_order_no == number)
    blotter.accept(order, number, turn.now, next((row.branch for row in rows), ""))
    turn.tell(OrderResolved(order.intent, number))
    lists.name_ours(state, turn.now)
    state.run.reports.ask(turn.now)


def _shown(state: State, order: OwnOrder[Krw], balance: Balance) -> tuple[OwnOrder[Krw], str, int]:
    symbol = order.intent.symbol
    return order, state.name_of(symbol), balance.qty(symbol)


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
    blotter.accept(order, report.broker_order_no, turn.now, report.branch)
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


def _is_untouched(state: State, order: OwnOrder[Krw], balance: Balance) -> bool:
    """A buy would have brought shares, a sale would hold or have taken some.

    Nothing is known while the trader, or an order of ours that could stand in for it, moves what
    the balance shows.
    """
    symbol = order.intent.symbol
    held = balance.held.get(symbol)
    others = [
        other
        for other in state.book.orders.values()
        if (other.intent.symbol, other.intent.side) == (symbol, order.intent.side)
        and other is not order
    ]
    shown = balance.asked_at - counting.BALANCE_LATE
    if any(other.changed_at > shown for other in others):
        return False
    if not counting.is_still(state, symbol, balance):
        return False
    if balance.qty(symbol) != counting.expected(state, symbol):
        return False
    if order.intent.side is Side.BUY or held is None:
        return True
    tied = sum(other.left_qty for other in others)
    return held.qty - held.sellable_qty <= tied + counting.his_trades(state, symbol).tied


def _decide(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    if order.absent_at is not None and order.untouched_at is not None:
        not_placed(state, turn, order)


def not_placed(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    """The broker has no such order."""
    doubt.not_placed(turn, order)
    state.run.cash_call.ask(turn.now)
    if order.intent.side is Side.BUY:
        positions.leave_alone(state, turn, order.intent.symbol)
