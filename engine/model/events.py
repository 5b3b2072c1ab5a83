"""Everything a desk may receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.account import Cash, Holding
from engine.model.commands import Command
from engine.model.fills import OrderNotice
from engine.model.ids import ClientOrderId, CommandId, Symbol
from engine.model.orders import OrderReport, PlaceAnswer
from engine.model.quota import Quota
from engine.model.quotes import Tick


@dataclass(frozen=True, slots=True)
class TickSeen:
    """A price from the stream or from a price call."""

    tick: Tick


@dataclass(frozen=True, slots=True)
class HoldingsSeen:
    """The whole US account as one balance call showed it; ``asked_at`` is when it was sent.

    Orders answered or filled after ``asked_at`` may be missing in it.
    """

    holdings: tuple[Holding, ...]
    asked_at: datetime
    quota: Quota


@dataclass(frozen=True, slots=True)
class ReportsSeen:
    """Orders and executions of today and the day before (US dates), one row an order."""

    reports: tuple[OrderReport, ...]
    asked_at: datetime
    quota: Quota


@dataclass(frozen=True, slots=True)
class CashSeen:
    """Dollars and the won rate."""

    cash: Cash


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A stream notice: a hint, see OrderNotice."""

    notice: OrderNotice


class FetchKind(StrEnum):
    """What a failed fetch was for."""

    HOLDINGS = "holdings"
    REPORTS = "reports"
    PRICE = "price"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """A read brought nothing. ``is_quota``: it was not even sent.

    ``symbol`` of a price call; None where the caller does not say.
    """

    kind: FetchKind
    reason: str
    is_quota: bool
    quota: Quota
    symbol: Symbol | None = None


@dataclass(frozen=True, slots=True)
class PlaceAnswered:
    """The broker's answer to an order, or that there was none."""

    client_order_id: ClientOrderId
    answer: PlaceAnswer


@dataclass(frozen=True, slots=True)
class CancelAnswered:
    """The answer to a cancel. Also after a yes only the executions end the order."""

    client_order_id: ClientOrderId
    answer: PlaceAnswer


class StreamState(StrEnum):
    """Health of the socket session."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """The socket came or went. ``has_notices`` False: fills must be polled.

    ``reason`` is empty when it is away because nothing was wanted of it.
    """

    state: StreamState
    has_notices: bool
    has_quotes: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """Market time moved by itself (demo jump, suspended machine): re-base elapsed times.

    Nothing that was seen or asked for before it is given to the desk after it, but executions and
    the answers to orders.
    """

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """First event of every run, after the book was loaded."""


@dataclass(frozen=True, slots=True)
class WakeUp:
    """The time the desk asked for has come."""


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A person's wish, answered with a CommandAnswered of the same id."""

    command_id: CommandId
    command: Command


Event = (
    TickSeen
    | HoldingsSeen
    | ReportsSeen
    | CashSeen
    | NoticeSeen
    | FetchFailed
    | PlaceAnswered
    | CancelAnswered
    | StreamChanged
    | ClockJumped
    | Started
    | WakeUp
    | CommandGiven
)
