"""What the trader decides about a disagreement with the broker, and what of it is noted."""

from __future__ import annotations

from decimal import Decimal

from engine.desk import doubt, mismatches
from engine.desk.krx import by_hand, fills, resolver
from engine.desk.krx.book import KrxPosition
from engine.desk.krx.state import State
from engine.desk.mismatches import Mismatch, Sides
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.commands import Answer, Choice, Refusal
from engine.model.mismatches import MismatchKind
from engine.model.money import Krw
from engine.model.orders import OrderState
from engine.rules.krx.sessions import kst_date

_SAME_COST_PCT = Decimal(1)  # fees and rounding stay far below it
_HOLDING = (MismatchKind.MISSING_HOLDING, MismatchKind.DIFFERENT_QTY)


def answer(state: State, turn: Turn[Krw], known: Mismatch, said: Answer) -> Refusal | None:
    """Do what the trader decided; refused where it makes no sense any more."""
    choice = said.choice
    if choice not in known.asked.choices:
        return Refusal.QUESTION_GONE
    if choice is not Choice.IGNORE and not _do(state, turn, known, said):
        return Refusal.QUESTION_GONE
    mismatches.answer(state.book, turn, known, choice)
    return None


def ask_missing(state: State, turn: Turn[Krw], position: KrxPosition, qty: int) -> None:
    """Shares that no sale in the list explains: late, or gone in a way nobody told."""
    left = position.qty - qty
    kind = mismatches.qty_kind(left)
    for other in _HOLDING:
        if other is not kind:
            mismatches.agreed(state.book, turn, other, position.symbol)
    sell = (Choice.SELL,) if left else ()
    books, broker = f"{position.qty} held", f"{left} in the account"
    choices = (Choice.BOOK, Choice.IGNORE, *sell)
    sides = Sides(kind, position.symbol, position.name, books, broker, choices, amount=Decimal(qty))
    position.is_clean = False
    mismatches.ask(state.book, turn, sides, state.next_id)


def quantities_agree(state: State, turn: Turn[Krw], position: KrxPosition) -> None:
    """Nothing is missing."""
    for kind in _HOLDING:
        mismatches.agreed(state.book, turn, kind, position.symbol)


def compare_cost(state: State, turn: Turn[Krw], position: KrxPosition, held: Holding[Krw]) -> None:
    """Of shares that are all the desk's: what they cost by its fills and by the account."""
    kind, paid = MismatchKind.DIFFERENT_COST, position.avg_cost
    if held.qty != position.qty or held.avg_cost.amount <= 0:
        return
    if abs(held.avg_cost.ratio(paid) - 1) * 100 <= _SAME_COST_PCT:
        mismatches.agreed(state.book, turn, kind, position.symbol)
        return
    books, broker = (f"{round(cost.amount)} each" for cost in (paid, held.avg_cost))
    choices = (Choice.BOOK, Choice.IGNORE, Choice.SELL)
    amount = held.avg_cost.amount
    sides = Sides(kind, position.symbol, position.name, books, broker, choices, amount=amount)
    position.is_clean = False
    mismatches.ask(state.book, turn, sides, state.next_id)


def note_strangers(state: State, turn: Turn[Krw]) -> None:
    """Open orders in the list that are nobody's of ours."""
    doubtful = [order for order in state.live() if order.is_doubtful]
    for row in state.run.strangers:
        if row.is_open and not any(doubt.candidates(order, (row,)) for order in doubtful):
            day = kst_date(row.ordered_at or turn.now)
            number = row.broker_order_no
            mismatches.note_order(state.book, turn, row.symbol, number, row.open_qty, day)


def tidy(state: State, turn: Turn[Krw]) -> None:
    """Close questions whose order or position came to its end."""
    book = state.book
    if not book.mismatches:
        return
    mismatches.drop_settled(book, turn, book.orders)
    mismatches.drop_where(
        book, turn, lambda known: known.order is None and known.asked.symbol not in book.positions
    )


def _do(state: State, turn: Turn[Krw], known: Mismatch, said: Answer) -> bool:
    """False: there is nothing to do it to."""
    if known.order is None:
        return _book_holding(state, turn, known)
    order = state.book.orders.get(known.order)
    if order is None:
        return False
    if said.choice is Choice.LINK:
        is_lost = order.state in (OrderState.UNRESOLVED, OrderState.NOT_PLACED)
        if said.number not in known.asked.candidates or not is_lost:
            return False
        resolver.link(state, turn, order, said.number)
    elif said.choice is Choice.NOT_PLACED and order.state is OrderState.UNRESOLVED:
        order.known += known.asked.candidates
        resolver.not_placed(state, turn, order)
    elif said.choice is Choice.BOOK and not order.state.is_final:
        fills.end(state, turn, order)
    else:
        return False
    return True


def _book_holding(state: State, turn: Turn[Krw], known: Mismatch) -> bool:
    position, amount = state.book.positions.get(known.asked.symbol), known.amount
    if position is None or amount is None:
        return False
    if known.asked.kind is MismatchKind.DIFFERENT_COST:
        position.cost = Krw(amount * position.qty)
        turn.changed()
    else:
        by_hand.book_sale(state, turn, position, min(int(amount), position.qty))
    return True
