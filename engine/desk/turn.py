"""What one event leads to, collected while it is being handled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from engine.model.facts import Fact
from engine.model.intents import Fetch, OrderWish, Watch
from engine.model.money import M


@dataclass(slots=True)
class Turn(Generic[M]):
    """Orders first, then reads: that is how they leave the desk."""

    now: datetime
    orders: list[OrderWish[M]] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    watch: Watch | None = None
    facts: list[Fact[M]] = field(default_factory=list)
    is_durable: bool = False

    def tell(self, fact: Fact[M]) -> None:
        """A fact is always journalled."""
        self.facts.append(fact)
        self.is_durable = True

    def changed(self) -> None:
        """Durable state changed without anything to tell."""
        self.is_durable = True
