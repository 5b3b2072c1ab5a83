"""Own orders: the one table of state changes, and the bookkeeping around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.errors import InvariantBroken
from engine.model.fills import OrderNotice
from engine.model.ids import BrokerOrderNo, ClientOrderId, Qty
from engine.model.intents import Cancel
from engine.model.money import M
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OrderKind,
    OrderReport,
    OrderState,
    PlaceAnswer,
    Rejected,
)

_S = OrderState
Orders = dict[ClientOrderId, OwnOrder[M]]

# A cancelled order may still turn out to be filled, and one that was not found to be there:
# executions and lists can be late, and only they decide.
CHANGES: Mapping[OrderState, frozenset[OrderState]] = {
    _S.INTENDED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.UNRESOLVED}),
    _S.ACCEPTED: frozenset({_S.PARTIAL, _S.FILLED, _S.CANCELLED, _S.REJECTED}),
    _S.PARTIAL: frozenset({_S.FILLED, _S.CANCELLED}),
    _S.UNRESOLVED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.NOT_PLACED}),
    _S.FILLED: frozenset(),
    _S.CANCELLED: frozenset({_S.FILLED}),
    _S.REJECTED: frozenset(),
    _S.NOT_PLACED: frozenset({_S.ACCEPTED}),
}
# The broker's clock may be behind ours by this much (KIS notes: send time - 5 s).
CLOCK_SLACK = timedelta(seconds=5)
# A clock that is further off is amiss, but no reason to lose an order.
WORST_CLOCK = timedelta(minutes=5)
KEEP_DAYS = 3
# A cancel whose order the list still shows so long after it was asked for is asked for again.
CANCEL_AGAIN_AFTER = timedelta(seconds=10)
REFUSED_CANCEL_AGAIN_AFTER = timedelta(seconds=2)


def change(order: OwnOrder[M], state: OrderState, now: datetime) -> None:
    """Move an order to another state. Raises InvariantBroken where the table forbids it."""
    if state not in CHANGES[order.state]:
        raise InvariantBroken(f"order {order.intent.client_order_id}: {order.state} to {state}")
    order.state = state
    order.changed_at = now


def add_order(
    orders: Orders[M], intent: OrderIntent[M], avg_cost: M, now: datetime, day: date
) -> OwnOrder[M]:
    """Enter a decided order; it counts as live from here on. ``day``: the exchange's date."""
    order = OwnOrder(intent, OrderState.INTENDED, avg_cost, now, day)
    orders[intent.client_order_id] = order
    return order


def accept(order: OwnOrder[M], number: BrokerOrderNo, now: datetime, branch: str = "") -> None:
    """The broker has it under ``number``."""
    change(order, OrderState.ACCEPTED, now)
    order.broker_order_no, order.branch = number, branch
    order.open_since = now
    order.absent_since = order.absent_at = order.untouched_at = None


def record_fill(order: OwnOrder[M], filled_qty: int, now: datetime) -> None:
    """Bring the cumulative quantity and the state up to date."""
    order.filled_qty = filled_qty
    order.changed_at = now
    if filled_qty >= order.intent.qty:
        change(order, OrderState.FILLED, now)
    elif order.state is OrderState.ACCEPTED:
        change(order, OrderState.PARTIAL, now)


def ask_cancel(turn: Turn[M], order: OwnOrder[M], *, is_repricing: bool) -> bool:
    """Take an open order back; False when it cannot be asked (no number, or asked already)."""
    if order.broker_order_no is None or order.cancel_asked_at is not None or order.is_doubtful:
        return False
    intent = order.intent
    order.cancel_asked_at = turn.now
    order.is_cancel_refused = False
    order.is_repricing = is_repricing
    turn.orders.append(
        Cancel(
            CancelIntent(
                intent.client_order_id,
                order.broker_order_no,
                intent.symbol,
                intent.exchange,
                Qty(order.left_qty),
                order.branch,
            )
        )
    )
    turn.changed()
    return True


def note_cancel_answer(turn: Turn[M], order: OwnOrder[M], answer: PlaceAnswer) -> None:
    """Keep a definite no: the order may be filled any moment, so it is asked again soon."""
    if order.cancel_asked_at is None or not isinstance(answer, Accepted | Rejected):
        return
    order.is_cancel_refused = isinstance(answer, Rejected)
    if isinstance(answer, Accepted) or answer.is_about_order:
        order.cancel_answered_at = turn.now
    turn.changed()


def allow_cancel_again(order: OwnOrder[M], reports_at: datetime | None) -> datetime | None:
    """Let a cancel be asked for once more where the list still shows its order.

    ``reports_at``: of that list. Returns when the next list should be read; None: no wish.
    """
    asked = order.cancel_asked_at
    if asked is None:
        return None
    again_at = asked + (
        REFUSED_CANCEL_AGAIN_AFTER if order.is_cancel_refused else CANCEL_AGAIN_AFTER
    )
    if reports_at is None or reports_at < again_at:
        return again_at if order.is_cancel_refused else None
    order.cancel_asked_at = None
    order.is_repricing = False  # whoever ends it now, it was not our cancel
    return None


def by_number(
    orders: Orders[M],
    record: OrderReport[M] | OrderNotice[M],
    day: date | None,
    *,
    number: BrokerOrderNo | None = None,
    on_any_day: bool = False,
) -> OwnOrder[M] | None:
    """Our order that a record speaks of; ``day`` is the record's date, since numbers come again.

    The same number of another stock, side or size is somebody else's. ``number``: not the
    record's own. ``on_any_day``: an order still open is ours whatever day the record claims.
    """
    wanted = record.broker_order_no if number is None else number
    same = [
        order
        for order in orders.values()
        if order.broker_order_no == wanted
        and (order.intent.symbol, order.intent.side) == (record.symbol, record.side)
        and (isinstance(record, OrderNotice) or record.order_qty == order.intent.qty)
    ]
    for order in same:
        if day is None or order.day == day:
            return order
    if not on_any_day:
        return None
    return next((order for order in same if not order.state.is_final), None)


def find_order(orders: Orders[M], wish: ClientOrderId | BrokerOrderNo) -> OwnOrder[M] | None:
    """By our id, or by the broker's number among those that are not at their end."""
    if (order := orders.get(ClientOrderId(wish))) is not None:
        return order
    for other in orders.values():
        if other.broker_order_no == wish and not other.state.is_final:
            return other
    return None


def is_alike(order: OwnOrder[M], report: OrderReport[M], slack: timedelta = CLOCK_SLACK) -> bool:
    """Whether a report of unknown number may be this order, whose number we do not know.

    ``slack``: how far the broker's clock may be behind ours.
    """
    intent = order.intent
    if report.is_cancel or not report.by_api:
        return False
    if intent.kind is OrderKind.LIMIT and report.limit is not None and report.limit != intent.limit:
        return False
    if report.ordered_at is not None and report.ordered_at < intent.decided_at - slack:
        return False
    return (report.symbol, report.side, report.order_qty) == (
        intent.symbol,
        intent.side,
        intent.qty,
    )


def forget_old(orders: Orders[M], today: date, first: date) -> date:
    """Drop what no report can speak of any more; reports go back to ``first``.

    Returns the oldest date that is still kept.
    """
    oldest = min(today - timedelta(days=KEEP_DAYS), first)
    for order_id in [
        key for key, order in orders.items() if order.state.is_final and order.day < oldest
    ]:
        del orders[order_id]
    return oldest
