"""Latches and troubles: what makes the desk hold back, and what lets it go on. Never the exits."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.book import Cause
from engine.desk.portfolio import arm_all
from engine.desk.state import State
from engine.desk.turn import Turn
from engine.model.events import FetchFailed, FetchKind, StreamChanged, StreamState
from engine.model.facts import (
    QuotaWarning,
    Refusal,
    StateChanged,
    Trouble,
    TroubleBegan,
    TroubleEnded,
    Window,
)
from engine.model.ids import DeskState
from engine.model.quota import Quota
from engine.rules.safety import (
    MAX_FAILED_READS,
    MAX_SILENCE,
    is_account_silent,
    is_quota_low,
    is_quota_spent,
)

_ACCOUNT_READS = frozenset({FetchKind.HOLDINGS, FetchKind.REPORTS})
_QUOTA_PAUSE = timedelta(seconds=60)
_LONGEST_RETRY_S = 30
_LATER_RETRIES = 5


def set_user_latch(state: State, turn: Turn, latch: DeskState) -> None:
    """The stricter of two wishes of the user stands until /resume."""
    if latch.rank > state.book.user_latch.rank:
        state.book.user_latch = latch
        tell_state(state, turn, "user")


def release_user_latch(state: State, turn: Turn) -> Refusal | None:
    """The user's latch only; a guard's stays."""
    if state.book.user_latch is DeskState.RUNNING:
        return Refusal.NOT_LATCHED
    state.book.user_latch = DeskState.RUNNING
    tell_state(state, turn, "user")
    arm_all(state, turn)
    return None


def release_guard(state: State, turn: Turn) -> Refusal | None:
    """Release what no longer holds; refused while anything does."""
    if not state.book.causes:
        return Refusal.NOT_LATCHED
    if any(_holds(state, trouble) for trouble in state.book.causes):
        return Refusal.CAUSE_HOLDS
    state.book.causes.clear()
    tell_state(state, turn, "user")
    arm_all(state, turn)
    return None


def trip_from_outside(state: State, turn: Turn, reason: str) -> None:
    """The supervisor gave a service up; the trader releases it when it works again."""
    if Trouble.SERVICE not in state.book.causes:
        _trip(state, turn, Trouble.SERVICE, reason, "", "")


def tell_state(state: State, turn: Turn, reason: str, measured: str = "", limit: str = "") -> None:
    """Say where both latches stand."""
    turn.tell(
        StateChanged(
            state.desk_state, state.book.user_latch, state.guard_latch, reason, measured, limit
        )
    )


def on_read_ok(state: State, turn: Turn, kind: FetchKind) -> None:
    """An account read was answered: its trouble is over once every kind works again."""
    state.run.failing.discard(kind)
    if state.run.failing:
        return
    state.run.failed_reads = 0
    state.run.first_failed_at = None
    end_trouble(state, turn, Trouble.ACCOUNT)
    if state.book.causes.pop(Trouble.ACCOUNT, None) is not None:
        tell_state(state, turn, "account answers again")
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
    begin_trouble(state, turn, Trouble.ACCOUNT, event.reason)
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
    if is_quota_spent(quota) and Trouble.QUOTA not in state.book.causes:
        measured, limit = str(quota.used_today), str(quota.safe_per_day)
        _trip(state, turn, Trouble.QUOTA, "daily calls spent", measured, limit)


def on_new_day(state: State, turn: Turn) -> None:
    """Yesterday's spent calls hold nobody back today."""
    cause = state.book.causes.get(Trouble.QUOTA)
    if cause is not None and cause.day != state.today(turn.now):
        del state.book.causes[Trouble.QUOTA]
        state.run.quota = None
        tell_state(state, turn, "new day")
        arm_all(state, turn)


def on_stream(state: State, turn: Turn, event: StreamChanged) -> None:
    """The socket came or went; outside the regular window it may be away."""
    run = state.run
    run.is_connected = event.state is StreamState.CONNECTED
    run.has_notices = run.is_connected and event.has_notices
    run.has_quotes = run.is_connected and event.has_quotes
    if run.is_connected:
        end_trouble(state, turn, Trouble.STREAM)
    elif state.book.window is Window.REGULAR and event.reason:
        begin_trouble(state, turn, Trouble.STREAM, event.reason)


def begin_trouble(state: State, turn: Turn, trouble: Trouble, reason: str) -> None:
    """Tell the first failure of a kind."""
    if trouble not in state.book.troubles:
        state.book.troubles[trouble] = turn.now
        turn.tell(TroubleBegan(trouble, reason))


def end_trouble(state: State, turn: Turn, trouble: Trouble) -> None:
    """Tell the recovery, once."""
    began: datetime | None = state.book.troubles.pop(trouble, None)
    if began is not None:
        turn.tell(TroubleEnded(trouble, max(0, int((turn.now - began).total_seconds()))))


def _trip(
    state: State, turn: Turn, trouble: Trouble, reason: str, measured: str, limit: str
) -> None:
    state.book.causes[trouble] = Cause(reason, measured, limit, state.today(turn.now))
    tell_state(state, turn, reason, measured, limit)


def _holds(state: State, trouble: Trouble) -> bool:
    if trouble is Trouble.QUOTA:
        quota = state.run.quota
        return quota is None or is_quota_spent(quota)
    return trouble is not Trouble.SERVICE and bool(state.run.failing)
