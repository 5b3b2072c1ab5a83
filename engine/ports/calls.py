"""How the calls of a desk to the broker's API fare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.model.calls import CallTally

CallListener = Callable[[CallTally], None]


class Calls(Protocol):
    """Counts what came of every call of one desk, whoever made it."""

    async def run(self, listener: CallListener) -> None:
        """Tell of failures, refusals and the first good answer after them, until cancelled."""
        ...
