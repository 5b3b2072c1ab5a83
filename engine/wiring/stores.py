"""What is kept in state.db, by what it is for."""

from __future__ import annotations

from engine.adapters.sqlite.chat import SqliteChatValues, SqliteNonces
from engine.adapters.sqlite.counts import SqliteCallCounts
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.outbox import SqliteOutbox
from engine.adapters.sqlite.settings import SqliteSettings
from engine.adapters.sqlite.spans import SqliteSpans
from engine.ports.clock import Clock


class Stores:
    """state.db and what lives in it."""

    def __init__(self, state: Database, clock: Clock) -> None:
        self.state = state
        self.settings = SqliteSettings(state)
        self.counts = SqliteCallCounts(state, clock)
        self.values = SqliteChatValues(state)
        self.nonces = SqliteNonces(state)
        self.outbox = SqliteOutbox(state)
        self.spans = SqliteSpans(state)
