"""What happens in a soak, drawn from a seed: what the trader does, what breaks and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from sandbox import session
from sandbox.krx import hours
from sandbox.model import Fault

MINUTE = timedelta(minutes=1)
US_WINDOW_END = 12  # New York
CALM = 20 * MINUTE  # at the end: what was begun comes to its end
SETTLED = 2 * MINUTE  # between two troubles
STOPPED = 12 * MINUTE  # after one that stops a desk: a relapse holds for longer


class Part(StrEnum):
    """Of the day, by what the desks do."""

    KRX = "krx"
    PREMARKET = "premarket"
    REGULAR = "regular"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults that last for ``minutes`` of market time, then are withdrawn.

    ``stops``: a desk at work must stop for it, and say so.
    """

    name: str
    faults: tuple[Fault, ...]
    minutes: int
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """Something at a moment of market time."""

    at: datetime
    part: Part
    what: Trouble | str

    @property
    def until(self) -> datetime:
        """When a trouble is withdrawn."""
        minutes = self.what.minutes if isinstance(self.what, Trouble) else 0
        return self.at + minutes * MINUTE


def _rest(kind: str, target: str = "*", times: int = 0, value: str = "") -> tuple[Fault, ...]:
    return (Fault("rest", kind, target, times, value),)


def _notices(kind: str, times: int, value: str = "") -> tuple[Fault, ...]:
    return tuple(Fault("ws", kind, tr, times, value) for tr in ("H0STCNI0", "H0GSCNI0"))


def _telegram(kind: str, target: str, times: int, value: str = "") -> tuple[Fault, ...]:
    return (Fault("telegram", kind, target, times, value),)


_ORDERS = "/trading/order /trading/order-cash"
_LISTS = "inquire-daily-ccld inquire-ccnl"
# Short ones: no guard needs to stop a desk for them, though one may.
_PASSING = (
    Trouble("socket cut", (Fault("ws", "drop", "real", 1, "free"),), 2),
    Trouble("answer lost", _rest("reset_after", _ORDERS, 1), 8),
    Trouble("answer torn", _rest("truncated", _ORDERS, 1), 8),
    Trouble("order refused", _rest("refuse", _ORDERS, 1, "APBK0952"), 8),
    Trouble("5xx", _rest("http500_html", "*", 6), 4),
    Trouble("gateway", _rest("http500_json", "*", 6, "EGW00301"), 4),
    Trouble("token dead", _rest("token_killed", "*", 1), 4),
    Trouble("rate refused", _rest("rate_limited", "*", 2), 4),
    Trouble("cut before", _rest("reset_before", "*", 4), 4),
    Trouble("slow", _rest("slow", "*", 0, "0.1"), 3),
    Trouble("blank rows", _rest("blank_rows"), 6),
    Trouble("duplicate rows", _rest("duplicate_rows"), 6),
    Trouble("executions late", _rest("fill_hidden", _LISTS, 0, "40"), 8),
    Trouble("notices late", _notices("late", 0, "40"), 8),
    Trouble("notices lost", _notices("lost", 0), 8),
    Trouble("notices twice", _notices("duplicate", 0), 8),
    Trouble("telegram away", _telegram("bad_gateway", "*", 0), 12),
    Trouble("telegram black hole", _telegram("black_hole", "sendMessage", 1), 6),
    Trouble("telegram flood", _telegram("flood", "sendMessage", 3, "3"), 6),
    Trouble("alert answer lost", _telegram("lost_answer", "sendMessage", 1), 6),
)
# Long enough for a guard.
_STOPPING = (
    Trouble("errors", _rest("http500_html"), 6, stops=True),
    Trouble("silence", _rest("reset_before"), 9, stops=True),
    Trouble("account", _rest("account_failing"), 8, stops=True),
    Trouble("clock", _rest("skew", "*", 0, "15"), 5, stops=True),
)
# Of the KRX desk alone, whose calls are many.
_REFUSING = Trouble("refusals", _rest("crowded", "*", 0, "30"), 5, stops=True)

_ASKS = (
    *("/status", "/positions", "/balance", "/orders", "/trades 10", "/stats", "/stats reasons"),
    *("/report day", "/report day", "/why", "/scan", "/quota", "/config", "/config target"),
    *("/locks", "/alerts", "/help", "/version", "상태", "잔고", "nonsense"),
)
_DEEDS: dict[Part, tuple[str, ...]] = {
    Part.KRX: ("why", "pause krx", "sell no", "sell yes", "lock", "set no", "set yes", "hand krx"),
    Part.PREMARKET: ("buy", "buy", "buy", "hand us", "sell no", "sell yes", "stop no", "pause us"),
    Part.REGULAR: ("buy", "buy", "buy", "buy", "hand us", "sell no", "sell yes", "set no"),
    Part.NIGHT: ("stop no", "set no", "set yes"),
}
_EVERY = {Part.KRX: (3, 9), Part.PREMARKET: (4, 12), Part.REGULAR: (2, 6), Part.NIGHT: (15, 45)}
_TROUBLED = {Part.KRX: (1, 6), Part.PREMARKET: (2, 10), Part.REGULAR: (1, 5), Part.NIGHT: (20, 60)}
_STOPS = 0.2  # of the troubles in a desk's hours


def draw(seed: int, start: datetime, end: datetime) -> list[Deed]:
    """Everything, in order of time; the same for the same arguments."""
    dice = Random(seed)
    last = end - CALM
    deeds = [*_trader(dice, start + 10 * MINUTE, last), *_troubles(dice, start + 15 * MINUTE, last)]
    return sorted(deeds, key=lambda deed: deed.at)


def part_of(moment: datetime) -> Part:
    """What the desks do then."""
    if hours.phase(moment) is hours.KrxPhase.CONTINUOUS:
        return Part.KRX
    eastern = moment.astimezone(session.ET)
    if session.is_trading_day(eastern.date()) and eastern.hour < US_WINDOW_END:
        match session.phase(moment):
            case session.Phase.PREMARKET:
                return Part.PREMARKET
            case session.Phase.REGULAR:
                return Part.REGULAR
            case _:
                pass
    return Part.NIGHT


def _trader(dice: Random, at: datetime, last: datetime) -> Iterator[Deed]:
    while at < last:
        part = part_of(at)
        yield Deed(at, part, dice.choice(_ASKS if dice.random() < 0.5 else _DEEDS[part]))
        at += dice.uniform(*_EVERY[part]) * MINUTE


def _troubles(dice: Random, at: datetime, last: datetime) -> Iterator[Deed]:
    """One after the other, so that each can be told from the next."""
    passing = _deck(dice, _PASSING)
    stopping = {
        part: _deck(dice, (*_STOPPING, _REFUSING) if part is Part.KRX else _STOPPING)
        for part in Part
    }
    while at < last:
        part = part_of(at)
        stops = part is not Part.NIGHT and dice.random() < _STOPS
        trouble = stopping[part]() if stops else passing()
        deed = Deed(at, part, trouble)
        if deed.until < last and part_of(deed.until) is part:
            yield deed
        at = deed.until + (STOPPED if trouble.stops else SETTLED)
        at += dice.uniform(*_TROUBLED[part]) * MINUTE


def _deck(dice: Random, troubles: tuple[Trouble, ...]) -> Callable[[], Trouble]:
    """Deals each once before any comes again."""
    left: list[Trouble] = []

    def deal() -> Trouble:
        if not left:
            left.extend(dice.sample(troubles, len(troubles)))
        return left.pop()

    return deal
