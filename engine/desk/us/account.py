"""The balance against the books: the last word on quantities, the source of costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.desk import mismatches
from engine.desk.turn import Turn
from engine.desk.us import portfolio, unexplained
from engine.desk.us.book import Position, Standing
from engine.desk.us.questions import ask_existing, ask_sanity
from engine.desk.us.state import State
from engine.model.account import Holding
from engine.model.ids import Symbol
from engine.model.mismatches import Decision, MismatchKind
from engine.model.money import Usd
from engine.model.position_facts import QuestionKind
from engine.model.settings import ExistingHoldings
from engine.rules.sanity import Concern, is_same_cost, is_split

# Execution rows lag the balance: a bot on KIS waits this long before believing in a lost sale.
LAG = timedelta(seconds=10)
AFTER_REPORTS = timedelta(seconds=1)


def on_holdings(
    state: State, turn: Turn, holdings: tuple[Holding, ...], asked_at: datetime
) -> None:
    """Compare a balance call with the books, symbol by symbol."""
    seen = {holding.symbol: holding for holding in holdings if holding.qty > 0}
    if not state.book.is_opened:
        state.book.is_opened = True
        turn.changed()
        for holding in seen.values():
            _adopt(state, turn, holding)
        return
    for symbol in list(dict.fromkeys((*state.book.positions, *seen))):
        _compare(state, turn, symbol, seen.get(symbol), asked_at)


def _adopt(state: State, turn: Turn, holding: Holding) -> None:
    """A holding from before the start belongs to the desk only by the trader's word."""
    position = Position(
        symbol=holding.symbol,
        exchange=holding.exchange,
        name=holding.name,
        qty=holding.qty,
        avg_cost=holding.avg_cost,
        standing=Standing.ASKING,
        armed_qty=0,
        target_pct=state.pct_for(holding.symbol),
        is_confirmed=True,
        changed_at=turn.now,
        blocked_qty=max(0, holding.qty - holding.sellable_qty),
    )
    state.book.positions[holding.symbol] = position
    wish = state.settings.existing
    kind, shown = MismatchKind.UNKNOWN_HOLDING, ("0 held", f"{holding.qty} in the account")
    if wish is ExistingHoldings.NEVER or not _is_sellable(position):
        portfolio.exclude(turn, position, by_user=False)
        mismatches.settle(turn, kind, holding.symbol, *shown, Decision.LEFT_ALONE)
    elif wish is ExistingHoldings.ALWAYS and state.may_arm(turn.now):
        portfolio.manage(state, turn, position)
        mismatches.settle(turn, kind, holding.symbol, *shown, Decision.BOOKED)
    else:
        ask_existing(state, turn, position, holding.last_price)


def _compare(
    state: State, turn: Turn, symbol: Symbol, holding: Holding | None, asked_at: datetime
) -> None:
    position = state.book.positions.get(symbol)
    if position is None:
        if holding is not None and _is_news(state, symbol, asked_at):
            _bought(state, turn, holding, holding.qty)
        return
    if holding is not None:
        holding = _complete(state, turn, position, holding)
    if asked_at < position.changed_at:
        _ask_again(state, turn, position)
        return
    surplus = (holding.qty if holding is not None else 0) - position.qty
    if surplus and holding is not None and _is_split(position, holding):
        _restate(state, turn, position, holding)
        return
    if surplus < 0:
        _missing(state, turn, position, -surplus, asked_at)
        return
    position.missing_since = None
    if holding is None:
        return
    if surplus > 0:
        if _is_news(state, symbol, asked_at):
            _bought(state, turn, holding, surplus)
        return
    _confirm(state, turn, position, holding)
    _read_sellable(state, position, holding, asked_at)


def _is_sellable(position: Position) -> bool:
    """Whether the account states what a sale by the rules needs."""
    return position.avg_cost.amount > 0 and position.exchange is not None


def _complete(state: State, turn: Turn, position: Position, holding: Holding) -> Holding:
    """Take the row's name and exchange; what it leaves blank is filled in from the books.

    A position for which neither knows cost and exchange is left alone; it is asked about when
    they turn up.
    """
    position.name = holding.name
    was_sellable = _is_sellable(position)
    position.exchange = holding.exchange or position.exchange
    if holding.avg_cost.amount <= 0:
        holding = replace(holding, avg_cost=position.avg_cost)
    elif position.avg_cost.amount <= 0:
        position.avg_cost = holding.avg_cost
    if not _is_sellable(position):
        if position.standing in (Standing.ARMED, Standing.HELD):
            portfolio.exclude(turn, position, by_user=False)
    elif not was_sellable and position.standing is Standing.EXCLUDED:
        turn.changed()
        if state.settings.existing is not ExistingHoldings.NEVER:
            position.standing = Standing.ASKING
            ask_existing(state, turn, position, holding.last_price)
    return holding


def _ask_again(state: State, turn: Turn, position: Position) -> None:
    """The balance is older than the books; a lot not confirmed yet must not wait for the next."""
    if not position.is_confirmed:
        state.run.holdings.ask(turn.now)


