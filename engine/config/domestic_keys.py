"""What may stand under the keys of the KRX desk."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.config.amounts import Won
from engine.config.checks import Check, Choice, Flag, Number, Optional, Whole
from engine.config.several import Dates, EarlyCloses, HoursByDay, PerWord, Some
from engine.model.ids import Mode
from engine.model.listing import Segment
from engine.model.orders import OrderKind
from engine.model.score import Stage, Zone

_PART = Whole(0, 100)
_MINUTES = Whole(1, 390, "min")
_WON = 100_000_000_000_000
_CHART_DAYS = 90  # KIS gives 100 rows a call


def _under(prefix: str, checks: Mapping[str, Check]) -> Mapping[str, Check]:
    return {f"{prefix}.{name}": check for name, check in checks.items()}


DOMESTIC: Mapping[str, Check] = MappingProxyType(
    {
        "domestic.enabled": Flag(),
        "domestic.mode": Optional(Choice(Mode)),
        "domestic.daily_limit": Optional(Whole(1, 1_000_000)),
        "domestic.requests_per_second": Number("0.5", "15"),
        **_under(
            "domestic.universe",
            {
                "segments": Some(Segment),
                "min_price_krw": Won(1, 10_000_000),
                "max_price_krw": Won(1, 10_000_000),
                "min_traded_value_krw": Won(0, _WON),
                "min_market_cap_krw": Won(0, _WON),
                "include_etf": Flag(),
                "include_etn": Flag(),
                "include_preferred": Flag(),
                "include_spac": Flag(),
                "min_listed_days": Whole(0, 1000),
            },
        ),
        **_under(
            "domestic.scan",
            {
                "sweep_every_s": Whole(30, 3600, "s"),
                "rankings_every_s": Whole(5, 600, "s"),
                "max_candidates": Whole(1, 200),
                "max_watched": Whole(1, 38),
                "swap_margin": Whole(0, 50),
                "keep_watched_s": Whole(10, 3600, "s"),
            },
        ),
        **_under(
            "domestic.stages",
            {
                "weights": PerWord(Stage, _PART),
                "zone_points": PerWord(Zone, _PART),
                "zone_shares": PerWord(Zone, _PART),
                "full_traded_value_krw": Won(1_000_000, _WON),
                "max_spread_ticks": Whole(1, 20),
                "short_average_days": Whole(2, _CHART_DAYS),
                "long_average_days": Whole(3, _CHART_DAYS),
                "max_gap_pct": Number("0.5", "30", "%"),
                "min_surge": Number("0.1", "20"),
                "full_surge": Number("0.2", "50"),
                "opening_range_min": Whole(1, 30, "min"),
                "n_days": Whole(2, _CHART_DAYS),
                "volatility_k": Number("0.1", "2"),
                "min_strength": Number("0", "500", "%"),
                "full_strength": Number("1", "1000", "%"),
                "full_index_pct": Number("0.05", "5", "%"),
            },
        ),
        **_under(
            "domestic.entry",
            {
                "threshold": Whole(1, 100),
                "min_present_weight": Whole(1, 100),
                "kind": Choice(OrderKind),
                "collar_pct": Number("0", "3", "%"),
                "timeout_s": Whole(2, 300, "s"),
                "max_reprices": Whole(0, 10),
                "last_entry_before_close_min": _MINUTES,
                "max_quote_age_s": Whole(1, 120, "s"),
                "cancel_at_end": Flag(),
            },
        ),
        **_under(
            "domestic.exit",
            {
                "stop_loss_pct": Number("0.2", "15", "%"),
                "take_profit_pct": Optional(Number("0.3", "30", "%")),
                "scale_out_pct": Optional(Number("0.3", "30", "%")),
                "scale_out_share_pct": Whole(1, 99, "%"),
                "trailing_arm_pct": Optional(Number("0.2", "30", "%")),
                "trailing_give_pct": Number("0.1", "15", "%"),
                "failed_breakout_pct": Optional(Number("0", "10", "%")),
                "time_stop_min": Optional(_MINUTES),
                "time_stop_gain_pct": Number("-5", "10", "%"),
                "flatten_before_close_min": Whole(11, 389, "min"),
                "hold_upper_limit": Flag(),
                "reprice_after_s": Whole(1, 60, "s"),
            },
        ),
    }
)
RISK: Mapping[str, Check] = MappingProxyType(
    _under(
        "risk",
        {
            "max_trades": Whole(0, 200),
            "max_daily_loss_krw": Optional(Won(1_000, 1_000_000_000)),
            "max_daily_loss_pct": Optional(Number("0.1", "20", "%")),
            "max_positions": Whole(1, 38),
            "max_order_krw": Won(10_000, 1_000_000_000),
            "max_orders_per_minute": Whole(1, 60),
            "loss_streak": Whole(1, 50),
            "loss_streak_pause_min": _MINUTES,
            "symbol_cooldown_min": Whole(0, 390, "min"),
            "index_floor_pct": Number("-15", "0", "%"),
            "sizing.risk_per_trade_pct": Number("0.05", "5", "%"),
            "sizing.max_position_pct": Number("1", "100", "%"),
            "sizing.liquidity_share_pct": Number("0.01", "10", "%"),
        },
    )
)
CALENDAR: Mapping[str, Check] = MappingProxyType(
    _under(
        "calendar.krx",
        {
            "closed": Dates(),
            "open": Dates(),
            "early_close": EarlyCloses(),
            "hours": HoursByDay(),
        },
    )
)
