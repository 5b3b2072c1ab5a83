"""What is asked for in each polling cycle, and how long until the next."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk.turn import Turn
from engine.desk.us import exits, prices
from engine.desk.us.book import Position, Standing
from engine.desk.us.state import State
from engine.model.account import Holding
from engine.model.day_facts import Window
from engine.model.ids import DeskState
from engine.model.orders import OrderReason
from engine.model.quota import Priority
from engine.model.quotes import QuoteSource, Tick
from engine.rules.polling import (
    COMPARE_EVERY_S,
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
from engine.rules.rate_limit import refusal

EXITS_ONLY_S = Decimal(60)
LOOK_CLOSER_EVERY = timedelta(seconds=15)
ROTATE_EVERY = timedelta(seconds=COMPARE_EVERY_S)
LENT_FOR = timedelta(minutes=30)  # at the longest interval a sale's calls are repaid by then
_CLOSEST = 2
_STALE_HOLDINGS_EVERY = 3

_MS = Decimal(1000)


def is_polling(state: State) -> bool:
    """Whether prices or buys must be polled now."""
    window, run = state.book.window, state.run
    if window is Window.PREMARKET:
        has_stream = False
    elif window is Window.REGULAR:
        # With nothing armed there is no quote to miss.
        has_stream = run.is_connected and (run.has_quotes or not any(_armed(state)))
    else:
        return False
    if state.desk_state is not DeskState.RUNNING:
        return not has_stream and any(_armed(state))
    return not (has_stream and run.has_notices)


def cycle_due(state: State, now: datetime) -> datetime | None:
    """When the next cycle begins; None while nothing is polled."""
    timing = _timing(state, now)
    return None if timing is None else timing[0]


def interval_s(state: State, now: datetime) -> Decimal | None:
    """Seconds between two cycles as things stand; None while nothing is polled."""
    timing = _timing(state, now)
    return None if timing is None else timing[1]


def _timing(state: State, now: datetime) -> tuple[datetime, Decimal] | None:
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
    if any(_armed(state)):
        # Debts and caps slow an exit down to what exits_only has; they never skip it.
        due = min(due, now if last is None else last + _seconds(EXITS_ONLY_S))
    return due, wish if last is None else max(wish, _whole_s(due - last))


def _is_refused(state: State) -> bool:
    """Whether the caps leave nothing for polling, so that it costs what is kept for exits."""
    quota = state.run.quota
    return quota is not None and refusal(quota, Priority.QUOTE) is not None


def _may_borrow(state: State, now: datetime) -> bool:
    """Only what a sale of ours cost is lent: debts of polling itself are paid at once."""
    return any(now - order.changed_at < LENT_FOR for order in state.book.orders.values())


def cycle(state: State, turn: Turn) -> None:
    """Ask for what this cycle needs, when it is due."""
    timing = _timing(state, turn.now)
    if timing is None or timing[0] > turn.now or state.run.holdings.is_waiting(turn.now):
        return
    run = state.run
    run.interval_s = timing[1]
    run.cycle_at = turn.now
    run.cycles += 1
    armed = _armed(state)
    stale = [position for position in armed if state.is_stale(position.symbol)]
    if state.desk_state is not DeskState.RUNNING:
        run.holdings.ask(turn.now, Priority.EXIT)
        if stale and not has_stream_quotes(state):
            _price_stale(state, stale, Priority.EXIT)
        return
    is_all_stale = bool(stale) and len(stale) == len(armed)
    if not is_all_stale or run.cycles % _STALE_HOLDINGS_EVERY == 0:
        is_for_exits = _is_refused(state) and bool(armed)
        run.holdings.ask(turn.now, Priority.EXIT if is_for_exits else Priority.QUOTE)
    if not has_stream_quotes(state):
        _rotate(state, turn, armed, stale)
        _price_open_orders(state)


def has_stream_quotes(state: State) -> bool:
    """Whether the socket brings prices."""
    return state.run.is_connected and state.run.has_quotes and state.book.window is Window.REGULAR


def on_holdings(
    state: State, turn: Turn, holdings: tuple[Holding, ...], asked_at: datetime
) -> None:
    """Keep the balance's prices and look closer at what is near its target."""
    has_moved = False
    for holding in holdings:
        price = holding.last_price
        if price is None or price.amount <= 0 or holding.symbol not in state.book.positions:
            continue
        tick = Tick(holding.symbol, asked_at, price, QuoteSource.BALANCE)
        has_moved |= prices.note_balance(state, holding.symbol, tick)
    state.run.quiet_cycles = 0 if has_moved else state.run.quiet_cycles + 1
    if is_polling(state) and not has_stream_quotes(state):
        _look_closer(state, turn)


def spend(state: State, now: datetime, calls: int) -> None:
    """Take calls out of the bucket, whatever they were for; the first answer tells of the first."""
    run = state.run
    if calls and (run.bucket is not None or run.quota is not None):
        run.bucket = spent(_bucket(state, now, _plan(state, now)), calls)


