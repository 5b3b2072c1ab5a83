"""When to sell: at the target, by hand, as a resting order; and what becomes of open orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk import blotter
from engine.desk.calls import PriceCall
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.desk.us import questions
from engine.desk.us.book import Position, Standing
from engine.desk.us.prices import READINGS_NEEDED
from engine.desk.us.state import State, instrument_of
from engine.model.day_facts import Window
from engine.model.ids import ClientOrderId, DeskName, DeskState, Qty, Symbol
from engine.model.intents import Place
from engine.model.money import Usd
from engine.model.orders import OrderIntent, OrderReason, OrderState, Side
from engine.model.quota import Priority
from engine.model.quotes import QuoteSource, Tick
from engine.model.settings import ExecutionStyle
from engine.rules.autosell import executable_price, qualifies, sell_limit
from engine.rules.sanity import check_sale, is_too_old

SELLING_WINDOWS = frozenset({Window.PREMARKET, Window.REGULAR})
WISH_AGAIN_AFTER = timedelta(seconds=15)
_FAR_AWAY = Decimal(100)
_REPRICED = frozenset({OrderReason.TARGET, OrderReason.REMAINDER})


def may_exit(state: State, position: Position, now: datetime) -> bool:
    """Whether the desk may sell this position by itself now."""
    if position.standing is not Standing.ARMED or not position.is_confirmed:
        return False
    if not state.may_sell(now) or state.book.window not in SELLING_WINDOWS:
        return False
    if state.desk_state is DeskState.HALTED or position.exchange is None:
        return False
    if any(s.symbol == position.symbol and s.took_back for s in state.run.sales):
        return False  # the trader is about to sell these shares
    today = state.today(now)
    if today in (position.paused_on, position.broken_on):
        return False
    if position.retry_at is not None and now < position.retry_at:
        return False
    return not questions.is_blocked(state, position.symbol)


def on_price(state: State, turn: Turn, position: Position, tick: Tick, *, can_decide: bool) -> None:
    """Sell when the market pays the target and nothing speaks against it."""
    target = state.target_of(position)
    if not qualifies(tick, target) or not may_exit(state, position, turn.now):
        return
    if any(True for _ in state.live(position.symbol)):
        return
    if is_too_old(tick.at, turn.now, state.settings) or not can_decide:
        _look_again(state, position, tick)
        return
    price = executable_price(tick)
    prev_close = state.reading(position.symbol).prev_close
    concern = check_sale(
        price, position.avg_cost, prev_close, state.settings, position.approved_pct
    )
    if concern is not None:
        state.reading(position.symbol).good = None
        questions.ask_sanity(state, turn, position, concern, price)
        return
    is_last_try = position.reprices >= state.settings.max_reprices
    limit = target if is_last_try else sell_limit(tick, target, state.settings.sell_price)
    reason = OrderReason.REMAINDER if position.reprices else OrderReason.TARGET
    qty = min(position.armed_qty, state.free_qty(position))
    place(state, turn, position, qty, limit=limit, price=price, reason=reason)


def place(
    state: State,
    turn: Turn,
    position: Position,
    qty: int,
    *,
    limit: Usd,
    price: Usd,
    reason: OrderReason,
) -> ClientOrderId | None:
    """Decide an order: reserved in the blotter in the same call. None: nothing is free."""
    if qty <= 0 or position.exchange is None or state.is_in_doubt(position.symbol):
        return None
    intent = OrderIntent(
        ClientOrderId(state.next_id("o")),
        DeskName.US,
        position.symbol,
        position.exchange,
        Side.SELL,
        Qty(min(qty, state.free_qty(position))),
        limit,
        reason,
        price,
        turn.now,
    )
    blotter.add_order(state.book.orders, intent, position.avg_cost, turn.now, state.today(turn.now))
    turn.orders.append(Place(intent))
    turn.changed()
    return intent.client_order_id


def wish_price(
    state: State,
    symbol: Symbol,
    priority: Priority,
    *,
    with_book: bool,
    is_exempt: bool = False,
) -> None:
    """Have one price asked for; a wish not sent yet is raised, a call on its way is waited for."""
    position = state.book.positions.get(symbol)
    instrument = instrument_of(position) if position is not None else None
    if instrument is None:
        return
    call = state.run.prices.get(symbol)
    if call is None:
        state.run.prices[symbol] = PriceCall(instrument, priority, with_book, is_exempt)
    elif call.sent_at is None:
        call.priority = min(call.priority, priority)
        call.with_book = call.with_book or with_book
        call.is_exempt = call.is_exempt or is_exempt
    elif priority <= Priority.EXIT < call.priority:
        call.is_urgent = True


def rest_orders(state: State, turn: Turn) -> None:
    """With ``execution: resting`` the limit lies at the target as soon as a lot is armed."""
    if state.settings.execution is not ExecutionStyle.RESTING:
        return
    for position in list(state.book.positions.values()):
        if may_exit(state, position, turn.now) and not state.is_in_doubt(position.symbol):
            _rest_one(state, turn, position)


def _rest_one(state: State, turn: Turn, position: Position) -> None:
    target = state.target_of(position)
    for order in state.live(position.symbol):
        is_ours = order.intent.reason is OrderReason.RESTING_TARGET
        if is_ours and order.intent.limit != target:
            blotter.ask_cancel(turn, order, is_repricing=True)
    live = state.live_qty(position.symbol)
    qty = min(position.armed_qty - live, state.free_qty(position))
    if qty <= 0:
        return
    reading = state.reading(position.symbol)
    tick = reading.latest
    if tick is None or is_too_old(tick.at, turn.now, state.settings):
        _wish_reading(state, turn, position)
        return
    price, cost = executable_price(tick), position.avg_cost
    concern = check_sale(price, cost, reading.prev_close, state.settings, position.approved_pct)
    if concern is not None:
        questions.ask_sanity(state, turn, position, concern, price)
        return
    reason = OrderReason.RESTING_TARGET
    place(state, turn, position, qty, limit=target, price=tick.price, reason=reason)


def _wish_reading(state: State, turn: Turn, position: Position) -> None:
    """Nothing is placed without a price to judge it by; one is asked for, not too often."""
    reading = state.reading(position.symbol)
    if reading.wished_at is None or turn.now - reading.wished_at >= WISH_AGAIN_AFTER:
        reading.wished_at = turn.now
        wish_price(state, position.symbol, Priority.EXIT, with_book=False)


def retry_refused(state: State, turn: Turn) -> None:
    """The pause after a refusal is over: no price may come by itself, so one is asked for."""
    for position in state.book.positions.values():
        if position.retry_at is None or turn.now < position.retry_at:
            continue
        position.retry_at = None
        turn.changed()
        tick = state.reading(position.symbol).good
        is_there = tick is not None and qualifies(tick, state.target_of(position))
        if is_there and may_exit(state, position, turn.now):
            wish_price(state, position.symbol, Priority.EXIT, with_book=True)


def reprice_orders(state: State, turn: Turn) -> None:
    """Take back orders the bid moved away from; what replaces them waits for their end."""
    for order in list(state.live()):
        if order.cancel_asked_at is not None:
            again_at = blotter.allow_cancel_again(order, state.run.reports_at)
            if again_at is not None:
                state.run.reports.ask(max(turn.now, again_at), Priority.CANCEL)
            continue
        if _should_reprice(state, order, turn.now) and blotter.ask_cancel(
            turn, order, is_repricing=True
        ):
            state.book.positions[order.intent.symbol].reprices += 1


def next_reprice(state: State, order: OwnOrder) -> datetime | None:
    """When an open order may be re-priced at the earliest."""
    if order.intent.reason not in _REPRICED or order.open_since is None:
        return None
    return order.open_since + timedelta(seconds=state.settings.reprice_after_s)


def _should_reprice(state: State, order: OwnOrder, now: datetime) -> bool:
    due = next_reprice(state, order)
    position = state.book.positions.get(order.intent.symbol)
    if due is None or now < due or position is None or not may_exit(state, position, now):
        return False
    if order.state not in (OrderState.ACCEPTED, OrderState.PARTIAL):
        return False
    if position.reprices >= state.settings.max_reprices:
        return False
    tick = state.reading(position.symbol).good
    if tick is None or is_too_old(tick.at, now, state.settings):
        return False
    price = executable_price(tick)
    return state.target_of(position) <= price < order.intent.limit


def _look_again(state: State, position: Position, tick: Tick) -> None:
    """A second reading: the stream brings it by itself, elsewhere it is asked for."""
    is_old_stream = (
        tick.source is QuoteSource.STREAM
        and state.reading(position.symbol).streak >= READINGS_NEEDED
    )
    if tick.source is not QuoteSource.STREAM or is_old_stream:
        wish_price(state, position.symbol, Priority.EXIT, with_book=True)


def below_target(state: State, position: Position, price: Usd) -> Decimal:
    """Points of gain still missing at ``price``; negative above the target."""
    if position.avg_cost.amount <= 0:
        return _FAR_AWAY  # without a cost there is no target
    target = state.target_of(position)
    return (target.ratio(position.avg_cost) - price.ratio(position.avg_cost)) * 100
