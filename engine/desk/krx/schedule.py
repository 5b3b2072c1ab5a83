"""Which account reads leave the desk now, and when the desk wants to be woken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.desk import conduct, doubt, vendor
from engine.desk.calls import LOST_AFTER, Call
from engine.desk.krx import entries, exits, guard, phases, resolver, scanner
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.events import FetchKind
from engine.model.intents import Fetch, FetchCash, FetchHoldings, FetchPrice, FetchReports
from engine.model.money import Krw
from engine.model.orders import Side
from engine.model.quota import Priority

RECONCILE_EVERY = timedelta(minutes=5)
LEAST_WAIT = timedelta(milliseconds=50)
EVALUATE_EVERY = timedelta(seconds=1)
# How often the executions are read while an order is open, by its age (KIS notes: 5-15 s).
_FRESH_FOR, _FRESH_EVERY = timedelta(seconds=30), timedelta(seconds=5)
_OLD_EVERY = timedelta(seconds=15)


def ask_periodic(state: State, turn: Turn[Krw]) -> None:
    """Reads that come again and again: open orders, doubts, reconciliation."""
    if not phases.follows_account(state, turn.now):
        return
    resolver.ask_due(state, turn)
    due = _follow_due(state, turn.now)
    if due is not None and due <= turn.now:
        state.run.reports.ask(turn.now)
    if not phases.is_awake(state):
        return
    reconcile = _reconcile_due(state)
    if reconcile is not None and reconcile <= turn.now:
        state.run.reconciled_at = turn.now
        for call in (state.run.holdings, state.run.reports, state.run.cash_call):
            call.ask(turn.now)


def emit(state: State, turn: Turn[Krw]) -> None:
    """Send the account reads that are due."""
    now, run = turn.now, state.run
    for kind, call in _calls(state):
        if call.due is None or call.due > now or call.is_waiting(now):
            continue
        if not call.is_exempt and not phases.follows_account(state, now):
            continue
        turn.fetches.append(_fetch_of(state, now, kind, call))
        if kind is FetchKind.CASH:
            run.cash_asked_at = now
        call.due, call.is_exempt, call.priority = None, False, Priority.SCAN
        call.sent_at, call.is_flying = now, True
    for symbol, wish in list(run.prices.items()):
        if wish.sent_at is None:
            wish.sent_at = now
            turn.fetches.append(FetchPrice(wish.instrument, wish.priority, wish.with_book))
        elif now - wish.sent_at >= LOST_AFTER:
            del run.prices[symbol]


def wake_at(state: State, now: datetime) -> datetime:
    """The next moment at which time alone changes something.

    A read that is due and not on its way goes out in a moment; everything else that is past was
    dealt with just now, or waits for an answer.
    """
    waiting = [at for at in _moments(state, now) if at > now]
    return max(min([*waiting, *_due_reads(state, now)]), now + LEAST_WAIT)


def _calls(state: State) -> tuple[tuple[FetchKind, Call], ...]:
    run = state.run
    return (
        (FetchKind.REPORTS, run.reports),
        (FetchKind.HOLDINGS, run.holdings),
        (FetchKind.CASH, run.cash_call),
    )


def _fetch_of(state: State, now: datetime, kind: FetchKind, call: Call) -> Fetch:
    """What an exit waits for goes before scans and other reads."""
    priority = call.priority
    if any(True for _ in state.live(side=Side.SELL)):
        priority = min(priority, Priority.EXIT)
    if kind is FetchKind.CASH:
        return FetchCash(call.priority)
    if kind is FetchKind.REPORTS:
        call.since = state.first_report_day(now)
        return FetchReports(priority, call.since)
    return FetchHoldings(priority)


def _follow_due(state: State, now: datetime) -> datetime | None:
    """When the executions must be read again because an order is open."""
    last = state.run.reports.sent_at
    wanted = [
        (last or order.changed_at) + _every(order, now)
        for order in state.live()
        if not order.is_doubtful
    ]
    return min(wanted, default=None)


def _every(order: OwnOrder[Krw], now: datetime) -> timedelta:
    since = order.open_since or order.changed_at
    return _FRESH_EVERY if now - since < _FRESH_FOR else _OLD_EVERY


def _reconcile_due(state: State) -> datetime | None:
    at = state.run.reconciled_at
    return None if at is None else at + RECONCILE_EVERY


def _moments(state: State, now: datetime) -> Iterator[datetime]:
    yield phases.next_moment(state, now)
    yield from _at_any_hour(state)
    if not phases.follows_account(state, now):
        return
    for order in state.live():
        yield from _of_order(state, order)
    for at in (_follow_due(state, now), _reconcile_due(state), scanner.next_due(state, now)):
        if at is not None:
            yield at
    if state.book.positions and phases.is_open(state, now):
        yield now + EVALUATE_EVERY
    retries = (position.retry_at for position in state.book.positions.values())
    yield from (at for at in retries if at is not None)


def _due_reads(state: State, now: datetime) -> Iterator[datetime]:
    for _, call in _calls(state):
        if call.due is not None and (call.is_exempt or phases.follows_account(state, now)):
            yield _after_flight(call, now)


def _at_any_hour(state: State) -> Iterator[datetime]:
    for sale in state.run.sales:
        yield sale.deadline
    for at in (
        guard.next_release(state),
        vendor.next_moment(state.book, state.run.vendor),
        conduct.next_moment(state.book),
    ):
        if at is not None:
            yield at


def _of_order(state: State, order: OwnOrder[Krw]) -> Iterator[datetime]:
    buys = order.intent.side is Side.BUY
    due = entries.timeout_of(state, order) if buys else exits.next_reprice(state, order)
    for at in (due, doubt.next_read(order)):
        if at is not None:
            yield at


def _after_flight(call: Call, now: datetime) -> datetime:
    """A due read waits for the answer of the one on its way."""
    due = call.due or now
    if call.is_waiting(now) and call.sent_at is not None:
        return max(due, call.sent_at + LOST_AFTER)
    return due
