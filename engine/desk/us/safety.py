"""Latches and troubles: what makes the desk hold back, and what lets it go on. Never the exits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.desk import conduct, latches, vendor
from engine.desk.latches import Cause
from engine.desk.turn import Turn
from engine.desk.us.portfolio import arm_all
from engine.desk.us.state import State
from engine.model.calls import CallTally
from engine.model.commands import Refusal, TripGuard
from engine.model.day_facts import Window
from engine.model.events import FetchFailed, FetchKind, StreamChanged, StreamState
from engine.model.quota import Quota
from engine.model.state_facts import QuotaWarning, Trouble
from engine.rules.safety import (
    MAX_FAILED_READS,
    MAX_SILENCE,
    is_account_silent,
    is_quota_low,
    is_quota_spent,
)

_ACCOUNT_READS = frozenset({FetchKind.HOLDINGS, FetchKind.REPORTS})
_QUOTA_PAUSE = timedelta(seconds=60)
PROBE_EVERY = timedelta(seconds=60)
_PROBED = frozenset({Window.PREMARKET, Window.REGULAR, Window.FOLLOW_UP})
_LONGEST_RETRY_S = 30
_LATER_RETRIES = 5


def release_user_latch(state: State, turn: Turn) -> Refusal | None:
    """The user's latch only; what was bought meanwhile is armed."""
    refusal = latches.release_user_latch(state.book, turn)
    if refusal is None:
        arm_all(state, turn)
    return refusal


def release_guard(state: State, turn: Turn) -> Refusal | None:
    """Release what no longer holds; refused while anything does."""
    if not state.book.causes:
        return Refusal.NOT_LATCHED
    if any(_holds(state, trouble, turn.now) for trouble in state.book.causes):
        return Refusal.CAUSE_HOLDS
    state.book.causes.clear()
    vendor.released(state.run.vendor, turn)
    if state.book.day is not None:
        state.book.day.stream_failures = 0
    latches.tell_state(state.book, turn, "user")
    arm_all(state, turn)
    return None


def trip_from_outside(state: State, turn: Turn, command: TripGuard) -> None:
    """Nothing in the desk can tell when it is over: the trader releases it."""
    trouble = Trouble.CONFLICT if command.is_conflict else Trouble.SERVICE
    _trip(state, turn, trouble, command.reason, "", "")


def on_calls(state: State, turn: Turn, tally: CallTally) -> None:
    """How the desk's calls fare. Refusals count for the desk that scans."""
    book, today = state.book, state.today(turn.now)
    vendor.on_calls(book, state.run.vendor, turn, tally, today, counts=False)


def check_vendor(state: State, turn: Turn) -> None:
    """What time alone brings; the account is asked whether KIS is back."""
    conduct.check(state.book, turn, state.today(turn.now))
    if vendor.check(state.book, state.run.vendor, turn, state.today(turn.now)):
        arm_all(state, turn)
    if state.book.window in _PROBED and Trouble.QUOTA not in state.book.causes:
        vendor.probe(state.book, state.run.holdings, turn.now, PROBE_EVERY)


def on_read_ok(state: State, turn: Turn, kind: FetchKind) -> None:
    """An account read was answered: its trouble is over once every kind works again."""
    state.run.failing.discard(kind)
    if state.run.failing:
        return
    state.run.failed_reads = 0
    state.run.first_failed_at = None
    latches.end_trouble(state.book, turn, Trouble.ACCOUNT)
    if latches.clear(state.book, turn, Trouble.ACCOUNT, "account answers again"):
        arm_all(state, turn)


def on_read_failed(state: State, turn: Turn, event: FetchFailed) -> None:
    """Count a read that brought nothing; those of our own cap only pause the polling."""
    on_quota(state, turn, event.quota)
    run = state.run
    call = run.holdings if event.kind is FetchKind.HOLDINGS else run.reports
    if event.is_quota:
        run.hold_until = turn.now + _QUOTA_PAUSE
        if event.kind in _ACCOUNT_READS:
            call.ask(turn.now + _QUOTA_PAUSE)
        return
    if event.kind not in _ACCOUNT_READS:
        return
    run.failing.add(event.kind)
    run.failed_reads += 1
    run.first_failed_at = run.first_failed_at or turn.now
    latches.begin_trouble(state.book, turn, Trouble.ACCOUNT, event.reason)
    pause_s = min(2 ** min(run.failed_reads, _LATER_RETRIES), _LONGEST_RETRY_S)
    call.ask(turn.now + timedelta(seconds=pause_s))
    check_account(state, turn)


