"""Model values as columns of the book's tables. Pure: nothing is written here."""

from __future__ import annotations

import sqlite3

from engine.adapters.sqlite.codec import dump_fact, dump_order, stamp
from engine.model.entry_facts import EntryFilled
from engine.model.facts import AnyFact
from engine.model.fills import Fill
from engine.model.ids import BrokerOrderNo, DeskName, Mode
from engine.model.money import FxRate, Money
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OutcomeUnknown,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.ports.journal import Entry
from engine.rules.krx.sessions import kst_date
from engine.rules.sessions import exchange_date

Columns = dict[str, str | int | None]
_DATES = {DeskName.US: exchange_date, DeskName.KRX: kst_date}


def context(entry: Entry, account: str, mode: Mode) -> Columns:
    """Whose rows these are: every table of the book but answers and snapshots carries it."""
    day = entry.exchange_date.isoformat()
    return {"account": account, "mode": mode, "desk": entry.desk, "exchange_date": day}


def order_columns(order: OrderIntent[Money], entry: Entry) -> Columns:
    """A decided order, with what the desk saw when it decided."""
    return {
        "client_order_id": order.client_order_id,
        "journalled_at": stamp(entry.at),
        "symbol": order.symbol,
        "exchange": order.exchange,
        "side": order.side,
        "qty": order.qty,
        "limit_price": str(order.limit.amount),
        "currency": order.limit.currency,
        "reason": order.reason,
        "decision_price": str(order.decision_price.amount),
        "decided_at": stamp(order.decided_at),
        "json": dump_order(order),
    }


def cancel_columns(cancel: CancelIntent, entry: Entry) -> Columns:
    """A wish to take an order back."""
    return {
        "client_order_id": cancel.client_order_id,
        "broker_order_no": cancel.broker_order_no,
        "at": stamp(entry.at),
        "symbol": cancel.symbol,
        "exchange": cancel.exchange,
        "qty": cancel.qty,
    }


def answer_columns(answer: PlaceAnswer) -> Columns:
    """What the broker said to an order."""
    if isinstance(answer, Accepted):
        number, branch = answer.broker_order_no, answer.branch
        yes = {"kind": "accepted", "broker_order_no": number, "branch": branch}
        return {**yes, "code": "", "text": ""}
    if isinstance(answer, Rejected):
        code, text = answer.code, answer.text
        return {"kind": "rejected", "broker_order_no": None, "code": code, "text": text}
    return {"kind": "unknown", "broker_order_no": None, "code": "", "text": answer.reason}


def answer_of(row: sqlite3.Row) -> PlaceAnswer:
    """The answer again."""
    if row["kind"] == "accepted":
        return Accepted(BrokerOrderNo(row["broker_order_no"]), row["branch"])
    if row["kind"] == "rejected":
        return Rejected(row["code"], row["text"])
    return OutcomeUnknown(row["text"])


def fact_columns(fact: AnyFact, entry: Entry) -> Columns:
    """Any fact; those about an own order name it, an execution is of its own day."""
    order = getattr(fact, "order", None)
    is_sale = isinstance(fact, SoldElsewhere) or (
        isinstance(fact, OrderFilled) and fact.fill.side is Side.SELL
    )
    return {
        "at": stamp(entry.at),
        "kind": type(fact).__name__,
        "client_order_id": order.client_order_id if isinstance(order, OrderIntent) else None,
        "is_sale": int(is_sale),
        "json": dump_fact(fact),
        **(_day_columns(fact.fill, entry) if isinstance(fact, OrderFilled | EntryFilled) else {}),
    }


def fill_columns(seq: int, filled: OrderFilled[Money] | EntryFilled, entry: Entry) -> Columns:
    """An execution of an own order. Fee and tax are the desk's estimates; NULL where none is."""
    fill: Fill[Money] = filled.fill
    sale = filled if isinstance(filled, OrderFilled) else None
    tax = sale.tax if sale is not None else None
    return {
        "seq": seq,
        "at": stamp(fill.at),
        "client_order_id": filled.order.client_order_id,
        "broker_order_no": fill.broker_order_no,
        "symbol": fill.symbol,
        "side": fill.side,
        "qty": fill.qty,
        "price": str(fill.price.amount),
        "cum_qty": fill.cum_qty,
        "currency": fill.price.currency,
        "fee": str(filled.fee.amount),
        "fee_kind": "estimated",
        "tax": None if tax is None else str(tax.amount),
        "tax_kind": None if tax is None else "estimated",
        "avg_cost": str(filled.avg_cost.amount),
        "gain": None if sale is None else str(sale.gain.amount),
        "source": fill.source,
        **_day_columns(fill, entry),
        **_fx_columns(sale.fx if sale is not None else None),
    }


def elsewhere_columns(seq: int, sale: SoldElsewhere[Money], entry: Entry) -> Columns:
    """A sale that was not ours, at the time it was noticed."""
    return {
        "seq": seq,
        "at": stamp(entry.at),
        "symbol": sale.symbol,
        "qty": sale.qty,
        "price": None if sale.price is None else str(sale.price.amount),
        "avg_cost": str(sale.avg_cost.amount),
        "currency": sale.avg_cost.currency,
        "left_qty": sale.left_qty,
        **_fx_columns(sale.fx),
    }


def _day_columns(fill: Fill[Money], entry: Entry) -> Columns:
    """The exchange's date of an execution, which may be heard of on a later one."""
    return {"exchange_date": _DATES[entry.desk](fill.at).isoformat()}


def _fx_columns(fx: FxRate | None) -> Columns:
    if fx is None:
        return {"fx_rate": None, "fx_source": None, "fx_at": None}
    return {"fx_rate": str(fx.krw_per_usd), "fx_source": fx.source, "fx_at": stamp(fx.at)}
