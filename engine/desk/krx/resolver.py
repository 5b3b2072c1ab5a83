"""Looks up orders whose answer never came: in the broker's list, and in what the account holds."""

from __future__ import annotations

from datetime import date, datetime

from engine.desk import blotter, doubt
from engine.desk.krx import fills, positions
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.facts import OrderResolved
from engine.model.ids import Symbol
from engine.model.money import Krw
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
        found = [report for report in reports if _may_be(state, order, report)]
        is_over = first <= order.day < today
        if len(found) == 1 or (found and is_over):
            blotter.accept(order, found[0].broker_order_no, turn.now)
            turn.tell(OrderResolved(order.intent, found[0].broker_order_no))
            fills.apply_report(state, turn, order, found[0])
        elif is_over:
            _not_placed(state, turn, order)
        elif found:
            order.absent_at = None
            doubt.tell_ambiguity(turn, order, len(found))
        elif asked_at >= order.unresolved_at + _LAST_READ:
            order.absent_at = asked_at
            _decide(state, turn, order)


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
        order.untouched_at = asked_at if _is_untouched(state, order, holdings) else None
        _decide(state, turn, order)


def _may_be(state: State, order: OwnOrder[Krw], report: OrderReport[Krw]) -> bool:
    if not blotter.is_alike(order, report):
        return False
    day = None if report.ordered_at is None else kst_date(report.ordered_at)
    return blotter.by_number(state.book.orders, report, day) is None


def _is_untouched(state: State, order: OwnOrder[Krw], holdings: dict[Symbol, Holding[Krw]]) -> bool:
    """A buy would have brought shares, a sale would hold or have taken some."""
    symbol = order.intent.symbol
    position = state.book.positions.get(symbol)
    ours = position.qty if position is not None else 0
    held = holdings.get(symbol)
    if order.intent.side is Side.BUY:
        before = state.book.foreign.get(symbol, 0)
        return (held.qty if held is not None else 0) <= ours + before
    if held is None or held.qty < ours:
        return ours == 0
    others = sum(o.left_qty for o in state.live(symbol, Side.SELL)) - order.left_qty
    return held.sellable_qty >= ours - others


def _decide(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    if order.absent_at is not None and order.untouched_at is not None:
        _not_placed(state, turn, order)


def _not_placed(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    doubt.not_placed(turn, order)
    state.run.cash_call.ask(turn.now)
    if order.intent.side is Side.BUY:
        positions.leave_alone(state, turn, order.intent.symbol)
