"""An order whose answer never came: in doubt, looked up, never resent.

Procedure (kis-rest-overseas, order time-out): read the executions 2, 5 and 10 s later; found is
adopted; not found by the last read while nothing of the account is tied by it means not placed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.desk import blotter
from engine.desk.mismatches import Sides
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.commands import Choice
from engine.model.ids import BrokerOrderNo
from engine.model.mismatches import MismatchKind
from engine.model.money import M
from engine.model.order_facts import OrderResolved, OrderUnresolved
from engine.model.orders import OrderIntent, OrderReport, OrderState

APART = timedelta(seconds=10)  # one list without an order may be late; two so far apart are not
READS_AFTER = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=10))
LATER_EVERY = timedelta(seconds=30)
ASK_AFTER = timedelta(seconds=60)  # by then the account may have been read twice


def doubt(turn: Turn[M], order: OwnOrder[M], reason: str) -> None:
    """The outcome of an order is unknown from here on."""
    blotter.change(order, OrderState.UNRESOLVED, turn.now)
    look_up_again(order, turn.now)
    turn.tell(OrderUnresolved(order.intent, reason))


def unheard(orders: blotter.Orders[M], intents: Iterable[OrderIntent[M]]) -> list[OrderIntent[M]]:
    """Orders the journal has and this book does not: they may have reached the broker."""
    return [intent for intent in intents if intent.client_order_id not in orders]


def look_up_again(order: OwnOrder[M], now: datetime) -> None:
    """Begin the look-up anew, after a restart."""
    order.unresolved_at = now
    order.absent_since = order.absent_at = order.untouched_at = order.read_at = None
    order.reads = 0
    order.candidates = []


def next_read(order: OwnOrder[M]) -> datetime | None:
    """When the executions must be read next for this order."""
    if order.state is not OrderState.UNRESOLVED or order.unresolved_at is None:
        return None
    if order.reads < len(READS_AFTER):
        return order.unresolved_at + READS_AFTER[order.reads]
    return (order.read_at or order.unresolved_at) + LATER_EVERY


def candidates(
    order: OwnOrder[M], reports: Iterable[OrderReport[M]], slack: timedelta = blotter.WORST_CLOCK
) -> list[OrderReport[M]]:
    """Rows of a list that may be the order; those of our own numbers are left out by the caller."""
    return [
        report
        for report in reports
        if blotter.is_alike(order, report, slack) and report.broker_order_no not in order.known
    ]


def surely(
    order: OwnOrder[M], reports: Iterable[OrderReport[M]], *, is_over: bool
) -> OrderReport[M] | None:
    """The candidate that is the order; ``is_over``: nothing of its day can come any more.

    One that seems too early is believed once the quick reads brought nothing better: then the
    broker's clock is behind ours.
    """
    far = candidates(order, reports)
    near = candidates(order, far, blotter.CLOCK_SLACK)
    if len(near) == 1 or (near and is_over):
        return near[0]
    is_last = order.reads >= len(READS_AFTER) or is_over
    return far[0] if not near and len(far) == 1 and is_last else None


def note_candidates(order: OwnOrder[M], reports: Iterable[OrderReport[M]]) -> bool:
    """Keep which rows may be the order; False: none, so the list lacks it."""
    order.candidates = sorted(report.broker_order_no for report in candidates(order, reports))
    if order.candidates:
        note_seen(order)
    return bool(order.candidates)


def note_absent(order: OwnOrder[M], asked_at: datetime) -> datetime | None:
    """A list without the order. Returns when the next should be asked for; None: it is enough.

    Absent is what two lists apart from each other lack, the later one after the last read.
    """
    since, begun = order.absent_since or asked_at, order.unresolved_at or asked_at
    order.absent_since = since
    if asked_at < begun + READS_AFTER[-1]:
        return None
    if asked_at < since + APART:
        return since + APART
    order.absent_at = asked_at
    return None


def note_seen(order: OwnOrder[M]) -> None:
    """A list may have shown the order: what earlier ones lacked counts no more."""
    order.absent_since = order.absent_at = None


def not_placed(turn: Turn[M], order: OwnOrder[M]) -> None:
    """The broker certainly has no such order."""
    blotter.change(order, OrderState.NOT_PLACED, turn.now)
    turn.tell(OrderResolved(order.intent, None))


def sides(order: OwnOrder[M], name: str, held: int, now: datetime) -> Sides | None:
    """What the trader is asked once looking up alone may not end the doubt; None: not yet.

    ``held``: shares of the stock in the account.
    """
    waited = now - (order.unresolved_at or now)
    if waited < (READS_AFTER[-1] if len(order.candidates) > 1 else ASK_AFTER):
        return None
    if not order.candidates and order.absent_at is None:
        return None  # the second list without it may end the doubt
    link = (Choice.LINK,) if order.candidates else ()
    broker = f"{len(order.candidates)} orders, {held} in the account"
    return _sides(order, name, broker, (Choice.NOT_PLACED, *link, Choice.IGNORE))


def late_sides(order: OwnOrder[M], name: str, numbers: list[BrokerOrderNo]) -> Sides:
    """The same of an order that was believed not placed, and may be one of several."""
    order.candidates = sorted(numbers)
    return _sides(order, name, f"{len(numbers)} orders", (Choice.LINK, Choice.IGNORE))


def order_text(order: OwnOrder[M]) -> str:
    """What the books say of an order."""
    intent = order.intent
    return f"{intent.side} {order.left_qty or intent.qty} at {intent.limit.amount.normalize():f}"


def _sides(order: OwnOrder[M], name: str, broker: str, choices: tuple[Choice, ...]) -> Sides:
    intent = order.intent
    return Sides(
        MismatchKind.ORDER_IN_DOUBT,
        intent.symbol,
        name,
        order_text(order),
        broker,
        choices,
        tuple(order.candidates),
        intent.client_order_id,
    )