def _is_news(state: State, symbol: Symbol, asked_at: datetime) -> bool:
    """Whether more shares than known are a buy; right after a sale the balance may be late."""
    last = max(
        (o.changed_at for o in state.book.orders.values() if o.intent.symbol == symbol),
        default=None,
    )
    moments = [m for m in (last, state.book.gone.get(symbol)) if m is not None]
    if not moments or asked_at - max(moments) >= LAG:
        return True
    state.run.holdings.ask(max(moments) + LAG)
    return False


def _bought(state: State, turn: Turn, holding: Holding, qty: int) -> None:
    """The balance alone told of a buy: its cost is exact at once."""
    position = portfolio.add_bought(
        state,
        turn,
        holding.symbol,
        qty,
        holding.avg_cost,
        name=holding.name,
        exchange=holding.exchange,
    )
    unexplained.today_of(state, holding.symbol, state.today(turn.now)).bought += qty
    position.name = holding.name
    position.avg_cost = holding.avg_cost
    position.is_confirmed = True
    if not _is_sellable(position):
        portfolio.exclude(turn, position, by_user=False)
    state.run.reports.ask(turn.now)


def _missing(state: State, turn: Turn, position: Position, qty: int, asked_at: datetime) -> None:
    """Fewer shares than known: the executions may explain it; only then is it a sale elsewhere."""
    if position.missing_since is None:
        position.missing_since = turn.now
        turn.changed()
        state.run.reports.ask(turn.now)
        state.run.holdings.ask(turn.now + LAG)
        return
    # An own order that is open may well be the reason: its execution gets more time to show.
    lag = LAG * 3 if state.live_qty(position.symbol) else LAG
    believed_at = position.missing_since + lag
    reports_at = state.run.reports_at
    if asked_at < believed_at or reports_at is None or reports_at < believed_at:
        if state.run.reports.due is None:  # a list that failed is asked for in its own time
            state.run.reports.ask(max(turn.now, believed_at))
        # While the list is missing, one balance after another tells nothing new.
        state.run.holdings.ask(max(turn.now + LAG, believed_at + AFTER_REPORTS))
        return
    if qty <= sum(o.left_qty for o in state.live(position.symbol) if o.is_doubtful):
        return  # the order in doubt may have been executed: the resolver decides
    seen = unexplained.today_of(state, position.symbol, state.today(turn.now))
    seen.sold += qty
    seen.sold_unarmed += min(qty, position.qty - position.armed_qty)
    portfolio.sold_elsewhere(state, turn, position, qty, None)


def _is_split(position: Position, holding: Holding) -> bool:
    if not position.is_confirmed or min(position.avg_cost, holding.avg_cost).amount <= 0:
        return False
    return is_split(holding.qty, holding.avg_cost, position.qty, position.avg_cost)


def _confirm(state: State, turn: Turn, position: Position, holding: Holding) -> None:
    """Take the account's cost; a change nobody traded for is asked about."""
    if not position.is_confirmed:
        position.is_confirmed = True
        position.avg_cost = holding.avg_cost
        turn.changed()
    elif holding.avg_cost != position.avg_cost:
        old = position.avg_cost
        is_small = min(old, holding.avg_cost).amount > 0 and is_same_cost(holding.avg_cost, old)
        if is_small or position.standing is not Standing.ARMED:
            position.avg_cost = holding.avg_cost
            books, broker = (f"{c.amount.normalize():f} each" for c in (old, holding.avg_cost))
            kind, symbol = MismatchKind.DIFFERENT_COST, position.symbol
            mismatches.settle(turn, kind, symbol, books, broker, Decision.BOOKED)
        else:
            _restate(state, turn, position, holding)


def _restate(state: State, turn: Turn, position: Position, holding: Holding) -> None:
    """Cost (and quantity) changed without a fill: nothing is sold before the trader says so."""
    old = position.avg_cost
    was_armed = position.standing is Standing.ARMED
    position.armed_qty = position.armed_qty * holding.qty // position.qty
    position.qty = holding.qty
    position.avg_cost = holding.avg_cost
    turn.changed()
    if was_armed and holding.avg_cost.amount > 0:
        concern = Concern(QuestionKind.COST_CHANGED, holding.avg_cost, old)
        position.asked = None
        ask_sanity(state, turn, position, concern, holding.last_price or holding.avg_cost)


def _read_sellable(state: State, position: Position, holding: Holding, asked_at: datetime) -> None:
    """What somebody else's orders hold; only from a balance our own orders cannot have blurred."""
    own = [o for o in state.book.orders.values() if o.intent.symbol == position.symbol]
    if any(o.is_doubtful or o.changed_at > asked_at for o in own):
        return
    tied = holding.qty - holding.sellable_qty - state.live_qty(position.symbol)
    position.blocked_qty = max(0, tied)


def price_of(holding: Holding) -> Usd | None:
    """The balance's price; blank or zero is none."""
    if holding.last_price is None or holding.last_price.amount <= 0:
        return None
    return holding.last_price
