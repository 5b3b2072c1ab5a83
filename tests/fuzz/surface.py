"""What a surface is: something of ours that strangers' bytes reach."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

OK = "ok"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``name``: ``ok`` or a named exception's. ``is_deep``: it passed the first check."""

    name: str
    is_deep: bool


class Broken(AssertionError):
    """A promise of the surface did not hold, although nothing was raised."""


class Surface(Protocol):
    """``first_check`` says in words what an input must pass to count as deep."""

    name: str
    first_check: str

    def open(self) -> None:
        """Get ready; called once before the first input."""
        ...

    def close(self) -> None:
        """Let go of what was opened."""
        ...

    def renew(self) -> None:
        """Begin a block of inputs as a fresh program would."""
        ...

    def draw(self, rng: Random) -> Any:
        """An input; nothing but ``rng`` decides which."""
        ...

    def feed(self, given: Any) -> Outcome:
        """Play it. Whatever this raises is a failure: named exceptions are outcomes."""
        ...
