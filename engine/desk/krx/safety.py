"""Troubles of the world: account reads that fail, spent calls, the stream. Never the exits."""

from __future__ import annotations

from datetime import timedelta

from engine.desk import conduct, latches, vendor
from engine.desk.krx.state import State
from engine.desk.latches import Cause
from engine.desk.turn import Turn
from engine.model.calls import CallTally
from engine.model.commands import TripGuard
from engine.model.entry_facts import Phase
from engine.model.events import FetchFailed, FetchKind, StreamChanged, StreamState
from engine.model.money import Krw
from engine.model.quota import Quota
from engine.model.state_facts import QuotaWarning, Trouble
from engine.rules.safety import (
    MAX_FAILED_READS,
    MAX_SILENCE,
    is_account_silent,
    is_quota_low,
    is_quota_spent,
)

_ACCOUNT = frozenset({FetchKind.HOLDINGS, FetchKind.REPORTS, FetchKind.CASH})
_QUOTA_PAUSE = timedelta(seconds=60)
PROBE_EVERY = timedelta(seconds=30)
_LONGEST_RETRY_S = 30
_LATER_RETRIES = 5


def on_read_ok(state: State, turn: Turn[Krw], kind: FetchKind) -> None:
    """An account read was answered: its trouble is over once every kind works again."""
    state.run.failing.discard(kind)
    if state.run.failing:
        return
    state.run.failed_reads = 0
    state.run.first_failed_at = None
    latches.end_trouble(state.book, turn, Trouble.ACCOUNT)
    latches.clear(state.book, turn, Trouble.ACCOUNT, "account answers again")


def on_read_failed(state: State, turn: Turn[Krw], event: FetchFailed) -> None:
    """Count a read of the account that brought nothing; scans simply come again."""
    on_quota(state, turn, event.quota)
    if event.is_quota:
        state.run.hold_until = turn.now + _QUOTA_PAUSE
    if event.kind not in _ACCOUNT:
        return
    run = state.run
    call = {FetchKind.HOLDINGS: run.holdings, FetchKind.REPORTS: run.reports}.get(
        event.kind, run.cash_call
    )
    if event.is_quota:
        call.ask(turn.now + _QUOTA_PAUSE)
        return
    run.failing.add(event.kind)
    run.failed_reads += 1
    run.first_failed_at = run.first_failed_at or turn.now
    latches.begin_trouble(state.book, turn, Trouble.ACCOUNT, event.reason)
    pause_s = min(2 ** min(run.failed_reads, _LATER_RETRIES), _LONGEST_RETRY_S)
    call.ask(turn.now + timedelta(seconds=pause_s))
    check_account(state, turn)


def check_account(state: State, turn: Turn[Krw]) -> None:
    """Trip the guard when the account stays silent."""
    run = state.run
    if not run.failing or not is_account_silent(run.failed_reads, run.first_failed_at, turn.now):
        return
    first = run.first_failed_at or turn.now
    measured = f"{run.failed_reads} reads, {int((turn.now - first).total_seconds())} s"
    limit = f"{MAX_FAILED_READS} reads, {int(MAX_SILENCE.total_seconds())} s"
    cause = Cause("account reads fail", measured, limit, state.today(turn.now))
    latches.trip(state.book, turn, Trouble.ACCOUNT, cause)


def on_quota(state: State, turn: Turn[Krw], quota: Quota) -> None:
    """Only where the trader set a daily cap; at the cap only exits go on."""
    state.run.quota = quota
    day = state.day
    if not quota.safe_per_day:
        return
    if is_quota_low(quota) and not day.is_quota_warned:
        day.is_quota_warned = True
        turn.tell(QuotaWarning(quota.used_today, quota.safe_per_day))
    if is_quota_spent(quota):
        measured, limit = str(quota.used_today), str(quota.safe_per_day)
        cause = Cause("daily calls spent", measured, limit, day.day)
        latches.trip(state.book, turn, Trouble.QUOTA, cause)


def on_stream(state: State, turn: Turn[Krw], event: StreamChanged) -> None:
    """The socket came or went; while the desk is asleep it may be away."""
    run = state.run
    run.is_connected = event.state is StreamState.CONNECTED
    run.has_notices = run.is_connected and event.has_notices
    if not (run.is_connected and event.has_quotes):
        for name in run.names.by_symbol.values():
            name.miss_trades(turn.now)
    if run.is_connected:
        latches.end_trouble(state.book, turn, Trouble.STREAM)
        vendor.on_stream_up(run.vendor, turn)
    elif event.reason and run.watch is not None and run.watch.instruments:
        latches.begin_trouble(state.book, turn, Trouble.STREAM, event.reason)
        _count_failure(state, turn)


def on_close(state: State, turn: Turn[Krw]) -> None:
    """Nobody needs the socket after the close."""
    state.book.troubles.pop(Trouble.STREAM, None)
    vendor.clear(state.book, state.run.vendor, turn, Trouble.STREAM, "the session is over")


def on_calls(state: State, turn: Turn[Krw], tally: CallTally) -> None:
    """How the desk's calls fare; it scans, so refusals for the rate are its own doing."""
    book, today = state.book, state.today(turn.now)
    vendor.on_calls(book, state.run.vendor, turn, tally, today, counts=True)


def check_vendor(state: State, turn: Turn[Krw]) -> None:
    """What time alone brings; while the desk is awake the account is asked whether KIS is back."""
    vendor.check(state.book, state.run.vendor, turn, state.today(turn.now))
    conduct.check(state.book, turn, state.today(turn.now))
    if state.book.phase is not Phase.CLOSED:
        vendor.probe(state.book, state.run.holdings, turn.now, PROBE_EVERY)


def trip_from_outside(state: State, turn: Turn[Krw], command: TripGuard) -> None:
    """Nothing in the desk can tell when it is over: the trader releases it."""
    trouble = Trouble.CONFLICT if command.is_conflict else Trouble.SERVICE
    cause = Cause(command.reason, "", "", state.today(turn.now))
    latches.trip(state.book, turn, trouble, cause)


def _count_failure(state: State, turn: Turn[Krw]) -> None:
    session = state.session(turn.now)
    if session is None or not session.open <= turn.now < session.close:
        return
    state.day.stream_failures += 1
    turn.changed()
    failures, today = state.day.stream_failures, state.today(turn.now)
    vendor.on_stream_failed(state.book, state.run.vendor, turn, failures, today)
