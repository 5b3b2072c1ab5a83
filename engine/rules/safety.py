"""When a desk must hold back: latches and the conditions that set them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.model.ids import DeskState
from engine.model.quota import Quota

MAX_FAILED_READS = 10
MAX_SILENCE = timedelta(minutes=5)
_FIRST_RETRY_S = 5
_LONGEST_RETRY_S = 60
_MOST_DOUBLINGS = 4
_WARN_NUMERATOR, _WARN_DENOMINATOR = 9, 10


def stricter(one: DeskState, other: DeskState) -> DeskState:
    """The state of a desk with two latches."""
    return max(one, other, key=lambda state: state.rank)


def is_quota_spent(quota: Quota) -> bool:
    """Whether the safe daily cap is reached: what is left belongs to exits."""
    return quota.used_today >= quota.safe_per_day


def is_quota_low(quota: Quota) -> bool:
    """Whether 90 % of the safe daily cap are spent."""
    return quota.used_today * _WARN_DENOMINATOR >= quota.safe_per_day * _WARN_NUMERATOR


def is_account_silent(failed: int, first_failed_at: datetime | None, now: datetime) -> bool:
    """Whether reads of the account failed too often or for too long."""
    if failed >= MAX_FAILED_READS:
        return True
    return first_failed_at is not None and now - first_failed_at >= MAX_SILENCE


def retry_after(rejects: int) -> timedelta:
    """Pause of a symbol after so many refusals in a row: 5 s, doubled each time up to 60 s."""
    doublings = min(max(rejects - 1, 0), _MOST_DOUBLINGS)
    return timedelta(seconds=min(_FIRST_RETRY_S * 2**doublings, _LONGEST_RETRY_S))
