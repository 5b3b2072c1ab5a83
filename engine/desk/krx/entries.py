"""When to buy: the score, the gates, the guards, the size; and what becomes of open entries."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk import blotter
from engine.desk.krx import held_back, limits, scores
from engine.desk.krx.book import Attempt
from engine.desk.krx.names import Name, upper_limit
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.entry_facts import EntryDecided, EntryRefused, Phase
from engine.model.ids import ClientOrderId, DeskName, DeskState, Qty
from engine.model.instrument import Exchange
from engine.model.intents import Place
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import OrderIntent, OrderReason, OrderState, Side
from engine.model.quota import Priority
from engine.model.quotes import Tick
from engine.model.score import Bucket, Gate, Refused, ScoreCard
from engine.model.state_facts import Trouble
from engine.rules.krx import entry_price, sizing
from engine.rules.krx.breakout import WHOLE_PCT, allowed_share
from engine.rules.krx.gates import GateView, first_gate
from engine.rules.krx.indicators import won

# What every stock meets all day long is shown by /why, and told to nobody.
_COMMON = frozenset(
    {
        *(Gate.CLOSED, Gate.TOO_EARLY, Gate.TOO_LATE, Gate.TOO_LITTLE_KNOWN, Gate.NO_ZONE),
        *(Gate.SCORE, Gate.ORDER_OPEN, Gate.SYMBOL_COOLDOWN, Gate.DESK_STATE, Gate.STALE_PRICE),
    }
)
TRY_AGAIN_AFTER = timedelta(seconds=1)
LOOK_AGAIN_AFTER = timedelta(seconds=60)  # while nothing may be entered: for the chat alone


def on_price(state: State, turn: Turn[Krw], name: Name) -> None:
    """Buy, or add a step, when a level is broken and nothing speaks against it."""
    tick = name.tick
    if state.book.phase is not Phase.ENTRIES or tick is None or state.run.is_leaving:
        return
    if state.run.universe_day != state.today(turn.now):
        return  # levels and volumes are of another day
    price = won(tick.price)
    broken = scores.broken_count(state, name, price, turn.now)
    if not _is_wanted(state, name, broken):
        return
    pause = TRY_AGAIN_AFTER if limits.has_room(state, name.symbol) else LOOK_AGAIN_AFTER
    if name.tried_at is not None and turn.now - name.tried_at < pause:
        return
    name.tried_at = turn.now
    card = scores.fresh_card(state, name, turn.now, price)
    refused = _gate(state, name, tick, card, turn.now) or limits.refusal(state, name, turn.now)
    if refused is not None:
        _note(state, turn, name, card, refused)
        return
    _decide(state, turn, name, tick, card)


def manage_orders(state: State, turn: Turn[Krw]) -> None:
    """Take back entries that did not fill in time, or may not be open any more.

    The list ends them; then the first may come again.
    """
    for order in list(state.live(side=Side.BUY)):
        if order.cancel_asked_at is not None:
            again_at = blotter.allow_cancel_again(order, state.run.reports_at)
            if again_at is not None:
                state.run.reports.ask(max(turn.now, again_at), Priority.CANCEL)
        elif not _may_stand(state):
            if blotter.ask_cancel(turn, order, is_repricing=False):
                state.run.reports.ask(turn.now + timedelta(seconds=1))
        elif is_timed_out(state, order, turn.now):
            attempt = state.book.attempts.get(order.intent.symbol)
            may_again = attempt is not None and attempt.reprices < state.settings.entry.max_reprices
            blotter.ask_cancel(turn, order, is_repricing=may_again)
            state.run.reports.ask(turn.now + timedelta(seconds=1))


def _may_stand(state: State) -> bool:
    """Whether open entries are left at the exchange.

    The day's last trade may be filled to its end; after the close there is nothing to take back.
    """
    is_held_back = state.book.user_latch is not DeskState.RUNNING or any(
        trouble is not Trouble.TRADES for trouble in state.book.causes
    )
    if state.run.is_leaving and state.settings.entry.cancel_at_end:
        is_held_back = True
    phase = state.book.phase
    return phase is Phase.CLOSED or (phase is Phase.ENTRIES and not is_held_back)


def timeout_of(state: State, order: OwnOrder[Krw]) -> datetime | None:
    """When an open entry is taken back; None while nobody knows whether it is open."""
    if order.open_since is None or order.cancel_asked_at is not None:
        return None
    return order.open_since + timedelta(seconds=state.settings.entry.timeout_s)


def is_timed_out(state: State, order: OwnOrder[Krw], now: datetime) -> bool:
    """Whether the entry has waited long enough."""
    due = timeout_of(state, order)
    is_open = order.state in (OrderState.ACCEPTED, OrderState.PARTIAL)
    return is_open and due is not None and now >= due


def _is_wanted(state: State, name: Name, broken: int) -> bool:
    """Whether so many broken levels ask for shares that the desk does not have.

    A position grows by a level broken since, or by what an order left that is to be priced anew;
    not once all of it is allowed for, nor after a part was sold.
    """
    position = state.book.positions.get(name.symbol)
    if position is None or broken == 0:
        return broken > 0
    if position.scaled_out:
        return False
    attempt = state.book.attempts.get(name.symbol)
    if attempt is not None and attempt.is_short:
        return True
    is_whole = allowed_share(position.zones, state.settings.stages) == WHOLE_PCT
    return broken > len(position.zones) and not is_whole


def _gate(
    state: State, name: Name, tick: Tick[Krw], card: ScoreCard, now: datetime
) -> Refused | None:
    return first_gate(
        GateView(
            now=now,
            phase=state.book.phase,
            price_at=tick.at,
            price=won(tick.price),
            card=card,
            bid=scores.won_of(tick.bid),
            ask=scores.won_of(tick.ask),
            spread=scores.spread_of(state, name, now),
            upper_limit=upper_limit(name),
            is_halted=name.is_halted,
            has_vi=name.has_vi,
            is_locked=name.symbol in state.settings.locks,
            has_open_order=any(True for _ in state.live(name.symbol)),
            has_doubt=state.is_in_doubt(name.symbol),
        ),
        state.settings,
    )


def _note(state: State, turn: Turn[Krw], name: Name, card: ScoreCard, refused: Refused) -> None:
    """Remember the last gate; what held back a stock that had the score is told once a day."""
    name.gate = refused
    has_score = card.total >= state.settings.entry.threshold
    name.reach(Bucket.GATED if has_score else Bucket.WATCHED)
    if not has_score:
        return
    held_back.note(state, turn, name, card.price, refused)
    if refused.gate in _COMMON:
        return
    day = state.day
    key = f"{name.symbol}:{refused.gate}"
    if key not in day.refusals_told:
        day.refusals_told.append(key)
        turn.tell(EntryRefused(name.symbol, name.listing.name, card.total, refused))


def _decide(state: State, turn: Turn[Krw], name: Name, tick: Tick[Krw], card: ScoreCard) -> None:
    limit = entry_price.entry_limit(
        tick, upper_limit(name), state.settings.entry, state.today(turn.now), name.listing.kind
    )
    if limit is None:
        _note(state, turn, name, card, Refused(Gate.UPPER_LIMIT))
        return
    position = state.book.positions.get(name.symbol)
    view = limits.sizing_view(
        state, name, limit, share_pct=allowed_share(card.broken, state.settings.stages)
    )
    sized = sizing.shares(view, state.settings)
    refused = sizing.refusal(sized, view, state.settings)
    if refused is not None:
        _note(state, turn, name, card, refused)
        return
    step = 1 if position is None else len(position.zones) + 1
    order = _place(state, turn, name, card, sized.qty, limit)
    attempt = state.book.attempts.setdefault(name.symbol, Attempt(sized.planned, card))
    attempt.card, attempt.planned_qty, attempt.is_short = card, sized.planned, False
    turn.tell(EntryDecided(order, name.listing.name, card, step))


def _place(
    state: State, turn: Turn[Krw], name: Name, card: ScoreCard, qty: Qty, limit: Krw
) -> OrderIntent[Krw]:
    """Decide the order: reserved in the books in the same call."""
    price = name.tick.price if name.tick is not None else limit
    intent = OrderIntent(
        ClientOrderId(state.next_id("o")),
        DeskName.KRX,
        name.symbol,
        Exchange.KRX,
        Side.BUY,
        qty,
        limit,
        OrderReason.BREAKOUT,
        price,
        turn.now,
        kind=state.settings.entry.kind,
        score=int(card.total),
    )
    state.add_order(intent, ZERO_KRW, turn.now)
    turn.orders.append(Place(intent))
    turn.changed()
    state.day.placed.append(turn.now)
    state.book.entered[name.symbol] = card
    name.gate = None
    name.reach(Bucket.ORDERED)
    return intent
