"""What the limits look at: equity and open result, slots, cash, the index."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk.krx import small
from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.model.ids import Symbol
from engine.model.listing import Segment
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import Side
from engine.model.score import Refused
from engine.model.state_facts import Trouble
from engine.rules.krx import costs, risk, sizing
from engine.rules.krx.risk import RiskView
from engine.rules.krx.sessions import kst_date

_MINUTE = timedelta(minutes=1)
_INDEX_LASTS = timedelta(minutes=3)
# An order accepted so shortly before the cash was asked for may be missing in that answer.
_KNOWN_TO_KIS_AFTER = timedelta(seconds=2)


def whole(won: int) -> Decimal:
    """A setting in won as an amount."""
    return Decimal(won)


def refusal(state: State, name: Name, now: datetime) -> Refused | None:
    """The first guard that forbids an entry of this stock now."""
    attempt = state.book.attempts.get(name.symbol)
    if attempt is not None and attempt.blocked_until is not None and now < attempt.blocked_until:
        return risk.cooling_down(attempt.blocked_until)
    return risk.check(risk_view(state, name.symbol, now), state.settings.risk)


def has_room(state: State, symbol: Symbol) -> bool:
    """Whether the desk as a whole may enter: no latch, and a place for one more position."""
    if not state.is_running:
        return False
    positions = state.book.positions
    if symbol in positions:
        return True
    return len(positions) + len(opening_symbols(state)) < state.settings.risk.max_positions


def risk_view(state: State, symbol: Symbol, now: datetime) -> RiskView:
    """What the guards look at; open entries count as if they were filled."""
    day = state.day
    opening = opening_symbols(state)
    return RiskView(
        now=now,
        desk_state=state.desk_state,
        is_ready=state.is_ready,
        trades=len(day.opened) + len(opening),
        is_new_position=symbol not in state.book.positions,
        positions=len(state.book.positions) + len(opening),
        orders_last_minute=orders_last_minute(state, now),
        realized=day.realized,
        open_result=open_result(state),
        start_equity=day.start_equity,
        streak=state.book.streak,
        streak_until=streak_until(state),
        cooldown_until=day.cooldown.get(symbol),
        index_pct=fresh_index(state, now),
        needs_index=state.facilities.has_index,
    )


def opening_symbols(state: State) -> set[Symbol]:
    """Stocks with an entry under way and no position yet."""
    return {o.intent.symbol for o in state.live(side=Side.BUY)} - set(state.book.positions)


def orders_last_minute(state: State, now: datetime) -> int:
    """Entry orders decided in the last sixty seconds."""
    day = state.day
    day.placed = [at for at in day.placed if now - at < _MINUTE]
    return len(day.placed)


def open_result(state: State) -> Krw:
    """What closing every position at the last prices would bring, after estimated costs."""
    total = ZERO_KRW
    for position in state.book.positions.values():
        price = state.price_of(position.symbol) or position.avg_cost
        amount = price * position.qty
        total += amount - position.cost - position.entry_fees
        total = total - costs.fee(amount, state.settings.fee_pct)
        kind = state.kind_of(position.symbol)
        total = total - costs.tax(amount, state.day.day, kind)
    return total


def set_start_equity(state: State) -> None:
    """Cash and shares at the first full look of the day; later looks change nothing."""
    day, cash = state.day, state.run.cash
    if day.start_equity is not None or cash is None:
        return
    looks = (state.run.holdings_at, state.run.cash_asked_at)
    if any(at is None or kst_date(at) != day.day for at in looks):
        return  # yesterday's money is not today's
    equity = cash.deposit
    for holding in state.run.account.values():
        equity += (holding.last_price or holding.avg_cost) * holding.qty
    day.start_equity = equity


def equity(state: State) -> Krw:
    """The start equity and what the day brought; zero while the account was not read."""
    day = state.day
    if day.start_equity is None:
        return ZERO_KRW
    return day.start_equity + day.realized


def loss_limit(state: State) -> Krw | None:
    """The stricter of the two daily limits in won; None where neither is set."""
    day = state.book.day
    start = day.start_equity if day is not None else None
    return risk.loss_limit(start, state.settings.risk)


def sizing_view(state: State, name: Name, limit: Krw, *, share_pct: int) -> sizing.SizingView:
    """What the size of an entry at ``limit`` depends on."""
    value = name.running.cum_value
    position = state.book.positions.get(name.symbol)
    return sizing.SizingView(
        price=limit,
        equity=equity(state),
        orderable=orderable(state),
        traded_value=Krw(Decimal(value)) if value is not None else None,
        held=position.qty if position is not None else 0,
        share_pct=share_pct,
        small=small.order_limit(state),
    )


def orderable(state: State) -> Krw:
    """Cash without arrears, less every entry decided since it was asked for."""
    cash, asked_at = state.run.cash, state.run.cash_asked_at
    if cash is None or asked_at is None:
        return ZERO_KRW
    left = cash.orderable
    for order in state.book.orders.values():
        intent = order.intent
        since = order.open_since
        is_known = since is not None and since < asked_at - _KNOWN_TO_KIS_AFTER
        if intent.side is Side.SELL or is_known:
            continue
        amount = intent.limit * (order.filled_qty if order.state.is_final else intent.qty)
        left = left - amount - costs.fee(amount, state.settings.fee_pct)
    return max(left, ZERO_KRW)


def streak_until(state: State) -> datetime | None:
    """Until when a losing streak pauses the entries."""
    cause = state.book.causes.get(Trouble.LOSS_STREAK)
    return cause.until if cause is not None else None


def worst_index(state: State) -> Decimal | None:
    """The lower of the two boards' changes, however old."""
    return min(state.book.index_pct.values(), default=None)


def fresh_index(state: State, now: datetime) -> Decimal | None:
    """The same, None unless both boards were read lately."""
    oldest = now - max(state.plan.index_every * 3, _INDEX_LASTS)
    read = [state.run.index_at.get(segment) for segment in Segment]
    return None if any(at is None or at < oldest for at in read) else worst_index(state)
