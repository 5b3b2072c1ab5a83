"""What a look at the machine, the chat and the broker gives: codes and figures, no sentences."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.errors import TradingError


@dataclass(frozen=True, slots=True)
class Told:
    """All is well. ``is_note``: but something is worth knowing."""

    code: str
    facts: tuple[str, ...] = ()
    is_note: bool = False


class Unwell(TradingError):
    """Something is wrong; ``code`` says what, ``facts`` are its figures."""

    def __init__(self, code: str, *facts: str) -> None:
        super().__init__(" ".join((code, *facts)))
        self.code = code
        self.facts = facts


Probe = Callable[[], Awaitable[Told | str]]
"""A text is shown as it is. Raises Unwell or another TradingError."""
