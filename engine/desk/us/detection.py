"""Buys and sales made elsewhere: notice first, executions second, balance third, counted once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.desk import blotter, doubt, mismatches
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.desk.us import fills, portfolio, unexplained
from engine.desk.us.book import Counted, Position
from engine.desk.us.state import State
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import BrokerOrderNo, ClientOrderId
from engine.model.money import ZERO_USD, Usd
from engine.model.orders import OrderReport, Side
from engine.rules.sessions import exchange_date

PARKED_FOR = timedelta(seconds=10)  # a notice may overtake the answer to its order
AFTER_NOTICE = timedelta(seconds=5)
SOON = timedelta(seconds=1)


def on_notice(state: State, turn: Turn, notice: OrderNotice) -> None:
    """A stream notice is a hint; the executions are asked for after each."""
    own = _own_of(state, notice)
    if notice.kind is not NoticeKind.FILL:
        if own is not None and not own.state.is_final and _may_end(notice):
            state.run.reports.ask(turn.now)
        return
    state.run.reports.ask(turn.now + AFTER_NOTICE)
    if notice.side is Side.BUY:
        _count_bought_notice(state, turn, notice)
    elif own is not None:
        fills.apply_fill_notice(state, turn, own, notice)
    else:
        state.run.parked.append(notice)
        state.run.reports.ask(turn.now + SOON)


def unpark(state: State, turn: Turn) -> None:
    """Notices that waited for their order's number; what nobody claims is left to the list."""
    waiting, state.run.parked = state.run.parked, []
    for notice in waiting:
        own = _own_of(state, notice)
        if own is not None and not own.is_doubtful:
            fills.apply_fill_notice(state, turn, own, notice)
        elif turn.now - notice.at < PARKED_FOR:
            state.run.parked.append(notice)


def on_reports(state: State, turn: Turn, reports: tuple[OrderReport, ...]) -> set[ClientOrderId]:
    """Count what the broker's list has beyond what is counted; the first list is the baseline.

    Returns which of our orders it shows.
    """
    is_baseline = not state.book.has_baseline
    listed: set[ClientOrderId] = set()
    state.run.his_open.clear()
    for report in reports:
        if report.is_cancel:
            continue
        own = blotter.by_number(state.book.orders, report, _day(report.ordered_at), on_any_day=True)
        if own is not None:
            listed.add(own.intent.client_order_id)
            fills.apply_report(state, turn, own, report)
        elif not any(o.is_doubtful and doubt.candidates(o, (report,)) for o in state.live()):
            _count_foreign(state, turn, report, is_baseline=is_baseline)
    if is_baseline:
        state.book.has_baseline = True
        turn.changed()
    return listed


def is_counted(state: State, report: OrderReport, now: datetime) -> bool:
    """Whether the report's order was known as somebody else's before."""
    return _key(report.broker_order_no, report.ordered_at or now) in state.book.counted


def _own_of(state: State, notice: OrderNotice) -> OwnOrder | None:
    orders, day, original = state.book.orders, _day(notice.at), notice.original_order_no
    own = blotter.by_number(orders, notice, day, on_any_day=True)
    if own is None and original is not None:
        own = blotter.by_number(orders, notice, day, number=original, on_any_day=True)
    return own


def _day(at: datetime | None) -> date | None:
    return None if at is None else exchange_date(at)


def _may_end(notice: OrderNotice) -> bool:
    return notice.kind in (NoticeKind.CANCELLED, NoticeKind.REFUSED, NoticeKind.AMENDED)


def _key(number: BrokerOrderNo, at: datetime) -> str:
    return f"{exchange_date(at)}:{number}"


def _counted(state: State, number: BrokerOrderNo, at: datetime) -> Counted:
    return state.book.counted.setdefault(_key(number, at), Counted(exchange_date(at)))


def _count_bought_notice(state: State, turn: Turn, notice: OrderNotice) -> None:
    counted = _counted(state, notice.broker_order_no, notice.at)
    if notice.key in counted.notice_keys:
        return
    counted.notice_keys.append(notice.key)
    total = counted.notice_qty + notice.qty
    counted.notice_qty = total if notice.order_qty is None else min(total, notice.order_qty)
    turn.changed()
    new = max(counted.qty, counted.notice_qty) - counted.qty
    counted.qty += new
    if not state.book.is_opened:
        return  # the first balance will show these shares, as existing ones
    known = unexplained.explain_bought(state, notice.symbol, new, exchange_date(notice.at))
    if new > known:
        portfolio.add_bought(state, turn, notice.symbol, new - known, notice.price)
        state.run.holdings.ask(turn.now)


def _count_foreign(state: State, turn: Turn, report: OrderReport, *, is_baseline: bool) -> None:
    at = report.ordered_at or turn.now
    if report.is_open:
        number, day = report.broker_order_no, exchange_date(at)
        mismatches.note_order(state.book, turn, report.symbol, number, report.open_qty, day)
        if report.side is Side.SELL:
            his = state.run.his_open
            his[report.symbol] = his.get(report.symbol, 0) + report.open_qty
    counted = _counted(state, report.broker_order_no, at)
    new = report.filled_qty - counted.qty
    if new <= 0:
        return
    counted.qty = report.filled_qty
    turn.changed()
    if is_baseline or not state.book.is_opened:
        return
    day = exchange_date(at)
    if report.side is Side.BUY:
        known = unexplained.explain_bought(state, report.symbol, new, day)
        if new > known:
            price = report.avg_price or report.limit or ZERO_USD
            portfolio.add_bought(
                state, turn, report.symbol, new - known, price, exchange=report.exchange
            )
            state.run.holdings.ask(turn.now)
        return
    known, _ = unexplained.explain_sold(state, report.symbol, new, day)
    position = state.book.positions.get(report.symbol)
    if position is not None and new > known:
        _sold(state, turn, position, new - known, report.avg_price)


def _sold(state: State, turn: Turn, position: Position, qty: int, price: Usd | None) -> None:
    portfolio.sold_elsewhere(state, turn, position, qty, price)
    state.run.holdings.ask(turn.now)
