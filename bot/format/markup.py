"""Telegram's HTML: escaping what is foreign and keeping within the limits."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable

# Telegram counts 4096 after parsing; counting before it is stricter and needs no parser.
MAX_TEXT = 4096
MAX_FOREIGN = 160
MAX_PART = 3900  # leaves room for the badge
_CUT = "\n…"


def foreign(text: str, limit: int = MAX_FOREIGN) -> str:
    """Text that others wrote (names, error texts, typed words): one line, cut, escaped."""
    printable = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    line = " ".join(printable.split())
    return html.escape(line if len(line) <= limit else line[: limit - 1] + "…")


def bold(text: str) -> str:
    """Bold; ``text`` is already escaped."""
    return f"<b>{text}</b>"


def code(text: str) -> str:
    """Fixed width, copied by a tap; ``text`` is already escaped."""
    return f"<code>{text}</code>"


def fit(text: str, limit: int = MAX_TEXT) -> str:
    """Cut at a line break: no tag of ours spans lines, so none is left open."""
    if _units(text) <= limit:
        return text
    kept = text
    while _units(kept) > limit - len(_CUT):
        kept = kept.rpartition("\n")[0]
    return kept + _CUT


def in_parts(rows: Iterable[str], limit: int = MAX_PART) -> tuple[str, ...]:
    """Rows as messages: each as full as ``limit`` allows, none broken within a row."""
    parts: list[str] = []
    for row in rows:
        longer = f"{parts[-1]}\n{row}" if parts else row
        if parts and _units(longer) <= limit:
            parts[-1] = longer
        else:
            parts.append(row)
    return tuple(parts)


def plain(text: str) -> str:
    """The same text without markup, for the one try after an entity error."""
    bare = text
    for tag in ("b", "i", "code"):
        bare = bare.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    return html.unescape(bare)


def lines(*parts: str | None) -> str:
    """Lines without the missing ones."""
    return "\n".join(part for part in parts if part is not None)


def _units(text: str) -> int:
    """Length as clients may count it: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
