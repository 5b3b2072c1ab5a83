"""When desks ran, in state.db: what reports set against the exchange's hours."""

from __future__ import annotations

from datetime import datetime

from engine.adapters.sqlite.codec import stamp
from engine.adapters.sqlite.db import Database
from engine.model.ids import DeskName, Mode

_NOTE = """
INSERT INTO running_spans (desk, mode, began_at, until) VALUES (?, ?, ?, ?)
ON CONFLICT (desk, mode, began_at) DO UPDATE SET until = excluded.until
"""


class SqliteSpans:
    """Implements ports.spans.SpanStore."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def note(self, desk: DeskName, mode: Mode, began_at: datetime, until: datetime) -> None:
        """One row a span. Raises JournalFailed."""
        await self._db.change(_NOTE, (desk, mode, stamp(began_at), stamp(until)))
