"""Which line of the log a decision is. Pure; only fields that hold no amount of the account."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from engine.desk.base import Outcome
from engine.model.day_facts import CalendarWarning
from engine.model.entry_facts import EntryDecided, EntryFilled, EntryRefused
from engine.model.facts import AnyFact
from engine.model.ids import DeskState
from engine.model.intents import Cancel, Place
from engine.model.log_lines import Fields
from engine.model.mismatches import MismatchAsked, MismatchSeen
from engine.model.money import Money
from engine.model.order_facts import OrderFilled, OrderRejected, OrderUnresolved
from engine.model.orders import CancelIntent, OrderIntent
from engine.model.position_facts import PriceBreak, QuoteStale
from engine.model.score import Gate, Refused
from engine.model.state_facts import StateChanged, Trouble, TroubleBegan

# Of every fact and intent these fields are told, and no other: none is an amount.
_TOLD = frozenset(
    {
        *("symbol", "client_order_id", "broker_order_no", "original_order_no", "side", "kind"),
        *("reason", "score", "code", "question", "choice", "decision", "refusal", "command_id"),
        *("client_order_ids", "state", "user_latch", "guard_latch", "trouble", "lasted_s"),
        *("window", "phase", "until", "day", "days_left", "interval_s", "by_user", "is_over"),
        *("is_volatility", "is_complete", "will_reprice", "is_special", "used", "cap", "step"),
        "round_trips",
    }
)
_INSIDE = ("order", "fill")
_NAMES: dict[type, str] = {Place: "order", OrderFilled: "fill", EntryFilled: "fill"}
_WARNINGS = (
    *(OrderRejected, OrderUnresolved, TroubleBegan, MismatchSeen, MismatchAsked, PriceBreak),
    *(CalendarWarning, QuoteStale),
)
# What these measure is money.
_MONEY_GATES = frozenset({Gate.DAILY_LOSS, Gate.ORDER_VALUE, Gate.NO_CASH, Gate.TOO_SMALL})
_MONEY_TROUBLES = frozenset({Trouble.DAILY_LOSS})
_FIGURE = re.compile(r"\d[\d,]{3,}(?:\.\d+)?")
_LONGEST = 200
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")

Told = AnyFact | Place[Money] | Cancel


def told_of(outcome: Outcome[Money]) -> Iterator[Told]:
    """What of an outcome is a line each.

    Reads and streaming wishes are no decisions. That an entry was decided is told by its order.
    """
    for intent in outcome.intents:
        if isinstance(intent, Place | Cancel):
            yield intent
    for fact in outcome.facts:
        if not isinstance(fact, EntryDecided):
            yield fact


def level_of(told: Told) -> int:
    """A warning is what somebody should look at."""
    is_stopped = isinstance(told, StateChanged) and told.state is not DeskState.RUNNING
    return logging.WARNING if is_stopped or isinstance(told, _WARNINGS) else logging.INFO


def line_of(told: Told, whose: Fields, at: datetime) -> Fields:
    """The fields of its line. ``at``: market time."""
    return (
        ("event", event_of(told)),
        *whose,
        *_fields(told.order if isinstance(told, Place | Cancel) else told),
        ("at", at.isoformat(timespec="seconds")),
    )


def event_of(told: Told) -> str:
    """Its name in the log."""
    return _NAMES.get(type(told)) or _CAPITAL.sub("_", type(told).__name__).lower()


def without_figures(text: str) -> str:
    """Words of others, where a figure of four digits or more may be an amount or an account."""
    return _FIGURE.sub("#", text)[:_LONGEST]


def _fields(told: AnyFact | OrderIntent[Money] | CancelIntent) -> Fields:
    found: dict[str, str] = {}
    _collect(told, found)
    for name in _INSIDE:
        inner = getattr(told, name, None)
        if inner is not None:
            _collect(inner, found)
    found.update(_measured(told))
    if isinstance(told, OrderRejected):
        found["text"] = without_figures(told.text)
    return tuple((name, value) for name, value in found.items() if value)


def _collect(value: object, found: dict[str, str]) -> None:
    if not is_dataclass(value):
        return
    for field in fields(value):
        if field.name in _TOLD and field.name not in found:
            found[field.name] = _text(field.name, getattr(value, field.name))


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case tuple():
            return ",".join(str(item) for item in value)
        case _ if name == "reason":
            return without_figures(str(value))
        case _:
            return str(value)[:_LONGEST]


def _measured(told: object) -> dict[str, str]:
    """What was measured against which limit, unless that is money."""
    if isinstance(told, EntryRefused):
        refused: Refused = told.refused
        found = {"gate": refused.gate.value, "score": str(told.score)}
        return found if refused.gate in _MONEY_GATES else found | _pair(refused)
    if isinstance(told, StateChanged | TroubleBegan):
        is_money = told.trouble is None or told.trouble in _MONEY_TROUBLES
        return {} if is_money else _pair(told)
    return {}


def _pair(told: Refused | StateChanged | TroubleBegan) -> dict[str, str]:
    return {"measured": told.measured, "limit": told.limit}
