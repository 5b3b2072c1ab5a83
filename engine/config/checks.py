"""One check per kind of value. Text from the file and from the chat passes the same ones.

A check answers with the value or raises NotAllowed; ``allowed`` is what to tell the user then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

Raw = str | list["Raw"] | dict[str, "Raw"]

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(:00)?")
_HOST = re.compile(r"[A-Za-z0-9.:-]{1,253}")
BLANK = ("", "~", "null", "none")
_YES = ("true", "yes", "on", "y", "예", "켬")
_NO = ("false", "no", "off", "n", "아니오", "끔")


class NotAllowed(ValueError):
    """The text does not say a value that may stand there."""


class Check(Protocol):
    """Raw text, list or mapping in; a value of the model out."""

    @property
    def allowed(self) -> str:
        """What may stand here, for people."""
        ...

    def read(self, raw: Raw) -> object:
        """The value; NotAllowed when it is not allowed."""
        ...


def as_text(raw: Raw) -> str:
    """A scalar without surrounding blanks; NotAllowed for a list or a mapping."""
    if not isinstance(raw, str):
        raise NotAllowed("not one value")
    return raw.strip()


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number between two bounds, at most eight decimals: KIS's commission has seven."""

    low: str
    high: str
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The bounds."""
        return f"{self.low} - {self.high}" + (f" ({self.unit})" if self.unit else "")

    def read(self, raw: Raw) -> Decimal:
        """Exactly what was written, never by way of a float."""
        text = as_text(raw)
        if self.unit == "%":
            text = text.removesuffix("%").rstrip()
        if _NUMBER.fullmatch(text) is None:
            raise NotAllowed("not a number")
        value = Decimal(text)
        if not Decimal(self.low) <= value <= Decimal(self.high):
            raise NotAllowed("out of range")
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds."""

    low: int
    high: int
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The bounds."""
        return f"{self.low} - {self.high}" + (f" ({self.unit})" if self.unit else "")

    def read(self, raw: Raw) -> int:
        """5,000 and 5_000 are 5000."""
        text = re.sub(r"(?<=[0-9])[_,](?=[0-9]{3})", "", as_text(raw))
        if _WHOLE.fullmatch(text) is None:
            raise NotAllowed("not a whole number")
        value = int(text)
        if not self.low <= value <= self.high:
            raise NotAllowed("out of range")
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    allowed: str = "true | false"

    def read(self, raw: Raw) -> bool:
        """The usual spellings."""
        text = as_text(raw).casefold()
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise NotAllowed("neither yes nor no")


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of an enum."""

    kind: type[StrEnum]

    @property
    def allowed(self) -> str:
        """The words."""
        return " | ".join(self.kind)

    def read(self, raw: Raw) -> StrEnum:
        """In any case."""
        return self.kind(as_text(raw).casefold())


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few fixed texts."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """The texts."""
        return " | ".join(self.words)

    def read(self, raw: Raw) -> str:
        """As it stands in the table."""
        text = as_text(raw)
        if text not in self.words:
            raise NotAllowed("not one of them")
        return text


@dataclass(frozen=True, slots=True)
class Optional:
    """Another check, or nothing (null)."""

    check: Check

    @property
    def allowed(self) -> str:
        """With null."""
        return f"{self.check.allowed} | null"

    def read(self, raw: Raw) -> object:
        """None for null and for blank."""
        if isinstance(raw, str) and raw.strip().casefold() in BLANK:
            return None
        return self.check.read(raw)


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute address without user, password, query or fragment."""

    schemes: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """The shape."""
        return " or ".join(f"{scheme}://host[:port][/path]" for scheme in self.schemes)

    def read(self, raw: Raw) -> str:
        """Without a trailing slash."""
        text = as_text(raw)
        if not text.isascii() or not text.isprintable() or any(c in text for c in " ?#@\\"):
            raise NotAllowed("not a plain address")
        parts = urlsplit(text)
        if parts.scheme not in self.schemes or not parts.hostname or parts.port == 0:
            raise NotAllowed("not an address")
        return text.rstrip("/")


def is_loopback_url(url: str) -> bool:
    """Whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Host:
    """A name or an IP address to listen on."""

    allowed: str = "a host name or an IP address, such as 127.0.0.1"

    def read(self, raw: Raw) -> str:
        """As written."""
        text = as_text(raw)
        if _HOST.fullmatch(text) is None:
            raise NotAllowed("not a host")
        return text


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """HH:MM. ``only``: the one time there is, where the desk's hours are fixed."""

    only: time | None = None

    @property
    def allowed(self) -> str:
        """The shape, or the fixed time."""
        return "HH:MM" if self.only is None else f"{self.only:%H:%M} (fixed, New York time)"

    def read(self, raw: Raw) -> time:
        """9:30, 09:30 and 09:30:00 are the same."""
        match = _TIME.fullmatch(as_text(raw))
        if match is None:
            raise NotAllowed("not a time of day")
        value = time(int(match[1]), int(match[2]))
        if self.only is not None and value != self.only:
            raise NotAllowed("the desk's hours are fixed")
        return value
