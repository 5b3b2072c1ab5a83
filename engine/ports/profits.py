"""The broker's own inquiry of what sales brought, and where its answers are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from engine.model.ids import DeskName
from engine.model.money import M_co, Money
from engine.model.quota import Priority
from engine.model.realised import Realised


class Profits(Protocol[M_co]):
    """Read-only; errors as Broker's reads. Only real accounts have it."""

    async def fetch_realised(
        self, first: date, last: date, priority: Priority
    ) -> tuple[Realised[M_co], ...]:
        """Days and symbols with a sale between two exchange dates, both included.

        A US day is told from the next day on.
        """
        ...


class BrokerDays(Protocol):
    """Finished days of a book, and what the broker said of them. Raises JournalFailed."""

    async def unasked(self, desk: DeskName, first: date, before: date) -> tuple[date, ...]:
        """Days with own sales from ``first`` to the day before ``before``, which is today.

        Those not asked for yet, and those with a sale of a stock for which the broker had no row:
        once a day, for PATIENCE_DAYS.
        """
        ...

    async def keep(
        self,
        desk: DeskName,
        days: Sequence[date],
        rows: Sequence[Realised[Money]],
        at: datetime,
        asked_on: date,
    ) -> None:
        """The answer of days asked for on an exchange date; it replaces an earlier one."""
        ...
