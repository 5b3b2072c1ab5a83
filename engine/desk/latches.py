"""Why a desk holds back: the user's stop and the guard's causes, two latches apart from each other.

Never the exits: what a latch means for entries and exits is each desk's own affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from engine.desk.turn import Turn
from engine.model.commands import Refusal
from engine.model.ids import DeskState
from engine.model.money import M
from engine.model.state_facts import StateChanged, Trouble, TroubleBegan, TroubleEnded
from engine.rules.safety import stricter

# What begins and ends as a trouble; a limit that was reached is told as the desk's state.
Failure = Literal[Trouble.ACCOUNT, Trouble.STREAM]


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
    """Set the guard's latch for one more reason.

    The same reason is told once, and what joins an incident of KIS's not at all.
    """
    if trouble in book.causes:
        return
    joins = trouble.is_vendor and has_incident(book)
    book.causes[trouble] = cause
    if joins:
        turn.changed()
    else:
        tell_state(book, turn, cause.reason, cause, trouble)


def clear(book: Latched, turn: Turn[M], trouble: Trouble, reason: str) -> bool:
    """One reason is over; True when it was set. Of an incident only the end is told."""
    if book.causes.pop(trouble, None) is None:
        return False
    if trouble.is_vendor and has_incident(book):
        turn.changed()
    else:
        tell_state(book, turn, reason)
    return True


def has_incident(book: Latched) -> bool:
    """Whether KIS, or the way there, holds the desk back already."""
    return any(trouble.is_vendor for trouble in book.causes)


def tell_state(
    book: Latched,
    turn: Turn[M],
    reason: str,
    cause: Cause | None = None,
    trouble: Trouble | None = None,
) -> None:
    """Say where both latches stand; with ``cause`` and ``trouble`` of the guard that set one."""
    seen = cause or Cause(reason, "", "", turn.now.date())
    turn.tell(
        StateChanged(
            *(desk_state(book), book.user_latch, guard_latch(book), reason),
            measured=seen.measured,
            limit=seen.limit,
            until=seen.until,
            trouble=trouble,
        )
    )


def begin_trouble(book: Latched, turn: Turn[M], trouble: Failure, reason: str) -> None:
    """Tell the first failure of a kind; not while an incident was told that it belongs to."""
    if trouble not in book.troubles and not (trouble.is_vendor and has_incident(book)):
        book.troubles[trouble] = turn.now
        turn.tell(TroubleBegan(trouble, reason))


def end_trouble(book: Latched, turn: Turn[M], trouble: Failure) -> None:
    """Tell the recovery, once."""
    began = book.troubles.pop(trouble, None)
    if began is not None:
        turn.tell(TroubleEnded(trouble, max(0, int((turn.now - began).total_seconds()))))
