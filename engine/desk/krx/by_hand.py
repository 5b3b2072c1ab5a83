"""What the trader does by hand with a stock of the desk: his sales, and shares that come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP

from engine.desk import blotter, mismatches
from engine.desk.krx import counting, guard, positions
from engine.desk.krx.book import KrxPosition
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.ids import Symbol
from engine.model.mismatches import Decision, MismatchKind, MismatchSeen
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import OrderReport, Side

RETURN_WITHIN = timedelta(minutes=10)
LOOK_AGAIN_AFTER = timedelta(seconds=30)
_SOON = timedelta(seconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def unexplained_qty(state: State, position: KrxPosition) -> int:
    """Shares of the position that sales by hand account for, by the last list of orders.

    What the trader had or bought himself was sold first.
    """
    symbol, since = position.symbol, position.since
    his = position.foreign_before + _filled(orders_since(state, symbol, Side.BUY, since))
    sold = _filled(orders_since(state, symbol, Side.SELL, since))
    return max(0, sold - his - position.sold_by_hand)


def orders_since(
    state: State, symbol: Symbol, side: Side, since: datetime
) -> Iterator[OrderReport[Krw]]:
    """Orders that are not ours; one without a time may be of any."""
    earliest = since - blotter.CLOCK_SLACK
    for row in state.run.strangers:
        is_late = row.ordered_at is None or row.ordered_at >= earliest
        if row.symbol == symbol and row.side is side and is_late:
            yield row


def book_sale(state: State, turn: Turn[Krw], position: KrxPosition, qty: int) -> None:
    """Take the shares off the books, at the price of the sale where the list tells it.

    The balance may be wrong all the same, so it is read again.
    """
    price = _price_of(state, position, qty)
    gone = positions.sold_elsewhere(state, turn, position, qty, price)
    state.book.gone[position.symbol] = gone
    held = state.run.account.get(position.symbol)
    if counting.expected(state, position.symbol) != (held.qty if held is not None else 0):
        state.book.counts[position.symbol] = None  # no list explains it: count anew
    state.run.holdings.ask(turn.now + LOOK_AGAIN_AFTER)
    guard.evaluate(state, turn)


def look_for_returned(
    state: State, turn: Turn[Krw], account: dict[Symbol, Holding[Krw]], asked_at: datetime
) -> None:
    """Shares believed sold that the account shows again are the desk's, unless bought by hand."""
    reports_at = state.run.reports_at
    for symbol, gone in list(state.book.gone.items()):
        held, position = account.get(symbol), state.book.positions.get(symbol)
        ours = position.qty if position is not None else 0
        if turn.now - gone.since > RETURN_WITHIN:
            _drop(state, turn, symbol)
        elif (held.qty if held is not None else 0) - ours < gone.qty:
            gone.seen_at = None
        elif gone.seen_at is None or reports_at is None or reports_at <= gone.seen_at:
            gone.seen_at = gone.seen_at or asked_at
            state.run.reports.ask(turn.now)
            state.run.holdings.ask(turn.now + _SOON)
        elif _filled(orders_since(state, symbol, Side.BUY, gone.since)):
            _drop(state, turn, symbol)
        else:
            _drop(state, turn, symbol)
            position = positions.unsold(state, turn, gone)
            told = f"{gone.qty} sold by hand", f"{position.qty} held"
            turn.tell(MismatchSeen(symbol, *told, taken_back=gone.qty))
            kind = MismatchKind.DIFFERENT_QTY
            mismatches.settle(turn, kind, symbol, *told, Decision.BOOKED)


def _drop(state: State, turn: Turn[Krw], symbol: Symbol) -> None:
    del state.book.gone[symbol]
    turn.changed()


def _filled(rows: Iterator[OrderReport[Krw]]) -> int:
    return sum(row.filled_qty for row in rows)


def _price_of(state: State, position: KrxPosition, qty: int) -> Krw | None:
    """The average of the last ``qty`` shares; None where the list does not tell all of it."""
    sales = orders_since(state, position.symbol, Side.SELL, position.since)
    amount, left = ZERO_KRW, qty
    for row in sorted(sales, key=lambda row: row.ordered_at or _LONG_AGO, reverse=True):
        if row.avg_price is not None:
            taken = min(left, row.filled_qty)
            amount, left = amount + row.avg_price * taken, left - taken
    return Krw(amount.amount / qty).rounded(ROUND_HALF_UP) if left == 0 else None
