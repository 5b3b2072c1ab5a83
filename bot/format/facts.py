"""Which text tells which fact."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from bot.format import (
    broker,
    fact_day,
    fact_entries,
    fact_orders,
    fact_positions,
    fact_state,
    readiness,
    times,
)
from bot.format.lang import Lang
from bot.format.markup import lines
from bot.format.positions import NO_NAMES, Names
from engine.model import (
    commands,
    day_facts,
    entry_facts,
    facts,
    mismatches,
    order_facts,
    position_facts,
    state_facts,
)
from engine.model.digests import PeriodEnded
from engine.model.ids import DeskName, Symbol
from engine.model.mismatches import MismatchAsked, MismatchSettled
from engine.model.money import Money
from engine.model.readiness import ReadinessChecked
from engine.model.realised import BrokerDiffers


def tell(
    fact: facts.AnyFact, lang: Lang, names: Names = NO_NAMES, desk: DeskName = DeskName.US
) -> str | None:
    """The alert of a fact; None for facts that are answers to somebody else's question.

    ``names`` of the stocks, where the fact itself carries the code only; ``desk`` that told it.
    """
    if isinstance(fact, _ORDERS):
        return _order(fact, _name(fact, names), lang)
    if isinstance(fact, _POSITIONS):
        return _position(fact, _name(fact, names), lang)
    if isinstance(fact, _ENTRIES):
        return _entry(fact, lang)
    if isinstance(fact, _DAYS):
        return _day(fact, desk, lang)
    if isinstance(fact, MismatchAsked):
        return fact_positions.mismatch_asked(fact, lang)
    return None if isinstance(fact, _UNTOLD) else _state(fact, desk, lang)


def dated(
    fact: facts.AnyFact, text: str, at: datetime, lang: Lang, desk: DeskName = DeskName.US
) -> str:
    """The alert with when it happened, where it does not say so itself: it may come late."""
    if isinstance(fact, _SAY_WHEN):
        return text
    return lines(text, times.kst(at) if desk is DeskName.KRX else times.both(at, lang))


_SAY_WHEN = (
    order_facts.OrderFilled,
    entry_facts.EntryFilled,
    day_facts.DaySummary,
    PeriodEnded,
    entry_facts.DayPlanned,
    day_facts.CalendarWarning,
    BrokerDiffers,
)
# Answers where they were asked for, and rows for whoever looks later.
_UNTOLD = (commands.CommandAnswered, MismatchSettled)
_ORDERS = (
    *(
        order_facts.OrderAccepted,
        order_facts.OrderRejected,
        order_facts.OrderUnresolved,
        order_facts.OrderResolved,
    ),
    *(order_facts.OrderEnded, order_facts.OrderFilled, order_facts.SoldElsewhere),
)
_POSITIONS = (
    *(
        position_facts.BuySeen,
        position_facts.HoldingExcluded,
        position_facts.HoldingAdopted,
        position_facts.QuestionAsked,
    ),
    *(
        position_facts.QuestionClosed,
        position_facts.PriceBreak,
        position_facts.QuoteStale,
        mismatches.MismatchSeen,
    ),
)
_ENTRIES = (
    *(entry_facts.EntryDecided, entry_facts.EntryRefused, entry_facts.EntryFilled),
    *(entry_facts.SymbolHalted, entry_facts.PositionHeld, entry_facts.SmallEnded),
)
_DAYS = (
    *(day_facts.WindowChanged, entry_facts.PhaseChanged, day_facts.CalendarWarning),
    *(entry_facts.DayPlanned, day_facts.DaySummary, PeriodEnded, BrokerDiffers),
    ReadinessChecked,
)
_OrderFact = (
    order_facts.OrderAccepted[Money]
    | order_facts.OrderRejected[Money]
    | order_facts.OrderUnresolved[Money]
    | order_facts.OrderResolved[Money]
    | order_facts.OrderEnded[Money]
    | order_facts.OrderFilled[Money]
    | order_facts.SoldElsewhere[Money]
)
_PositionFact = (
    position_facts.BuySeen
    | position_facts.HoldingExcluded
    | position_facts.HoldingAdopted
    | position_facts.QuestionAsked
    | position_facts.QuestionClosed
    | position_facts.PriceBreak
    | position_facts.QuoteStale
    | mismatches.MismatchSeen
)
_EntryFact = (
    entry_facts.EntryDecided
    | entry_facts.EntryRefused
    | entry_facts.EntryFilled
    | entry_facts.SymbolHalted
    | entry_facts.PositionHeld
    | entry_facts.SmallEnded
)
_DayFact = (
    day_facts.WindowChanged
    | entry_facts.PhaseChanged
    | day_facts.CalendarWarning
    | entry_facts.DayPlanned
    | day_facts.DaySummary[Money]
    | PeriodEnded
    | BrokerDiffers[Money]
    | ReadinessChecked
)
_StateFact = (
    state_facts.TroubleBegan
    | state_facts.TroubleEnded
    | state_facts.QuotaWarning
    | state_facts.StateChanged
)


def _symbol(fact: _OrderFact | _PositionFact) -> Symbol:
    """The stock a fact is about."""
    match fact:
        case (
            order_facts.OrderAccepted()
            | order_facts.OrderRejected()
            | order_facts.OrderUnresolved()
            | order_facts.OrderResolved()
            | order_facts.OrderEnded()
            | order_facts.OrderFilled()
        ):
            return fact.order.symbol
        case _:
            return fact.symbol


def _name(fact: _OrderFact | _PositionFact, names: Names) -> str:
    return names.get(_symbol(fact), "")


def _order(fact: _OrderFact, name: str, lang: Lang) -> str:
    match fact:
        case order_facts.OrderAccepted():
            return fact_orders.accepted(fact, name, lang)
        case order_facts.OrderRejected():
            return fact_orders.rejected(fact, name, lang)
        case order_facts.OrderUnresolved():
            return fact_orders.unresolved(fact, name, lang)
        case order_facts.OrderResolved():
            return fact_orders.resolved(fact, name, lang)
        case order_facts.OrderEnded():
            return fact_orders.ended(fact, name, lang)
        case order_facts.OrderFilled():
            return fact_orders.filled(fact, name, lang)
        case order_facts.SoldElsewhere():
            return fact_orders.sold_elsewhere(fact, name, lang)
        case _:
            assert_never(fact)


def _position(fact: _PositionFact, name: str, lang: Lang) -> str:
    match fact:
        case position_facts.BuySeen():
            return fact_positions.buy_seen(fact, lang)
        case position_facts.HoldingExcluded():
            return fact_positions.excluded(fact, name, lang)
        case position_facts.HoldingAdopted():
            return fact_positions.adopted(fact, name, lang)
        case position_facts.QuestionAsked():
            return fact_positions.question(fact, lang)
        case position_facts.QuestionClosed():
            return fact_positions.question_closed(fact, name, lang)
        case position_facts.PriceBreak():
            return fact_positions.price_break(fact, name, lang)
        case position_facts.QuoteStale():
            return fact_positions.quote_stale(fact, name, lang)
        case mismatches.MismatchSeen():
            return fact_positions.mismatch(fact, name, lang)
        case _:
            assert_never(fact)


def _entry(fact: _EntryFact, lang: Lang) -> str:
    match fact:
        case entry_facts.EntryDecided():
            return fact_entries.decided(fact, lang)
        case entry_facts.EntryRefused():
            return fact_entries.refused(fact, lang)
        case entry_facts.EntryFilled():
            return fact_entries.filled(fact, lang)
        case entry_facts.SymbolHalted():
            return fact_entries.halted(fact, lang)
        case entry_facts.PositionHeld():
            return fact_entries.held(fact, lang)
        case entry_facts.SmallEnded():
            return fact_entries.small_ended(fact, lang)
        case _:
            assert_never(fact)


def _day(fact: _DayFact, desk: DeskName, lang: Lang) -> str:
    match fact:
        case day_facts.WindowChanged():
            return fact_day.window_changed(fact, lang)
        case entry_facts.PhaseChanged():
            return fact_day.phase_changed(fact, lang)
        case day_facts.CalendarWarning():
            return fact_day.calendar_warning(fact, lang)
        case entry_facts.DayPlanned():
            return fact_day.day_planned(fact, lang)
        case day_facts.DaySummary():
            return fact_day.day_summary(fact, lang)
        case PeriodEnded():
            return fact_day.period_ended(fact, lang)
        case BrokerDiffers():
            return broker.differs(fact, lang)
        case ReadinessChecked():
            return readiness.checked(fact, desk, lang)
        case _:
            assert_never(fact)


def _state(fact: _StateFact, desk: DeskName, lang: Lang) -> str:
    match fact:
        case state_facts.TroubleBegan():
            return fact_state.trouble_began(fact, lang)
        case state_facts.TroubleEnded():
            return fact_state.trouble_ended(fact, lang)
        case state_facts.QuotaWarning():
            return fact_state.quota_warning(fact, lang)
        case state_facts.StateChanged():
            return fact_state.state_changed(fact, desk, lang)
        case _:
            assert_never(fact)
