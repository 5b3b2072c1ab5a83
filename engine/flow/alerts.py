"""Which facts reach the trader, and how urgently."""

from __future__ import annotations

from engine.model.facts import (
    BuySeen,
    CommandAnswered,
    DaySummary,
    Fact,
    MismatchSeen,
    OrderAccepted,
    OrderFilled,
    OrderRejected,
    OrderUnresolved,
    PriceBreak,
    QuestionAsked,
    QuestionClosed,
    SoldElsewhere,
    StateChanged,
    TroubleBegan,
    WindowChanged,
)

URGENT, NORMAL, DIGEST = 0, 1, 2

_PRIORITY: dict[type[Fact], int] = {
    StateChanged: URGENT,
    BuySeen: URGENT,  # told before the sale that follows it
    OrderAccepted: URGENT,  # told before the fill that follows it
    OrderFilled: URGENT,
    SoldElsewhere: URGENT,
    OrderRejected: URGENT,
    OrderUnresolved: URGENT,
    QuestionAsked: URGENT,
    PriceBreak: URGENT,
    MismatchSeen: URGENT,
    TroubleBegan: URGENT,
    WindowChanged: DIGEST,
    DaySummary: DIGEST,
}
_SILENT: frozenset[type[Fact]] = frozenset({CommandAnswered, QuestionClosed})


def alert_priority(fact: Fact) -> int | None:
    """0 is told first; None is not told at all (the chat answers it where it was asked)."""
    if type(fact) in _SILENT:
        return None
    return _PRIORITY.get(type(fact), NORMAL)
