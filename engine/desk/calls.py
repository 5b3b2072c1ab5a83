"""Account reads of a desk: when the next of a kind is due, and whether one is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.model.instrument import Instrument
from engine.model.quota import Priority

LOST_AFTER = timedelta(seconds=25)  # a read that was not answered by then never will be


@dataclass(slots=True)
class Call:
    """One kind of account read: when the next is due and whether one is on its way."""

    due: datetime | None = None
    priority: Priority = Priority.RECONCILE
    is_exempt: bool = False  # a person or the readiness check asked: also while asleep
    sent_at: datetime | None = None
    is_flying: bool = False
    since: date | None = None  # the first day of the list that is on its way

    def ask(
        self, at: datetime, priority: Priority = Priority.RECONCILE, *, is_exempt: bool = False
    ) -> None:
        """Have it read at ``at`` or sooner."""
        if self.due is None:
            self.due, self.priority, self.is_exempt = at, priority, is_exempt
            return
        self.due = min(self.due, at)
        self.priority = min(self.priority, priority)
        self.is_exempt = self.is_exempt or is_exempt

    def is_waiting(self, now: datetime) -> bool:
        """Whether an answer may still come."""
        return self.is_flying and self.sent_at is not None and now - self.sent_at < LOST_AFTER


@dataclass(slots=True)
class PriceCall:
    """A wished price. ``sent_at`` None: not asked for yet.

    ``is_urgent``: an exit came to wait for it while it was on its way.
    """

    instrument: Instrument
    priority: Priority
    with_book: bool
    is_exempt: bool = False
    sent_at: datetime | None = None
    is_urgent: bool = False
