"""Kinds of alerts: what may be muted, and what never."""

from __future__ import annotations

from enum import StrEnum

from bot.format.lang import Lang
from engine.model import (
    day_facts,
    entry_facts,
    facts,
    mismatches,
    order_facts,
    position_facts,
    state_facts,
)
from engine.model.digests import PeriodEnded
from engine.model.mismatches import MismatchAsked
from engine.model.readiness import ReadinessChecked
from engine.model.realised import BrokerDiffers


class AlertKind(StrEnum):
    """What the trader may switch with /alerts."""

    FILL = "fill"
    BUY = "buy"
    QUESTION = "question"
    ORDER = "order"
    PRICE = "price"
    QUOTA = "quota"
    CALENDAR = "calendar"
    SUMMARY = "summary"
    WINDOW = "window"
    READY = "ready"
    ENTRY = "entry"
    REFUSED = "refused"
    HALT = "halt"
    ERROR = "error"  # never muted
    STATE = "state"  # never muted

    @property
    def is_mutable(self) -> bool:
        """Stops, errors and emergencies are always told aloud."""
        return self not in {AlertKind.ERROR, AlertKind.STATE}


class Loudness(StrEnum):
    """How a kind is told."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


_KINDS: dict[type[facts.AnyFact], AlertKind] = {
    position_facts.BuySeen: AlertKind.BUY,
    position_facts.HoldingExcluded: AlertKind.BUY,
    position_facts.HoldingAdopted: AlertKind.BUY,
    order_facts.OrderAccepted: AlertKind.ORDER,
    order_facts.OrderEnded: AlertKind.ORDER,
    order_facts.OrderRejected: AlertKind.ERROR,
    order_facts.OrderUnresolved: AlertKind.ERROR,
    order_facts.OrderResolved: AlertKind.ERROR,
    order_facts.OrderFilled: AlertKind.FILL,
    order_facts.SoldElsewhere: AlertKind.FILL,
    position_facts.QuestionAsked: AlertKind.QUESTION,
    position_facts.QuestionClosed: AlertKind.QUESTION,
    position_facts.PriceBreak: AlertKind.ERROR,
    position_facts.QuoteStale: AlertKind.PRICE,
    day_facts.WindowChanged: AlertKind.WINDOW,
    day_facts.CalendarWarning: AlertKind.CALENDAR,
    state_facts.TroubleBegan: AlertKind.ERROR,
    state_facts.TroubleEnded: AlertKind.ERROR,
    state_facts.QuotaWarning: AlertKind.QUOTA,
    state_facts.StateChanged: AlertKind.STATE,
    mismatches.MismatchSeen: AlertKind.ERROR,
    MismatchAsked: AlertKind.ERROR,
    ReadinessChecked: AlertKind.READY,
    day_facts.DaySummary: AlertKind.SUMMARY,
    PeriodEnded: AlertKind.SUMMARY,
    BrokerDiffers: AlertKind.ERROR,
    entry_facts.EntryDecided: AlertKind.ENTRY,
    entry_facts.EntryRefused: AlertKind.REFUSED,
    entry_facts.EntryFilled: AlertKind.FILL,
    entry_facts.PhaseChanged: AlertKind.WINDOW,
    entry_facts.DayPlanned: AlertKind.SUMMARY,
    entry_facts.SymbolHalted: AlertKind.HALT,
    entry_facts.PositionHeld: AlertKind.HALT,
    entry_facts.SmallEnded: AlertKind.STATE,
}
_NAMES: dict[AlertKind, tuple[str, str]] = {
    AlertKind.FILL: ("체결", "fills"),
    AlertKind.BUY: ("매수 확인", "buys seen"),
    AlertKind.QUESTION: ("질문", "questions"),
    AlertKind.ORDER: ("주문", "orders"),
    AlertKind.PRICE: ("시세", "quotes"),
    AlertKind.QUOTA: ("호출 한도", "call quota"),
    AlertKind.CALENDAR: ("거래일 표", "calendar"),
    AlertKind.SUMMARY: ("하루 계획, 하루·주·달 결산", "plan of the day, sums of day, week, month"),
    AlertKind.WINDOW: ("구간 변화", "window changes"),
    AlertKind.READY: ("장 전 점검", "checks before a session"),
    AlertKind.ENTRY: ("매수 결정", "entries decided"),
    AlertKind.REFUSED: ("사지 않은 이유", "entries held back"),
    AlertKind.HALT: ("거래 정지와 VI", "halts of what is held"),
    AlertKind.ERROR: ("오류", "errors"),
    AlertKind.STATE: ("정지와 상태", "stops and state"),
}
_LEVELS: dict[Loudness, tuple[str, str]] = {
    Loudness.ON: ("켬", "on"),
    Loudness.SILENT: ("무음", "silent"),
    Loudness.OFF: ("끔", "off"),
}
_SILENT = {AlertKind.WINDOW, AlertKind.REFUSED}
DEFAULTS: dict[AlertKind, Loudness] = {
    kind: Loudness.SILENT if kind in _SILENT else Loudness.ON for kind in AlertKind
}


def kind_of(fact: facts.AnyFact) -> AlertKind | None:
    """None: not told at all."""
    return _KINDS.get(type(fact))


def name(kind: AlertKind, lang: Lang) -> str:
    """The trader's word for a kind."""
    return lang.pick(*_NAMES[kind])


def level_name(level: Loudness, lang: Lang) -> str:
    """The trader's word for how a kind is told."""
    return lang.pick(*_LEVELS[level])
