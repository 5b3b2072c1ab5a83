"""Values of an entry as rows of the book's tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.adapters.sqlite.codec import fact_to_json, moment_to_text, order_to_json
from engine.model.facts import (
    Fact,
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRejected,
    OrderResolved,
    SoldElsewhere,
)
from engine.model.ids import ClientOrderId, Mode
from engine.model.money import FxRate
from engine.model.orders import Accepted, OrderIntent, OutcomeUnknown, PlaceAnswer, Rejected, Side
from engine.ports.journal import Entry, NumberedFact
from engine.rules.pnl import selling_charges

Values = tuple[object, ...]

INSERT_ORDER = f"INSERT INTO orders VALUES ({', '.join('?' * 15)})"  # noqa: S608 - no input in it
INSERT_CANCEL = (
    "INSERT INTO cancels (client_order_id, broker_order_no, desk, exchange_date, at, qty)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
INSERT_ANSWER = (
    "INSERT INTO order_answers (client_order_id, at, kind, broker_order_no, code, text)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
# A fact of the desk counts as an answer only where the broker's own was never written.
INSERT_LATE_ANSWER = (
    "INSERT INTO order_answers (client_order_id, at, kind, broker_order_no, code, text)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM order_answers"
    " WHERE client_order_id = ?1 AND kind <> 'unknown')"
)
INSERT_FACT = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_FILL = f"INSERT INTO fills VALUES ({', '.join('?' * 24)})"  # noqa: S608 - no input in it
UPSERT_SNAPSHOT = (
    "INSERT INTO snapshots VALUES (?, ?, ?, ?) ON CONFLICT (desk) DO UPDATE SET"
    " at = excluded.at, seq = excluded.seq, body = excluded.body"
)
ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class BookOf:
    """Whose book it is. ``account`` is a hash, never the number."""

    account: str
    mode: Mode


def order_row(order: OrderIntent, entry: Entry, book: BookOf) -> Values:
    """Row for INSERT_ORDER."""
    return (
        order.client_order_id,
        book.account,
        order.desk,
        book.mode,
        entry.exchange_date.isoformat(),
        moment_to_text(order.decided_at),
        order.symbol,
        order.exchange,
        order.side,
        order.qty,
        str(order.limit.amount),
        str(order.decision_price.amount),
        order.limit.currency,
        order.reason,
        order_to_json(order),
    )


def cancel_rows(entry: Entry) -> list[Values]:
    """Rows for INSERT_CANCEL."""
    day, at = entry.exchange_date.isoformat(), moment_to_text(entry.at)
    return [
        (cancel.client_order_id, cancel.broker_order_no, entry.desk, day, at, cancel.qty)
        for cancel in entry.cancels
    ]


def answer_row(order: ClientOrderId, answer: PlaceAnswer, at: datetime) -> Values:
    """Row for INSERT_ANSWER."""
    moment = moment_to_text(at)
    match answer:
        case Accepted():
            return (order, moment, "accepted", answer.broker_order_no, "", "")
        case Rejected():
            return (order, moment, "rejected", None, answer.code, answer.text)
        case OutcomeUnknown():
            return (order, moment, "unknown", None, "", answer.reason)


def late_answer_row(numbered: NumberedFact) -> Values | None:
    """Row for INSERT_LATE_ANSWER if the fact says how the order's sending ended."""
    at = moment_to_text(numbered.at)
    match numbered.fact:
        case OrderAccepted(order=order, broker_order_no=number):
            return (order.client_order_id, at, "accepted", number, "", "")
        case OrderRejected(order=order, code=code, text=text):
            return (order.client_order_id, at, "rejected", None, code, text)
        case OrderResolved(order=order, broker_order_no=found):
            kind = "absent" if found is None else "accepted"
            return (order.client_order_id, at, kind, found, "", "")
        case OrderFilled(order=order, fill=fill):
            return (order.client_order_id, at, "accepted", fill.broker_order_no, "", "")
        case OrderEnded(order=order):
            return (order.client_order_id, at, "accepted", None, "", "")
        case _:
            return None


def fact_row(numbered: NumberedFact, entry: Entry, book: BookOf) -> Values:
    """Row for INSERT_FACT."""
    return (
        numbered.seq,
        moment_to_text(numbered.at),
        book.account,
        entry.desk,
        book.mode,
        entry.exchange_date.isoformat(),
        type(numbered.fact).__name__,
        fact_to_json(numbered.fact),
    )


def fill_row(numbered: NumberedFact, entry: Entry, book: BookOf) -> Values | None:
    """Row for INSERT_FILL if the fact tells of shares that changed hands."""
    fact: Fact = numbered.fact
    where = (book.account, entry.desk, book.mode, entry.exchange_date.isoformat())
    if isinstance(fact, OrderFilled):
        return _own_fill(numbered.seq, fact, where, entry)
    if isinstance(fact, SoldElsewhere):
        return _foreign_sale(numbered, fact, where)
    return None


def _own_fill(seq: int, fact: OrderFilled, where: Values, entry: Entry) -> Values:
    fill = fact.fill
    tax = selling_charges(fill.price * fill.qty, entry.exchange_date)
    return (
        seq,
        fact.order.client_order_id,
        fill.broker_order_no,
        *where,
        moment_to_text(fill.at),
        fill.symbol,
        fill.side,
        fill.qty,
        fill.cum_qty,
        str(fill.price.amount),
        str(fact.avg_cost.amount),
        str(fact.gain.amount),
        fill.price.currency,
        str(fact.fee.amount),
        ESTIMATED,
        str(tax.amount) if fill.side is Side.SELL else "0",
        ESTIMATED,
        *_fx(fact.fx),
        fill.source,
    )


def _foreign_sale(numbered: NumberedFact, fact: SoldElsewhere, where: Values) -> Values:
    gain = None if fact.price is None else (fact.price - fact.avg_cost) * fact.qty
    return (
        numbered.seq,
        None,
        None,
        *where,
        moment_to_text(numbered.at),
        fact.symbol,
        Side.SELL,
        fact.qty,
        None,
        None if fact.price is None else str(fact.price.amount),
        str(fact.avg_cost.amount),
        None if gain is None else str(gain.amount),
        fact.avg_cost.currency,
        "0",
        ESTIMATED,
        "0",
        ESTIMATED,
        *_fx(fact.fx),
        "balance" if fact.price is None else "executions",
    )


def _fx(fx: FxRate | None) -> Values:
    if fx is None:
        return (None, None, None)
    return (str(fx.krw_per_usd), fx.source, moment_to_text(fx.at))
