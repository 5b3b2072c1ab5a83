"""Where an effective value came from."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """The later wins."""

    DEFAULT = "default"
    FILE = "file"
    CHAT = "chat"
