"""Everything a desk may receive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic

from engine.model.account import Cash, Holding
from engine.model.calls import CallTally
from engine.model.commands import Command
from engine.model.fills import OrderNotice
from engine.model.ids import ClientOrderId, CommandId, Symbol
from engine.model.market_events import MarketEvent
from engine.model.money import M_co
from engine.model.orders import OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import Quota
from engine.model.quotes import Tick


@dataclass(frozen=True, slots=True)
class TickSeen(Generic[M_co]):
    """A price from the stream or from a price call."""

    tick: Tick[M_co]


@dataclass(frozen=True, slots=True)
class HoldingsSeen(Generic[M_co]):
    """The market's whole account as one balance call showed it; ``asked_at``: when it was sent.

    Orders answered or filled after ``asked_at`` may be missing in it.
    """

    holdings: tuple[Holding[M_co], ...]
    asked_at: datetime
    quota: Quota


@dataclass(frozen=True, slots=True)
class ReportsSeen(Generic[M_co]):
    """Orders and executions of today and the day before (exchange dates), one row an order."""

    reports: tuple[OrderReport[M_co], ...]
    asked_at: datetime
    quota: Quota


@dataclass(frozen=True, slots=True)
class CashSeen(Generic[M_co]):
    """Cash, for dollars with the won rate."""

    cash: Cash[M_co]


@dataclass(frozen=True, slots=True)
class NoticeSeen(Generic[M_co]):
    """A stream notice: a hint, see OrderNotice."""

    notice: OrderNotice[M_co]


class FetchKind(StrEnum):
    """What a failed fetch was for."""

    HOLDINGS = "holdings"
    REPORTS = "reports"
    PRICE = "price"
    CASH = "cash"
    LISTINGS = "listings"
    OPEN_DAYS = "open_days"
    RANKING = "ranking"
    ROWS = "rows"
    DAY_CANDLES = "day_candles"
    MINUTE_CANDLES = "minute_candles"
    INDEX = "index"
    STATE = "state"


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
class CallsSeen:
    """How the desk's calls fare: after a failure or a refusal, and after the first good answer."""

    tally: CallTally


@dataclass(frozen=True, slots=True)
class ClockJumped:
    """Market time moved by itself (demo jump, suspended machine): re-base elapsed times.

    Nothing that was seen or asked for before it is given to the desk after it, but executions and
    the answers to orders.
    """

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Started(Generic[M_co]):
    """First event of every run, after the book was loaded.

    ``orders``: written down and never answered, as far as the journal knows.
    """

    orders: tuple[OrderIntent[M_co], ...] = ()


@dataclass(frozen=True, slots=True)
class WakeUp:
    """The time the desk asked for has come."""


@dataclass(frozen=True, slots=True)
class CommandGiven:
    """A person's wish, answered with a CommandAnswered of the same id."""

    command_id: CommandId
    command: Command


Event = (
    TickSeen[M_co]
    | HoldingsSeen[M_co]
    | ReportsSeen[M_co]
    | CashSeen[M_co]
    | NoticeSeen[M_co]
    | FetchFailed
    | PlaceAnswered
    | CancelAnswered
    | StreamChanged
    | CallsSeen
    | ClockJumped
    | Started[M_co]
    | WakeUp
    | CommandGiven
    | MarketEvent
)
