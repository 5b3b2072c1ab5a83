"""What a surface is: something of ours that strangers' bytes reach."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

OK = "ok"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it; the disk would be waited for


@dataclass(frozen=True, slots=True)
class Outcome:
    """``name``: ``ok`` or a named exception's. ``is_deep``: it passed the first check."""

    name: str
    is_deep: bool


class Broken(AssertionError):
    """A promise of the surface did not hold, although nothing was raised."""


def in_memory() -> tempfile.TemporaryDirectory[str]:
    """A folder that lies in memory where the system has such a place."""
    return tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)


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
