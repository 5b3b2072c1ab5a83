"""When the next call may go, and whether the day still has room for it. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from engine.model.quota import Priority, Quota

HOUR = timedelta(hours=1)
_SECOND_US = 1_000_000
# Two calls exactly one window apart would both lie in it.
_BEYOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``calls`` within any ``window``, and ``spacing`` between two of them."""

    calls: int
    window: timedelta
    spacing: timedelta

    def __post_init__(self) -> None:
        if self.calls < 1 or self.window <= timedelta(0) or self.spacing < timedelta(0):
            raise ValueError(f"no such rate: {self.calls} calls in {self.window}")

    @property
    def per_second(self) -> Decimal:
        """Calls a second that it lets through for good."""
        each = max(self.window / self.calls, self.spacing)
        return Decimal(_SECOND_US) / (each // timedelta(microseconds=1))


def rate_of(per_second: Decimal, min_spacing: timedelta = timedelta(0)) -> Rate:
    """A rate without bursts; below one a second the window is longer.

    Raises:
        ValueError: ``per_second`` is not above zero.
    """
    if not per_second > 0:
        raise ValueError(f"calls per second must be above 0, not {per_second}")
    calls = max(1, int(per_second))
    window = timedelta(microseconds=int(_SECOND_US * calls / per_second))
    window = max(window, timedelta(seconds=1))
    return Rate(calls, window, max(window / calls, min_spacing))


def next_allowed(sent: Sequence[datetime], now: datetime, rate: Rate) -> datetime:
    """The earliest moment from ``now`` on for one more call after those in ``sent`` (ascending)."""
    moment = now
    if sent:
        moment = max(moment, sent[-1] + rate.spacing)
    if len(sent) >= rate.calls:
        moment = max(moment, sent[-rate.calls] + rate.window + _BEYOND)
    return moment


def still_counting(sent: Sequence[datetime], now: datetime, window: timedelta) -> list[datetime]:
    """Calls of the last ``window``. Later ones too are dropped: the clock was set back."""
    return [moment for moment in sent if now - window - _BEYOND <= moment <= now]


def refusal(quota: Quota, priority: Priority) -> str | None:
    """Why a call of this priority must not be sent now; None if it may.

    Cancels and exits always may: a guard never keeps a position from being closed.
    """
    if priority <= Priority.EXIT:
        return None
    if quota.used_today >= quota.daily_limit:
        return f"daily limit: {quota.used_today} of {quota.daily_limit}"
    if priority.may_use_reserve:
        return None
    if quota.used_today >= quota.safe_per_day:
        return f"safe daily cap: {quota.used_today} of {quota.safe_per_day}"
    if quota.used_last_hour >= quota.safe_per_hour:
        return f"safe hourly cap: {quota.used_last_hour} of {quota.safe_per_hour}"
    return None
