"""What is asked for in each polling cycle."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk.turn import Turn
from engine.desk.us import exits, pace, prices
from engine.desk.us.book import Position
from engine.desk.us.state import State
from engine.model.account import Holding
from engine.model.ids import DeskState
from engine.model.orders import OrderReason
from engine.model.quota import Priority
from engine.model.quotes import QuoteSource, Tick
from engine.rules.polling import COMPARE_EVERY_S, NEAR_POINTS
from engine.rules.rate_limit import refusal

LOOK_CLOSER_EVERY = timedelta(seconds=15)
ROTATE_EVERY = timedelta(seconds=COMPARE_EVERY_S)
_CLOSEST = 2
_STALE_HOLDINGS_EVERY = 3


def cycle(state: State, turn: Turn) -> None:
    """Ask for what this cycle needs, when it is due."""
    timing = pace.next_cycle(state, turn.now)
    if timing is None or timing[0] > turn.now or state.run.holdings.is_waiting(turn.now):
        return
    run = state.run
    run.interval_s = timing[1]
    run.cycle_at = turn.now
    run.cycles += 1
    armed = pace.armed(state)
    stale = [position for position in armed if state.is_stale(position.symbol)]
    if state.desk_state is not DeskState.RUNNING:
        run.holdings.ask(turn.now, Priority.EXIT)
        if stale and not pace.has_stream_quotes(state):
            _price_stale(state, stale, Priority.EXIT)
        return
    is_all_stale = bool(stale) and len(stale) == len(armed)
    if not is_all_stale or run.cycles % _STALE_HOLDINGS_EVERY == 0:
        is_for_exits = _is_refused(state) and bool(armed)
        run.holdings.ask(turn.now, Priority.EXIT if is_for_exits else Priority.QUOTE)
    if not pace.has_stream_quotes(state):
        _rotate(state, turn, armed, stale)
        _price_open_orders(state)


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
    if pace.is_polling(state) and not pace.has_stream_quotes(state):
        _look_closer(state, turn)


def _is_refused(state: State) -> bool:
    """Whether the caps leave nothing for polling, so that it costs what is kept for exits."""
    quota = state.run.quota
    return quota is not None and refusal(quota, Priority.QUOTE) is not None


def _look_closer(state: State, turn: Turn) -> None:
    near: list[tuple[Decimal, Position]] = []
    for position in pace.armed(state):
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
        if is_time and pace.has_spare(state) and state.desk_state is DeskState.RUNNING:
            exits.wish_price(state, symbol, Priority.QUOTE, with_book=False)


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
    if others and is_time and pace.is_paid(state):
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
