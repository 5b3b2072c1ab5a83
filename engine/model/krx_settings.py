"""What the KRX desk may be told to do differently: plain values, already validated.

Percentages as people write them: 3.0 is 3 %. Seconds and minutes are market time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from engine.model.ids import Symbol
from engine.model.listing import Segment
from engine.model.orders import OrderKind
from engine.model.score import Stage, Zone


@dataclass(frozen=True, slots=True)
class UniverseSettings:
    """Which listed names are looked at. Halted, managed, warned ones and liquidations never."""

    segments: frozenset[Segment] = frozenset(Segment)
    min_price_krw: int = 1_000
    max_price_krw: int = 500_000
    min_traded_value_krw: int = 1_000_000_000  # of the previous day, by its volume and base price
    min_market_cap_krw: int = 50_000_000_000
    include_etf: bool = False
    include_etn: bool = False
    include_preferred: bool = False
    include_spac: bool = False
    min_listed_days: int = 20


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How calls and registrations are spent."""

    calls_per_second: Decimal = Decimal(10)
    sweep_every_s: int = 120  # the whole universe by thirties
    rankings_every_s: int = 20
    max_candidates: int = 60  # names whose charts are read
    max_watched: int = 38  # of 40 registrations two are notices'
    swap_margin: int = 5  # points by which a newcomer must lead to take a registration
    keep_watched_s: int = 60  # a registration is not given away sooner


def _weights() -> Mapping[Stage, int]:
    return MappingProxyType(
        {
            Stage.LIQUIDITY: 10,
            Stage.TREND: 15,
            Stage.VOLUME: 25,
            Stage.ZONES: 30,
            Stage.STRENGTH: 10,
            Stage.MARKET: 10,
        }
    )


def _zone_points() -> Mapping[Zone, int]:
    """Per cent of the zone stage's points each zone brings; together they may exceed 100."""
    return MappingProxyType(
        {Zone.OPENING_RANGE: 35, Zone.PREV_HIGH: 35, Zone.N_DAY_HIGH: 30, Zone.VOLATILITY: 30}
    )


def _zone_shares() -> Mapping[Zone, int]:
    """Per cent of the planned position that each broken zone allows; capped at 100."""
    return MappingProxyType(
        {Zone.OPENING_RANGE: 50, Zone.PREV_HIGH: 50, Zone.N_DAY_HIGH: 50, Zone.VOLATILITY: 50}
    )


@dataclass(frozen=True, slots=True)
class StageSettings:
    """The stages: weights (together 100) and where each begins and is full."""

    weights: Mapping[Stage, int] = field(default_factory=_weights)
    zone_points: Mapping[Zone, int] = field(default_factory=_zone_points)
    zone_shares: Mapping[Zone, int] = field(default_factory=_zone_shares)
    full_traded_value_krw: int = 5_000_000_000  # today's, scaled to the time of day
    max_spread_ticks: int = 3  # also a gate
    short_average_days: int = 5
    long_average_days: int = 20
    max_gap_pct: Decimal = Decimal(10)  # an opening gap beyond it brings no trend points
    min_surge: Decimal = Decimal("1.5")  # volume against the usual by this minute: no points below
    full_surge: Decimal = Decimal(4)
    opening_range_min: int = 5
    n_days: int = 20
    volatility_k: Decimal = Decimal("0.5")
    min_strength: Decimal = Decimal(100)
    full_strength: Decimal = Decimal(150)
    full_index_pct: Decimal = Decimal("0.5")  # index change with full points; none at its negative


@dataclass(frozen=True, slots=True)
class EntrySettings:
    """When and how a position is opened."""

    threshold: int = 70
    min_present_weight: int = 60
    kind: OrderKind = OrderKind.LIMIT
    collar_pct: Decimal = Decimal("0.5")  # a limit lies at most so far above the last price
    timeout_s: int = 10
    max_reprices: int = 2
    last_entry_before_close_min: int = 20
    max_quote_age_s: int = 10
    cancel_at_end: bool = True  # open entries are taken back when the program ends


@dataclass(frozen=True, slots=True)
class ExitSettings:
    """When a position is closed. None switches a rule off."""

    stop_loss_pct: Decimal = Decimal("2.0")
    take_profit_pct: Decimal | None = Decimal("5.0")
    scale_out_pct: Decimal | None = None
    scale_out_share_pct: int = 50
    trailing_arm_pct: Decimal | None = Decimal("2.5")
    trailing_give_pct: Decimal = Decimal("1.2")
    failed_breakout_pct: Decimal | None = Decimal("1.0")  # so far below the broken level
    time_stop_min: int | None = 60
    time_stop_gain_pct: Decimal = Decimal("0.5")  # a position above it is left to the other rules
    flatten_before_close_min: int = 15
    hold_upper_limit: bool = True
    reprice_after_s: int = 5


@dataclass(frozen=True, slots=True)
class SizingSettings:
    """How many shares."""

    risk_per_trade_pct: Decimal = Decimal("0.5")  # of the equity, lost at the stop
    max_position_pct: Decimal = Decimal(20)  # of the equity
    liquidity_share_pct: Decimal = Decimal("0.5")  # of the value traded today


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """Guards. None of them ever touches an exit."""

    max_trades: int = 10  # positions opened a day
    max_daily_loss_krw: int | None = None
    max_daily_loss_pct: Decimal | None = Decimal("2.0")  # of the equity at the day's start
    max_positions: int = 5
    max_order_krw: int = 2_000_000
    max_orders_per_minute: int = 10
    loss_streak: int = 3
    loss_streak_pause_min: int = 30
    symbol_cooldown_min: int = 30
    index_floor_pct: Decimal = Decimal("-1.5")


@dataclass(frozen=True, slots=True)
class SmallSettings:
    """Entry orders just after the switch to real money, for so many clean round trips."""

    order_krw: int
    round_trips: int


@dataclass(frozen=True, slots=True)
class KrxSettings:
    """The KRX desk. ``fee_pct`` is one way, of the traded amount; the tax is a dated table.

    ``small`` None: the desk need not begin small.
    """

    universe: UniverseSettings = field(default_factory=UniverseSettings)
    scan: ScanSettings = field(default_factory=ScanSettings)
    stages: StageSettings = field(default_factory=StageSettings)
    entry: EntrySettings = field(default_factory=EntrySettings)
    exits: ExitSettings = field(default_factory=ExitSettings)
    sizing: SizingSettings = field(default_factory=SizingSettings)
    risk: RiskSettings = field(default_factory=RiskSettings)
    fee_pct: Decimal = Decimal("0.015")
    locks: frozenset[Symbol] = frozenset()
    small: SmallSettings | None = None
