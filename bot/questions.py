"""Buttons of the desk's questions, under their alert and again under /positions."""

from __future__ import annotations

from bot.chat import Action, Button, Rows, Style, Verb
from bot.format import desks, words
from bot.format.lang import Lang
from engine.model.commands import Choice
from engine.model.ids import DeskName
from engine.model.mismatches import MismatchAsked
from engine.model.position_facts import QuestionAsked
from engine.model.status import StatusView

_MAX_SHOWN = 6


def row(question: QuestionAsked, lang: Lang, *, with_symbol: bool = False) -> tuple[Button, ...]:
    """One button a choice; the action carries what its outcome will be called."""
    prefix = f"{question.symbol} " if with_symbol else ""
    return tuple(_button(question, choice, prefix, lang) for choice in question.choices)


def rows(view: StatusView, lang: Lang) -> Rows:
    """All open questions, each with its symbol: an alert may have scrolled away."""
    asked = () if view.us is None else view.us.questions[:_MAX_SHOWN]
    shown = [row(question, lang, with_symbol=True) for question in asked]
    for name, desk in desks.running(view):
        for fact in desk.mismatches[:_MAX_SHOWN]:
            shown += mismatch_rows(fact, name, lang, with_symbol=True)
    return tuple(shown)


def mismatch_rows(
    fact: MismatchAsked, desk: DeskName, lang: Lang, *, with_symbol: bool = False
) -> Rows:
    """A button each, since their words are long; one for each order that may be ours."""
    prefix = f"{fact.symbol} " if with_symbol else ""
    buttons: list[tuple[Button, ...]] = []
    for choice in fact.choices:
        word = words.choice(choice, lang)
        for number in fact.candidates if choice is Choice.LINK else ("",):
            shown = f"{word} #{number}" if number else word
            said = (fact.question, choice, f"{fact.symbol} {shown}", desk, number)
            style = Style.DANGER if choice is Choice.SELL else None
            buttons.append((Button(prefix + shown, Action(Verb.ANSWER, said), style),))
    return tuple(buttons)


def _button(question: QuestionAsked, choice: Choice, prefix: str, lang: Lang) -> Button:
    word = words.choice(choice, lang)
    return Button(
        prefix + word,
        Action(Verb.ANSWER, (question.question, choice, f"{question.symbol} {word}")),
        Style.DANGER if choice is Choice.SELL else None,
    )
