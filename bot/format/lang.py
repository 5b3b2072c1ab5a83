"""Languages of the chat. Every text stands beside its translation, so none can be missing."""

from __future__ import annotations

from enum import StrEnum


class Lang(StrEnum):
    """What the trader reads."""

    KO = "ko"
    EN = "en"

    def pick(self, ko: str, en: str) -> str:
        """The text of this language."""
        return ko if self is Lang.KO else en
