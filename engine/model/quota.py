"""How many broker calls were spent, as the limiter counts them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


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


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of one desk: today (the exchange's date) and in the last 60 minutes."""

    used_today: int
    used_last_hour: int
    safe_per_day: int
    safe_per_hour: int
    daily_limit: int
