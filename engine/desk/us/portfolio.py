"""Positions: how shares come, go, and get armed."""

from __future__ import annotations

from datetime import timedelta

from engine.desk import mismatches
from engine.desk.turn import Turn
from engine.desk.us.book import Position, Standing
from engine.desk.us.questions import close_questions
from engine.desk.us.state import Reading, State
from engine.model.ids import Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.mismatches import Decision, MismatchKind
from engine.model.money import Usd
from engine.model.order_facts import SoldElsewhere
from engine.model.position_facts import BuySeen, HoldingAdopted, HoldingExcluded

TELL_WITHIN = timedelta(seconds=5)  # a buy is told with its real cost, or with what is known then


def add_bought(
    state: State,
    turn: Turn,
    symbol: Symbol,
    qty: int,
    cost: Usd,
    *,
    name: str = "",
    exchange: Exchange | None = None,
) -> Position:
    """Shares bought elsewhere; armed at once where that is allowed, told when confirmed."""
    position = state.book.positions.get(symbol)
    if position is None:
        position = _open(state, turn, symbol, cost, name)
    else:
        total = position.avg_cost * position.qty + cost * qty
        position.avg_cost = Usd(total.amount / (position.qty + qty))
    position.exchange = exchange or position.exchange
    _note_change(turn, symbol, position.qty, position.qty + qty)
    position.qty += qty
    position.is_confirmed = False
    position.changed_at = turn.now
    position.missing_since = None
    turn.changed()
    arm_rest(state, turn, position)
    return position


def arm_rest(state: State, turn: Turn, position: Position) -> None:
    """Arm what is not armed yet of a position that is the desk's to sell."""
    if position.standing in (Standing.ASKING, Standing.EXCLUDED) or not state.may_arm(turn.now):
        return
    added = position.qty - position.armed_qty
    if added <= 0 or position.avg_cost.amount <= 0:
        return
    position.standing = Standing.ARMED
    position.armed_qty = position.qty
    position.target_pct = state.pct_for(position.symbol)
    position.reprices = 0
    position.untold_qty += added
    position.untold_since = position.untold_since or turn.now
    need_second_reading(state, position.symbol)
    turn.changed()


def arm_all(state: State, turn: Turn) -> None:
    """Arm what was bought while arming was not allowed."""
    for position in state.book.positions.values():
        arm_rest(state, turn, position)


def need_second_reading(state: State, symbol: Symbol) -> None:
    """The next price alone sells nothing."""
    reading = state.reading(symbol)
    reading.streak = 0
    reading.odd = None


def tell_buys(state: State, turn: Turn) -> None:
    """Tell armed lots once their cost is the account's, or after a few seconds anyway."""
    for position in state.book.positions.values():
        if position.untold_qty <= 0 or position.untold_since is None:
            continue
        if not position.is_confirmed and turn.now - position.untold_since < TELL_WITHIN:
            continue
        turn.tell(
            BuySeen(
                position.symbol,
                position.name,
                Qty(position.untold_qty),
                position.avg_cost,
                position.target_pct,
                state.target_of(position),
                Qty(position.qty),
            )
        )
        position.untold_qty = 0
        position.untold_since = None


def manage(state: State, turn: Turn, position: Position) -> None:
    """Give a holding from before the start to the desk."""
    position.standing = Standing.ARMED
    position.armed_qty = position.qty
    position.target_pct = state.pct_for(position.symbol)
    need_second_reading(state, position.symbol)
    turn.tell(
        HoldingAdopted(
            position.symbol, Qty(position.qty), position.avg_cost, state.target_of(position)
        )
    )


def exclude(turn: Turn, position: Position, *, by_user: bool) -> None:
    """Leave a holding alone."""
    position.standing = Standing.EXCLUDED
    position.armed_qty = 0
    position.untold_qty = 0
    position.untold_since = None
    turn.tell(HoldingExcluded(position.symbol, Qty(position.qty), by_user))


def take_out(state: State, turn: Turn, position: Position, qty: int, *, armed: int = 0) -> int:
    """Shares left the position; returns how many of ``qty`` it really had.

    ``armed``: how many of them were the desk's to sell; of the others unarmed ones go first.
    """
    taken = min(qty, position.qty)
    position.qty -= taken
    position.armed_qty = max(0, min(position.armed_qty - armed, position.qty))
    if not position.armed_qty and position.standing is Standing.ARMED:
        position.standing = Standing.HELD
    position.untold_qty = min(position.untold_qty, position.armed_qty)
    position.changed_at = turn.now
    position.missing_since = None
    state.book.gone[position.symbol] = turn.now
    turn.changed()
    if position.qty == 0:
        close_questions(state, turn, position.symbol)
        del state.book.positions[position.symbol]
        if reading := state.run.readings.get(position.symbol):
            state.run.readings[position.symbol] = Reading(prev_close=reading.prev_close)
    return taken


def sold_elsewhere(
    state: State, turn: Turn, position: Position, qty: int, price: Usd | None
) -> None:
    """A sale that was not ours."""
    cost, before = position.avg_cost, position.qty
    taken = take_out(state, turn, position, qty)
    if taken:
        left = Qty(position.qty)
        _note_change(turn, position.symbol, before, left)
        turn.tell(SoldElsewhere(position.symbol, Qty(taken), price, cost, left, state.book.fx))


def _open(state: State, turn: Turn, symbol: Symbol, cost: Usd, name: str) -> Position:
    position = Position(
        symbol=symbol,
        exchange=None,
        name=name or symbol,
        qty=0,
        avg_cost=cost,
        standing=Standing.HELD,
        armed_qty=0,
        target_pct=state.pct_for(symbol),
        is_confirmed=False,
        changed_at=turn.now,
    )
    state.book.positions[symbol] = position
    return position


def _note_change(turn: Turn, symbol: Symbol, before: int, after: int) -> None:
    """Somebody else's trade: normal life, and written down."""
    kind = mismatches.qty_kind(after) if before else MismatchKind.UNKNOWN_HOLDING
    shown = f"{before} held", f"{after} in the account"
    mismatches.settle(turn, kind, symbol, *shown, Decision.BOOKED)
