"""Every key of config.yaml with what may stand there. A test walks the sections against it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType

from engine.config.amounts import Won
from engine.config.checks import (
    Address,
    Check,
    Choice,
    Flag,
    Host,
    Number,
    Optional,
    TimeOfDay,
    Whole,
    Word,
)
from engine.config.domestic_keys import CALENDAR, DOMESTIC, RISK
from engine.config.sections import Language
from engine.config.several import Dates, EarlyCloses, PerSymbol
from engine.model.ids import Mode
from engine.model.settings import AtWindowEnd, ExecutionStyle, ExistingHoldings, SellPrice

TARGETS = "order_settings.targets"
TARGET_PCT = Number("0.1", "50", "%")

_HTTP = Address(("http", "https"))
_WS = Address(("ws", "wss"))
_FEE = Number("0", "5", "%")
_CALLS = Whole(1, 1_000_000)
_ANY_MODE = Choice(Mode)

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "language": Choice(Language),
        "mode": _ANY_MODE,
        "api.base_url": _HTTP,
        "api.websocket_url": _WS,
        "api.paper_base_url": _HTTP,
        "api.paper_websocket_url": _WS,
        "api.master_url": _HTTP,
        "order_settings.target_profit_rate": TARGET_PCT,
        "order_settings.sell_price": Choice(SellPrice),
        "order_settings.execution": Choice(ExecutionStyle),
        "order_settings.include_costs": Flag(),
        "order_settings.existing_holdings": Choice(ExistingHoldings),
        "order_settings.at_window_end": Choice(AtWindowEnd),
        "order_settings.max_gain_pct": Number("1", "100", "%"),
        "order_settings.max_day_move_pct": Number("1", "100", "%"),
        "order_settings.max_quote_age_s": Whole(5, 600, "s"),
        "order_settings.reprice_after_s": Whole(1, 300, "s"),
        "order_settings.max_reprices": Whole(0, 20),
        "order_settings.stale_gap_pct": Number("0", "5", "%"),
        TARGETS: PerSymbol(TARGET_PCT),
        "trading.enabled": Flag(),
        "trading.mode": Optional(_ANY_MODE),
        "trading.timezone": Word(("US/Eastern", "America/New_York")),
        "trading.exchange_code": Word(("NASD", "NYSE", "AMEX")),
        "trading.premarket_start": TimeOfDay(only=time(4, 0)),
        "trading.market_open": TimeOfDay(only=time(9, 30)),
        "trading.window_end": TimeOfDay(only=time(12, 0)),
        "trading.polling_min_s": Number("1", "60", "s"),
        "trading.polling_max_s": Number("1", "60", "s"),
        **DOMESTIC,
        **RISK,
        "rate_limit.requests_per_second": Whole(1, 20),
        "rate_limit.paper_requests_per_second": Whole(1, 5),
        "rate_limit.safe_per_second": Whole(1, 18),
        "rate_limit.daily_limit": _CALLS,
        "rate_limit.safe_per_hour": _CALLS,
        "rate_limit.safe_per_day": _CALLS,
        "costs.krx_fee_pct": _FEE,
        "costs.us_fee_pct": _FEE,
        "costs.fx_spread_pct": _FEE,
        "live.min_days": Whole(0, 365),
        "live.min_trades": Whole(0, 1000),
        "live.small_order_krw": Won(10_000, 100_000_000),
        "live.small_order_usd": Whole(1, 100_000),
        "live.small_round_trips": Whole(0, 1000),
        "telegram.base_url": _HTTP,
        "telegram.base_file_url": _HTTP,
        "telegram.confirm_s": Whole(10, 600, "s"),
        "telegram.late_after_s": Whole(5, 3600, "s"),
        "telegram.remind_s": Whole(30, 3600, "s"),
        "telegram.chart_theme": Word(("light", "dark")),
        "telegram.chart_colours": Word(("korean", "western")),
        "kakao.enabled": Flag(),
        "kakao.auth_base_url": _HTTP,
        "kakao.api_base_url": _HTTP,
        "calendar.us.closed": Dates(),
        "calendar.us.early_close": EarlyCloses(),
        **CALENDAR,
        "health.host": Host(),
        "health.port": Whole(0, 65_535),
    }
)

SECTIONS = frozenset(key.rsplit(".", n)[0] for key in CHECKS for n in range(1, key.count(".") + 1))
