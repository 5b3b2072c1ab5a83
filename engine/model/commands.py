"""What a person may ask of a desk. Reaches it as an event, answered by a fact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.ids import BrokerOrderNo, ClientOrderId, CommandId, Qty, QuestionId, Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.settings import UsSettings


class Choice(StrEnum):
    """Buttons of the desk's questions."""

    MANAGE = "manage"  # 관리: sell this holding by the rules
    EXCLUDE = "exclude"  # 제외: leave it alone
    SELL = "sell"  # 팔기: sell now although the sanity gate objects
    WAIT = "wait"  # 기다림: keep watching, ask again when it changes
    BOOK = "book"  # 봇 장부에 반영: the broker is right
    IGNORE = "ignore"  # 무시: the books stay, until the broker's side changes
    NOT_PLACED = "not_placed"  # 주문 없음으로 처리: the order in doubt does not exist
    LINK = "link"  # 주문 있음: it is the listed order of this number


@dataclass(frozen=True, slots=True)
class SellNow:
    """Sell by hand; ``qty`` None is all that can be sold."""

    symbol: Symbol
    qty: Qty | None


@dataclass(frozen=True, slots=True)
class CancelOpenOrder:
    """Take back one of our open orders, by our id or the broker's number."""

    order: ClientOrderId | BrokerOrderNo


@dataclass(frozen=True, slots=True)
class Answer:
    """A press on a button of a question the desk asked. ``number``: which order is meant."""

    question: QuestionId
    choice: Choice
    number: BrokerOrderNo | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The user's latch to exits_only."""


@dataclass(frozen=True, slots=True)
class Halt:
    """The user's latch to halted."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Release the user's latch; a guard's latch stays."""


@dataclass(frozen=True, slots=True)
class ReleaseGuard:
    """Release the guard's latch; refused while its cause still holds."""


@dataclass(frozen=True, slots=True)
class TripGuard:
    """A guard outside the desk wants exits only, until the trader releases it.

    ``reason`` is for the trader. ``is_conflict``: a second program listens to the chat; otherwise
    a service keeps failing.
    """

    reason: str
    is_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """The program is about to end: nothing new until then. No latch, so the next start goes on."""


@dataclass(frozen=True, slots=True)
class ApplySettings:
    """New settings, already validated and stored."""

    settings: UsSettings | KrxSettings


Command = (
    SellNow
    | CancelOpenOrder
    | Answer
    | Pause
    | Halt
    | Resume
    | ReleaseGuard
    | TripGuard
    | Leave
    | ApplySettings
)


class Refusal(StrEnum):
    """Why a command was not done."""

    UNKNOWN_SYMBOL = "unknown_symbol"
    NOTHING_TO_SELL = "nothing_to_sell"
    MARKET_CLOSED = "market_closed"
    ORDER_IN_DOUBT = "order_in_doubt"
    NO_PRICE = "no_price"
    UNKNOWN_ORDER = "unknown_order"
    QUESTION_GONE = "question_gone"
    CAUSE_HOLDS = "cause_holds"
    TRADING_HALTED = "trading_halted"
    DESK_DISABLED = "desk_disabled"
    NOT_LATCHED = "not_latched"


@dataclass(frozen=True, slots=True)
class CommandAnswered:
    """What became of a command. ``refusal`` None: done (for a sale: decided, not filled)."""

    command_id: CommandId
    refusal: Refusal | None
    client_order_ids: tuple[ClientOrderId, ...] = ()
