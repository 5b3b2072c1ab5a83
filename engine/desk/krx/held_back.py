"""Entries that guards held back: their prices then, and again while the desk sells everything.

So that the day's summary can say what a guard saved or cost. Nothing is decided from it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.entry_facts import HeldBack, Phase
from engine.model.ids import DeskState, Symbol
from engine.model.intents import FetchRows
from engine.model.money import Krw
from engine.model.quota import Priority
from engine.model.score import Gate, Refused
from engine.model.state_facts import Trouble
from engine.rules.krx import costs

ASK_AFTER = ASK_EVERY = timedelta(minutes=1)
_MOST_ASKED = 30  # on paper each is a call of its own
_WHOLE = 100
_GUARDS = frozenset(
    {
        *(Gate.MAX_TRADES, Gate.DAILY_LOSS, Gate.MAX_POSITIONS, Gate.ORDER_VALUE),
        *(Gate.ORDERS_PER_MINUTE, Gate.LOSS_STREAK, Gate.SYMBOL_COOLDOWN, Gate.INDEX_DOWN),
    }
)
_LATCHES = {
    Trouble.TRADES: Gate.MAX_TRADES,
    Trouble.DAILY_LOSS: Gate.DAILY_LOSS,
    Trouble.LOSS_STREAK: Gate.LOSS_STREAK,
    Trouble.INDEX: Gate.INDEX_DOWN,
}


def note(state: State, turn: Turn[Krw], name: Name, price: Krw, refused: Refused) -> None:
    """Remember the first guard that held a new position back today; ``price`` at that moment."""
    symbol, held_back = name.symbol, state.day.held_back
    if symbol in held_back or symbol in state.book.positions:
        return
    guard = _guard(state, refused.gate)
    if guard is not None:
        held_back[symbol] = HeldBack(symbol, guard, price)
        turn.changed()


def ask_due(state: State, turn: Turn[Krw]) -> None:
    """Prices that nobody showed since the desk began to sell what it holds."""
    session = state.session(turn.now)
    if state.book.phase is not Phase.FLATTENING or session is None:
        return
    if turn.now < session.flatten + ASK_AFTER:
        return  # the sales go first, and what is streamed will tell
    held = state.day.held_back
    wanted = [s for s in held if _price_since(state, s, session.flatten) is None][:_MOST_ASKED]
    if not wanted or not state.is_due("held_back", turn.now, ASK_EVERY):
        return
    size = state.facilities.rows_per_call
    for begin in range(0, len(wanted), size):
        chunk = tuple(wanted[begin : begin + size])
        turn.fetches.append(FetchRows(chunk, Priority.SCAN))


def summed_up(state: State, since: datetime) -> tuple[HeldBack, ...]:
    """What each would have come to by its newest price from ``since`` on."""
    return tuple(
        replace(one, pct=_outcome(state, one, _price_since(state, one.symbol, since)))
        for one in state.day.held_back.values()
    )


def _guard(state: State, gate: Gate) -> Gate | None:
    """Which guard it was; None: the market, the account or the trader."""
    if gate is not Gate.DESK_STATE:
        return gate if gate in _GUARDS else None
    if state.book.user_latch is not DeskState.RUNNING or not state.book.causes:
        return None
    return _LATCHES.get(next(iter(state.book.causes)), Gate.DESK_STATE)


def _price_since(state: State, symbol: Symbol, since: datetime) -> Krw | None:
    name = state.run.names.get(symbol)
    if name is None:
        return None
    if name.tick is not None and name.tick.at >= since:
        return name.tick.price
    has_row = name.row_at is not None and name.row_at >= since
    return name.row.price if name.row is not None and has_row else None


def _outcome(state: State, one: HeldBack, sold_at: Krw | None) -> Decimal | None:
    if sold_at is None:
        return None
    fee = state.settings.fee_pct
    tax = costs.tax_rate(state.day.day, state.kind_of(one.symbol)).pct
    paid = one.price * (1 + fee / _WHOLE)
    got = sold_at * (1 - (fee + tax) / _WHOLE)
    return round(((got - paid).ratio(paid)) * _WHOLE, 2)
