"""Checks of keys that hold several values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType

from engine.config.checks import BLANK, NotAllowed, Number, Raw, TimeOfDay, as_text
from engine.model.ids import Symbol

SYMBOL = re.compile(r"[A-Z][A-Z0-9./-]{0,11}")
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


def _pairs(raw: Raw) -> list[tuple[str, Raw]]:
    if isinstance(raw, str) and raw.strip().casefold() in BLANK:
        return []
    if not isinstance(raw, dict):
        raise NotAllowed("not a mapping")
    return list(raw.items())
