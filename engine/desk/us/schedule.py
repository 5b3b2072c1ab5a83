"""Which reads leave the desk now, what the socket is for, and when the desk wants to be woken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.desk import conduct, doubt, vendor
from engine.desk.calls import LOST_AFTER, Call
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.desk.us import exits, pace, portfolio, resolver, windows
from engine.desk.us.book import Position, Standing
from engine.desk.us.state import State, instrument_of
from engine.model.day_facts import Window
from engine.model.events import FetchKind
from engine.model.ids import DeskState
from engine.model.instrument import Instrument
from engine.model.intents import Fetch, FetchCash, FetchHoldings, FetchPrice, FetchReports, Watch
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderState
from engine.model.position_facts import BuySeen
from engine.model.quota import Priority
from engine.model.state_facts import Trouble
from engine.rules.polling import LISTS_EVERY_S
from engine.rules.safety import MAX_SILENCE

FOLLOW_UP_EVERY = timedelta(seconds=60)
RECONCILE_EVERY = timedelta(seconds=LISTS_EVERY_S)
MAX_WATCHED = 39
LEAST_WAIT = timedelta(milliseconds=50)
# How often the executions are read while an order is open, by its age (KIS notes: 5-15 s).
_FRESH_FOR, _FRESH_EVERY = timedelta(seconds=30), timedelta(seconds=5)
_YOUNG_FOR, _YOUNG_EVERY = timedelta(minutes=5), timedelta(seconds=15)
_OLD_EVERY = timedelta(seconds=60)
_CASH_AFTER = timedelta(seconds=10)  # one call for fills that come together


def ask_periodic(state: State, turn: Turn) -> None:
    """Reads that come again and again: open orders, doubts, reconciliation."""
    window = state.book.window
    if window is not Window.ASLEEP:
        resolver.ask_due(state, turn)
        due = _follow_due(state, turn.now)
        if due is not None and due <= turn.now:
            state.run.reports.ask(turn.now)
    reconcile_due = _reconcile_due(state)
    if reconcile_due is not None and reconcile_due <= turn.now:
        state.run.reconciled_at = turn.now
        state.run.reports.ask(turn.now)
        if window is Window.REGULAR:
            state.run.holdings.ask(turn.now)
        else:
            # Holdings are polled all the time; the list takes a comparing call's place.
            state.run.rotated_at = turn.now


def ask_cash(state: State, turn: Turn, *, is_shadow: bool) -> None:
    """What was bought or sold moved the dollars; without a new read nobody knows the equity.

    It is for the eye only: it never takes the place of a read that an order waits for. Simulated
    sales (``is_shadow``) move no dollars.
    """
    trades = (BuySeen, SoldElsewhere) if is_shadow else (BuySeen, SoldElsewhere, OrderFilled)
    window = state.book.window
    is_waiting = window is Window.FOLLOW_UP and any(True for _ in state.live())
    if not is_waiting and any(isinstance(fact, trades) for fact in turn.facts):
        # The last one of a day sends the desk to sleep, and would be missing until the next day.
        is_last = window in (Window.FOLLOW_UP, Window.ASLEEP)
        state.run.cash.ask(turn.now + _CASH_AFTER, Priority.SCAN, is_exempt=is_last)


def emit(state: State, turn: Turn) -> None:
    """Send what is due and allowed in this window."""
    now = turn.now
    for kind, call in sorted(
        _calls(state), key=lambda pair: (pair[0] is FetchKind.CASH, pair[1].due or now)
    ):
        if call.due is None or call.due > now or call.is_waiting(now):
            continue
        if not call.is_exempt and not _is_allowed(state, now):
            continue
        turn.fetches.append(_fetch_of(state, now, kind, call))
        call.due, call.is_exempt, call.priority = None, False, Priority.SCAN
        call.sent_at, call.is_flying = now, True
        _spend(state, now, 1)
    for wish in list(state.run.prices.values()):
        if wish.sent_at is not None:
            if now - wish.sent_at >= LOST_AFTER:
                del state.run.prices[wish.instrument.symbol]
            continue
        if not wish.is_exempt and state.book.window not in exits.SELLING_WINDOWS:
            del state.run.prices[wish.instrument.symbol]
            continue
        wish.sent_at = now
        turn.fetches.append(FetchPrice(wish.instrument, wish.priority, wish.with_book))
        _spend(state, now, 2 if wish.with_book else 1)


def watch(state: State, turn: Turn) -> None:
    """Tell the socket what it is for, when that changed."""
    wanted = _to_watch(state)
    # Looked at after every event, so what is the same is found to be so without building it.
    key = state.book.window, [(p.symbol, p.exchange, p.name) for p in wanted]
    if key == state.run.watch_key:
        return
    state.run.watch_key = key
    wish, old = _wished_watch(state, wanted), state.run.watch
    if (
        old is None
        or old.notices != wish.notices
        or frozenset(old.instruments) != frozenset(wish.instruments)
    ):
        state.run.watch = turn.watch = _best_first(state, wish)


def wake_at(state: State, now: datetime) -> datetime:
    """The next moment at which time alone changes something."""
    moment = min(_moments(state, now))
    return max(moment, now + LEAST_WAIT)


def _calls(state: State) -> tuple[tuple[FetchKind, Call], ...]:
    run = state.run
    return (
        (FetchKind.REPORTS, run.reports),
        (FetchKind.HOLDINGS, run.holdings),
        (FetchKind.CASH, run.cash),
    )


def _fetch_of(state: State, now: datetime, kind: FetchKind, call: Call) -> Fetch:
    """What an exit waits for may use the calls kept for exits; polling may not."""
    if kind is FetchKind.CASH:
        return FetchCash(call.priority)
    priority = call.priority
    if priority <= Priority.RECONCILE and state.is_exit_blind:
        priority = min(priority, Priority.EXIT)
    if kind is FetchKind.HOLDINGS:
        return FetchHoldings(priority)
    call.since = state.first_report_day(now)
    return FetchReports(priority, call.since)


def _is_allowed(state: State, now: datetime) -> bool:
    """Asleep nothing is read; following up takes one call a minute."""
    window = state.book.window
    if window is Window.ASLEEP:
        return False
    last = state.run.called_at
    return window is not Window.FOLLOW_UP or last is None or now - last >= FOLLOW_UP_EVERY


def _spend(state: State, now: datetime, calls: int) -> None:
    state.run.called_at = now
    pace.spend(state, now, calls)


def _follow_due(state: State, now: datetime) -> datetime | None:
    """When the executions are read next because orders are open."""
    spacings = [
        _follow_every(state, order, now)
        for order in state.live()
        if order.state in (OrderState.ACCEPTED, OrderState.PARTIAL)
    ]
    if not spacings:
        return None
    sent = state.run.reports.sent_at
    return now if sent is None else sent + min(spacings)


def _follow_every(state: State, order: OwnOrder, now: datetime) -> timedelta:
    if state.book.window is Window.FOLLOW_UP:
        return FOLLOW_UP_EVERY
    age = now - (order.open_since or now)
    if age < _FRESH_FOR or order.cancel_asked_at is not None:
        return _FRESH_EVERY
    return _YOUNG_EVERY if age < _YOUNG_FOR else _OLD_EVERY


def _reconcile_due(state: State) -> datetime | None:
    if state.book.window not in exits.SELLING_WINDOWS:
        return None
    if state.book.window is Window.PREMARKET and state.desk_state is not DeskState.RUNNING:
        return None  # one call a minute, and that is the balance
    last = state.run.reconciled_at
    return None if last is None else last + RECONCILE_EVERY


def _to_watch(state: State) -> list[Position]:
    if state.book.window is not Window.REGULAR:
        return []
    wanted = [p for p in state.book.positions.values() if _is_watched(state, p)]
    if len(wanted) > MAX_WATCHED:
        wanted = sorted(wanted, key=lambda p: _distance(state, p))[:MAX_WATCHED]
    return wanted


def _wished_watch(state: State, wanted: list[Position]) -> Watch:
    if state.book.window is not Window.REGULAR:
        return Watch((), notices=False)
    found = [instrument_of(position) for position in wanted]
    instruments: tuple[Instrument, ...] = tuple(i for i in found if i is not None)
    return Watch(instruments, notices=True)


def _best_first(state: State, wish: Watch) -> Watch:
    """Nearest to the target first: the last ones go where registrations are scarce."""
    positions = state.book.positions

    def distance(instrument: Instrument) -> float:
        return _distance(state, positions[instrument.symbol])

    return Watch(tuple(sorted(wish.instruments, key=distance)), wish.notices)


def _is_watched(state: State, position: Position) -> bool:
    return position.standing is Standing.ARMED or state.live_qty(position.symbol) > 0


def _distance(state: State, position: Position) -> float:
    reading = state.reading(position.symbol)
    tick = reading.good or reading.balance
    if tick is None:
        return 0.0
    return float(exits.below_target(state, position, tick.price))


def _moments(state: State, now: datetime) -> Iterator[datetime]:
    run = state.run
    yield windows.next_moment(state, now)
    yield from _read_moments(state, now)
    yield from _position_moments(state, now)
    if run.first_failed_at is not None and Trouble.ACCOUNT not in state.book.causes:
        yield run.first_failed_at + MAX_SILENCE
    if (due := vendor.next_moment(state.book, run.vendor)) is not None:
        yield due
    if (due := conduct.next_moment(state.book)) is not None:
        yield due
    if (due := _reconcile_due(state)) is not None:
        yield due
    if (due := pace.cycle_due(state, now)) is not None:
        yield _after_flight(run.holdings, due, now)
    if state.book.window in exits.SELLING_WINDOWS:
        yield from _reprice_moments(state, now)


def _position_moments(state: State, now: datetime) -> Iterator[datetime]:
    for position in state.book.positions.values():
        if position.untold_qty and position.untold_since is not None:
            yield position.untold_since + portfolio.TELL_WITHIN
        if position.retry_at is not None and position.retry_at > now:
            yield position.retry_at
        wished = state.reading(position.symbol).wished_at
        if wished is not None and wished + exits.WISH_AGAIN_AFTER > now:
            yield wished + exits.WISH_AGAIN_AFTER


def _after_flight(call: Call, due: datetime, now: datetime) -> datetime:
    """The answer of a call on its way wakes the desk by itself, unless it never comes."""
    if call.is_waiting(now) and call.sent_at is not None:
        return max(due, call.sent_at + LOST_AFTER)
    return due


def _read_moments(state: State, now: datetime) -> Iterator[datetime]:
    """When reads may leave next, in a window where they may leave at all."""
    run, window = state.run, state.book.window
    for sale in run.sales:
        yield sale.deadline
    for wish in run.prices.values():
        if wish.sent_at is not None:
            yield wish.sent_at + LOST_AFTER
    earliest = now
    if window is Window.FOLLOW_UP and run.called_at is not None:
        earliest = run.called_at + FOLLOW_UP_EVERY
    for _, call in _calls(state):
        if call.due is not None and (window is not Window.ASLEEP or call.is_exempt):
            due = call.due if call.is_exempt else max(call.due, earliest)
            yield _after_flight(call, due, now)
    if window is Window.ASLEEP:
        return
    for wanted in (_follow_due(state, now), *map(doubt.next_read, state.live())):
        if wanted is not None:
            yield _after_flight(run.reports, max(wanted, earliest), now)


def _reprice_moments(state: State, now: datetime) -> Iterator[datetime]:
    for order in state.live():
        due = exits.next_reprice(state, order)
        if due is not None and due > now:
            yield due
