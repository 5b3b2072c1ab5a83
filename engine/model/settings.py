"""What a desk may be told to do differently: plain values, already validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.model.ids import Symbol


class SellPrice(StrEnum):
    """Which price an exit's limit is put at (never below the target price)."""

    BID = "bid"
    TARGET = "target"
    LAST = "last"


class ExecutionStyle(StrEnum):
    """Watch the price and sell when it is there, or let a limit rest at the target."""

    MONITOR = "monitor"
    RESTING = "resting"


class ExistingHoldings(StrEnum):
    """What happens to holdings from before the start."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"


class AtWindowEnd(StrEnum):
    """What happens at 12:00 ET to orders still open."""

    FOLLOW = "follow"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class UsSettings:
    """The US desk. Percentages as people write them: 3.0 is 3 %. Seconds are market time."""

    target_pct: Decimal = Decimal("3.0")
    target_overrides: Mapping[Symbol, Decimal] = field(default_factory=dict)
    include_costs: bool = False
    fee_pct: Decimal = Decimal("0.25")  # one way, of the traded amount
    sell_price: SellPrice = SellPrice.BID
    execution: ExecutionStyle = ExecutionStyle.MONITOR
    existing: ExistingHoldings = ExistingHoldings.ASK
    at_window_end: AtWindowEnd = AtWindowEnd.FOLLOW
    max_gain_pct: Decimal = Decimal(15)
    max_day_move_pct: Decimal = Decimal(30)
    max_quote_age_s: int = 60
    reprice_after_s: int = 5
    max_reprices: int = 5
    poll_min_s: Decimal = Decimal(3)
    poll_max_s: Decimal = Decimal(10)
    stale_gap_pct: Decimal = Decimal("0.3")
    safe_per_hour: int = 500
    safe_per_day: int = 4500
    daily_limit: int = 5000
