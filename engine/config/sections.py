"""The sections of config.yaml as values. Defaults stand here and nowhere else.

Percentages as people write them: 3.0 is 3 %. Times of day are New York time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from engine.config.domestic import Domestic, KrxCalendar, Risk
from engine.model.ids import Mode, Symbol
from engine.model.settings import AtWindowEnd, ExecutionStyle, ExistingHoldings, SellPrice


class Language(StrEnum):
    """What the chat speaks."""

    KO = "ko"
    EN = "en"


def _no_targets() -> Mapping[Symbol, Decimal]:
    return MappingProxyType({})


def _no_early_closes() -> Mapping[date, time]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Api:
    """Addresses of KIS, without a trailing slash."""

    base_url: str = "https://openapi.koreainvestment.com:9443"
    websocket_url: str = "ws://ops.koreainvestment.com:21000"
    paper_base_url: str = "https://openapivts.koreainvestment.com:29443"
    paper_websocket_url: str = "ws://ops.koreainvestment.com:31000"
    master_url: str = "https://new.real.download.dws.co.kr/common/master"


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """How the US desk sells."""

    target_profit_rate: Decimal = Decimal("3.0")
    sell_price: SellPrice = SellPrice.BID
    execution: ExecutionStyle = ExecutionStyle.MONITOR
    include_costs: bool = False
    existing_holdings: ExistingHoldings = ExistingHoldings.ASK
    at_window_end: AtWindowEnd = AtWindowEnd.FOLLOW
    max_gain_pct: Decimal = Decimal(15)
    max_day_move_pct: Decimal = Decimal(30)
    max_quote_age_s: int = 60
    reprice_after_s: int = 5
    max_reprices: int = 5
    stale_gap_pct: Decimal = Decimal("0.3")
    targets: Mapping[Symbol, Decimal] = field(default_factory=_no_targets)


@dataclass(frozen=True, slots=True)
class Trading:
    """The US desk. ``mode`` None: as the whole assistant."""

    enabled: bool = True
    mode: Mode | None = None
    timezone: str = "US/Eastern"
    exchange_code: str = "NASD"
    premarket_start: time = time(4, 0)
    market_open: time = time(9, 30)
    window_end: time = time(12, 0)
    polling_min_s: Decimal = Decimal(3)
    polling_max_s: Decimal = Decimal(10)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Calls to KIS. Seconds count per app key, hours and days are the US desk's."""

    requests_per_second: int = 18
    paper_requests_per_second: int = 1
    safe_per_second: int = 15
    daily_limit: int = 5000
    safe_per_hour: int = 500
    safe_per_day: int = 4500


@dataclass(frozen=True, slots=True)
class Costs:
    """One way, in per cent of the traded amount. Guesses until the account's tariff is known."""

    krx_fee_pct: Decimal = Decimal("0.015")
    us_fee_pct: Decimal = Decimal("0.25")
    fx_spread_pct: Decimal = Decimal("0.2")


@dataclass(frozen=True, slots=True)
class Live:
    """What is asked for before and just after the switch to real money."""

    min_days: int = 3
    min_trades: int = 5
    small_order_krw: int = 300_000
    small_order_usd: int = 300
    small_round_trips: int = 5


@dataclass(frozen=True, slots=True)
class Telegram:
    """The Bot API. ``late_after_s``: older commands are not executed but named.

    ``remind_s``: an urgent alert nobody confirmed comes again after so long, then ever rarer.
    ``chart_theme``: light or dark; ``chart_colours``: korean (up is red) or western (up is green).
    """

    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    confirm_s: int = 60
    late_after_s: int = 60
    remind_s: int = 300
    chart_theme: str = "light"
    chart_colours: str = "korean"


@dataclass(frozen=True, slots=True)
class Kakao:
    """KakaoTalk as a second way for alerts."""

    enabled: bool = False
    auth_base_url: str = "https://kauth.kakao.com"
    api_base_url: str = "https://kapi.kakao.com"


@dataclass(frozen=True, slots=True)
class MarketCalendar:
    """Closures and early closes of the US market on top of the built-in table."""

    closed: frozenset[date] = frozenset()
    early_close: Mapping[date, time] = field(default_factory=_no_early_closes)


@dataclass(frozen=True, slots=True)
class Calendar:
    """By market, each in its own local time."""

    us: MarketCalendar = field(default_factory=MarketCalendar)
    krx: KrxCalendar = field(default_factory=KrxCalendar)


@dataclass(frozen=True, slots=True)
class Health:
    """Where GET /health listens. Port 0: any free one."""

    host: str = "127.0.0.1"
    port: int = 8000


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file, checked."""

    language: Language = Language.KO
    mode: Mode = Mode.DRY_RUN
    api: Api = field(default_factory=Api)
    order_settings: OrderSettings = field(default_factory=OrderSettings)
    trading: Trading = field(default_factory=Trading)
    domestic: Domestic = field(default_factory=Domestic)
    risk: Risk = field(default_factory=Risk)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    costs: Costs = field(default_factory=Costs)
    live: Live = field(default_factory=Live)
    telegram: Telegram = field(default_factory=Telegram)
    kakao: Kakao = field(default_factory=Kakao)
    calendar: Calendar = field(default_factory=Calendar)
    health: Health = field(default_factory=Health)
