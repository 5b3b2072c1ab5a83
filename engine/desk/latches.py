"""Why a desk holds back: the user's stop and the guard's causes, two latches apart from each other.

Never the exits: what a latch means for entries and exits is each desk's own affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from engine.desk.turn import Turn
from engine.model.facts import Refusal, StateChanged, Trouble, TroubleBegan, TroubleEnded
from engine.model.ids import DeskState
from engine.model.money import M
from engine.rules.safety import stricter


@dataclass(slots=True)
class Cause:
    """Why the guard's latch is set. ``until``: when it ends by itself, None: not by the clock."""

    reason: str
    measured: str
    limit: str
    day: date
    until: datetime | None = None


class Latched(Protocol):
    """The part of a desk's durable book that the latches are."""

    user_latch: DeskState
    causes: dict[Trouble, Cause]
    troubles: dict[Trouble, datetime]


def guard_latch(book: Latched) -> DeskState:
    """Set as long as it has a cause."""
    return DeskState.EXITS_ONLY if book.causes else DeskState.RUNNING


def desk_state(book: Latched) -> DeskState:
    """The stricter of the two latches."""
    return stricter(book.user_latch, guard_latch(book))


def set_user_latch(book: Latched, turn: Turn[M], latch: DeskState) -> None:
    """The stricter of two wishes of the user stands until /resume."""
    if latch.rank > book.user_latch.rank:
        book.user_latch = latch
        tell_state(book, turn, "user")


def release_user_latch(book: Latched, turn: Turn[M]) -> Refusal | None:
    """The user's latch only; a guard's stays."""
    if book.user_latch is DeskState.RUNNING:
        return Refusal.NOT_LATCHED
    book.user_latch = DeskState.RUNNING
    tell_state(book, turn, "user")
    return None


def trip(book: Latched, turn: Turn[M], trouble: Trouble, cause: Cause) -> None:
    """Set the guard's latch for one more reason; the same reason is told once."""
    if trouble in book.causes:
        return
    book.causes[trouble] = cause
    tell_state(
        book, turn, cause.reason, measured=cause.measured, limit=cause.limit, until=cause.until
    )


def clear(book: Latched, turn: Turn[M], trouble: Trouble, reason: str) -> bool:
    """One reason is over; True when it was set."""
    if book.causes.pop(trouble, None) is None:
        return False
    tell_state(book, turn, reason)
    return True


def tell_state(
    book: Latched,
    turn: Turn[M],
    reason: str,
    measured: str = "",
    limit: str = "",
    until: datetime | None = None,
) -> None:
    """Say where both latches stand."""
    turn.tell(
        StateChanged(
            desk_state(book), book.user_latch, guard_latch(book), reason, measured, limit, until
        )
    )


def begin_trouble(book: Latched, turn: Turn[M], trouble: Trouble, reason: str) -> None:
    """Tell the first failure of a kind."""
    if trouble not in book.troubles:
        book.troubles[trouble] = turn.now
        turn.tell(TroubleBegan(trouble, reason))


def end_trouble(book: Latched, turn: Turn[M], trouble: Trouble) -> None:
    """Tell the recovery, once."""
    began = book.troubles.pop(trouble, None)
    if began is not None:
        turn.tell(TroubleEnded(trouble, max(0, int((turn.now - began).total_seconds()))))
