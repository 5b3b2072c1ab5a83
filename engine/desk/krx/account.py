"""What the account holds against the books: shares bought by hand are left alone, sales noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.krx import positions, resolver
from engine.desk.krx.book import KrxPosition
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.ids import Symbol
from engine.model.money import Krw
from engine.model.orders import Side

LAG = timedelta(seconds=5)  # the balance may be so late after a trade


def on_holdings(
    state: State, turn: Turn[Krw], holdings: tuple[Holding[Krw], ...], asked_at: datetime
) -> None:
    """Compare; a balance older than the last change of a position says nothing about it."""
    account = {holding.symbol: holding for holding in holdings if holding.qty > 0}
    resolver.on_holdings(state, turn, account, asked_at)
    state.run.account = account
    for position in list(state.book.positions.values()):
        held = account.get(position.symbol)
        missing = position.qty - (held.qty if held is not None else 0)
        if position.changed_at is not None and asked_at < position.changed_at + LAG:
            if missing > 0:
                state.run.holdings.ask(position.changed_at + LAG)
        elif missing > 0:
            _missing(state, turn, position, missing, asked_at)
        else:
            position.missing_since = None
    _count_foreign(state, turn, account)


def foreign_qty(state: State, symbol: Symbol) -> int:
    """Shares in the account that are not the desk's."""
    held = state.run.account.get(symbol)
    position = state.book.positions.get(symbol)
    ours = position.qty if position is not None else 0
    return max(0, held.qty - ours) if held is not None else 0


def _count_foreign(state: State, turn: Turn[Krw], account: dict[Symbol, Holding[Krw]]) -> None:
    """Kept from balances that no doubtful buy can have blurred."""
    for symbol in set(account) | set(state.book.foreign):
        if any(order.is_doubtful for order in state.live(symbol, Side.BUY)):
            continue
        qty = foreign_qty(state, symbol)
        if qty != state.book.foreign.get(symbol, 0):
            turn.changed()
        if qty:
            state.book.foreign[symbol] = qty
        else:
            state.book.foreign.pop(symbol, None)


def _missing(
    state: State, turn: Turn[Krw], position: KrxPosition, qty: int, asked_at: datetime
) -> None:
    """Fewer shares than known: an execution may explain it; only then was it sold by hand."""
    if position.missing_since is None:
        position.missing_since = turn.now
        turn.changed()
        state.run.reports.ask(turn.now)
        state.run.holdings.ask(turn.now + LAG)
        return
    sells = list(state.live(position.symbol, Side.SELL))
    believed_at = position.missing_since + (LAG * 3 if sells else LAG)
    reports_at = state.run.reports_at
    if asked_at < believed_at or reports_at is None or reports_at < believed_at:
        state.run.reports.ask(max(turn.now, believed_at))
        state.run.holdings.ask(max(turn.now, believed_at) + timedelta(seconds=1))
        return
    if qty <= sum(order.left_qty for order in sells if order.is_doubtful):
        return  # the order in doubt may have been executed: the resolver decides
    positions.sold_elsewhere(state, turn, position, qty)
