"""Market time moved by itself: waits begin anew, prices of before are old."""

from __future__ import annotations

from datetime import datetime

from engine.desk import conduct, doubt
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.money import Krw
from engine.model.orders import OrderState


def rebase(state: State, turn: Turn[Krw]) -> None:
    """Measure every wait from now on, forget prices, read the account at once."""
    run = state.run
    for pace in run.paces.values():
        pace.due = None
    run.watch_due = None
    run.hold_until = None
    run.evaluated_at = None
    run.started_at = turn.now
    run.limited.clear()
    run.parked.clear()
    run.index_at.clear()
    run.vendor.rebase(turn.now)
    for name in run.names.by_symbol.values():
        name.forget_price()
    _rebase_changes(state, turn.now)
    run.first_failed_at = turn.now if run.failing else None
    conduct.rebase(state.book, turn.now)
    run.prices.clear()
    run.still.clear()
    run.balance = run.uncounted = None
    for call in (run.holdings, run.reports, run.cash_call):
        call.is_flying = False
        call.ask(turn.now)
    for order in state.live():
        if order.open_since is not None:
            order.open_since = turn.now
        if order.cancel_asked_at is not None:
            order.cancel_asked_at = turn.now
        order.absent_since = order.absent_at = order.cancel_answered_at = None
        if order.state is OrderState.UNRESOLVED:
            doubt.look_up_again(order, turn.now)
    turn.changed()


def _rebase_changes(state: State, now: datetime) -> None:
    """Nothing was changed later than now, else no balance would speak of it until then."""
    for order in state.book.orders.values():
        order.changed_at = min(order.changed_at, now)
    for position in state.book.positions.values():
        position.missing_since = None
        position.changed_at = position.changed_at and min(position.changed_at, now)
        position.entry_at = position.entry_at and min(position.entry_at, now)
