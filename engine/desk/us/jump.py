"""The clock moved by itself: elapsed times are worth nothing, the account is read first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.desk import conduct
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.desk.us.state import Reading, Run, State
from engine.model.day_facts import Window
from engine.model.events import ClockJumped

_NO_TIME = timedelta(0)


def rebase(state: State, turn: Turn, event: ClockJumped) -> None:
    """Shift what is measured from a start, forget prices, decide nothing before a fresh read."""
    shift = event.after - event.before
    for order in state.book.orders.values():
        _rebase_order(order, shift, turn.now)
    _rebase_positions(state, shift, turn.now)
    _rebase_run(state.run, shift, turn.now)
    conduct.rebase(state.book, turn.now)
    turn.changed()
    if state.today(event.after) < state.today(event.before):
        # What a day too late forgot must not come as news: the next list is counted, not told.
        state.book.has_baseline = False
    if state.book.window is not Window.ASLEEP:
        state.run.holdings.ask(turn.now)
        state.run.reports.ask(turn.now)


def _moved(moment: datetime | None, shift: timedelta) -> datetime | None:
    return None if moment is None else moment + shift


def _rebase_order(order: OwnOrder, shift: timedelta, now: datetime) -> None:
    if order.state.is_final:
        order.changed_at = min(order.changed_at, now)
        return
    order.open_since = _moved(order.open_since, shift)
    order.cancel_asked_at = _moved(order.cancel_asked_at, shift)
    order.unresolved_at = _moved(order.unresolved_at, shift)
    order.read_at = _moved(order.read_at, shift)
    order.absent_since = order.absent_at = order.untouched_at = None
    order.cancel_answered_at = None
    order.changed_at += shift
    if order.is_doubtful and shift < _NO_TIME:
        # The broker's clock was right all the time: its record must not look older than ours.
        decided_at = order.intent.decided_at + shift
        order.intent = replace(order.intent, decided_at=decided_at)


def _rebase_positions(state: State, shift: timedelta, now: datetime) -> None:
    for position in state.book.positions.values():
        position.untold_since = _moved(position.untold_since, shift)
        position.retry_at = _moved(position.retry_at, shift)
        position.missing_since = None
        position.changed_at = min(position.changed_at, now)
    for symbol, at in state.book.gone.items():
        state.book.gone[symbol] = min(at, now)


def _rebase_run(run: Run, shift: timedelta, now: datetime) -> None:
    run.holdings_at = run.reports_at = None
    run.readings = {
        symbol: Reading(prev_close=reading.prev_close) for symbol, reading in run.readings.items()
    }
    for call in (run.holdings, run.reports, run.cash):
        call.is_flying, call.sent_at = False, None  # its answer comes to nobody
        call.due = _moved(call.due, shift)
    run.prices.clear()
    run.parked.clear()
    for sale in run.sales:
        # A sale by hand is meant for its moment: it does not come hours later.
        sale.deadline += min(shift, _NO_TIME)
    run.cycle_at = run.hold_until = run.rotated_at = None
    run.called_at = _moved(run.called_at, shift)
    run.first_failed_at = _moved(run.first_failed_at, shift)
    run.reconciled_at = run.started_at = now
    run.vendor.rebase(now)
