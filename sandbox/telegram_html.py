"""The HTML parse mode, refusing what the real parser refuses, at the same byte offset.

Rules and error texts follow tdlib/td (td/telegram/MessageEntity.cpp, FormattedDate.cpp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.telegram_entities import Entity, byte_offset, utf16_length
from sandbox.telegram_links import link_entity
from sandbox.telegram_refusal import Refusal, cannot_parse

_SIMPLE = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
_TAGS = {*_SIMPLE, "a", "tg-emoji", "tg-time", "pre", "code", "blockquote"}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACE = " \t\r\n\v\0"
_END = "\0"
_LAST_CHARACTER = 0x10FFFF
_MAX_REFERENCE = 10  # characters of a numeric reference
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]*)|#(?P<dec>[0-9]*)|(?P<name>[A-Za-z]*))")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")
_ATTRIBUTE_STOPS = frozenset(_SPACE + "=>/\"'")


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    begin: int


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text without tags and its entities.

    Raises:
        Refusal: ``can't parse entities: ...``
    """
    return _HtmlParser(source).run()


class _HtmlParser:
    def __init__(self, source: str) -> None:
        self._text = source + _END  # the end reads as a space that is not one
        self._size = len(source)
        self._pos = 0
        self._out: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        while self._pos < self._size:
            if self._text[self._pos] == "<":
                if self._text[self._pos + 1] == "/":
                    self._end_tag()
                else:
                    self._start_tag()
                self._pos += 1
            else:
                char, self._pos = _character(self._text, self._pos)
                self._out.append(char)
                self._offset += utf16_length(char)
        if self._open:
            raise cannot_parse(
                f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"'
            )
        return "".join(self._out), [_without_code_language(item) for item in self._entities]

    def _start_tag(self) -> None:
        begin = self._pos
        self._pos += 1
        tag = self._read_until(_SPACE + ">")
        if self._at_end():
            raise self._at("Unclosed start tag", begin)
        tag = tag.lower()
        if tag not in _TAGS:
            raise self._at(f'Unsupported start tag "{tag}"', begin)
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._at('Tag "span" must have class "tg-spoiler"', begin)
        self._open.append(_Open(tag, attributes, self._offset, len(self._out)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._text[self._pos] == ">":
                return found
            name = self._read_until(_ATTRIBUTE_STOPS)
            if not name:
                raise self._at(f'Empty attribute name in the tag "{tag}"', begin)
            self._skip_space()
            if self._text[self._pos] != "=":
                if self._at_end():
                    raise self._at(f'Unclosed start tag "{tag}"', begin)
                found.setdefault(name, "")
                continue
            self._pos += 1
            self._skip_space()
            if self._at_end():
                raise self._at(f'Unclosed start tag "{tag}"', begin)
            found[name] = self._value()
            if self._at_end():
                raise self._at("Unclosed start tag", begin)

    def _value(self) -> str:
        quote = self._text[self._pos]
        if quote not in "\"'":
            return self._name_token()
        self._pos += 1
        chars = []
        while self._text[self._pos] != quote and not self._at_end():
            char, self._pos = _character(self._text, self._pos)
            chars.append(char)
        if not self._at_end():
            self._pos += 1
        return "".join(chars)

    def _name_token(self) -> str:
        begin = self._pos
        match = _NAME_TOKEN.match(self._text, begin)
        token = match.group() if match else ""
        self._pos += len(token)
        if self._text[self._pos] not in _SPACE + ">":
            raise self._at("Unexpected end of name token", begin)
        return token.lower()

    def _end_tag(self) -> None:
        begin = self._pos
        if not self._open:
            raise self._at("Unexpected end tag", begin)
        self._pos += 2
        name = self._read_until(_SPACE + ">").lower()
        self._skip_space()
        if self._text[self._pos] != ">":
            raise self._at("Unclosed end tag", begin)
        opened = self._open[-1]
        if name and name != opened.tag:
            where = byte_offset(self._text, begin)
            raise cannot_parse(
                f'Unmatched end tag at byte offset {where}, expected "</{opened.tag}>", '
                f'found "</{name}>"'
            )
        if self._offset > opened.offset:
            self._close(opened)
        self._open.pop()

    def _close(self, opened: _Open) -> None:
        length = self._offset - opened.offset
        if opened.tag in {"pre", "code"}:
            self._close_code(opened, length)
            return
        entity = _entity(opened, length, "".join(self._out[opened.begin :]))
        if entity is not None:
            self._entities.append(entity)

    def _close_code(self, opened: _Open, length: int) -> None:
        """``<pre><code class="language-x">`` is one entity, whichever tag is outside."""
        inner = self._entities[-1] if self._entities else None
        covers = inner is not None and (inner.offset, inner.length) == (opened.offset, length)
        language = opened.attributes.get("class", "")
        language = language[9:] if language.startswith("language-") else ""
        extra = {"language": language} if language else {}
        if inner is not None and covers and opened.tag == "pre" and inner.kind == "code":
            if inner.extra:
                self._entities[-1] = Entity("pre", opened.offset, length, inner.extra)
                return
        elif inner is not None and covers and inner.kind == "pre" and language:
            self._entities[-1] = Entity("pre", opened.offset, length, extra)
            return
        kept = extra if opened.tag == "code" else {}
        self._entities.append(Entity(opened.tag, opened.offset, length, kept))

    def _read_until(self, stops: str | frozenset[str]) -> str:
        begin = self._pos
        while self._text[self._pos] not in stops and not self._at_end():
            self._pos += 1
        return self._text[begin : self._pos]

    def _skip_space(self) -> None:
        while not self._at_end() and self._text[self._pos] in _SPACE:
            self._pos += 1

    def _at_end(self) -> bool:
        return self._pos >= self._size

    def _at(self, what: str, index: int) -> Refusal:
        return cannot_parse(f"{what} at byte offset {byte_offset(self._text, index)}")


def _entity(opened: _Open, length: int, text: str) -> Entity | None:
    attributes = opened.attributes
    if opened.tag == "a":
        return link_entity(attributes.get("href") or text, opened.offset, length)
    if opened.tag == "tg-emoji":
        return _custom_emoji(attributes.get("emoji-id", ""), opened.offset, length)
    if opened.tag == "tg-time":
        return date_entity(
            attributes.get("unix", ""), attributes.get("format", ""), opened.offset, length
        )
    if opened.tag == "blockquote":
        kind = "expandable_blockquote" if "expandable" in attributes else "blockquote"
        return Entity(kind, opened.offset, length)
    return Entity(_SIMPLE[opened.tag], opened.offset, length)


def _custom_emoji(identifier: str, offset: int, length: int) -> Entity:
    if not identifier.isdecimal() or int(identifier) == 0:
        raise cannot_parse("Invalid custom emoji identifier specified")
    return Entity("custom_emoji", offset, length, {"custom_emoji_id": identifier})


def date_entity(unix: str, date_format: str, offset: int, length: int) -> Entity | None:
    """A ``date_time`` entity; nothing where the moment is missing.

    Raises:
        Refusal: letters outside ``w d D t T``, or ``r`` with others.
    """
    if date_format not in {"r", "R"} and set(date_format) - set("tTdDwW"):
        raise cannot_parse("Invalid date format used")
    if not unix.isdecimal() or int(unix) == 0:
        return None
    extra = {"unix_time": int(unix), "date_time_format": date_format}
    return Entity("date_time", offset, length, extra)


def _character(text: str, pos: int) -> tuple[str, int]:
    """The character written at ``pos`` and the place after it; references are decoded."""
    match = _REFERENCE.match(text, pos)
    if match is None:
        return text[pos], pos + 1
    char = _referenced(match)
    if not char:
        return "&", pos + 1
    end = match.end()
    return char, end + 1 if text[end] == ";" else end


def _referenced(match: re.Match[str]) -> str:
    if match["name"] is not None:
        return _NAMED.get(match["name"], "")
    number = int(match["hex"] or "0", 16) if match["hex"] is not None else int(match["dec"] or "0")
    if number == 0 or number >= _LAST_CHARACTER or len(match.group()) >= _MAX_REFERENCE:
        return ""
    return chr(number)


def _without_code_language(entity: Entity) -> Entity:
    if entity.kind == "code" and entity.extra:
        return Entity("code", entity.offset, entity.length)
    return entity
