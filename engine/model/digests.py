"""Ends of weeks and months as facts: the chat's clock puts them into the outbox, no desk does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stretch(StrEnum):
    """What is over."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class PeriodEnded:
    """A week or a month of a desk with trades is over; ``first`` to ``last`` in exchange dates."""

    stretch: Stretch
    first: date
    last: date
