"""Why the KRX desk wants a stock: points by stage, gates, and where every scanned name ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from engine.model.ids import Symbol
from engine.model.money import Krw


class Stage(StrEnum):
    """The stages of the score, in the order in which they are shown."""

    LIQUIDITY = "liquidity"
    TREND = "trend"
    VOLUME = "volume"
    ZONES = "zones"
    STRENGTH = "strength"
    MARKET = "market"


DAYS = "n_days"  # beside the levels of the zones: of how many days N_DAY_HIGH is


class Zone(StrEnum):
    """Levels whose breaking counts, each with its own points and share of the position."""

    OPENING_RANGE = "opening_range"
    PREV_HIGH = "prev_high"
    N_DAY_HIGH = "n_day_high"
    VOLATILITY = "volatility"  # open + k x yesterday's range


@dataclass(frozen=True, slots=True)
class StageScore:
    """One stage. ``points`` None: its input is absent (n/a) and its weight went to the others.

    ``weight`` as set; ``raw``: the measured values as (name, text); ``reason``: a code for the
    words of the chat.
    """

    stage: Stage
    weight: int
    points: Decimal | None
    raw: tuple[tuple[str, str], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """The whole score of one stock at one moment.

    ``total`` is the sum of the stages' points, 0 to 100. ``present_weight``: weight points whose
    input was there. ``broken``: zones above whose level the price is; ``level``: the highest of
    those.
    """

    symbol: Symbol
    at: datetime
    price: Krw
    total: Decimal
    present_weight: int
    stages: tuple[StageScore, ...]
    broken: tuple[Zone, ...]
    level: Krw | None


class Gate(StrEnum):
    """Named reasons for which nothing is entered. The first that holds is told."""

    # the market and the stock
    CLOSED = "closed"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    TRADING_HALT = "trading_halt"
    VOLATILITY_HALT = "volatility_halt"
    UPPER_LIMIT = "upper_limit"
    SPREAD = "spread"
    STALE_PRICE = "stale_price"
    LOCKED = "locked"
    ORDER_OPEN = "order_open"
    ORDER_IN_DOUBT = "order_in_doubt"
    # the score
    TOO_LITTLE_KNOWN = "too_little_known"
    NO_ZONE = "no_zone"
    SCORE = "score"
    # risk guards
    DESK_STATE = "desk_state"
    MAX_TRADES = "max_trades"
    DAILY_LOSS = "daily_loss"
    MAX_POSITIONS = "max_positions"
    ORDER_VALUE = "order_value"
    ORDERS_PER_MINUTE = "orders_per_minute"
    LOSS_STREAK = "loss_streak"
    SYMBOL_COOLDOWN = "symbol_cooldown"
    INDEX_DOWN = "index_down"
    NO_CASH = "no_cash"
    TOO_SMALL = "too_small"  # sizing leaves not one share


@dataclass(frozen=True, slots=True)
class Refused:
    """A gate that holds, with what was measured and what is allowed.

    ``until``: when it opens by the clock, None where nobody can tell.
    """

    gate: Gate
    measured: str = ""
    limit: str = ""
    until: datetime | None = None


class Unfit(StrEnum):
    """Why a listed name is not in the universe."""

    SEGMENT = "segment"
    KIND = "kind"
    HALTED = "halted"
    LIQUIDATION = "liquidation"
    MANAGED = "managed"
    WARNING = "warning"
    OVERHEATED = "overheated"
    LOCKED = "locked"
    PRICE = "price"
    TRADED_VALUE = "traded_value"
    MARKET_CAP = "market_cap"
    NEW_LISTING = "new_listing"


class Bucket(StrEnum):
    """Where a scanned name ended: exactly one at a time, the furthest it came today."""

    UNFIT = "unfit"  # not in the universe (Unfit says why)
    QUIET = "quiet"  # scanned, nothing that could still pass
    CANDIDATE = "candidate"  # charts read or being read, not streamed
    WATCHED = "watched"  # streamed, score below the threshold
    GATED = "gated"  # score reached, a gate or guard refused (Gate says which)
    ORDERED = "ordered"
    HELD = "held"
    DONE = "done"  # traded today and closed


@dataclass(frozen=True, slots=True)
class Candidate:
    """One scanned name as /scan shows it. ``detail``: the Unfit or Gate behind the bucket."""

    symbol: Symbol
    name: str
    bucket: Bucket
    detail: str
    price: Krw | None
    change_pct: Decimal | None
    card: ScoreCard | None


class StageReason(StrEnum):
    """What a stage found, one word each; the value of ``StageScore.reason``."""

    ABSENT = "absent"  # n/a: the input is not there
    LIQUID = "liquid"
    THIN = "thin"  # less value traded than wanted by now
    WIDE_SPREAD = "wide_spread"
    TREND_UP = "trend_up"
    TREND_MIXED = "trend_mixed"
    TREND_DOWN = "trend_down"
    WIDE_GAP = "wide_gap"  # opened too far from the previous close
    VOLUME_FULL = "volume_full"
    VOLUME_HIGH = "volume_high"
    VOLUME_USUAL = "volume_usual"
    ZONES_BROKEN = "zones_broken"
    NO_ZONE_BROKEN = "no_zone_broken"
    BUYERS_FULL = "buyers_full"
    BUYERS_LEAD = "buyers_lead"
    SELLERS_LEAD = "sellers_lead"
    MARKET_UP = "market_up"
    MARKET_FLAT = "market_flat"
    MARKET_DOWN = "market_down"
