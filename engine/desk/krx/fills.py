"""Executions of own orders: each share counted once, whichever record told of it first."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP

from engine.desk import blotter, conduct, mismatches
from engine.desk.krx import guard, positions, sellable
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.errors import InvariantBroken
from engine.model.fills import Fill, FillSource, NoticeKind, OrderNotice
from engine.model.ids import BrokerOrderNo, Qty
from engine.model.mismatches import Decision, MismatchKind, MismatchSeen
from engine.model.money import Krw
from engine.model.order_facts import OrderEnded, OrderRejected
from engine.model.orders import OrderReason, OrderReport, OrderState, Side
from engine.rules.safety import retry_after

MANY_REJECTS = 3


def apply_fill_notice(
    state: State, turn: Turn[Krw], order: OwnOrder[Krw], notice: OrderNotice[Krw]
) -> None:
    """Count a fill told by the stream. Doubles, and anything after the end, change nothing."""
    if notice.kind is not NoticeKind.FILL or order.is_doubtful or order.state.is_final:
        return
    if notice.key in order.notice_keys:
        return
    order.notice_keys.append(notice.key)
    order.notice_qty = min(order.notice_qty + notice.qty, order.intent.qty)
    turn.changed()
    if order.notice_qty > order.filled_qty:
        _fill(state, turn, order, order.notice_qty, notice.price, FillSource.NOTICE)


def apply_report(
    state: State, turn: Turn[Krw], order: OwnOrder[Krw], report: OrderReport[Krw]
) -> None:
    """Bring an order to what the broker's list says; only the list ends an order early."""
    if report.filled_qty > order.intent.qty:
        raise InvariantBroken(
            f"order {order.intent.client_order_id}: {report.filled_qty} of "
            f"{order.intent.qty} shares executed"
        )
    if order.state in (OrderState.REJECTED, OrderState.NOT_PLACED) or order.is_doubtful:
        return
    if report.filled_qty > order.filled_qty:
        price = _price_of_rest(order, report)
        _fill(state, turn, order, report.filled_qty, price, FillSource.EXECUTIONS)
    if order.state.is_final:
        return
    if report.is_rejected and not order.filled_qty:
        reject(state, turn, order, "", report.reject_reason)
    elif report.open_qty == 0:
        end(state, turn, order)


def reject(state: State, turn: Turn[Krw], order: OwnOrder[Krw], code: str, text: str) -> None:
    """A definite no. An exit is tried again after a growing pause; an entry is left alone."""
    blotter.change(order, OrderState.REJECTED, turn.now)
    intent = order.intent
    position = state.book.positions.get(intent.symbol)
    conduct.note_reject(state.book, turn, order, code, state.today(turn.now))
    turn.changed()
    state.run.reports.ask(turn.now)
    state.run.holdings.ask(turn.now)
    state.run.cash_call.ask(turn.now)
    if intent.side is Side.BUY:
        turn.tell(OrderRejected(intent, code, text))
        positions.leave_alone(state, turn, intent.symbol)
        return
    reason = code or text
    if position is None or intent.reason is OrderReason.MANUAL or reason not in position.told:
        turn.tell(OrderRejected(intent, code, text))
    if position is not None:
        position.told = list(dict.fromkeys((*position.told, reason)))
        position.rejects = position.rejects + 1 if intent.reason is position.refused else 1
        position.refused = intent.reason
        position.retry_at = turn.now + retry_after(position.rejects)
        if sellable.is_about_quantity(code, text):
            if intent.symbol not in state.run.limited and position.rejects == 1:
                position.retry_at = None  # the next is for fewer shares
            sellable.limit_to_account(state, intent.symbol, turn.now)
        if position.rejects == MANY_REJECTS:
            said = f"{MANY_REJECTS} x {code} {text}".strip()
            turn.tell(MismatchSeen(intent.symbol, f"{intent.qty} to sell", said))
            position.is_clean = False


def end(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    """The order ended with shares unfilled: our cancel, somebody else's, or the close."""
    blotter.change(order, OrderState.CANCELLED, turn.now)
    intent = order.intent
    will_reprice = order.is_repricing
    turn.tell(OrderEnded(intent, Qty(order.filled_qty), will_reprice))
    state.run.cash_call.ask(turn.now)
    if intent.side is Side.BUY:
        positions.entry_ended(state, turn, order, will_reprice=will_reprice)


def expire_old(state: State, turn: Turn[Krw], asked_at: datetime, first: date) -> None:
    """A day order does not outlive its date in Korea, whatever the list still shows.

    ``first``: where that list begins; of earlier orders it tells nothing.
    """
    today = state.today(asked_at)
    for order in list(state.live()):
        if not order.is_doubtful and first <= order.day < today:
            end(state, turn, order)


def _note_late(turn: Turn[Krw], order: OwnOrder[Krw], filled_qty: int) -> None:
    """The order had ended in the books: what a list tells now was missed."""
    kind, wanted = MismatchKind.FILL_UNSEEN, order.intent.qty
    books, broker = f"{order.filled_qty} of {wanted}", f"{filled_qty} of {wanted}"
    mismatches.settle(turn, kind, order.intent.symbol, books, broker, Decision.BOOKED)


def _price_of_rest(order: OwnOrder[Krw], report: OrderReport[Krw]) -> Krw:
    """What the shares not told yet were traded at, from the average over all."""
    if report.avg_price is None:
        return order.intent.limit
    if not order.filled_qty or order.avg_price is None:
        return report.avg_price
    rest = report.avg_price * report.filled_qty - order.avg_price * order.filled_qty
    price = Krw(rest.amount / (report.filled_qty - order.filled_qty)).rounded(ROUND_HALF_UP)
    return price if price.amount > 0 else report.avg_price


def _fill(
    state: State,
    turn: Turn[Krw],
    order: OwnOrder[Krw],
    filled_qty: int,
    price: Krw,
    source: FillSource,
) -> None:
    qty = filled_qty - order.filled_qty
    if order.state.is_final:
        _note_late(turn, order, filled_qty)
    before = order.avg_price * order.filled_qty if order.avg_price else Krw(price.amount * 0)
    order.avg_price = Krw((before + price * qty).amount / filled_qty)
    blotter.record_fill(order, filled_qty, turn.now)
    fill = Fill(
        order.broker_order_no or BrokerOrderNo(""),
        order.intent.client_order_id,
        order.intent.symbol,
        order.intent.side,
        Qty(qty),
        price,
        Qty(filled_qty),
        _executed_at(state, order, turn.now),
        source,
    )
    state.count_fill(fill.symbol, qty if order.intent.side is Side.BUY else -qty)
    conduct.note_fill(state.book, turn, order, price, state.today(turn.now))
    if order.intent.side is Side.BUY:
        positions.bought(state, turn, order, fill)
    else:
        positions.sold(state, turn, order, fill)
    guard.evaluate(state, turn)
    state.run.cash_call.ask(turn.now + positions.CASH_AFTER)


def _executed_at(state: State, order: OwnOrder[Krw], now: datetime) -> datetime:
    """Now; heard of on a later day, by the close of the order's own: the lists tell no time."""
    session = None if order.day == state.today(now) else state.sessions.session_on(order.day)
    return now if session is None else min(now, session.close)
