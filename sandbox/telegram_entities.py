"""Message entities: what they are on the wire, and those the server finds by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MAX_ENTITIES = 100

_BMP_LAST = 0xFFFF

_NO_DETECTION_INSIDE = {"code", "pre", "text_link", "text_mention"}
_DETECTED = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)]")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?!\w|/)")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z0-9_]{4,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of text with a meaning. ``offset`` and ``length`` count UTF-16 units."""

    kind: str
    offset: int
    length: int
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """First UTF-16 unit after the span."""
        return self.offset + self.length

    def to_api(self) -> dict[str, Any]:
        """As the Bot API writes it."""
        return {"type": self.kind, "offset": self.offset, "length": self.length, **self.extra}


def utf16_length(text: str) -> int:
    """Length in UTF-16 units: characters outside the BMP count two."""
    return len(text) + sum(1 for char in text if ord(char) > _BMP_LAST)


def byte_offset(text: str, index: int) -> int:
    """Where the character ``index`` stands when the text is written in UTF-8."""
    return len(text[:index].encode("utf-8", "surrogatepass"))


def trimmed(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """Drop white space at both ends and cut the entities to what is left."""
    left = utf16_length(text) - utf16_length(text.lstrip())
    stripped = text.strip()
    size = utf16_length(stripped)
    kept = []
    for entity in entities:
        start, end = max(entity.offset - left, 0), min(entity.end - left, size)
        if end > start:
            kept.append(replace(entity, offset=start, length=end - start))
    return stripped, kept


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Outer before inner, duplicates once, no more than a message may carry."""
    unique: list[Entity] = []
    for entity in sorted(entities, key=lambda item: (item.offset, -item.length, item.kind)):
        if entity not in unique:
            unique.append(entity)
    return unique[:MAX_ENTITIES]


def with_detected(text: str, entities: Iterable[Entity]) -> list[Entity]:
    """Add the links, commands, mentions and tags which the server marks unasked."""
    known = list(entities)
    taken = [item for item in known if item.kind in _NO_DETECTION_INSIDE]
    for kind, pattern in _DETECTED:
        for match in pattern.finditer(text):
            offset = utf16_length(text[: match.start()])
            found = Entity(kind, offset, utf16_length(match.group()))
            if not any(found.offset < item.end and item.offset < found.end for item in taken):
                known.append(found)
                taken.append(found)
    return in_order(known)
