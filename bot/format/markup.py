"""Telegram's HTML: escaping what is foreign and keeping within the limits."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

# Limits of the Bot API. Text is counted after parsing, in UTF-16 units; the raw message in bytes.
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW = 32_768
MAX_FOREIGN = 160
MAX_PART = 3900  # leaves room for the badge
MAX_PART_ROWS = 60  # a message may carry 100 entities; a row has one, sometimes two
_CUT = "\n…"
_JOINER = "\u2060"  # WORD JOINER: no width, no break, and Telegram keeps it
_TAG = re.compile(r"<[^<>]*>")
_TIME_TAG = re.compile(r"</?tg-time\b[^<>]*>")
# Where Telegram would begin a command, mention, hashtag, cashtag, or go on with a link.
_CLICKABLE = re.compile(r"(?<!\w)/(?=\w)|[@#](?=\w)|\$(?=[A-Za-z])|\.(?=[^\W\d]|\d+\.\d+\.\d)")


def foreign(text: str, limit: int = MAX_FOREIGN) -> str:
    """Text that others wrote (names, error texts, typed words): one line, cut, escaped.

    Nothing in it can be pressed: a stock called /stopall or evil.com stays words. That takes an
    invisible joiner, which ``code`` leaves out again, because there nothing can be pressed anyway.
    """
    line = one_line(text)
    kept = line if len(line) <= limit else line[: limit - 1] + "…"
    return html.escape(_CLICKABLE.sub(lambda found: found[0] + _JOINER, kept), quote=False)


def one_line(text: str) -> str:
    """Without line breaks, control and invisible characters; white space once."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join(text.split())


def bold(text: str) -> str:
    """Bold; ``text`` is already escaped."""
    return f"<b>{text}</b>"


def code(text: str) -> str:
    """Fixed width, copied by a tap as it is; ``text`` is already escaped."""
    return f"<code>{text.replace(_JOINER, '')}</code>"


def pre(text: str) -> str:
    """Several lines of fixed width; ``text`` is not escaped yet."""
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def fit(text: str, limit: int = MAX_TEXT) -> str:
    """Cut at a line break, so that no tag but ``<pre>`` can be left open; that is closed."""
    if _is_short(text, limit):
        return text
    kept = text
    while kept and not _is_short(kept + _CUT, limit):
        kept = kept.rpartition("\n")[0]
    if not kept:  # one endless line: better without markup than not at all
        kept = html.escape(plain(text)[: limit // 2 - len(_CUT)], quote=False)
    is_open = kept.count("<pre>") > kept.count("</pre>")
    return kept + ("</pre>" if is_open else "") + _CUT


def in_parts(rows: Iterable[str], limit: int = MAX_PART) -> tuple[str, ...]:
    """Rows as messages: each as full as the limits allow, none broken within a row."""
    parts: list[str] = []
    for row in rows:
        longer = f"{parts[-1]}\n{row}" if parts else row
        if parts and longer.count("\n") < MAX_PART_ROWS and _is_short(longer, limit):
            parts[-1] = longer
        else:
            parts.append(row)
    return tuple(parts)


def plain(text: str) -> str:
    """The same text without markup, for the one try after an entity error."""
    return html.unescape(_TAG.sub("", text))


def unmarked(text: str) -> str:
    """The same words for a messenger that knows no markup."""
    return plain(text).replace(_JOINER, "")


def without_times(text: str) -> str:
    """The same markup, moments as the text that older clients show."""
    return _TIME_TAG.sub("", text)


def lines(*parts: str | None) -> str:
    """Lines without the missing ones."""
    return "\n".join(part for part in parts if part is not None)


def _is_short(text: str, limit: int) -> bool:
    raw = len(text.encode("utf-8", "surrogatepass"))
    return raw <= MAX_RAW and utf16_length(plain(text)) <= limit


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: characters outside the BMP count two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
