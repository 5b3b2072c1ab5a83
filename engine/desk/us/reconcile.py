"""What the trader decides about a disagreement with the broker."""

from __future__ import annotations

from engine.desk import doubt, mismatches
from engine.desk.mismatches import Mismatch
from engine.desk.turn import Turn
from engine.desk.us import fills, resolver
from engine.desk.us.state import State
from engine.model.commands import Answer, Choice, Refusal
from engine.model.mismatches import Decision, MismatchKind, MismatchSettled
from engine.model.orders import OrderState
from engine.model.position_facts import QuestionAsked, QuestionKind

_KINDS = {
    QuestionKind.EXISTING_HOLDING: MismatchKind.UNKNOWN_HOLDING,
    QuestionKind.COST_CHANGED: MismatchKind.DIFFERENT_COST,
}
_DECISIONS = {
    Choice.MANAGE: Decision.BOOKED,
    Choice.WAIT: Decision.BOOKED,
    Choice.EXCLUDE: Decision.LEFT_ALONE,
    Choice.SELL: Decision.SOLD,
}


def answer(state: State, turn: Turn, known: Mismatch, said: Answer) -> Refusal | None:
    """Do what the trader decided; refused where it makes no sense any more."""
    choice = said.choice
    if choice not in known.asked.choices:
        return Refusal.QUESTION_GONE
    if choice is not Choice.IGNORE and not _do(state, turn, known, said):
        return Refusal.QUESTION_GONE
    mismatches.answer(state.book, turn, known, choice)
    return None


def settle_question(turn: Turn, asked: QuestionAsked, choice: Choice) -> None:
    """Write down what the trader said to a question about a holding or its cost."""
    kind = _KINDS.get(asked.kind)
    if kind is None:
        return
    is_new = kind is MismatchKind.UNKNOWN_HOLDING
    expected = f"{asked.expected.amount.normalize():f} each" if asked.expected is not None else ""
    books = "0 held" if is_new else expected
    broker = f"{asked.qty} held" if is_new else f"{asked.avg_cost.amount.normalize():f} each"
    turn.tell(MismatchSettled(kind, asked.symbol, books, broker, _DECISIONS[choice], by_user=True))


def _do(state: State, turn: Turn, known: Mismatch, said: Answer) -> bool:
    """False: there is nothing to do it to."""
    order = None if known.order is None else state.book.orders.get(known.order)
    if order is None:
        return False
    if said.choice is Choice.LINK and order.state is OrderState.UNRESOLVED:
        if said.number not in known.asked.candidates:
            return False
        resolver.link(state, turn, order, said.number)
    elif said.choice is Choice.NOT_PLACED and order.state is OrderState.UNRESOLVED:
        order.known += known.asked.candidates
        doubt.not_placed(turn, order)
    elif said.choice is Choice.BOOK and not order.state.is_final:
        order.is_repricing = True  # the order is over, not the wish to sell
        fills.end(state, turn, order)
    else:
        return False
    return True
