"""A copy of the desk's state for the chat and /health."""

from __future__ import annotations

from datetime import datetime

from engine.desk import mismatches
from engine.desk.own_order import OwnOrder
from engine.desk.us import pace, windows
from engine.desk.us.book import Position, Standing
from engine.desk.us.state import State
from engine.model.ids import Qty
from engine.model.instrument import Exchange
from engine.model.state_facts import Trouble
from engine.model.views import GuardView, LotState, OrderView, PositionView, UsDeskView
from engine.rules.autosell import gain_pct
from engine.rules.safety import MAX_FAILED_READS

_LOT_STATES = {
    Standing.ARMED: LotState.ARMED,
    Standing.ASKING: LotState.ASKING,
    Standing.EXCLUDED: LotState.EXCLUDED,
    Standing.HELD: LotState.HELD,
}


def make_view(
    state: State, now: datetime, last_event_at: datetime | None, *, is_shadow: bool
) -> UsDeskView:
    """Everything at ``now``; nothing in it changes later."""
    next_change, next_window = windows.next_change(state, now)
    today = state.today(now)
    orders = [o for o in state.book.orders.values() if not o.state.is_final or o.day == today]
    causes = [f"{c.reason} ({c.measured} / {c.limit})" for c in state.book.causes.values()]
    return UsDeskView(
        state=state.desk_state,
        user_latch=state.book.user_latch,
        guard_latch=state.guard_latch,
        guard_reason=", ".join(causes),
        window=state.book.window,
        next_change=next_change,
        next_window=next_window,
        next_poll=pace.cycle_due(state, now),
        poll_interval_s=pace.interval_s(state, now),
        positions=tuple(
            _position(state, now, p, is_shadow=is_shadow) for p in state.book.positions.values()
        ),
        orders=tuple(_order(order) for order in orders),
        questions=tuple(state.book.questions.values()),
        holdings_at=state.run.holdings_at,
        last_event_at=last_event_at,
        troubles=tuple(trouble.value for trouble in state.book.troubles),
        fx=state.book.fx,
        mismatches=mismatches.waiting(state.book),
        guards=(GuardView(Trouble.ACCOUNT, state.run.failed_reads, MAX_FAILED_READS),),
    )


def _position(state: State, now: datetime, position: Position, *, is_shadow: bool) -> PositionView:
    reading = state.run.readings.get(position.symbol)
    tick = reading.latest if reading else None
    has_cost = position.avg_cost.amount > 0
    return PositionView(
        symbol=position.symbol,
        name=position.name,
        exchange=position.exchange or Exchange.NASD,
        qty=Qty(position.qty),
        avg_cost=position.avg_cost,
        target_pct=position.target_pct,
        target_price=state.target_of(position),
        last_price=tick.price if tick else None,
        priced_at=tick.at if tick else None,
        gain_pct=gain_pct(tick.price, position.avg_cost) if tick and has_cost else None,
        state=_lot_state(state, now, position),
        is_shadow=is_shadow,
    )


def _lot_state(state: State, now: datetime, position: Position) -> LotState:
    if state.live_qty(position.symbol):
        return LotState.SELLING
    if any(q.symbol == position.symbol for q in state.book.questions.values()):
        return LotState.ASKING
    if position.standing is Standing.ARMED and position.exchange is None:
        return LotState.UNCONFIRMED
    is_paused = state.today(now) in (position.paused_on, position.broken_on)
    if position.standing is Standing.ARMED and is_paused:
        return LotState.HELD
    return _LOT_STATES[position.standing]


def _order(order: OwnOrder) -> OrderView:
    intent = order.intent
    return OrderView(
        client_order_id=intent.client_order_id,
        broker_order_no=order.broker_order_no,
        symbol=intent.symbol,
        side=intent.side,
        qty=intent.qty,
        filled_qty=Qty(order.filled_qty),
        limit=intent.limit,
        state=order.state,
        decided_at=intent.decided_at,
    )
