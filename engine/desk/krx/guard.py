"""When a limit of the day latches and when that is over. Never an exit."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk import conduct, latches, vendor
from engine.desk.krx import limits
from engine.desk.krx.state import State
from engine.desk.latches import Cause
from engine.desk.turn import Turn
from engine.model.commands import Refusal
from engine.model.entry_facts import Phase
from engine.model.money import ZERO_KRW, Krw
from engine.model.state_facts import Trouble
from engine.model.views import GuardView
from engine.rules.krx import risk
from engine.rules.safety import is_quota_spent

# Latches that a clock or the market releases by itself.
_OWN_WAY = frozenset({Trouble.TRADES, Trouble.DAILY_LOSS, Trouble.LOSS_STREAK, Trouble.INDEX})


def evaluate(state: State, turn: Turn[Krw]) -> None:
    """Set and release the guard's latches by what is measured now."""
    day = state.day
    settings = state.settings.risk
    # Told when the next day begins to matter, not in the middle of the night.
    day_end = state.sessions.next_session(day.day).prepare_at
    if len(day.opened) >= settings.max_trades:
        _trip(
            *(state, turn, Trouble.TRADES, "entries of the day are used up"),
            *(str(len(day.opened)), str(settings.max_trades)),
            until=day_end,
        )
    limit = limits.loss_limit(state)
    lost = -(day.realized + limits.open_result(state))
    if limit is not None and lost >= limit:
        _trip(
            *(state, turn, Trouble.DAILY_LOSS, "the day's loss is reached"),
            *(risk.won_text(lost), risk.won_text(limit)),
            until=day_end,
        )
    if state.book.streak >= settings.loss_streak and Trouble.LOSS_STREAK not in state.book.causes:
        _trip(
            *(state, turn, Trouble.LOSS_STREAK, "losses in a row"),
            *(str(state.book.streak), str(settings.loss_streak)),
            until=turn.now + timedelta(minutes=settings.loss_streak_pause_min),
        )
    _watch_index(state, turn)


def release_due(state: State, turn: Turn[Krw]) -> None:
    """Latches whose time is over."""
    for trouble, cause in list(state.book.causes.items()):
        if cause.until is not None and turn.now >= cause.until:
            latches.clear(state.book, turn, trouble, "the pause is over")
            _begin_anew(state, trouble)


def next_release(state: State) -> datetime | None:
    """When the first latch ends by itself."""
    return min(
        (cause.until for cause in state.book.causes.values() if cause.until is not None),
        default=None,
    )


def reconsider(state: State, turn: Turn[Krw]) -> None:
    """Limits were changed: a latch of a limit that is no longer reached is released."""
    day, limit = state.book.day, limits.loss_limit(state)
    if day is None:
        return
    lost = -(day.realized + limits.open_result(state))
    held = {
        Trouble.TRADES: len(day.opened) >= state.settings.risk.max_trades,
        Trouble.DAILY_LOSS: limit is not None and lost >= limit,
        Trouble.LOSS_STREAK: state.book.streak >= state.settings.risk.loss_streak,
    }
    for trouble, still_holds in held.items():
        if not still_holds:
            latches.clear(state.book, turn, trouble, "the limit was changed")


def on_new_day(state: State, turn: Turn[Krw]) -> None:
    """Yesterday's index, spent calls and dropped streams hold nobody back today."""
    for trouble in (Trouble.INDEX, Trouble.QUOTA, Trouble.STREAM):
        cause = state.book.causes.get(trouble)
        if cause is not None and cause.day != state.today(turn.now):
            latches.clear(state.book, turn, trouble, "new day")
    state.book.index_pct.clear()


def release(state: State, turn: Turn[Krw]) -> Refusal | None:
    """The trader releases what no longer holds; refused while anything does."""
    if not state.book.causes:
        return Refusal.NOT_LATCHED
    if any(_holds(state, trouble, turn.now) for trouble in state.book.causes):
        return Refusal.CAUSE_HOLDS
    for trouble in state.book.causes:
        _begin_anew(state, trouble)
    state.book.causes.clear()
    vendor.released(state.run.vendor, turn)
    state.day.stream_failures = 0
    latches.tell_state(state.book, turn, "user")
    return None


def guard_views(state: State) -> tuple[GuardView, ...]:
    """How near each counted guard is."""
    settings, day = state.settings.risk, state.book.day
    limit = limits.loss_limit(state)
    lost = -((day.realized if day is not None else ZERO_KRW) + limits.open_result(state))
    found = [
        GuardView(Trouble.TRADES, len(day.opened) if day is not None else 0, settings.max_trades),
        GuardView(Trouble.LOSS_STREAK, state.book.streak, settings.loss_streak),
    ]
    if limit is not None:
        found.append(GuardView(Trouble.DAILY_LOSS, max(0, int(lost.amount)), int(limit.amount)))
    return tuple(found)


def _begin_anew(state: State, trouble: Trouble) -> None:
    """Losses before and during a pause do not call for the next one."""
    if trouble is Trouble.LOSS_STREAK:
        state.book.streak = 0


def _watch_index(state: State, turn: Turn[Krw]) -> None:
    floor = state.settings.risk.index_floor_pct
    worst = limits.worst_index(state)
    if worst is None or state.book.phase is Phase.CLOSED:
        return
    if worst <= floor:
        _trip(
            *(state, turn, Trouble.INDEX, "the index falls", f"{worst:.2f} %", f"{floor} %"),
            until=None,
        )
    elif Trouble.INDEX in state.book.causes:
        latches.clear(state.book, turn, Trouble.INDEX, "the index recovered")


def _trip(
    state: State,
    turn: Turn[Krw],
    trouble: Trouble,
    reason: str,
    measured: str,
    limit: str,
    *,
    until: datetime | None,
) -> None:
    cause = Cause(reason, measured, limit, state.today(turn.now), until)
    latches.trip(state.book, turn, trouble, cause)


def _holds(state: State, trouble: Trouble, now: datetime) -> bool:
    """Whether a cause is still there; what ends by the clock holds until then."""
    if trouble in _OWN_WAY:
        return trouble is not Trouble.LOSS_STREAK
    if trouble is Trouble.QUOTA:
        quota = state.run.quota
        return quota is None or is_quota_spent(quota)
    if trouble is Trouble.ACCOUNT:
        return bool(state.run.failing)
    if trouble in conduct.WATCHED:
        return conduct.holds(state.book, trouble, now)
    return vendor.holds(state.run.vendor, trouble)
