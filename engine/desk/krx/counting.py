"""How many shares of a stock the account should hold, whoever traded them and whenever he did.

Executed shares only grow in a list. So where the lists before and after a balance agree on what
the trader himself has done in a stock, the balance shows just that: it is a count. From there on
our executions move it, and what the list adds to his.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.desk import doubt
from engine.desk.krx.counted import Balance, Count, HisTrades, Still
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
    if run.uncounted is None:
        own = state.book.orders.values()
        run.uncounted = run.balance
        run.moving = {order.intent.symbol for order in own if is_moving(order, asked_at)}
    _count_first(state, turn)
    _ask(state, turn.now)


def on_reports(state: State, turn: Turn[Krw], asked_at: datetime) -> None:
    """Take in a list; which of its orders are the trader's is known by now."""
    run = state.run
    for symbol in {*run.still, *(row.symbol for row in run.strangers)}:
        his, before = his_trades(state, symbol), run.still.get(symbol)
        if his != (before.his if before is not None else HisTrades()):
            run.still[symbol] = Still(his, turn.now)
    _count_first(state, turn)
    balance = run.uncounted
    if balance is not None and asked_at >= balance.arrived_at + LIST_LATE:
        run.uncounted = None
        if state.today(balance.asked_at) == state.today(asked_at):
            blurred = {symbol for symbol in run.still if not is_still(state, symbol, balance)}
            _count(state, turn, balance, blurred)
            if blurred & set(state.book.positions):
                run.holdings.ask(turn.now + BALANCE_LATE)
    _ask(state, turn.now)


def _ask(state: State, now: datetime) -> None:
    """Have the lists read that the last balances wait for; one wish can hide a later one."""
    run = state.run
    in_doubt = any(order.is_doubtful or order.absent_at is not None for order in state.live())
    waiting = (run.uncounted, run.balance if in_doubt else None)
    for balance in waiting:
        if balance is not None:
            run.reports.ask(max(now, balance.arrived_at + LIST_LATE))
    if in_doubt and run.balance is not None and run.balance.arrived_at == now:
        run.reports.ask(now)


def expected(state: State, symbol: Symbol) -> int | None:
    """Shares in the account by all that is known; None: they were never counted."""
    count, first = state.count_of(symbol), state.run.reports_from
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


def _count_first(state: State, turn: Turn[Krw]) -> None:
    """Count by the list of the start, until a better one is there, what he has not traded."""
    run, on = state.run, state.book.counted_on
    if run.uncounted is None or run.reports_from is None:
        return
    if on is None or on < run.reports_from:
        _count(state, turn, run.uncounted, set(run.still))


def _count(state: State, turn: Turn[Krw], balance: Balance, blurred: set[Symbol]) -> None:
    """Count the account; of what he or we moved meanwhile the count before is kept."""
    book, today = state.book, state.today(balance.asked_at)
    unclear = blurred | state.run.moving
    counts = {symbol: state.count_of(symbol) for symbol in unclear}
    for symbol in {*balance.held, *state.run.still} - unclear:
        his = his_trades(state, symbol, today)
        counts[symbol] = Count(balance.qty(symbol), today, his.bought, his.sold)
    counts = {symbol: count for symbol, count in counts.items() if count != Count(0, today, 0, 0)}
    if (counts, today) != (book.counts, book.counted_on):
        book.counts, book.counted_on = counts, today
        turn.changed()
