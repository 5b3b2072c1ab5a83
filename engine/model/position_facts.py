"""What the US desk tells of the shares it watches: found, asked about, hard to price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.model.commands import Choice
from engine.model.ids import Qty, QuestionId, Symbol
from engine.model.money import Usd


@dataclass(frozen=True, slots=True)
class BuySeen:
    """A buy made elsewhere became a watched lot."""

    symbol: Symbol
    name: str
    qty: Qty
    avg_cost: Usd
    target_pct: Decimal
    target_price: Usd
    total_qty: Qty


@dataclass(frozen=True, slots=True)
class HoldingExcluded:
    """Shares the desk will leave alone, and why (trader's choice, setting)."""

    symbol: Symbol
    qty: Qty
    by_user: bool


@dataclass(frozen=True, slots=True)
class HoldingAdopted:
    """Shares from before the start that the trader (or the setting) gave to the desk."""

    symbol: Symbol
    qty: Qty
    avg_cost: Usd
    target_price: Usd


class QuestionKind(StrEnum):
    """Why the desk asks instead of acting."""

    EXISTING_HOLDING = "existing_holding"
    GAIN_TOO_HIGH = "gain_too_high"
    FAR_FROM_CLOSE = "far_from_close"
    COST_CHANGED = "cost_changed"
    WRONG_CURRENCY = "wrong_currency"


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """The desk waits for the trader. ``seen`` and ``expected`` are the two figures."""

    question: QuestionId
    kind: QuestionKind
    symbol: Symbol
    name: str
    qty: Qty
    avg_cost: Usd
    seen: Usd | None
    expected: Usd | None
    gain_pct: Decimal | None
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QuestionClosed:
    """Answered, or no longer of interest (``choice`` None)."""

    question: QuestionId
    symbol: Symbol
    choice: Choice | None


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """The price level jumped as a split would make it: nothing is sold, told once."""

    symbol: Symbol
    before: Usd
    after: Usd


@dataclass(frozen=True, slots=True)
class QuoteStale:
    """A price source cannot be trusted today; ``interval_s`` is the honest new interval."""

    symbol: Symbol
    interval_s: Decimal
