"""What every desk is: a machine without wires (docs/adr/0001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.events import Event
from engine.model.facts import Fact
from engine.model.intents import Intent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an event. ``wake_at`` replaces the earlier wish; None: nothing to wait for.

    ``is_durable``: the desk's state changed in a way that must be journalled first.
    """

    intents: tuple[Intent, ...]
    facts: tuple[Fact, ...]
    wake_at: datetime | None
    is_durable: bool


class Desk(Protocol):
    """One market's decisions. No await, no clock, no I/O, no logging, no randomness."""

    def handle(self, event: Event, now: datetime) -> Outcome:
        """Change state and say what should happen. Raises InvariantBroken only."""
        ...

    def snapshot(self) -> Mapping[str, object]:
        """The durable state, JSON-ready; what ``restore`` takes back."""
        ...
