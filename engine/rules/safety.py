"""When a desk must hold back: latches and the conditions that set them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.model.calls import CallTally
from engine.model.ids import DeskState
from engine.model.quota import Quota

MAX_FAILED_READS = 10
MAX_SILENCE = timedelta(minutes=5)
ASKED_WITHIN = timedelta(minutes=2)  # calls further apart are no row: nobody asked meanwhile
MAX_ERRORS = 10  # calls of any kind in a row
MAX_STREAM_FAILURES = 3  # within one regular session
MAX_REFUSED_PCT = 5
LEAST_REFUSED = 3  # of few calls one refusal is a large part, and says nothing
MAX_SKEW_S = 10
# An account that does not answer after a start must not hold an exit back for longer.
BLIND_FOR = timedelta(seconds=30)
FIRST_HOLD = timedelta(minutes=1)
LONGEST_HOLD = timedelta(minutes=16)
RELAPSE_WITHIN = timedelta(minutes=30)
_FIRST_RETRY_S = 5
_LONGEST_RETRY_S = 60
_MOST_DOUBLINGS = 4
_WARN_NUMERATOR, _WARN_DENOMINATOR = 9, 10
_WHOLE_PCT = 100


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


def are_refusals_sustained(tally: CallTally) -> bool:
    """Whether KIS refused more than 5 % of the last minute's calls for their rate."""
    is_much = tally.refused * _WHOLE_PCT > tally.calls * MAX_REFUSED_PCT
    return is_much and tally.refused >= LEAST_REFUSED


def is_new_row(last: datetime | None, sent_at: datetime) -> bool:
    """Whether an unanswered call has nothing to do with the one before it."""
    return last is None or sent_at - last > ASKED_WITHIN


def silent_from(tally: CallTally) -> datetime | None:
    """When calls have gone out for five minutes and none came back; None: too few are asked."""
    since, until = tally.unanswered_since, tally.unanswered_until
    if since is None or until is None:
        return None
    silent_at = since + MAX_SILENCE
    return None if is_new_row(until, silent_at) else silent_at


def is_clock_off(tally: CallTally) -> bool:
    """Whether this machine's clock is too far from KIS's."""
    return tally.skew_s is not None and abs(tally.skew_s) > MAX_SKEW_S


def next_hold(last: timedelta | None, calm: timedelta | None) -> timedelta:
    """How long a cause must be gone: a minute, and twice as long after each quick relapse.

    ``last``: the hold before; ``calm``: how long ago it ended. None: there was none.
    """
    if last is None or calm is None or calm > RELAPSE_WITHIN:
        return FIRST_HOLD
    return min(last * 2, LONGEST_HOLD)


def retry_after(rejects: int) -> timedelta:
    """Pause of a symbol after so many refusals in a row: 5 s, doubled each time up to 60 s."""
    doublings = min(max(rejects - 1, 0), _MOST_DOUBLINGS)
    return timedelta(seconds=min(_FIRST_RETRY_S * 2**doublings, _LONGEST_RETRY_S))
