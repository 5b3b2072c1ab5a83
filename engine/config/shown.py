"""Values as text: what a message, the chat and ``check-config`` print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from engine.config.checks import Raw

_LONGEST = 60
_SECRET = re.compile(r"@|[A-Za-z0-9_+/=-]{24,}|[0-9]{8}-?[0-9]{2}")


def shown(raw: Raw) -> str:
    """A refused value, quoted; hidden when it may be a secret that strayed into the file."""
    if isinstance(raw, dict):
        return "a section"
    if isinstance(raw, list):
        return "a list"
    if _SECRET.search(raw):
        return "a value not shown here"
    short = raw if len(raw) <= _LONGEST else raw[:_LONGEST] + "..."
    return repr(short)


def shown_key(key: str) -> str:
    """A key of the file in a message: as it is, but one short line that can be written."""
    line = key if key.isprintable() else ascii(key)
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def value_text(value: object) -> str:
    """A checked value the way it may be typed again."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | frozenset | tuple):
        return _several_text(value)
    return str(value)


def _several_text(value: Mapping[Any, Any] | frozenset[Any] | tuple[Any, ...]) -> str:
    """Words of ours without blanks, as one argument of the chat; anything else in brackets."""
    if isinstance(value, tuple):
        return "-".join(value_text(item) for item in value)
    is_ours = bool(value) and all(isinstance(item, StrEnum) for item in value)
    if isinstance(value, Mapping):
        if is_ours:
            return ",".join(f"{key}={value_text(item)}" for key, item in value.items())
        pairs = (f"{value_text(key)}: {value_text(item)}" for key, item in sorted(value.items()))
        return "{" + ", ".join(pairs) + "}"
    texts = sorted(value_text(item) for item in value)
    return ",".join(texts) if is_ours else "[" + ", ".join(texts) + "]"
