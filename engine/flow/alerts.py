"""Which facts reach the trader, how urgently, and which are told again until confirmed."""

from __future__ import annotations

from engine.model.commands import CommandAnswered
from engine.model.day_facts import DaySummary, WindowChanged
from engine.model.digests import PeriodEnded
from engine.model.entry_facts import DayPlanned, EntryDecided, EntryFilled, PhaseChanged
from engine.model.facts import AnyFact
from engine.model.ids import DeskName, DeskState
from engine.model.mismatches import MismatchAsked, MismatchSeen, MismatchSettled
from engine.model.order_facts import (
    OrderAccepted,
    OrderFilled,
    OrderRejected,
    OrderResolved,
    OrderUnresolved,
    SoldElsewhere,
)
from engine.model.position_facts import BuySeen, PriceBreak, QuestionAsked, QuestionClosed
from engine.model.readiness import ReadinessChecked
from engine.model.realised import BrokerDiffers
from engine.model.state_facts import StateChanged, TroubleBegan, TroubleEnded
from engine.ports.chat_store import Alert

URGENT, NORMAL, DIGEST = 0, 1, 2

_PRIORITY: dict[type[AnyFact], int] = {
    StateChanged: URGENT,
    BuySeen: URGENT,  # told before the sale that follows it
    EntryDecided: URGENT,
    EntryFilled: URGENT,
    OrderAccepted: URGENT,  # told before the fill that follows it
    OrderFilled: URGENT,
    SoldElsewhere: URGENT,
    OrderRejected: URGENT,
    OrderUnresolved: URGENT,
    OrderResolved: URGENT,  # its doubt was
    QuestionAsked: URGENT,
    PriceBreak: URGENT,
    MismatchSeen: URGENT,
    MismatchAsked: URGENT,
    TroubleBegan: URGENT,
    TroubleEnded: URGENT,  # its trouble was
    WindowChanged: DIGEST,
    PhaseChanged: DIGEST,
    DayPlanned: DIGEST,
    DaySummary: DIGEST,
    PeriodEnded: DIGEST,
    BrokerDiffers: DIGEST,
}
_SILENT: frozenset[type[AnyFact]] = frozenset({CommandAnswered, QuestionClosed, MismatchSettled})


def alert_of(fact: AnyFact, desk: DeskName = DeskName.US) -> Alert | None:
    """None is not told at all (the chat answers it where it was asked)."""
    if type(fact) in _SILENT:
        return None
    return Alert(
        priority=_PRIORITY.get(type(fact), NORMAL),
        topic=_topic(fact, desk),
        # Only the window or phase in force is of interest, and the latest check.
        replaces=isinstance(fact, WindowChanged | PhaseChanged | ReadinessChecked),
        must_ack=_must_ack(fact),
    )


def _topic(fact: AnyFact, desk: DeskName) -> str:
    """What the desks have to say of themselves is of two topics, one each."""
    match fact:
        case OrderUnresolved() | OrderResolved():
            return f"doubt:{fact.order.client_order_id}"
        case TroubleBegan() | TroubleEnded():
            return f"trouble:{desk}:{fact.trouble}"
        case StateChanged():
            return f"state:{desk}"
        case WindowChanged() | PhaseChanged():
            return f"window:{desk}"
        case ReadinessChecked():
            return f"readiness:{desk}"
        case _:
            return ""


def _must_ack(fact: AnyFact) -> bool:
    """What may cost money while nobody looks.

    A stop that the trader set and one that ends by itself need no answer.
    """
    match fact:
        case OrderRejected() | OrderUnresolved() | PriceBreak() | MismatchSeen() | TroubleBegan():
            return True
        case StateChanged():
            return fact.guard_latch is not DeskState.RUNNING and fact.until is None
        case _:
            return False
