"""Disagreements with the broker that no rule settles: asked once, kept until they are gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.commands import Choice
from engine.model.ids import BrokerOrderNo, ClientOrderId, QuestionId, Symbol
from engine.model.mismatches import Decision, MismatchAsked, MismatchKind, MismatchSettled
from engine.model.money import M
from engine.model.orders import OrderState
from engine.model.position_facts import QuestionClosed

_DECISIONS: Mapping[Choice, Decision] = {
    Choice.IGNORE: Decision.IGNORED,
    Choice.NOT_PLACED: Decision.NOT_PLACED,
    Choice.LINK: Decision.LINKED,
    Choice.SELL: Decision.SOLD,
}


@dataclass(slots=True)
class Mismatch:
    """One question and where it stands.

    ``since``: when the two sides began to differ. ``order``: which of ours it is about. ``amount``:
    what booking it takes over, shares that are missing or the account's cost.
    """

    asked: MismatchAsked
    since: datetime
    order: ClientOrderId | None = None
    amount: Decimal | None = None
    is_ignored: bool = False


class Reconciled(Protocol):
    """The part of a desk's durable book that is about reconciliation.

    ``noted``: what was settled by a rule and is told once, with its day.
    """

    mismatches: dict[str, Mismatch]
    noted: dict[str, date]


@dataclass(frozen=True, slots=True)
class Sides:
    """A disagreement as it is seen now."""

    kind: MismatchKind
    symbol: Symbol
    name: str
    books: str
    broker: str
    choices: tuple[Choice, ...]
    candidates: tuple[BrokerOrderNo, ...] = ()
    order: ClientOrderId | None = None
    amount: Decimal | None = None

    @property
    def key(self) -> str:
        """What it is about; there is one question about it at most."""
        return _key(self.kind, self.order or self.symbol)


def ask(book: Reconciled, turn: Turn[M], sides: Sides, next_id: Callable[[str], str]) -> None:
    """Put the question, unless it was put with these figures, answered or not."""
    known = book.mismatches.get(sides.key)
    figures = (sides.books, sides.broker, sides.candidates)
    if known is not None:
        old = known.asked
        if (old.books, old.broker, old.candidates) == figures:
            return
        _close(turn, known, None)
    asked = MismatchAsked(
        QuestionId(next_id("q")),
        sides.kind,
        sides.symbol,
        sides.name,
        sides.books,
        sides.broker,
        sides.choices,
        sides.candidates,
    )
    since = turn.now if known is None else known.since
    book.mismatches[sides.key] = Mismatch(asked, since, sides.order, sides.amount)
    turn.tell(asked)


def agreed(book: Reconciled, turn: Turn[M], kind: MismatchKind, about: str) -> None:
    """Both sides say the same again: there is nothing left to ask."""
    known = book.mismatches.pop(_key(kind, about), None)
    if known is not None:
        _close(turn, known, None)


def drop_where(book: Reconciled, turn: Turn[M], is_over: Callable[[Mismatch], bool]) -> None:
    """Close what has lost its interest."""
    for key, known in list(book.mismatches.items()):
        if is_over(known):
            del book.mismatches[key]
            _close(turn, known, None)


def drop_settled(
    book: Reconciled, turn: Turn[M], orders: Mapping[ClientOrderId, OwnOrder[M]]
) -> None:
    """Close the questions about orders that have found their end or their number meanwhile."""

    def is_over(known: Mismatch) -> bool:
        if known.order is None:
            return False
        order = orders.get(known.order)
        if order is None:
            return True
        if known.asked.kind is MismatchKind.VANISHED_ORDER:
            return order.state.is_final or order.absent_at is None
        # Where it cannot be declared not placed, it was, and may be found after all.
        was_lost = Choice.NOT_PLACED in known.asked.choices
        return order.state is not (OrderState.UNRESOLVED if was_lost else OrderState.NOT_PLACED)

    drop_where(book, turn, is_over)


def find(book: Reconciled, question: QuestionId) -> Mismatch | None:
    """The question that waits under this id."""
    for known in book.mismatches.values():
        if known.asked.question == question and not known.is_ignored:
            return known
    return None


def waiting(book: Reconciled) -> tuple[MismatchAsked, ...]:
    """What the trader has not answered yet."""
    return tuple(known.asked for known in book.mismatches.values() if not known.is_ignored)


def answer(book: Reconciled, turn: Turn[M], known: Mismatch, choice: Choice) -> None:
    """Note the trader's word; what follows from it was done. Ignored: silent until it changes."""
    asked = known.asked
    _close(turn, known, choice)
    if choice is Choice.IGNORE:
        known.is_ignored = True
    else:
        book.mismatches.pop(_key(asked.kind, known.order or asked.symbol), None)
    decision = _DECISIONS.get(choice, Decision.BOOKED)
    if choice is Choice.BOOK and asked.kind is MismatchKind.VANISHED_ORDER:
        decision = Decision.ENDED
    turn.tell(
        MismatchSettled(asked.kind, asked.symbol, asked.books, asked.broker, decision, by_user=True)
    )


def settle(
    turn: Turn[M], kind: MismatchKind, symbol: Symbol, books: str, broker: str, decision: Decision
) -> None:
    """Write down what a rule made of a disagreement."""
    turn.tell(MismatchSettled(kind, symbol, books, broker, decision, by_user=False))


def note_order(
    book: Reconciled, turn: Turn[M], symbol: Symbol, number: BrokerOrderNo, open_qty: int, day: date
) -> None:
    """An open order that is not ours is left alone, and written down once."""
    key = f"{day.isoformat()}:{number}"
    if key not in book.noted:
        book.noted[key] = day
        shown = f"{open_qty} open"
        settle(turn, MismatchKind.UNKNOWN_ORDER, symbol, "0 orders", shown, Decision.LEFT_ALONE)


def forget_before(book: Reconciled, first: date) -> None:
    """Drop notes of orders that no list reaches back to any more."""
    for key in [key for key, day in book.noted.items() if day < first]:
        del book.noted[key]


def qty_kind(broker_qty: int) -> MismatchKind:
    """Fewer shares, or none."""
    return MismatchKind.DIFFERENT_QTY if broker_qty else MismatchKind.MISSING_HOLDING


def _close(turn: Turn[M], known: Mismatch, choice: Choice | None) -> None:
    turn.changed()
    if not known.is_ignored:
        turn.tell(QuestionClosed(known.asked.question, known.asked.symbol, choice))


def _key(kind: MismatchKind, about: str) -> str:
    return f"{kind}:{about}"
