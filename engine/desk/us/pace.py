"""How long until the next polling cycle: what the market wants, and what calls are paid for."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk.us import exits
from engine.desk.us.book import Position, Standing
from engine.desk.us.state import State
from engine.model.day_facts import Window
from engine.model.ids import DeskState
from engine.model.orders import OrderReason
from engine.rules.polling import (
    HOUR_SLACK,
    NEAR_POINTS,
    SPARE_CALLS,
    Bucket,
    Plan,
    borrowed,
    filled,
    lasting_interval_s,
    opening,
    plan_until,
    spent,
    wait_s,
    wished_interval_s,
)

EXITS_ONLY_S = Decimal(60)
LENT_FOR = timedelta(minutes=30)  # at the longest interval a sale's calls are repaid by then

_MS = Decimal(1000)
_URGENT = frozenset({OrderReason.TARGET, OrderReason.REMAINDER, OrderReason.MANUAL})


def is_polling(state: State) -> bool:
    """Whether prices or buys must be polled now."""
    window, run = state.book.window, state.run
    if window is Window.PREMARKET:
        has_stream = False
    elif window is Window.REGULAR:
        # With nothing armed there is no quote to miss.
        has_stream = run.is_connected and (run.has_quotes or not any(armed(state)))
    else:
        return False
    if state.desk_state is not DeskState.RUNNING:
        return not has_stream and any(armed(state))
    return not (has_stream and run.has_notices)


def has_stream_quotes(state: State) -> bool:
    """Whether the socket brings prices."""
    return state.run.is_connected and state.run.has_quotes and state.book.window is Window.REGULAR


def armed(state: State) -> list[Position]:
    """Positions that are sold when their price comes."""
    return [p for p in state.book.positions.values() if p.standing is Standing.ARMED]


def cycle_due(state: State, now: datetime) -> datetime | None:
    """When the next cycle begins; None while nothing is polled."""
    timing = next_cycle(state, now)
    return None if timing is None else timing[0]


def interval_s(state: State, now: datetime) -> Decimal | None:
    """Seconds between two cycles as things stand; None while nothing is polled."""
    timing = next_cycle(state, now)
    return None if timing is None else timing[1]


def next_cycle(state: State, now: datetime) -> tuple[datetime, Decimal] | None:
    """When the next cycle begins, and the interval that leads to it. Changes nothing."""
    if not is_polling(state) or not state.is_ready:
        return None
    run = state.run
    if state.desk_state is not DeskState.RUNNING:
        due = now if run.cycle_at is None else run.cycle_at + _seconds(EXITS_ONLY_S)
        return due, EXITS_ONLY_S
    plan = _plan(state, now)
    bucket = _bucket(state, now, plan)
    wish = _wish_s(state)
    if bucket.calls < SPARE_CALLS:
        wish = max(wish, lasting_interval_s(plan, state.settings))
    last = run.cycle_at
    due = now if last is None else last + _seconds(wish)
    paid = now + _seconds(wait_s(bucket, 1, plan))
    if last is not None and _may_borrow(state, now):
        lent = now + _seconds(wait_s(borrowed(bucket), 1, plan))
        paid = min(paid, max(last + _seconds(state.settings.poll_max_s), lent))
    due = max(due, paid)
    if run.hold_until is not None:
        due = max(due, run.hold_until)
    if any(armed(state)):
        # Debts and caps slow an exit down to what exits_only has; they never skip it.
        due = min(due, now if last is None else last + _seconds(EXITS_ONLY_S))
    return due, wish if last is None else max(wish, _whole_s(due - last))


def _may_borrow(state: State, now: datetime) -> bool:
    """Only what a sale of ours cost is lent: debts of polling itself are paid at once."""
    return any(now - order.changed_at < LENT_FOR for order in state.book.orders.values())


def spend(state: State, now: datetime, calls: int) -> None:
    """Take calls out of the bucket, whatever they were for; the first answer tells of the first."""
    run = state.run
    if calls and (run.bucket is not None or run.quota is not None):
        run.bucket = spent(_bucket(state, now, _plan(state, now)), calls)


def cap_bucket(state: State, now: datetime) -> None:
    """What others spent in this hour is not there to be burst."""
    run = state.run
    if run.quota is None:
        return
    bucket = _bucket(state, now, _plan(state, now))
    room = Decimal(run.quota.safe_per_hour - run.quota.used_last_hour - HOUR_SLACK)
    run.bucket = Bucket(min(bucket.calls, room), now)


def has_spare(state: State) -> bool:
    """Whether a call is paid for that the next balance can do without.

    Looking closer must not stretch the interval near a target beyond the longest one.
    """
    bucket = state.run.bucket
    return bucket is not None and bucket.calls >= SPARE_CALLS


def is_paid(state: State) -> bool:
    """Whether one more call leaves the next poll in its time: a comparison can wait for that."""
    bucket = state.run.bucket
    return bucket is None or bucket.calls >= 1


def _wish_s(state: State) -> Decimal:
    if has_stream_quotes(state):
        nearest = None  # only buys are looked for
    else:
        nearest = min((_points(state, p) for p in armed(state)), default=None)
    is_urgent = any(o.intent.reason in _URGENT for o in state.live())
    return wished_interval_s(
        nearest, state.run.quiet_cycles, is_urgent=is_urgent, settings=state.settings
    )


def _points(state: State, position: Position) -> Decimal:
    reading = state.run.readings.get(position.symbol)
    if reading is None:
        return NEAR_POINTS * 2
    tick = reading.called if state.is_stale(position.symbol) else reading.balance
    if tick is None:
        return NEAR_POINTS * 2
    return exits.below_target(state, position, tick.price)


def _plan(state: State, now: datetime) -> Plan:
    session = state.sessions.session_on(state.today(now))
    end = session.window_end if session is not None else now
    used = state.run.quota.used_today if state.run.quota is not None else 0
    return plan_until(end, now, used, state.settings)


def _bucket(state: State, now: datetime, plan: Plan) -> Bucket:
    """What is paid for by now."""
    run = state.run
    if run.bucket is not None:
        return filled(run.bucket, now, plan)
    return opening(run.quota.used_last_hour if run.quota is not None else 0, now, plan)


def _seconds(amount: Decimal) -> timedelta:
    """Rounded up to the millisecond, so that a wake-up is never a hair too early."""
    return timedelta(milliseconds=int(amount * _MS) + (1 if amount * _MS % 1 else 0))


def _whole_s(span: timedelta) -> Decimal:
    return Decimal(round(span.total_seconds(), 1)).quantize(Decimal("0.1"))
