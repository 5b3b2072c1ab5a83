"""The last gate in front of a log: whatever was formatted leaves it without secrets."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from engine.adapters.secrets.values import HIDDEN, Secrets

_BOT_TOKEN = r"\d{6,}:[A-Za-z0-9_-]{30,}"  # noqa: S105 - the shape of one
_ACCESS_TOKEN = r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"  # noqa: S105 - likewise: a JWT
_CANO_DIGITS, _ACCOUNT_DIGITS = 8, 10
_SHORTEST = 3  # anything shorter would black out the log and hides nothing
_SHORTEST_PART = 8  # of a message; a shorter secret may be part of an ordinary word
_SHORTEST_CODED = 8  # letters of Base64 or hex that stand for a secret and not for a word
_BASE64_GROUP, _BYTES_GROUP = 4, 3


class Redactor:
    """Replaces every known secret in a text.

    Access tokens and approval keys are issued later and not known here: no text is made of them.
    The KIS adapter tells errors by class, code and KIS's own words only.
    """

    def __init__(self, secrets: Secrets, extra: Iterable[str] = ()) -> None:
        known = [secret.reveal() for secret in secrets.all_set()]
        known += [form for text in known for form in _account_forms(text)]
        self._pattern = _compiled({form for text in (*known, *extra) for form in _forms(text)})

    def hide(self, text: str) -> str:
        """The text with ``***`` for each secret. Case does not matter."""
        return self._pattern.sub(HIDDEN, text)


class Recogniser:
    """Whether a text that somebody typed holds one of the secrets in use.

    Short ones count as a word of their own only: a login of four letters must not make a message
    of an ordinary word.
    """

    def __init__(self, secrets: Secrets) -> None:
        known = {secret.reveal() for secret in secrets.all_set()}
        known |= {form for text in tuple(known) for form in _account_forms(text)}
        self._parts = tuple(text.casefold() for text in known if len(text) >= _SHORTEST_PART)
        self._words = {text.casefold() for text in known if len(text) >= _SHORTEST}

    def finds(self, text: str) -> bool:
        """Whatever the case of its letters."""
        lowered = text.casefold()
        if any(part in lowered for part in self._parts):
            return True
        # Behind a command a single word is its argument; alone it may be a command of ours.
        return bool(self._words.intersection(lowered.split()[1:]))


class RedactingFormatter(logging.Formatter):
    """Formats as usual, then hides secrets in the whole of it, exception and stack included."""

    def __init__(
        self,
        secrets: Secrets,
        extra: Iterable[str] = (),
        fmt: str | None = None,
        datefmt: str | None = None,
    ) -> None:
        super().__init__(fmt, datefmt)
        self.redactor = Redactor(secrets, extra)

    def format(self, record: logging.LogRecord) -> str:
        """The line that is written."""
        try:
            line = super().format(record)
        except Exception as error:
            where = f"{record.pathname}:{record.lineno}"
            line = (
                f"{record.levelname} {record.name}: {type(error).__name__} in the line of {where}"
            )
        return self.redactor.hide(line)


def hide_last_words(redactor: Redactor) -> None:
    """What the interpreter itself writes of errors nobody caught goes through the gate, too."""

    def write(kind: type[BaseException], error: BaseException | None) -> None:
        told = traceback.format_exception(kind, error, error.__traceback__ if error else None)
        sys.stderr.write(redactor.hide("".join(told)))

    sys.excepthook = lambda kind, error, _trace: write(kind, error)
    sys.unraisablehook = lambda args: write(args.exc_type, args.exc_value)
    threading.excepthook = lambda args: write(args.exc_type, args.exc_value)
    logging.captureWarnings(capture=True)


def _compiled(known: set[str]) -> re.Pattern[str]:
    # Longest first: else the account's first eight digits would leave its last two behind.
    ordered = sorted(known, key=len, reverse=True)
    shapes = (_BOT_TOKEN, _ACCESS_TOKEN)
    return re.compile("|".join([*map(re.escape, ordered), *shapes]), re.IGNORECASE)


def _account_forms(text: str) -> tuple[str, ...]:
    if len(text) != _ACCOUNT_DIGITS or not text.isdecimal():
        return ()
    cano, product = text[:_CANO_DIGITS], text[_CANO_DIGITS:]
    return (f"{cano}-{product}", cano)


def _forms(text: str) -> Iterator[str]:
    """As it is, and as addresses, JSON, Python, Base64 and dumps would write it."""
    if len(text) < _SHORTEST:
        return
    in_json = json.dumps(text)[1:-1]
    content = text.encode("utf-8", "surrogatepass")
    yield from {
        *(text, _quoted(text, "/"), _quoted(text, ""), quote_plus(text, errors="surrogatepass")),
        *(
            in_json,
            _quoted(in_json, ""),
            json.dumps(text, ensure_ascii=False)[1:-1],
            json.dumps(in_json)[1:-1],
        ),
        *(repr(text)[1:-1], ascii(text)[1:-1], repr(content)[2:-1]),
    }
    yield from (form for form in _coded(content) if len(form) >= _SHORTEST_CODED)


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


def _coded(content: bytes) -> Iterator[str]:
    """Hex, and Base64 wherever in a longer content it begins: the letters it alone decides."""
    yield content.hex()
    for lead in range(_BYTES_GROUP):
        before = -(-lead * _BASE64_GROUP // _BYTES_GROUP)
        whole = (lead + len(content)) * 8 // 6  # letters that no later byte changes
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(lead) + content)[before:whole].decode()
