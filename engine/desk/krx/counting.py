"""How many shares of a stock the account should hold, whoever traded them and whenever he did.

Executed shares only grow in a list. So where the lists before and after a balance agree on what
the trader himself has done in a stock, the balance shows just that: it is a count. From there on
our executions move it, and what the list adds to his.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta

from engine.desk import doubt
from engine.desk.krx.counted import Balance, Count, Counted, HisTrades, Still
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.account import Holding
from engine.model.ids import Symbol
from engine.model.money import Krw
from engine.model.orders import Side
from engine.rules.krx.sessions import kst_date

BALANCE_LATE = timedelta(seconds=30)  # by then it shows every trade, as far as was seen
LIST_LATE = doubt.APART


def on_holdings(
    state: State, turn: Turn[Krw], account: dict[Symbol, Holding[Krw]], asked_at: datetime
) -> None:
    """Keep a balance until the list after it tells what it shows."""
    run = state.run
    run.balance = Balance(asked_at, turn.now, account)
    if any(order.is_doubtful or order.absent_at is not None for order in state.live()):
        run.reports.ask(turn.now)
    if run.uncounted is None:
        own = state.book.orders.values()
        moving = frozenset(o.intent.symbol for o in own if is_moving(o, asked_at))
        run.uncounted = Balance(asked_at, turn.now, account, moving)
        run.reports.ask(turn.now + LIST_LATE)


def on_reports(state: State, turn: Turn[Krw], asked_at: datetime) -> None:
    """Take in a list; which of its orders are the trader's is known by now."""
    run = state.run
    for symbol in {*run.still, *(row.symbol for row in run.strangers)}:
        his, before = his_trades(state, symbol), run.still.get(symbol)
        if his != (before.his if before is not None else HisTrades()):
            run.still[symbol] = Still(his, turn.now)
    balance = run.uncounted
    if balance is None or asked_at < balance.arrived_at + LIST_LATE:
        return
    run.uncounted = None
    if state.today(balance.asked_at) == state.today(asked_at):
        _count(state, turn, balance)


def expected(state: State, symbol: Symbol) -> int | None:
    """Shares in the account by all that is known; None: they were never counted."""
    count, first = state.book.counts.get(symbol), state.run.reports_from
    if count is None or first is None or count.day < first:
        return None  # of the days between no list tells
    his = his_trades(state, symbol, count.day)
    return count.qty + (his.bought - count.bought) - (his.sold - count.sold)


def is_still(state: State, symbol: Symbol, balance: Balance) -> bool:
    """Whether the trader did nothing in the stock from before the balance to the last list."""
    still = state.run.still.get(symbol)
    return still is None or still.since <= balance.asked_at - BALANCE_LATE


def is_moving(order: OwnOrder[Krw], asked_at: datetime) -> bool:
    """Whether an order of ours may change what a balance shows, or did so lately."""
    return not order.state.is_final or asked_at < order.changed_at + BALANCE_LATE


def his_trades(state: State, symbol: Symbol, first: date = date.min) -> HisTrades:
    """Of orders from ``first`` on; one without a time may be of any day."""
    rows = [
        row
        for row in state.run.strangers
        if row.symbol == symbol and (row.ordered_at is None or kst_date(row.ordered_at) >= first)
    ]
    sales = [row for row in rows if row.side is Side.SELL]
    sold, tied = sum(row.filled_qty for row in sales), sum(row.open_qty for row in sales)
    return HisTrades(sum(row.filled_qty for row in rows) - sold, sold, tied)


def _count(state: State, turn: Turn[Krw], balance: Balance) -> None:
    """Count the account anew, but for stocks in which something moved meanwhile.

    One without a position or an order of ours needs no count in the book.
    """
    run, today = state.run, state.today(balance.asked_at)
    blurred = {symbol for symbol in run.still if not is_still(state, symbol, balance)}
    if blurred:
        run.holdings.ask(turn.now + BALANCE_LATE)
    counts: dict[Symbol, Count] = {}
    unknown: set[Symbol] = set()
    for symbol in {*balance.held, *balance.moved, *run.still, *balance.moving}:
        if symbol not in blurred | balance.moving:
            his = his_trades(state, symbol, today)
            counts[symbol] = Count(balance.qty(symbol), today, his.bought, his.sold)
        elif run.counted is not None and (before := run.counted.of(symbol)) is not None:
            counts[symbol] = before
        else:
            unknown.add(symbol)
    run.counted = Counted(today, counts, frozenset(unknown))
    _keep(state, turn, blurred | balance.moving)


def _keep(state: State, turn: Turn[Krw], unclear: AbstractSet[Symbol]) -> None:
    """Have the book keep the new counts, and of what is ``unclear`` its own."""
    book, counted = state.book, state.run.counted
    needed = {*book.positions, *(order.intent.symbol for order in state.live())}
    counts = {symbol: known for symbol, known in book.counts.items() if symbol in unclear}
    for symbol in needed - unclear:
        count = counted.of(symbol) if counted is not None else None
        if count is not None:
            counts[symbol] = count
    if counts != book.counts:
        book.counts = counts
        turn.changed()
