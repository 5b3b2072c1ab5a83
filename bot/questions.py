"""Buttons of the desk's questions, under their alert and again under /positions."""

from __future__ import annotations

from bot.chat import Action, Button, Rows, Style, Verb
from bot.format import words
from bot.format.lang import Lang
from engine.model.commands import Choice
from engine.model.facts import QuestionAsked

_MAX_SHOWN = 6


def row(question: QuestionAsked, lang: Lang, *, with_symbol: bool = False) -> tuple[Button, ...]:
    """One button a choice; the action carries what its outcome will be called."""
    prefix = f"{question.symbol} " if with_symbol else ""
    return tuple(_button(question, choice, prefix, lang) for choice in question.choices)


def rows(questions: tuple[QuestionAsked, ...], lang: Lang) -> Rows:
    """All open questions, each with its symbol: an alert may have scrolled away."""
    return tuple(row(question, lang, with_symbol=True) for question in questions[:_MAX_SHOWN])


def _button(question: QuestionAsked, choice: Choice, prefix: str, lang: Lang) -> Button:
    word = words.choice(choice, lang)
    return Button(
        prefix + word,
        Action(Verb.ANSWER, (question.question, choice, f"{question.symbol} {word}")),
        Style.DANGER if choice is Choice.SELL else None,
    )
