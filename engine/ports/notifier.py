"""A second way to reach the trader, beside the chat: it may fail, and nothing waits for it."""

from __future__ import annotations

from typing import Protocol

from engine.model.receipts import Told


class Notifier(Protocol):
    """Takes short plain texts. Neither call raises for the service's sake, neither retries."""

    @property
    def longest_text(self) -> int:
        """In UTF-16 units; a longer text is UNFIT."""
        ...

    async def notify(self, text: str, link: str) -> Told:
        """Send one message; ``link`` is where a press on it leads."""
        ...

    async def renew(self) -> Told:
        """Ask for a new access token now, which also keeps the longer-lived one alive."""
        ...