def check_account(state: State, turn: Turn) -> None:
    """Trip the guard when the account stays silent."""
    run = state.run
    if Trouble.ACCOUNT in state.book.causes or not run.failing:
        return
    if not is_account_silent(run.failed_reads, run.first_failed_at, turn.now):
        return
    first = run.first_failed_at or turn.now
    measured = f"{run.failed_reads} reads, {int((turn.now - first).total_seconds())} s"
    limit = f"{MAX_FAILED_READS} reads, {int(MAX_SILENCE.total_seconds())} s"
    _trip(state, turn, Trouble.ACCOUNT, "account reads fail", measured, limit)


def on_quota(state: State, turn: Turn, quota: Quota) -> None:
    """Warn once a day at 90 % of the safe cap; at the cap only exits go on."""
    state.run.quota = quota
    day = state.book.day
    if is_quota_low(quota) and day is not None and not day.is_quota_warned:
        day.is_quota_warned = True
        turn.tell(QuotaWarning(quota.used_today, quota.safe_per_day))
    if is_quota_spent(quota):
        measured, limit = str(quota.used_today), str(quota.safe_per_day)
        _trip(state, turn, Trouble.QUOTA, "daily calls spent", measured, limit)


def apply_caps(state: State) -> None:
    """A cap that was raised can be relied on before the next call, which may be hours away."""
    quota, settings = state.run.quota, state.settings
    if quota is not None:
        state.run.quota = replace(
            quota, safe_per_day=settings.safe_per_day, safe_per_hour=settings.safe_per_hour
        )


def on_new_day(state: State, turn: Turn) -> None:
    """Yesterday's spent calls and dropped streams hold nobody back today."""
    for trouble in (Trouble.QUOTA, Trouble.STREAM):
        cause = state.book.causes.get(trouble)
        if cause is None or cause.day == state.today(turn.now):
            continue
        if trouble is Trouble.QUOTA:
            state.run.quota = None
        if vendor.clear(state.book, state.run.vendor, turn, trouble, "new day"):
            arm_all(state, turn)


def on_stream(state: State, turn: Turn, event: StreamChanged) -> None:
    """The socket came or went; outside the regular window it may be away."""
    run = state.run
    run.is_connected = event.state is StreamState.CONNECTED
    run.has_notices = run.is_connected and event.has_notices
    run.has_quotes = run.is_connected and event.has_quotes
    if run.is_connected:
        latches.end_trouble(state.book, turn, Trouble.STREAM)
        vendor.on_stream_up(run.vendor, turn)
    elif state.book.window is Window.REGULAR and event.reason:
        latches.begin_trouble(state.book, turn, Trouble.STREAM, event.reason)
        _count_failure(state, turn)


def on_regular_end(state: State, turn: Turn) -> None:
    """Outside the regular window the socket is not needed."""
    state.book.troubles.pop(Trouble.STREAM, None)
    clear = vendor.clear
    if clear(state.book, state.run.vendor, turn, Trouble.STREAM, "the session is over"):
        arm_all(state, turn)


def _count_failure(state: State, turn: Turn) -> None:
    day = state.book.day
    if day is None:
        return
    day.stream_failures += 1
    turn.changed()
    failures, today = day.stream_failures, state.today(turn.now)
    vendor.on_stream_failed(state.book, state.run.vendor, turn, failures, today)


def _trip(
    state: State, turn: Turn, trouble: Trouble, reason: str, measured: str, limit: str
) -> None:
    cause = Cause(reason, measured, limit, state.today(turn.now))
    latches.trip(state.book, turn, trouble, cause)


def _holds(state: State, trouble: Trouble, now: datetime) -> bool:
    if trouble is Trouble.QUOTA:
        quota = state.run.quota
        return quota is None or is_quota_spent(quota)
    if trouble is Trouble.ACCOUNT:
        return bool(state.run.failing)
    if trouble in conduct.WATCHED:
        return conduct.holds(state.book, trouble, now)
    return vendor.holds(state.run.vendor, trouble)