def _look_closer(state: State, turn: Turn) -> None:
    near: list[tuple[Decimal, Position]] = []
    for position in _armed(state):
        tick = state.reading(position.symbol).balance
        if tick is None or state.is_stale(position.symbol):
            continue
        points = exits.below_target(state, position, tick.price)
        if points <= NEAR_POINTS and exits.may_exit(state, position, turn.now):
            near.append((points, position))
    near.sort(key=lambda pair: pair[0])
    for points, position in near[:_CLOSEST]:
        symbol = position.symbol
        if any(True for _ in state.live(symbol)) or _is_settled(state, turn, position, points):
            continue
        if points <= 0:
            exits.wish_price(state, symbol, Priority.EXIT, with_book=True)
            continue
        last = state.reading(symbol).called_at
        is_time = last is None or turn.now - last >= LOOK_CLOSER_EVERY
        if is_time and _has_spare(state) and state.desk_state is DeskState.RUNNING:
            exits.wish_price(state, symbol, Priority.QUOTE, with_book=False)


def _has_spare(state: State) -> bool:
    """Whether a call is paid for that the next balance can do without.

    Looking closer must not stretch the interval near a target beyond the longest one.
    """
    bucket = state.run.bucket
    return bucket is not None and bucket.calls >= SPARE_CALLS


def _is_paid(state: State) -> bool:
    """Whether one more call leaves the next poll in its time: a comparison can wait for that."""
    bucket = state.run.bucket
    return bucket is None or bucket.calls >= 1


def _is_settled(state: State, turn: Turn, position: Position, points: Decimal) -> bool:
    """An open question was put about this price: it need not be read every cycle."""
    is_asked = any(q.symbol == position.symbol for q in state.book.questions.values())
    last = state.reading(position.symbol).called_at
    return is_asked and points <= 0 and last is not None and turn.now - last < LOOK_CLOSER_EVERY


def _rotate(state: State, turn: Turn, armed: list[Position], stale: list[Position]) -> None:
    """Stale symbols get their own price in turn; of the others one a minute is compared."""
    run, is_refused = state.run, _is_refused(state)
    if stale:
        _price_stale(state, stale, Priority.EXIT if is_refused else Priority.QUOTE)
    if is_refused:
        return  # a comparison can wait, and refused it would stand in an exit's way
    others = [position for position in armed if position not in stale]
    is_time = run.rotated_at is None or turn.now - run.rotated_at >= ROTATE_EVERY
    if others and is_time and _is_paid(state):
        run.rotated_at = turn.now
        longest_ago = min(others, key=lambda p: _called_at(state, p))
        exits.wish_price(state, longest_ago.symbol, Priority.QUOTE, with_book=False)


def _price_stale(state: State, stale: list[Position], priority: Priority) -> None:
    """The balance says nothing of these: one of them in turn gets its own price."""
    symbol = stale[state.run.cycles % len(stale)].symbol
    exits.wish_price(state, symbol, priority, with_book=False)


def _called_at(state: State, position: Position) -> float:
    at = state.reading(position.symbol).called_at
    return -1.0 if at is None else at.timestamp()


def _price_open_orders(state: State) -> None:
    for order in state.live():
        is_followed = order.intent.reason in (OrderReason.TARGET, OrderReason.REMAINDER)
        if is_followed and order.broker_order_no is not None:
            exits.wish_price(state, order.intent.symbol, Priority.EXIT, with_book=True)


def _armed(state: State) -> list[Position]:
    return [p for p in state.book.positions.values() if p.standing is Standing.ARMED]


def _wish_s(state: State) -> Decimal:
    if has_stream_quotes(state):
        nearest = None  # only buys are looked for
    else:
        nearest = min((_points(state, p) for p in _armed(state)), default=None)
    is_urgent = any(o.intent.reason in _URGENT for o in state.live())
    return wished_interval_s(
        nearest, state.run.quiet_cycles, is_urgent=is_urgent, settings=state.settings
    )


_URGENT = frozenset({OrderReason.TARGET, OrderReason.REMAINDER, OrderReason.MANUAL})


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


def cap_bucket(state: State, now: datetime) -> None:
    """What others spent in this hour is not there to be burst."""
    run = state.run
    if run.quota is None:
        return
    bucket = _bucket(state, now, _plan(state, now))
    room = Decimal(run.quota.safe_per_hour - run.quota.used_last_hour - HOUR_SLACK)
    run.bucket = Bucket(min(bucket.calls, room), now)


def _seconds(amount: Decimal) -> timedelta:
    """Rounded up to the millisecond, so that a wake-up is never a hair too early."""
    return timedelta(milliseconds=int(amount * _MS) + (1 if amount * _MS % 1 else 0))


def _whole_s(span: timedelta) -> Decimal:
    return Decimal(round(span.total_seconds(), 1)).quantize(Decimal("0.1"))
