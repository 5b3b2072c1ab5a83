"""The MarkdownV2 parse mode, with the real parser's refusals.

Rules and error texts follow tdlib/td (td/telegram/MessageEntity.cpp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from sandbox.telegram_entities import Entity, byte_offset, utf16_length
from sandbox.telegram_html import date_entity
from sandbox.telegram_links import link_entity
from sandbox.telegram_refusal import Refusal, cannot_parse

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
_MARKS = {
    "bold": "*", "italic": "_", "underline": "__", "strikethrough": "~", "spoiler": "||",
    "code": "`", "pre": "```", "link": "]", "special": "]",
}  # fmt: skip
_NAMES = {
    "bold": "Bold", "italic": "Italic", "underline": "Underline", "spoiler": "Spoiler",
    "strikethrough": "Strikethrough", "code": "Code", "pre": "Pre", "link": "TextUrl",
    "special": "CustomEmoji", "blockquote": "BlockQuote",
}  # fmt: skip
_OPENERS = {"__": "underline", "_": "italic", "*": "bold", "~": "strikethrough", "||": "spoiler",
            "[": "link", "![": "special", "```": "pre", "`": "code"}  # fmt: skip
_LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")
_ESCAPABLE = 126  # the last character a backslash escapes
_END = "\0"


@dataclass(frozen=True, slots=True)
class _Open:
    kind: str
    offset: int
    at: int
    begin: int
    language: str = ""


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """The text without marks and its entities.

    Raises:
        Refusal: ``can't parse entities: ...``
    """
    return _MarkdownParser(source).run()


class _MarkdownParser:
    def __init__(self, source: str) -> None:
        self._text = source + _END * 3
        self._size = len(source)
        self._pos = 0
        self._out: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []
        self._line_start = True
        self._quoting = False

    def run(self) -> tuple[str, list[Entity]]:
        while self._pos < self._size:
            self._step()
        self._end_quote_at_end()
        if self._open:
            raise self._unclosed(self._open[-1])
        return "".join(self._out), self._entities

    def _step(self) -> None:
        char = self._text[self._pos]
        follower = self._text[self._pos + 1]
        if char == "\\" and 0 < ord(follower) <= _ESCAPABLE:
            self._put(follower, 2)
        elif char not in self._reserved():
            self._put(char, 1)
        elif self._ends_quote_line(char):
            self._end_quote()
        elif self._open and self._closes():
            self._close()
        elif char == "\n":
            self._put(char, 1)
        else:
            self._start()

    def _reserved(self) -> frozenset[str]:
        inside_code = self._open and self._open[-1].kind in {"code", "pre"}
        return frozenset("`") if inside_code else _RESERVED

    def _put(self, char: str, width: int) -> None:
        self._out.append(char)
        self._offset += utf16_length(char)
        self._pos += width
        if char != "\r":
            self._line_start = char == "\n"

    def _closes(self) -> bool:
        kind = self._open[-1].kind
        if kind == "blockquote":
            return False
        if kind == "italic" and self._text.startswith("__", self._pos):
            return False
        return self._text.startswith(_MARKS[kind], self._pos)

    def _start(self) -> None:
        at = self._pos
        if self._text[at] == ">" and self._line_start:
            self._pos += 1
            if not self._quoting:
                self._quoting = True
                self._open.append(_Open("blockquote", self._offset, at, len(self._out)))
            return
        marks = [mark for mark in _OPENERS if self._text.startswith(mark, at)]
        if not marks:
            raise cannot_parse(
                f"Character '{self._text[at]}' is reserved and must be escaped with the "
                "preceding '\\'"
            )
        mark = max(marks, key=len)
        kind = _OPENERS[mark]
        self._pos += len(mark)
        language = self._code_head() if kind == "pre" else ""
        self._open.append(_Open(kind, self._offset, at, len(self._out), language))

    def _code_head(self) -> str:
        """The language after three backquotes, and one line break swallowed."""
        match = _LANGUAGE.match(self._text[: self._size], self._pos)
        language = match[1] if match else ""
        self._pos += len(language)
        first = self._text[self._pos]
        if first in "\r\n":
            second = self._text[self._pos + 1]
            self._pos += 2 if second in "\r\n" and second != first else 1
        return language

    def _close(self) -> None:
        opened = self._open.pop()
        self._pos += len(_MARKS[opened.kind])
        length = self._offset - opened.offset
        if opened.kind == "link":
            self._close_link(opened, length)
        elif opened.kind == "special":
            self._close_special(opened, length)
        elif length:
            extra = {"language": opened.language} if opened.language else {}
            self._entities.append(Entity(opened.kind, opened.offset, length, extra))

    def _close_link(self, opened: _Open, length: int) -> None:
        has_address = self._text[self._pos] == "("
        url = self._address() if has_address else "".join(self._out[opened.begin :])
        entity = link_entity(url, opened.offset, length) if length else None
        if entity is not None:
            self._entities.append(entity)

    def _close_special(self, opened: _Open, length: int) -> None:
        if self._text[self._pos] != "(":
            raise cannot_parse("The entity must contain a tg://emoji or tg://time URL")
        parts = urlsplit(self._address())
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if (parts.scheme, parts.netloc) == ("tg", "emoji") and query.get("id", "").isdecimal():
            extra = {"custom_emoji_id": query["id"]}
            found: Entity | None = Entity("custom_emoji", opened.offset, length, extra)
        elif (parts.scheme, parts.netloc) == ("tg", "time") and query.get("unix", "").isdecimal():
            found = date_entity(query["unix"], query.get("format", ""), opened.offset, length)
        else:
            raise cannot_parse("Invalid tg://emoji or tg://time URL specified")
        if found is not None and length:
            self._entities.append(found)

    def _address(self) -> str:
        self._pos += 1
        begin = self._pos
        chars = []
        while self._pos < self._size and self._text[self._pos] != ")":
            if self._text[self._pos] == "\\" and 0 < ord(self._text[self._pos + 1]) <= _ESCAPABLE:
                self._pos += 1
            chars.append(self._text[self._pos])
            self._pos += 1
        if self._pos >= self._size:
            where = byte_offset(self._text, begin)
            raise cannot_parse(f"Can't find end of a URL at byte offset {where}")
        self._pos += 1
        return "".join(chars)

    def _ends_quote_line(self, char: str) -> bool:
        return self._quoting and char == "\n" and self._text[self._pos + 1] != ">"

    def _end_quote(self) -> None:
        """The line break that ends a quote belongs to it; ``||`` before it makes it fold."""
        kind = self._quote_kind(self._pos)
        opened = self._open.pop()
        self._put("\n", 1)
        self._quoting = False
        self._entities.append(Entity(kind, opened.offset, self._offset - opened.offset))

    def _end_quote_at_end(self) -> None:
        if not self._quoting:
            return
        kind = self._quote_kind(self._size)
        opened = self._open.pop()
        self._quoting = False
        if self._offset > opened.offset:
            self._entities.append(Entity(kind, opened.offset, self._offset - opened.offset))

    def _quote_kind(self, end: int) -> str:
        last = self._open[-1]
        kind = "blockquote"
        if last.kind == "spoiler" and last.at == end - 2:
            self._open.pop()
            kind = "expandable_blockquote"
        if self._open[-1].kind != "blockquote":
            raise self._unclosed(self._open[-1])
        return kind

    def _unclosed(self, opened: _Open) -> Refusal:
        name = "PreCode" if opened.language else _NAMES[opened.kind]
        where = byte_offset(self._text, opened.at)
        return cannot_parse(f"Can't find end of {name} entity at byte offset {where}")
