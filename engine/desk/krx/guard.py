"""The day's risk state: what it measures, when it latches, what it refuses. Never an exit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk import conduct, latches, vendor
from engine.desk.krx import small
from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.desk.latches import Cause
from engine.desk.turn import Turn
from engine.model.entry_facts import Phase
from engine.model.facts import Refusal, Trouble
from engine.model.ids import Symbol
from engine.model.listing import Segment
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import Side
from engine.model.score import Refused
from engine.model.views import GuardView
from engine.rules.krx import costs, risk, sizing
from engine.rules.krx.risk import RiskView
from engine.rules.krx.sessions import kst_date
from engine.rules.safety import is_quota_spent

_MINUTE = timedelta(minutes=1)
_INDEX_LASTS = timedelta(minutes=3)
# An order accepted so shortly before the cash was asked for may be missing in that answer.
_KNOWN_TO_KIS_AFTER = timedelta(seconds=2)
# Latches that a clock or the market releases by itself.
_OWN_WAY = frozenset({Trouble.TRADES, Trouble.DAILY_LOSS, Trouble.LOSS_STREAK, Trouble.INDEX})


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


def after_fill(state: State, turn: Turn[Krw]) -> None:
    """Latches that follow from what was executed."""
    evaluate(state, turn)


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
    limit = loss_limit(state)
    lost = -(day.realized + open_result(state))
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
    day, limit = state.book.day, loss_limit(state)
    if day is None:
        return
    lost = -(day.realized + open_result(state))
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
    limit = loss_limit(state)
    lost = -((day.realized if day is not None else ZERO_KRW) + open_result(state))
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
    worst = worst_index(state)
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
