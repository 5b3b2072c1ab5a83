"""An open order that the broker's lists show no more: over where the account agrees, else asked.

One list may be late or short; two a minute apart are not. A cancel is asked for all the same: had
the order been there, it ends by that, and nothing of it can be filled beside what replaces it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from engine.desk import blotter, mismatches
from engine.desk.doubt import order_text
from engine.desk.mismatches import Sides
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.commands import Choice
from engine.model.ids import ClientOrderId
from engine.model.mismatches import Decision, MismatchKind
from engine.model.money import M
from engine.model.orders import OrderState, Side

LISTS_APART = timedelta(seconds=60)
ASK_AFTER = timedelta(minutes=5)  # without an answer of the broker's to a cancel
LISTED_WITHIN = timedelta(seconds=10)  # a list may lack what was accepted so shortly before
_OPEN = frozenset({OrderState.ACCEPTED, OrderState.PARTIAL})


def note(
    turn: Turn[M],
    orders: Iterable[OwnOrder[M]],
    listed: Collection[ClientOrderId],
    asked_at: datetime,
) -> bool:
    """Take in a list; True when the account should be read because of what it lacks."""
    is_news = False
    for order in list(orders):
        since = order.open_since or order.changed_at
        if order.state not in _OPEN:
            continue
        if order.intent.client_order_id in listed or asked_at < since + LISTED_WITHIN:
            order.absent_since = order.absent_at = None
            continue
        order.absent_since = order.absent_since or asked_at
        if asked_at >= order.absent_since + LISTS_APART:
            is_news |= order.absent_at is None
            order.absent_at = order.absent_at or asked_at  # what comes after it speaks of the order
            if not is_answered(order):
                blotter.ask_cancel(turn, order, is_repricing=order.intent.side is Side.SELL)
    return is_news


def gone(orders: Iterable[OwnOrder[M]], asked_at: datetime) -> Iterator[OwnOrder[M]]:
    """Open orders that a balance asked for at ``asked_at`` may speak of: they have vanished."""
    for order in orders:
        if order.state in _OPEN and order.absent_at is not None and asked_at >= order.absent_at:
            yield order


def is_answered(order: OwnOrder[M]) -> bool:
    """Whether a cancel was answered since the first list without it, by a yes or a definite no."""
    answered, since = order.cancel_answered_at, order.absent_since
    return answered is not None and since is not None and answered >= since


def is_open_question(order: OwnOrder[M], asked_at: datetime) -> bool:
    """Whether nobody could find out for so long that the trader should look."""
    since = order.absent_since
    return since is not None and asked_at >= since + ASK_AFTER


def sides(order: OwnOrder[M], name: str, held: int) -> Sides:
    """What the trader is asked where the account looks as if it were still there."""
    intent = order.intent
    return Sides(
        MismatchKind.VANISHED_ORDER,
        intent.symbol,
        name,
        order_text(order),
        f"0 orders, {held} in the account",
        (Choice.BOOK, Choice.IGNORE),
        order=intent.client_order_id,
    )


def settle(turn: Turn[M], order: OwnOrder[M]) -> None:
    """Write down that the account shows nothing of it: it is over."""
    books, symbol = order_text(order), order.intent.symbol
    kind = MismatchKind.VANISHED_ORDER
    mismatches.settle(turn, kind, symbol, books, "0 orders", Decision.ENDED)
