"""Everything a desk may tell. Journalled with a sequence number, then published."""

from __future__ import annotations

from engine.model.commands import CommandAnswered
from engine.model.day_facts import CalendarWarning, DaySummary, WindowChanged
from engine.model.digests import PeriodEnded
from engine.model.entry_facts import (
    DayPlanned,
    EntryDecided,
    EntryFilled,
    EntryRefused,
    PhaseChanged,
    PositionHeld,
    SmallEnded,
    SymbolHalted,
)
from engine.model.mismatches import MismatchAsked, MismatchSeen, MismatchSettled
from engine.model.money import M_co, Money
from engine.model.order_facts import (
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRejected,
    OrderResolved,
    OrderUnresolved,
    SoldElsewhere,
)
from engine.model.position_facts import (
    BuySeen,
    HoldingAdopted,
    HoldingExcluded,
    PriceBreak,
    QuestionAsked,
    QuestionClosed,
    QuoteStale,
)
from engine.model.readiness import ReadinessChecked
from engine.model.realised import BrokerDiffers
from engine.model.state_facts import QuotaWarning, StateChanged, TroubleBegan, TroubleEnded

Fact = (
    BuySeen
    | HoldingExcluded
    | HoldingAdopted
    | OrderAccepted[M_co]
    | OrderRejected[M_co]
    | OrderUnresolved[M_co]
    | OrderResolved[M_co]
    | OrderEnded[M_co]
    | OrderFilled[M_co]
    | SoldElsewhere[M_co]
    | QuestionAsked
    | QuestionClosed
    | PriceBreak
    | WindowChanged
    | CalendarWarning
    | QuoteStale
    | TroubleBegan
    | TroubleEnded
    | QuotaWarning
    | StateChanged
    | MismatchSeen
    | MismatchAsked
    | MismatchSettled
    | DaySummary[M_co]
    | PeriodEnded
    | BrokerDiffers[M_co]
    | CommandAnswered
    | EntryDecided
    | EntryRefused
    | EntryFilled
    | PhaseChanged
    | DayPlanned
    | SymbolHalted
    | PositionHeld
    | SmallEnded
    | ReadinessChecked
)
AnyFact = Fact[Money]
