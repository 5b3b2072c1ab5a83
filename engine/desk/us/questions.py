"""What the desk asks the trader instead of acting."""

from __future__ import annotations

from decimal import Decimal

from engine.desk.turn import Turn
from engine.desk.us.book import Asked, Position
from engine.desk.us.state import State
from engine.model.commands import Choice
from engine.model.ids import Qty, QuestionId, Symbol
from engine.model.money import Usd
from engine.model.position_facts import QuestionAsked, QuestionClosed, QuestionKind
from engine.rules.autosell import gain_pct
from engine.rules.sanity import Concern, is_material

_GATE = (Choice.SELL, Choice.WAIT, Choice.EXCLUDE)
_EXISTING = (Choice.MANAGE, Choice.EXCLUDE)


def ask_existing(state: State, turn: Turn, position: Position, price: Usd | None) -> None:
    """Whether a holding from before the start is the desk's to sell."""
    gain = _gain(price, position.avg_cost)
    _put(state, turn, position, QuestionKind.EXISTING_HOLDING, (price, None), gain)


def ask_sanity(state: State, turn: Turn, position: Position, concern: Concern, price: Usd) -> None:
    """Tell an objection once, and again only when its figures changed materially."""
    gain = gain_pct(price, position.avg_cost)
    today = state.today(turn.now)
    asked = position.asked
    if asked is not None and asked.kind is concern.kind and asked.day == today:
        # While a question waits, it is not put again whatever the price does.
        is_waiting = any(q.symbol == position.symbol for q in state.book.questions.values())
        if is_waiting or not is_material(gain, asked.gain_pct):
            return
    close_questions(state, turn, position.symbol)
    position.asked = Asked(concern.kind, gain, today)
    _put(state, turn, position, concern.kind, (concern.seen, concern.expected), gain)


def is_blocked(state: State, symbol: Symbol) -> bool:
    """Whether an open question must be answered before anything is sold by the rules."""
    return any(
        question.symbol == symbol
        and question.kind in (QuestionKind.COST_CHANGED, QuestionKind.EXISTING_HOLDING)
        for question in state.book.questions.values()
    )


def close_question(state: State, turn: Turn, question: QuestionId, choice: Choice | None) -> None:
    """Answered, or without interest now."""
    asked = state.book.questions.pop(question)
    turn.tell(QuestionClosed(question, asked.symbol, choice))


def close_questions(state: State, turn: Turn, symbol: Symbol) -> None:
    """Every question about the symbol has lost its interest."""
    for key in [k for k, asked in state.book.questions.items() if asked.symbol == symbol]:
        close_question(state, turn, key, None)


def _gain(price: Usd | None, cost: Usd) -> Decimal | None:
    if price is None or cost.amount <= 0:
        return None
    return gain_pct(price, cost)


def _put(
    state: State,
    turn: Turn,
    position: Position,
    kind: QuestionKind,
    figures: tuple[Usd | None, Usd | None],
    gain: Decimal | None,
) -> None:
    is_existing = kind is QuestionKind.EXISTING_HOLDING
    question = QuestionAsked(
        QuestionId(state.next_id("q")),
        kind,
        position.symbol,
        position.name,
        Qty(position.qty),
        position.avg_cost,
        figures[0],
        figures[1],
        gain,
        _EXISTING if is_existing else _GATE,
    )
    state.book.questions[question.question] = question
    turn.tell(question)
