"""How own orders fare, and what of it holds entries back: refusals, drift, a lasting disagreement.

Never the exits. What is counted is durable: a restart must not make a burst look small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from engine.desk import latches
from engine.desk.latches import Cause, Latched
from engine.desk.mismatches import Mismatch, Reconciled
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.ids import ClientOrderId, Symbol
from engine.model.money import M
from engine.model.orders import OrderKind, Side
from engine.model.state_facts import Trouble
from engine.rules import conduct as rules

WATCHED = frozenset({Trouble.REJECTS, Trouble.DRIFT, Trouble.MISMATCH})


@dataclass(slots=True)
class Mark:
    """Something that went badly with an order."""

    at: datetime
    symbol: Symbol
    order: ClientOrderId


@dataclass(slots=True)
class Conduct:
    """What counts; older marks are dropped."""

    rejects: list[Mark] = field(default_factory=list)
    drifts: list[Mark] = field(default_factory=list)


class Conducted(Latched, Reconciled, Protocol):
    """The part of a desk's durable book that this is about."""

    conduct: Conduct


def note_reject(book: Conducted, turn: Turn[M], order: OwnOrder[M], code: str, today: date) -> None:
    """The broker's definite no."""
    if code == rules.NOT_SENT:
        return
    rejects = _noted(book.conduct.rejects, turn.now, rules.REJECTED_WITHIN, order)
    if rules.is_burst([mark.symbol for mark in rejects]):
        minutes = int(rules.REJECTED_WITHIN.total_seconds() // 60)
        measured = f"{len(rejects)} orders"
        limit = f"{rules.MAX_REJECTS} orders in {minutes} min"
        cause = Cause("orders are refused", measured, limit, today)
        latches.trip(book, turn, Trouble.REJECTS, cause)


def note_fill(book: Conducted, turn: Turn[M], order: OwnOrder[M], price: M, today: date) -> None:
    """Shares were executed; a sale at the market was decided without a price."""
    intent = order.intent
    if intent.side is Side.SELL and intent.kind is OrderKind.MARKET:
        return
    drift = rules.drift_pct(intent.side, intent.decision_price, price)
    if drift <= rules.MAX_DRIFT_PCT:
        return
    if any(mark.order == intent.client_order_id for mark in book.conduct.drifts):
        return
    drifts = _noted(book.conduct.drifts, turn.now, rules.DRIFTED_WITHIN, order)
    if len(drifts) >= rules.MAX_DRIFTS:
        measured = f"{len(drifts)} orders, {drift:.1f} %"
        limit = f"{rules.MAX_DRIFTS} orders, {rules.MAX_DRIFT_PCT} %"
        cause = Cause("executions are worse than decided", measured, limit, today)
        latches.trip(book, turn, Trouble.DRIFT, cause)


def check(book: Conducted, turn: Turn[M], today: date) -> None:
    """What time alone brings: a disagreement that nobody settles."""
    oldest = _oldest(book)
    if oldest is None or turn.now - oldest.since < rules.MISMATCH_STAYS:
        return
    measured = f"{oldest.asked.symbol} {_minutes(turn.now - oldest.since)}"
    cause = Cause("books and broker disagree", measured, _minutes(rules.MISMATCH_STAYS), today)
    latches.trip(book, turn, Trouble.MISMATCH, cause)


def next_moment(book: Conducted) -> datetime | None:
    """When ``check`` may find something."""
    if Trouble.MISMATCH in book.causes:
        return None
    oldest = _oldest(book)
    return None if oldest is None else oldest.since + rules.MISMATCH_STAYS


def holds(book: Conducted, trouble: Trouble, now: datetime) -> bool:
    """Whether the figure that tripped the guard still stands."""
    conduct = book.conduct
    match trouble:
        case Trouble.REJECTS:
            lately = _lately(conduct.rejects, now, rules.REJECTED_WITHIN)
            return rules.is_burst([mark.symbol for mark in lately])
        case Trouble.DRIFT:
            return len(_lately(conduct.drifts, now, rules.DRIFTED_WITHIN)) >= rules.MAX_DRIFTS
        case _:
            oldest = _oldest(book)
            return oldest is not None and now - oldest.since >= rules.MISMATCH_STAYS


def rebase(book: Conducted, now: datetime) -> None:
    """The clock jumped: nobody had the time to settle anything."""
    for known in book.mismatches.values():
        known.since = now


def _noted(marks: list[Mark], now: datetime, span: timedelta, order: OwnOrder[M]) -> list[Mark]:
    marks[:] = [*_lately(marks, now, span), _mark(now, order)]
    return marks


def _mark(now: datetime, order: OwnOrder[M]) -> Mark:
    return Mark(now, order.intent.symbol, order.intent.client_order_id)


def _lately(marks: list[Mark], now: datetime, span: timedelta) -> list[Mark]:
    return [mark for mark in marks if now - mark.at < span]


def _oldest(book: Conducted) -> Mismatch | None:
    """Of those that wait for an answer; what the trader ignores is settled."""
    waiting = (known for known in book.mismatches.values() if not known.is_ignored)
    return min(waiting, key=lambda known: known.since, default=None)


def _minutes(span: timedelta) -> str:
    return f"{int(span.total_seconds() // 60)} min"
