"""Which text tells which fact."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from bot.format import fact_orders, fact_positions, fact_state, times
from bot.format.lang import Lang
from bot.format.markup import lines
from bot.format.positions import NO_NAMES, Names
from engine.model import facts
from engine.model.ids import Symbol


def tell(fact: facts.Fact, lang: Lang, names: Names = NO_NAMES) -> str | None:
    """The alert of a fact; None for facts that are answers to somebody else's question.

    ``names`` of the stocks, where the fact itself carries the code only.
    """
    match fact:
        case (
            facts.OrderAccepted()
            | facts.OrderRejected()
            | facts.OrderUnresolved()
            | facts.OrderResolved()
            | facts.OrderEnded()
            | facts.OrderFilled()
            | facts.SoldElsewhere()
        ):
            return _order(fact, _name(fact, names), lang)
        case (
            facts.BuySeen()
            | facts.HoldingExcluded()
            | facts.HoldingAdopted()
            | facts.QuestionAsked()
            | facts.QuestionClosed()
            | facts.PriceBreak()
            | facts.QuoteStale()
            | facts.MismatchSeen()
        ):
            return _position(fact, _name(fact, names), lang)
        case facts.CommandAnswered():
            return None
        case _:
            return _state(fact, lang)


def dated(fact: facts.Fact, text: str, at: datetime, lang: Lang) -> str:
    """The alert with when it happened, where it does not say so itself: it may come late."""
    if isinstance(fact, facts.OrderFilled | facts.DaySummary | facts.CalendarWarning):
        return text
    return lines(text, times.both(at, lang))


_OrderFact = (
    facts.OrderAccepted
    | facts.OrderRejected
    | facts.OrderUnresolved
    | facts.OrderResolved
    | facts.OrderEnded
    | facts.OrderFilled
    | facts.SoldElsewhere
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
_StateFact = (
    facts.WindowChanged
    | facts.CalendarWarning
    | facts.TroubleBegan
    | facts.TroubleEnded
    | facts.QuotaWarning
    | facts.StateChanged
    | facts.DaySummary
)


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


def _state(fact: _StateFact, lang: Lang) -> str:
    match fact:
        case facts.WindowChanged():
            return fact_state.window_changed(fact, lang)
        case facts.CalendarWarning():
            return fact_state.calendar_warning(fact, lang)
        case facts.TroubleBegan():
            return fact_state.trouble_began(fact, lang)
        case facts.TroubleEnded():
            return fact_state.trouble_ended(fact, lang)
        case facts.QuotaWarning():
            return fact_state.quota_warning(fact, lang)
        case facts.StateChanged():
            return fact_state.state_changed(fact, lang)
        case facts.DaySummary():
            return fact_state.day_summary(fact, lang)
        case _:
            assert_never(fact)
