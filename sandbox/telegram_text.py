"""From the fields of a call to the text of a message: parse, clean, trim, measure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.telegram_entities import Entity, in_order, trimmed, utf16_length, with_detected
from sandbox.telegram_html import parse_html
from sandbox.telegram_markdown import parse_markdown_v2
from sandbox.telegram_refusal import Refusal

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW_BYTES = 32_768

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_GIVEN_KINDS = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote",
    "expandable_blockquote", "code", "pre", "text_link", "text_mention", "custom_emoji",
    "date_time",
}  # fmt: skip
_FOUND_KINDS = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
    "bank_card_number",
}  # fmt: skip
_EXTRAS = ("url", "user", "language", "custom_emoji_id", "unix_time", "date_time_format")


@dataclass(frozen=True, slots=True)
class Formatted:
    """Text as the phone shows it, with its entities."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    def to_api(self, text_key: str, entities_key: str) -> dict[str, Any]:
        """The pair of fields of a Message; nothing where there is no text."""
        if not self.text:
            return {}
        found: dict[str, Any] = {text_key: self.text}
        if self.entities:
            found[entities_key] = [item.to_api() for item in self.entities]
        return found


def message_text(raw: str, parse_mode: str, given: Sequence[Any] | None) -> Formatted:
    """Text of a message, 1-4096 characters after parsing.

    Raises:
        Refusal: with the server's words.
    """
    if not raw:
        raise Refusal("Message text is empty")
    formatted = _formatted(raw, parse_mode, given)
    if not formatted.text:
        raise Refusal("Text must be non-empty")
    if len(formatted.text) > MAX_TEXT:
        raise Refusal("Message is too long")
    return formatted


def caption_text(raw: str, parse_mode: str, given: Sequence[Any] | None) -> Formatted:
    """Caption of a file, 0-1024 characters after parsing.

    Raises:
        Refusal: with the server's words.
    """
    formatted = _formatted(raw, parse_mode, given)
    if len(formatted.text) > MAX_CAPTION:
        raise Refusal("Message caption is too long")
    return formatted


def typed_text(raw: str) -> Formatted:
    """What a person typed: no markup, the server's own entities only."""
    return _finished(raw, [])


def _formatted(raw: str, parse_mode: str, given: Sequence[Any] | None) -> Formatted:
    if len(raw.encode("utf-8", "surrogatepass")) > MAX_RAW_BYTES:
        raise Refusal("Text is too long")
    mode = parse_mode.lower()
    if raw and mode and mode != "none":
        text, entities = _parsed(raw, mode)
    else:
        text, entities = raw, _given_entities(raw, given or ())
    return _finished(text, entities)


def _parsed(raw: str, mode: str) -> tuple[str, list[Entity]]:
    if mode == "html":
        return parse_html(raw)
    if mode == "markdownv2":
        return parse_markdown_v2(raw)
    raise Refusal("Unsupported parse_mode")


def _finished(text: str, entities: Sequence[Entity]) -> Formatted:
    if "\r" in text:
        text, entities = _without_returns(text, entities)
    cleaned = _CONTROLS.sub(" ", text)
    stripped, kept = trimmed(cleaned, in_order(entities))
    return Formatted(stripped, tuple(with_detected(stripped, kept)))


def _without_returns(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """The server drops carriage returns; spans shrink with them."""
    raw = text.encode("utf-16-le")
    units = [raw[at : at + 2] for at in range(0, len(raw), 2)]
    before = [0]
    for unit in units:
        before.append(before[-1] + (unit != b"\r\x00"))
    moved = [
        Entity(item.kind, before[item.offset], before[item.end] - before[item.offset], item.extra)
        for item in entities
    ]
    return text.replace("\r", ""), moved


def _given_entities(text: str, given: Sequence[Any]) -> list[Entity]:
    size = utf16_length(text)
    found = []
    for item in given:
        if not isinstance(item, dict):
            raise _bad_entity("expected an Object")
        for name in ("type", "offset", "length"):
            if name not in item:
                raise _bad_entity(f'Can\'t find field "{name}"')
        kind, offset, length = str(item["type"]), int(item["offset"]), int(item["length"])
        if kind not in _GIVEN_KINDS | _FOUND_KINDS:
            raise _bad_entity("Unsupported type specified")
        if offset < 0 or offset > size:
            raise Refusal(f"Receive an entity with incorrect offset {offset}")
        if length < 0 or offset + length > size:
            raise Refusal(
                f"Entity beginning at UTF-16 offset {offset} ends after the end of the text at "
                f"UTF-16 offset {offset + length}"
            )
        if kind in _GIVEN_KINDS and length:  # the others are found, never given
            extra = {name: item[name] for name in _EXTRAS if name in item}
            found.append(Entity(kind, offset, length, extra))
    return found


def _bad_entity(reason: str) -> Refusal:
    return Refusal(f"Can't parse MessageEntity: {reason}")
