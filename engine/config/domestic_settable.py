"""What may be set from chat for the KRX desk.

What makes it buy more easily, risk more or stay longer in the market asks first, and so does every
change of an exit rule: it may sell at once, or no longer sell.
"""

from __future__ import annotations

from engine.config.settable_rows import Group, Looser, Settable

_WEIGHTS = "liquidity=10,trend=15,volume=25,zones=30,strength=10,market=10"
_POINTS = "opening_range=35,prev_high=35,n_day_high=30,volatility=30"
_SHARES = "opening_range=50,prev_high=50,n_day_high=50,volatility=50"
_NO_YES = ("false", "true")

STAGES = (
    Settable(
        *("weights", "domestic.stages.weights", _WEIGHTS, ("가중치",), Looser.ANY),
        group=Group.WEIGHTS,
    ),
    Settable(
        *("zone_points", "domestic.stages.zone_points", _POINTS, ("구간점수",), Looser.ANY),
        group=Group.WEIGHTS,
    ),
    Settable(
        *("zone_shares", "domestic.stages.zone_shares", _SHARES, ("구간비중",), Looser.ANY),
        group=Group.WEIGHTS,
    ),
    *(
        Settable(name, f"domestic.stages.{key}", example, aliases, looser, group=Group.STAGES)
        for name, key, example, aliases, looser in (
            ("full_value", "full_traded_value_krw", "5000000000", ("거래대금",), Looser.DOWN),
            ("spread", "max_spread_ticks", "3", ("호가차",), Looser.UP),
            ("short_days", "short_average_days", "5", (), Looser.ANY),
            ("long_days", "long_average_days", "20", (), Looser.ANY),
            ("max_gap", "max_gap_pct", "10", ("갭",), Looser.UP),
            ("min_surge", "min_surge", "1.5", (), Looser.DOWN),
            ("full_surge", "full_surge", "4", ("배율",), Looser.DOWN),
            ("range_min", "opening_range_min", "5", ("시가범위",), Looser.DOWN),
            ("n_days", "n_days", "20", (), Looser.DOWN),
            ("volatility_k", "volatility_k", "0.5", ("k",), Looser.DOWN),
            ("min_strength", "min_strength", "100", (), Looser.DOWN),
            ("full_strength", "full_strength", "150", ("체결강도",), Looser.DOWN),
            ("full_index", "full_index_pct", "0.5", (), Looser.ANY),
        )
    ),
)
UNIVERSE = (
    Settable(
        *("segments", "domestic.universe.segments", "KOSDAQ,KOSPI", ("시장",), Looser.ANY),
        group=Group.UNIVERSE,
    ),
    *(
        Settable(name, f"domestic.universe.{key}", example, (), looser, group=Group.UNIVERSE)
        for name, key, example, looser in (
            ("min_price", "min_price_krw", "1000", Looser.DOWN),
            ("max_price", "max_price_krw", "500000", Looser.UP),
            ("min_value", "min_traded_value_krw", "1000000000", Looser.DOWN),
            ("min_cap", "min_market_cap_krw", "50000000000", Looser.DOWN),
            ("min_listed", "min_listed_days", "20", Looser.DOWN),
        )
    ),
    *(
        Settable(
            *(f"include_{kind}", f"domestic.universe.include_{kind}", "false", (), Looser.OTHER),
            cautious_first=_NO_YES,
            group=Group.UNIVERSE,
        )
        for kind in ("etf", "etn", "preferred", "spac")
    ),
)
ENTRY = (
    Settable(
        *("kind", "domestic.entry.kind", "limit", ("order_kind", "주문종류"), Looser.OTHER),
        cautious_first=("limit", "market"),
        group=Group.ENTRY,
    ),
    *(
        Settable(name, f"domestic.entry.{key}", example, aliases, looser, group=Group.ENTRY)
        for name, key, example, aliases, looser in (
            ("score", "threshold", "70", ("점수",), Looser.DOWN),
            ("known", "min_present_weight", "60", (), Looser.DOWN),
            ("collar", "collar_pct", "0.5", (), Looser.UP),
            ("timeout", "timeout_s", "10", (), Looser.UP),
            ("entry_reprices", "max_reprices", "2", (), Looser.UP),
            ("last_entry", "last_entry_before_close_min", "20", ("진입마감",), Looser.DOWN),
            ("entry_quote_age", "max_quote_age_s", "10", (), Looser.UP),
        )
    ),
    Settable(
        *("cancel_at_end", "domestic.entry.cancel_at_end", "true", (), Looser.ANY),
        group=Group.ENTRY,
    ),
)
EXITS = (
    Settable(
        *("hold_limit", "domestic.exit.hold_upper_limit", "true", ("상한가",), Looser.ANY),
        group=Group.EXITS,
    ),
    *(
        Settable(name, f"domestic.exit.{key}", example, aliases, Looser.ANY, group=Group.EXITS)
        for name, key, example, aliases in (
            ("stop", "stop_loss_pct", "2.0", ("stop_loss", "손절")),
            ("take", "take_profit_pct", "5.0", ("take_profit", "익절")),
            ("scale_out", "scale_out_pct", "3.0", ("분할익절",)),
            ("scale_share", "scale_out_share_pct", "50", ()),
            ("trail", "trailing_give_pct", "1.2", ("trailing", "추적손절")),
            ("trail_arm", "trailing_arm_pct", "2.5", ("arm",)),
            ("failed", "failed_breakout_pct", "1.0", ("failed_breakout", "돌파실패")),
            ("time_stop", "time_stop_min", "60", ("시간청산",)),
            ("time_gain", "time_stop_gain_pct", "0.5", ()),
            ("flatten", "flatten_before_close_min", "15", ("장마감청산",)),
            ("exit_reprice", "reprice_after_s", "5", ()),
        )
    ),
)
RISK = tuple(
    Settable(name, f"risk.{key}", example, aliases, looser, group=Group.RISK)
    for name, key, example, aliases, looser in (
        ("max_trades", "max_trades", "10", ("trades", "매매횟수"), Looser.UP),
        ("max_loss", "max_daily_loss_pct", "2.0", ("max_daily_loss", "하루손실"), Looser.UP),
        ("max_loss_krw", "max_daily_loss_krw", "200000", ("손실금액",), Looser.UP),
        ("max_positions", "max_positions", "5", ("positions", "보유종목"), Looser.UP),
        (
            "max_order",
            "max_order_krw",
            "2000000",
            ("order_size", "주문금액", "최대주문"),
            Looser.UP,
        ),
        ("per_minute", "max_orders_per_minute", "10", (), Looser.UP),
        ("loss_streak", "loss_streak", "3", ("streak", "연속손실"), Looser.UP),
        ("streak_pause", "loss_streak_pause_min", "30", ("pause",), Looser.DOWN),
        ("cooldown", "symbol_cooldown_min", "30", ("휴식",), Looser.DOWN),
        ("index_floor", "index_floor_pct", "-1.5", ("지수하락",), Looser.DOWN),
        ("risk", "sizing.risk_per_trade_pct", "0.5", ("risk_per_trade", "거래위험"), Looser.UP),
        ("size", "sizing.max_position_pct", "20", ("position_size", "비중"), Looser.UP),
        ("liquidity", "sizing.liquidity_share_pct", "0.5", (), Looser.UP),
    )
)
SCAN = tuple(
    Settable(name, f"domestic.{key}", example, (), Looser.NONE, group=Group.UNIVERSE)
    for name, key, example in (
        ("calls", "requests_per_second", "10"),
        ("sweep", "scan.sweep_every_s", "120"),
        ("rankings", "scan.rankings_every_s", "20"),
        ("candidates", "scan.max_candidates", "60"),
        ("watched", "scan.max_watched", "38"),
        ("swap_margin", "scan.swap_margin", "5"),
        ("keep_watched", "scan.keep_watched_s", "60"),
    )
)
DOMESTIC = (*STAGES, *UNIVERSE, *SCAN, *ENTRY, *EXITS, *RISK)
