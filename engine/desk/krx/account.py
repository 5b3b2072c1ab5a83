"""What the account holds against the books: shares bought by hand are left alone, sales noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk import mismatches
from engine.desk.krx import by_hand, counting, reconcile, resolver
from engine.desk.krx.book import KrxPosition
from engine.desk.krx.sellable import LAG
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.ids import Symbol
from engine.model.mismatches import Decision, MismatchKind
from engine.model.money import Krw
from engine.model.orders import Side


def on_holdings(
    state: State, turn: Turn[Krw], holdings: tuple[Holding[Krw], ...], asked_at: datetime
) -> None:
    """Compare; a balance older than the last change of a position says nothing about it."""
    account = {holding.symbol: holding for holding in holdings if holding.qty > 0}
    counting.on_holdings(state, turn, account, asked_at)
    resolver.ask_without_lists(state, turn)
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
            reconcile.quantities_agree(state, turn, position)
            if held is not None and not _is_blurred(state, position.symbol, asked_at):
                reconcile.compare_cost(state, turn, position, held)
    by_hand.look_for_returned(state, turn, account, asked_at)
    _count_foreign(state, turn, account, asked_at)


def foreign_qty(state: State, symbol: Symbol) -> int:
    """Shares in the account that are not the desk's."""
    held = state.run.account.get(symbol)
    position = state.book.positions.get(symbol)
    ours = position.qty if position is not None else 0
    return max(0, held.qty - ours) if held is not None else 0


def _count_foreign(
    state: State, turn: Turn[Krw], account: dict[Symbol, Holding[Krw]], asked_at: datetime
) -> None:
    """Kept from balances that no order of ours can have blurred.

    While shares of the desk are missing and not booked, nobody knows how many of his are left.
    """
    book = state.book
    for symbol in {*account, *book.foreign, *book.positions}:
        gone = book.gone.get(symbol)
        if (gone is not None and gone.seen_at is not None) or _is_blurred(state, symbol, asked_at):
            continue
        position, held = book.positions.get(symbol), account.get(symbol)
        if position is not None and position.qty > (held.qty if held is not None else 0):
            continue
        qty, before = foreign_qty(state, symbol), book.foreign.get(symbol, 0)
        if qty != before:
            kind = mismatches.qty_kind(qty) if before else MismatchKind.UNKNOWN_HOLDING
            shown = f"{before} not ours", f"{qty} not ours"
            mismatches.settle(turn, kind, symbol, *shown, Decision.LEFT_ALONE)
        book.foreign.pop(symbol, None)
        if qty:
            book.foreign[symbol] = qty


def _is_blurred(state: State, symbol: Symbol, asked_at: datetime) -> bool:
    """Whether an order of ours may change what the balance shows, or did so lately."""
    own = (o for o in state.book.orders.values() if o.intent.symbol == symbol)
    return any(counting.is_moving(order, asked_at) for order in own)


def _missing(
    state: State, turn: Turn[Krw], position: KrxPosition, qty: int, asked_at: datetime
) -> None:
    """Fewer shares than known: sold by hand where the list of orders shows such a sale.

    Without it the balance is not believed, for it may be late; only behind trades of its day.
    """
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
        if state.run.reports.due is None:  # a list that failed is asked for in its own time
            state.run.reports.ask(max(turn.now, believed_at))
        # While the list is missing, one balance after another tells nothing new.
        state.run.holdings.ask(max(turn.now + LAG, believed_at + timedelta(seconds=1)))
        return
    if qty <= sum(order.left_qty for order in sells if order.is_doubtful):
        return  # the order in doubt may have been executed: the resolver decides
    changed_at = position.changed_at or position.opened_at
    if state.today(changed_at) == state.today(turn.now):
        explained = min(qty, by_hand.unexplained_qty(state, position))
    else:
        explained = qty
    if explained:
        left = position.qty - qty
        mismatches.settle(
            *(turn, mismatches.qty_kind(left), position.symbol),
            *(f"{position.qty} held", f"{left} in the account", Decision.BOOKED),
        )
        by_hand.book_sale(state, turn, position, explained)
    if explained < qty:
        reconcile.ask_missing(state, turn, position, qty - explained)
