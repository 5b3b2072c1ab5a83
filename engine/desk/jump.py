"""The clock moved by itself: elapsed times are worth nothing, the account is read first."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.state import Reading, Run, State
from engine.desk.turn import Turn
from engine.model.events import ClockJumped
from engine.model.facts import Window


def rebase(state: State, turn: Turn, event: ClockJumped) -> None:
    """Shift what is measured from a start, forget prices, decide nothing before a fresh read."""
    shift = event.after - event.before
    _shift_orders(state, shift)
    _shift_positions(state, shift, turn.now)
    _rebase_run(state.run, shift, turn.now)
    turn.changed()
    if state.book.window is not Window.ASLEEP:
        state.run.holdings.ask(turn.now)
        state.run.reports.ask(turn.now)


def _moved(moment: datetime | None, shift: timedelta) -> datetime | None:
    return None if moment is None else moment + shift


def _shift_orders(state: State, shift: timedelta) -> None:
    for order in state.live():
        order.open_since = _moved(order.open_since, shift)
        order.cancel_asked_at = _moved(order.cancel_asked_at, shift)
        order.unresolved_at = _moved(order.unresolved_at, shift)
        order.read_at = _moved(order.read_at, shift)
        order.absent_at = order.untouched_at = None
        order.changed_at += shift


def _shift_positions(state: State, shift: timedelta, now: datetime) -> None:
    for position in state.book.positions.values():
        position.untold_since = _moved(position.untold_since, shift)
        position.retry_at = _moved(position.retry_at, shift)
        position.missing_since = None
        position.changed_at = min(position.changed_at, now)
    for symbol, at in state.book.gone.items():
        state.book.gone[symbol] = min(at, now)


def _rebase_run(run: Run, shift: timedelta, now: datetime) -> None:
    run.readings = {
        symbol: Reading(prev_close=reading.prev_close) for symbol, reading in run.readings.items()
    }
    for sale in run.sales:
        sale.deadline += shift
    for call in (run.holdings, run.reports, run.cash):
        call.sent_at = _moved(call.sent_at, shift)
        call.due = _moved(call.due, shift)
    for wish in run.prices.values():
        wish.sent_at = _moved(wish.sent_at, shift)
    run.parked = []
    run.bucket = None
    run.cycle_at = run.hold_until = run.rotated_at = None
    run.called_at = _moved(run.called_at, shift)
    run.reconciled_at = now
    run.first_failed_at = _moved(run.first_failed_at, shift)
    run.holdings_at = run.reports_at = None
    run.read_after = now
