"""Amounts of won as Korean traders write them: 2,000,000, 200만, 1.5억, 1억5천만원."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.config.checks import NotAllowed, Raw, as_text

_UNITS = {"억": 100_000_000, "만": 10_000}
_TIMES = {"": 1, "십": 10, "백": 100, "천": 1_000}
_PART = r"([0-9]{1,9}(?:\.[0-9]{1,8})?)([십백천]?)"
_WRITTEN = re.compile(rf"(?:{_PART}(억))?(?:{_PART}(만))?([0-9]{{1,15}})?원?")
_BLANK = re.compile(r"(?<=[억만])\s+(?=[0-9])|(?<=[0-9억만])\s+(?=원)")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}[십백천]?[억만]")
_THOUSANDS = re.compile(r"(?<=[0-9])[_,](?=[0-9]{3}(?![0-9]))")


@dataclass(frozen=True, slots=True)
class Won:
    """Whole won between two bounds."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        """The bounds."""
        return f"{self.low} - {self.high} (KRW)"

    def read(self, raw: Raw) -> int:
        """Exactly what was written, never by way of a float; NotAllowed for a part of a won."""
        value = _won(as_text(raw))
        if not self.low <= value <= self.high:
            raise NotAllowed("out of range")
        return value


def _won(text: str) -> int:
    match = _WRITTEN.fullmatch(_THOUSANDS.sub("", _BLANK.sub("", text)))
    if match is None or not any(match.groups()):
        raise NotAllowed("not an amount of won")
    if _GROUPED.search(text):
        raise NotAllowed("1.500만 may mean 1,500만")
    parts = [part for part in (match[1], match[4], match[7]) if part]
    if len(parts) > 1 and any("." in part for part in parts):
        raise NotAllowed("1.5억3만 may be a slip")
    value = Decimal(match[7] or 0)
    for number, times, unit in (match.group(1, 2, 3), match.group(4, 5, 6)):
        if number:
            value += Decimal(number) * _TIMES[times] * _UNITS[unit]
    if len(parts) > 1 and _overlaps(match):
        raise NotAllowed("the smaller part reaches into the larger one")
    if value != value.to_integral_value():
        raise NotAllowed("not whole won")
    return int(value)


def _overlaps(match: re.Match[str]) -> bool:
    """1억20000만, 1만20000: a part that is no less than one of the part before it."""
    ten_thousands = Decimal(match[4] or 0) * _TIMES[match[5] or ""]
    is_wide = match[1] is not None and ten_thousands >= _UNITS["만"]
    rest_below = _UNITS["만"] if match[4] else _UNITS["억"]
    return is_wide or int(match[7] or 0) >= rest_below
