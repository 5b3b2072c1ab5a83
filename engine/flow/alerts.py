"""Which facts reach the trader, how urgently, and which are told again until confirmed."""

from __future__ import annotations

from engine.model.facts import (
    AnyFact,
    BuySeen,
    CommandAnswered,
    DaySummary,
    MismatchSeen,
    OrderAccepted,
    OrderFilled,
    OrderRejected,
    OrderResolved,
    OrderUnresolved,
    PriceBreak,
    QuestionAsked,
    QuestionClosed,
    SoldElsewhere,
    StateChanged,
    TroubleBegan,
    TroubleEnded,
    WindowChanged,
)
from engine.model.ids import DeskState
from engine.ports.chat_store import Alert

URGENT, NORMAL, DIGEST = 0, 1, 2

_PRIORITY: dict[type[AnyFact], int] = {
    StateChanged: URGENT,
    BuySeen: URGENT,  # told before the sale that follows it
    OrderAccepted: URGENT,  # told before the fill that follows it
    OrderFilled: URGENT,
    SoldElsewhere: URGENT,
    OrderRejected: URGENT,
    OrderUnresolved: URGENT,
    OrderResolved: URGENT,  # its doubt was
    QuestionAsked: URGENT,
    PriceBreak: URGENT,
    MismatchSeen: URGENT,
    TroubleBegan: URGENT,
    TroubleEnded: URGENT,  # its trouble was
    WindowChanged: DIGEST,
    DaySummary: DIGEST,
}
_SILENT: frozenset[type[AnyFact]] = frozenset({CommandAnswered, QuestionClosed})


def alert_of(fact: AnyFact) -> Alert | None:
    """None is not told at all (the chat answers it where it was asked)."""
    if type(fact) in _SILENT:
        return None
    return Alert(
        priority=_PRIORITY.get(type(fact), NORMAL),
        topic=_topic(fact),
        replaces=isinstance(fact, WindowChanged),  # only the window in force is of interest
        must_ack=_must_ack(fact),
    )


def _topic(fact: AnyFact) -> str:
    match fact:
        case OrderUnresolved() | OrderResolved():
            return f"doubt:{fact.order.client_order_id}"
        case TroubleBegan() | TroubleEnded():
            return f"trouble:{fact.trouble}"
        case StateChanged():
            return "state"
        case WindowChanged():
            return "window"
        case _:
            return ""


def _must_ack(fact: AnyFact) -> bool:
    """What may cost money while nobody looks. A stop the trader set needs no confirmation."""
    match fact:
        case OrderRejected() | OrderUnresolved() | PriceBreak() | MismatchSeen() | TroubleBegan():
            return True
        case StateChanged():
            return fact.guard_latch is not DeskState.RUNNING
        case _:
            return False
