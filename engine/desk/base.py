"""What every desk is: a machine without wires (docs/adr/0001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol

from engine.desk.agreement import Agreement
from engine.desk.latches import Cause
from engine.model.events import Event
from engine.model.facts import Fact
from engine.model.ids import DeskState
from engine.model.intents import Intent
from engine.model.money import M, M_co
from engine.model.state_facts import Trouble


@dataclass(frozen=True, slots=True)
class Outcome(Generic[M_co]):
    """What follows from an event. ``wake_at`` replaces the earlier wish; None: nothing to wait for.

    ``is_durable``: the desk's state changed in a way that must be journalled first.
    """

    intents: tuple[Intent[M_co], ...]
    facts: tuple[Fact[M_co], ...]
    wake_at: datetime | None
    is_durable: bool


class Desk(Protocol[M]):
    """One market's decisions. No await, no clock, no I/O, no logging, no randomness."""

    def handle(self, event: Event[M], now: datetime) -> Outcome[M]:
        """Change state and say what should happen. Raises InvariantBroken only."""
        ...

    def snapshot(self) -> Mapping[str, object]:
        """The durable state, JSON-ready; what a desk of the same kind is restored from."""
        ...


class SwitchableDesk(Desk[M], Protocol[M]):
    """A desk whose mode may be changed while it runs."""

    @property
    def user_latch(self) -> DeskState:
        """Where the user's stop stands in the desk's own book."""
        ...

    @property
    def guard_causes(self) -> Mapping[Trouble, Cause]:
        """Why the guard holds entries back, by the desk's own book; empty: it does not."""
        ...

    @property
    def agreement(self) -> Agreement:
        """What stands between the books and the broker's account."""
        ...

    def resting(self, today: date) -> Agreement:
        """The same where the mode is not in force, by the exchange's date."""
        ...

    @property
    def stays_for(self) -> str:
        """Why the desk cannot leave its mode now, as a reason code; empty: it can."""
        ...
