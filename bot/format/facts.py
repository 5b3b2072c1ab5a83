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
from engine.model import entry_facts, facts
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
    facts.OrderFilled,
    entry_facts.EntryFilled,
    facts.DaySummary,
    PeriodEnded,
    entry_facts.DayPlanned,
    facts.CalendarWarning,
    BrokerDiffers,
)
# Answers where they were asked for, and rows for whoever looks later.
_UNTOLD = (facts.CommandAnswered, MismatchSettled)
_ORDERS = (
    *(facts.OrderAccepted, facts.OrderRejected, facts.OrderUnresolved, facts.OrderResolved),
    *(facts.OrderEnded, facts.OrderFilled, facts.SoldElsewhere),
)
_POSITIONS = (
    *(facts.BuySeen, facts.HoldingExcluded, facts.HoldingAdopted, facts.QuestionAsked),
    *(facts.QuestionClosed, facts.PriceBreak, facts.QuoteStale, facts.MismatchSeen),
)
_ENTRIES = (
    *(entry_facts.EntryDecided, entry_facts.EntryRefused, entry_facts.EntryFilled),
    *(entry_facts.SymbolHalted, entry_facts.PositionHeld, entry_facts.SmallEnded),
)
_DAYS = (
    *(facts.WindowChanged, entry_facts.PhaseChanged, facts.CalendarWarning),
    *(entry_facts.DayPlanned, facts.DaySummary, PeriodEnded, BrokerDiffers),
    ReadinessChecked,
)
_OrderFact = (
    facts.OrderAccepted[Money]
    | facts.OrderRejected[Money]
    | facts.OrderUnresolved[Money]
    | facts.OrderResolved[Money]
    | facts.OrderEnded[Money]
    | facts.OrderFilled[Money]
    | facts.SoldElsewhere[Money]
)
_PositionFact = (
    facts.BuySeen
    | facts.HoldingExcluded
    | facts.HoldingAdopted
    | facts.QuestionAsked
    | facts.QuestionClosed
    | facts.PriceBreak
    | facts.QuoteStale
    | facts.MismatchSeen
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
    facts.WindowChanged
    | entry_facts.PhaseChanged
    | facts.CalendarWarning
    | entry_facts.DayPlanned
    | facts.DaySummary[Money]
    | PeriodEnded
    | BrokerDiffers[Money]
    | ReadinessChecked
)
_StateFact = facts.TroubleBegan | facts.TroubleEnded | facts.QuotaWarning | facts.StateChanged


def _symbol(fact: _OrderFact | _PositionFact) -> Symbol:
    """The stock a fact is about."""
    match fact:
        case (
            facts.OrderAccepted()
            | facts.OrderRejected()
            | facts.OrderUnresolved()
            | facts.OrderResolved()
            | facts.OrderEnded()
            | facts.OrderFilled()
        ):
            return fact.order.symbol
        case _:
            return fact.symbol


def _name(fact: _OrderFact | _PositionFact, names: Names) -> str:
    return names.get(_symbol(fact), "")


def _order(fact: _OrderFact, name: str, lang: Lang) -> str:
    match fact:
        case facts.OrderAccepted():
            return fact_orders.accepted(fact, name, lang)
        case facts.OrderRejected():
            return fact_orders.rejected(fact, name, lang)
        case facts.OrderUnresolved():
            return fact_orders.unresolved(fact, name, lang)
        case facts.OrderResolved():
            return fact_orders.resolved(fact, name, lang)
        case facts.OrderEnded():
            return fact_orders.ended(fact, name, lang)
        case facts.OrderFilled():
            return fact_orders.filled(fact, name, lang)
        case facts.SoldElsewhere():
            return fact_orders.sold_elsewhere(fact, name, lang)
        case _:
            assert_never(fact)


def _position(fact: _PositionFact, name: str, lang: Lang) -> str:
    match fact:
        case facts.BuySeen():
            return fact_positions.buy_seen(fact, lang)
        case facts.HoldingExcluded():
            return fact_positions.excluded(fact, name, lang)
        case facts.HoldingAdopted():
            return fact_positions.adopted(fact, name, lang)
        case facts.QuestionAsked():
            return fact_positions.question(fact, lang)
        case facts.QuestionClosed():
            return fact_positions.question_closed(fact, name, lang)
        case facts.PriceBreak():
            return fact_positions.price_break(fact, name, lang)
        case facts.QuoteStale():
            return fact_positions.quote_stale(fact, name, lang)
        case facts.MismatchSeen():
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
        case facts.WindowChanged():
            return fact_day.window_changed(fact, lang)
        case entry_facts.PhaseChanged():
            return fact_day.phase_changed(fact, lang)
        case facts.CalendarWarning():
            return fact_day.calendar_warning(fact, lang)
        case entry_facts.DayPlanned():
            return fact_day.day_planned(fact, lang)
        case facts.DaySummary():
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
        case facts.TroubleBegan():
            return fact_state.trouble_began(fact, desk, lang)
        case facts.TroubleEnded():
            return fact_state.trouble_ended(fact, desk, lang)
        case facts.QuotaWarning():
            return fact_state.quota_warning(fact, lang)
        case facts.StateChanged():
            return fact_state.state_changed(fact, desk, lang)
        case _:
            assert_never(fact)
