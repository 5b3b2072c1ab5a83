"""Checks of keys that hold several values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from engine.config.checks import BLANK, NotAllowed, Number, Raw, TimeOfDay, Whole, as_text
from engine.model.ids import Symbol

SYMBOL = re.compile(r"[A-Z][A-Z0-9./-]{0,11}")
_PAIR = re.compile(r"\s*([A-Za-z_]+)\s*=\s*([0-9]+)\s*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Dates:
    """A list of days."""

    allowed: str = "a list of YYYY-MM-DD"

    def read(self, raw: Raw) -> frozenset[date]:
        """Nothing written is no day."""
        if isinstance(raw, str) and raw.strip().casefold() in BLANK:
            return frozenset()
        if not isinstance(raw, list):
            raise NotAllowed("not a list")
        return frozenset(_day(item) for item in raw)


@dataclass(frozen=True, slots=True)
class EarlyCloses:
    """Days with the time of their early close."""

    allowed: str = 'YYYY-MM-DD: "HH:MM" for each day'

    def read(self, raw: Raw) -> Mapping[date, time]:
        """Nothing written is no day."""
        clock = TimeOfDay()
        return MappingProxyType({_day(day): clock.read(at) for day, at in _pairs(raw)})


@dataclass(frozen=True, slots=True)
class HoursByDay:
    """Days with their open and close."""

    allowed: str = 'YYYY-MM-DD: "HH:MM-HH:MM" for each day'

    def read(self, raw: Raw) -> Mapping[date, tuple[time, time]]:
        """Nothing written is no day; the open lies before the close."""
        return MappingProxyType({_day(day): _hours(hours) for day, hours in _pairs(raw)})


@dataclass(frozen=True, slots=True)
class Some:
    """One or more words of an enum."""

    kind: type[StrEnum]

    @property
    def allowed(self) -> str:
        """The words."""
        return "one or more of " + ", ".join(self.kind)

    def read(self, raw: Raw) -> frozenset[StrEnum]:
        """In any case; from the chat with commas between them."""
        texts = raw if isinstance(raw, list) else as_text(raw).split(",")
        known = {word.casefold(): word for word in self.kind}
        found = [known.get(as_text(text).casefold()) for text in texts]
        if not found or None in found:
            raise NotAllowed("not of these words")
        return frozenset(word for word in found if word is not None)


@dataclass(frozen=True, slots=True)
class PerWord:
    """A whole number for every word of an enum; none may be missing."""

    kind: type[StrEnum]
    number: Whole

    @property
    def allowed(self) -> str:
        """The words in their order."""
        return f"{', '.join(self.kind)}: {self.number.allowed} each"

    def read(self, raw: Raw) -> Mapping[StrEnum, int]:
        """A mapping; from the chat the numbers in the order of the words, or word=number."""
        pairs = _pairs(raw) if isinstance(raw, dict) else self._typed(as_text(raw))
        named = {as_text(name).casefold(): number for name, number in pairs}
        if len(named) != len(pairs) or named.keys() != {word.casefold() for word in self.kind}:
            raise NotAllowed("not one number for each word")
        return MappingProxyType(
            {word: self.number.read(named[word.casefold()]) for word in self.kind}
        )

    def _typed(self, text: str) -> list[tuple[str, Raw]]:
        parts = [part.strip() for part in text.split(",")]
        if "=" not in text:
            if len(parts) != len(self.kind):
                raise NotAllowed("not one number for each word")
            return list(zip(self.kind, parts, strict=True))
        found = [_PAIR.fullmatch(part) for part in parts]
        return [(one[1], one[2]) for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class PerSymbol:
    """A number for each symbol named."""

    number: Number

    @property
    def allowed(self) -> str:
        """The shape."""
        return f"SYMBOL: {self.number.allowed} for each symbol"

    def read(self, raw: Raw) -> Mapping[Symbol, Decimal]:
        """Symbols in capitals."""
        found: dict[Symbol, Decimal] = {}
        for name, value in _pairs(raw):
            if SYMBOL.fullmatch(name.upper()) is None:
                raise NotAllowed("not a US symbol")
            found[Symbol(name.upper())] = self.number.read(value)
        return MappingProxyType(found)


def _day(raw: Raw) -> date:
    text = as_text(raw)
    if _DATE.fullmatch(text) is None:
        raise NotAllowed("not a day")
    return date.fromisoformat(text)


def _hours(raw: Raw) -> tuple[time, time]:
    opens, _, closes = as_text(raw).partition("-")
    clock = TimeOfDay()
    first, last = clock.read(opens), clock.read(closes)
    if first >= last:
        raise NotAllowed("closes before it opens")
    return first, last


def _pairs(raw: Raw) -> list[tuple[str, Raw]]:
    if isinstance(raw, str) and raw.strip().casefold() in BLANK:
        return []
    if not isinstance(raw, dict):
        raise NotAllowed("not a mapping")
    return list(raw.items())
