"""Executions of own orders: each share counted once, whichever record told of it first."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from engine.desk import blotter, conduct, mismatches
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.desk.us import unexplained
from engine.desk.us.portfolio import take_out
from engine.desk.us.state import State
from engine.errors import InvariantBroken
from engine.model.fills import Fill, FillSource, OrderNotice
from engine.model.ids import BrokerOrderNo, Qty
from engine.model.mismatches import Decision, MismatchKind, MismatchSeen
from engine.model.money import Usd
from engine.model.order_facts import OrderEnded, OrderFilled, OrderRejected
from engine.model.orders import OrderReason, OrderReport, OrderState
from engine.rules.autosell import fee_of, gain_pct
from engine.rules.conduct import NOT_SENT
from engine.rules.safety import retry_after
from engine.rules.us_costs import levies

MANY_REJECTS = 3


def apply_fill_notice(state: State, turn: Turn, order: OwnOrder, notice: OrderNotice) -> None:
    """Count a fill told by the stream. Doubles, and anything after the end, change nothing."""
    if order.state.is_final or order.is_doubtful or notice.key in order.notice_keys:
        return
    order.notice_keys.append(notice.key)
    order.notice_qty = min(order.notice_qty + notice.qty, order.intent.qty)
    turn.changed()
    if order.notice_qty > order.filled_qty:
        _fill(state, turn, order, order.notice_qty, notice.price, FillSource.NOTICE)


def apply_report(state: State, turn: Turn, order: OwnOrder, report: OrderReport) -> None:
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
    is_same = report.filled_qty == order.filled_qty > 0
    if is_same and report.avg_price is not None and order.avg_price != report.avg_price:
        order.avg_price = report.avg_price
        turn.changed()
    if order.state.is_final:
        return
    if report.is_rejected and not order.filled_qty:
        reject(state, turn, order, "", report.reject_reason)
        return
    if position := state.book.positions.get(order.intent.symbol):
        position.rejects = 0
    if report.open_qty == 0:
        end(state, turn, order)


def reject(state: State, turn: Turn, order: OwnOrder, code: str, text: str) -> None:
    """A definite no: tried again after a growing pause for as long as the price is there.

    An exit is never given up. What the rules sell is told once for each reason and day.
    """
    blotter.change(order, OrderState.REJECTED, turn.now)
    position = state.book.positions.get(order.intent.symbol)
    conduct.note_reject(state.book, turn, order, code, state.today(turn.now))
    is_by_hand = order.intent.reason is OrderReason.MANUAL
    reason = code or text
    if position is None or is_by_hand or reason not in position.refusals_told:
        turn.tell(OrderRejected(order.intent, code, text))
    if position is not None and not is_by_hand:
        position.refusals_told = list(dict.fromkeys((*position.refusals_told, reason)))
        position.rejects += 1
        position.retry_at = turn.now + retry_after(position.rejects)
        if position.rejects == MANY_REJECTS and code != NOT_SENT:
            turn.tell(_refused_often(order, code, text))
    turn.changed()
    state.run.reports.ask(turn.now)
    state.run.holdings.ask(turn.now)


def end(state: State, turn: Turn, order: OwnOrder) -> None:
    """The order ended with shares unfilled. Ended by someone else: the trader's wish stands."""
    blotter.change(order, OrderState.CANCELLED, turn.now)
    position = state.book.positions.get(order.intent.symbol)
    will_reprice = order.is_repricing and position is not None
    if position is not None and not order.is_repricing and order.day == state.today(turn.now):
        position.paused_on = order.day
    turn.tell(OrderEnded(order.intent, Qty(order.filled_qty), will_reprice))


def _refused_often(order: OwnOrder, code: str, text: str) -> MismatchSeen:
    said = f"{MANY_REJECTS} x {code} {text}".strip()
    return MismatchSeen(order.intent.symbol, f"{order.intent.qty} to sell", said)


def expire_old(state: State, turn: Turn, asked_at: datetime, first: date) -> None:
    """A day order does not outlive its date in New York, whatever the list still shows.

    ``first``: where that list begins; of earlier orders it tells nothing.
    """
    today = state.today(asked_at)
    for order in list(state.live()):
        if not order.is_doubtful and first <= order.day < today:
            end(state, turn, order)


def _note_late(turn: Turn, order: OwnOrder, filled_qty: int) -> None:
    """The order had ended in the books: what a list tells now was missed."""
    kind, wanted = MismatchKind.FILL_UNSEEN, order.intent.qty
    books, broker = f"{order.filled_qty} of {wanted}", f"{filled_qty} of {wanted}"
    mismatches.settle(turn, kind, order.intent.symbol, books, broker, Decision.BOOKED)


def _price_of_rest(order: OwnOrder, report: OrderReport) -> Usd:
    """What the shares not told yet were sold at, from the average over all."""
    if report.avg_price is None:
        return order.intent.limit
    if not order.filled_qty or order.avg_price is None:
        return report.avg_price
    rest = report.avg_price * report.filled_qty - order.avg_price * order.filled_qty
    price = Usd(rest.amount / (report.filled_qty - order.filled_qty))
    return price if price.amount > 0 else report.avg_price


def _fill(
    state: State, turn: Turn, order: OwnOrder, filled_qty: int, price: Usd, source: FillSource
) -> None:
    qty = filled_qty - order.filled_qty
    if order.state.is_final:
        _note_late(turn, order, filled_qty)
    before = order.avg_price * order.filled_qty if order.avg_price else Usd(price.amount * 0)
    order.avg_price = Usd((before + price * qty).amount / filled_qty)
    blotter.record_fill(order, filled_qty, turn.now)
    conduct.note_fill(state.book, turn, order, price, state.today(turn.now))
    left = _take_from_position(state, turn, order, qty)
    cost = order.avg_cost
    turn.tell(
        OrderFilled(
            fill=Fill(
                order.broker_order_no or BrokerOrderNo(""),
                order.intent.client_order_id,
                order.intent.symbol,
                order.intent.side,
                Qty(qty),
                price,
                Qty(filled_qty),
                _executed_at(state, order, turn.now),
                source,
            ),
            order=order.intent,
            avg_cost=cost,
            gain=(price - cost) * qty,
            gain_pct=gain_pct(price, cost) if cost.amount > 0 else Decimal(0),
            fee=fee_of(price * qty, state.settings) + levies(price * qty, qty, order.day),
            fx=state.book.fx,
            is_complete=order.state is OrderState.FILLED,
            left_qty=Qty(left),
            entry_fee=fee_of(cost * qty, state.settings),
        )
    )


def _take_from_position(state: State, turn: Turn, order: OwnOrder, qty: int) -> int:
    """The shares leave the position unless the balance already took them; returns what is left."""
    symbol = order.intent.symbol
    known, mistaken = unexplained.explain_sold(state, symbol, qty, order.day)
    position = state.book.positions.get(symbol)
    new = qty - known
    # What the trader sells by hand comes first from shares that were never armed.
    by_rule = order.intent.reason is not OrderReason.MANUAL
    armed = new + mistaken if by_rule else 0
    taken = 0 if position is None else take_out(state, turn, position, new, armed=armed)
    if taken < new:
        turn.tell(MismatchSeen(symbol, f"{taken + known} held", f"{qty} sold"))
    return position.qty if position is not None else 0


def _executed_at(state: State, order: OwnOrder, now: datetime) -> datetime:
    """Now; heard of on a later day, by the close of the order's own: the lists tell no time."""
    session = None if order.day == state.today(now) else state.sessions.session_on(order.day)
    return now if session is None else min(now, session.close)
