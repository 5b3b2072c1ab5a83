"""How many broker calls were spent, as the limiter counts them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """Who goes first when calls are scarce. Lower goes first."""

    CANCEL = 0
    EXIT = 1
    ENTRY = 2
    RECONCILE = 3
    QUOTE = 4
    SCAN = 5

    @property
    def may_use_reserve(self) -> bool:
        """Calls between the safe and the hard daily cap are kept for exits and resolving."""
        return self <= Priority.RECONCILE


class Purpose(StrEnum):
    """What calls are spent on."""

    ORDER = "order"
    ACCOUNT = "account"
    QUOTE = "quote"
    SCAN = "scan"
    CHART = "chart"


NO_CAP = 1_000_000_000  # more than a day of the fastest pace KIS allows


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of one desk: today (the exchange's date) and in the last 60 minutes.

    A cap of NO_CAP or more is none. ``by_purpose``: today's, as far as this process made them.
    """

    used_today: int
    used_last_hour: int
    safe_per_day: int
    safe_per_hour: int
    daily_limit: int
    by_purpose: tuple[tuple[Purpose, int], ...] = ()

    @property
    def has_daily_cap(self) -> bool:
        """Whether the day is capped at all."""
        return self.daily_limit < NO_CAP
