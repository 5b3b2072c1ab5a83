"""Where books and broker disagree (docs/reconciliation.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.commands import Choice
from engine.model.ids import BrokerOrderNo, QuestionId, Symbol


class MismatchKind(StrEnum):
    """The eight ways to disagree."""

    UNKNOWN_HOLDING = "unknown_holding"
    MISSING_HOLDING = "missing_holding"
    DIFFERENT_QTY = "different_qty"
    DIFFERENT_COST = "different_cost"
    UNKNOWN_ORDER = "unknown_order"
    VANISHED_ORDER = "vanished_order"  # open in the books, in no list any more
    FILL_UNSEEN = "fill_unseen"
    ORDER_IN_DOUBT = "order_in_doubt"


class Decision(StrEnum):
    """What became of a disagreement."""

    BOOKED = "booked"  # the books say what the broker says
    LEFT_ALONE = "left_alone"  # not the desk's affair
    IGNORED = "ignored"  # the books stay as they are, until the broker's side changes
    ENDED = "ended"  # the order is over
    NOT_PLACED = "not_placed"
    LINKED = "linked"  # the order is the one under that number
    SOLD = "sold"  # booked, and what is left is being sold


@dataclass(frozen=True, slots=True)
class MismatchSeen:
    """Books and broker disagree in a way that needs the trader's eye.

    ``taken_back``: shares that were booked as sold by hand, and were not.
    """

    symbol: Symbol
    books: str
    broker: str
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class MismatchAsked:
    """The desk waits for the trader's word. ``candidates``: listed orders that may be ours."""

    question: QuestionId
    kind: MismatchKind
    symbol: Symbol
    name: str
    books: str
    broker: str
    choices: tuple[Choice, ...]
    candidates: tuple[BrokerOrderNo, ...] = ()


@dataclass(frozen=True, slots=True)
class MismatchSettled:
    """The end of a disagreement, by a rule or by the trader: the row for whoever looks later."""

    kind: MismatchKind
    symbol: Symbol
    books: str
    broker: str
    decision: Decision
    by_user: bool
