"""Where it is kept when desks ran."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from engine.model.ids import DeskName, Mode


class SpanStore(Protocol):
    """One entry a span of running; reports read them."""

    async def note(self, desk: DeskName, mode: Mode, began_at: datetime, until: datetime) -> None:
        """Keep that the desk ran from ``began_at``, which names the span, until then.

        Raises:
            JournalFailed: it could not be written.
        """
        ...
