"""Telegram's own parser (TDLib, offline) as the judge of every message."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tdjson import td_execute

MAX_TEXT, MAX_CAPTION, MAX_RAW, MAX_ENTITIES, MAX_TABLE = 4096, 1024, 32_768, 100, 34
# What clients let a reader press. A media timestamp (22:45) does nothing without a film.
_PRESSED = {"Url", "EmailAddress", "Mention", "Hashtag", "Cashtag", "BotCommand"}
_TABLE = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)


class Refused(AssertionError):
    """The parser's own words."""


@dataclass(frozen=True)
class Message:
    """What a phone gets: the visible text and the kinds of its entities."""

    text: str
    entities: list[dict[str, Any]]

    @property
    def kinds(self) -> Counter[str]:
        """How many entities of each kind."""
        return Counter(map(_kind, self.entities))

    def pressable(self) -> Counter[str]:
        """Links, commands, mentions and tags that Telegram would find in the text by itself."""
        answer = _execute("getTextEntities", text=self.text)
        fixed = [_span(entity) for entity in self.entities if _kind(entity) in {"Code", "Pre"}]
        return Counter(
            _kind(entity)
            for entity in answer["entities"]
            if _kind(entity) in _PRESSED and not any(_meet(_span(entity), span) for span in fixed)
        )

    @property
    def units(self) -> int:
        """Length as Telegram counts it."""
        return len(self.text.encode("utf-16-le")) // 2


def parsed(raw: str) -> Message:
    """As a server reads it in HTML mode. Raises Refused."""
    answer = _execute("parseTextEntities", text=raw, parse_mode={"@type": "textParseModeHTML"})
    if answer["@type"] == "error":
        raise Refused(f"{answer['message']}: {raw!r}")
    return Message(answer["text"], answer["entities"])


def check_message(raw: str, limit: int = MAX_TEXT) -> Message:
    """Parsed, not empty, within the limits, tables narrow enough for a phone."""
    message = parsed(raw)
    assert message.text.strip(), repr(raw)
    assert message.units <= limit, f"{message.units} units: {raw!r}"
    assert message.kinds.total() <= MAX_ENTITIES, f"{message.kinds}: {raw!r}"
    assert len(raw.encode()) <= MAX_RAW
    for found in _TABLE.finditer(raw):
        for line in parsed(found[1]).text.split("\n"):
            assert columns(line) <= MAX_TABLE, f"{columns(line)} columns: {line!r}"
    return message


def columns(line: str) -> int:
    """Width in a fixed font, counted apart from the code that makes tables."""
    shown = [char for char in line if unicodedata.category(char) not in {"Mn", "Me", "Cf"}]
    return len(shown) + sum(unicodedata.east_asian_width(char) in {"W", "F"} for char in shown)


def _execute(method: str, **arguments: Any) -> dict[str, Any]:
    answer = td_execute(json.dumps({"@type": method, **arguments}).encode())
    assert answer is not None
    result: dict[str, Any] = json.loads(answer)
    return result


def _kind(entity: dict[str, Any]) -> str:
    return str(entity["type"]["@type"]).removeprefix("textEntityType")


def _span(entity: dict[str, Any]) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


_execute("setLogVerbosityLevel", new_verbosity_level=0)  # it writes to stderr otherwise
