"""What values owe each other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from engine.config.domestic import Domestic
from engine.config.sections import Config, RateLimit
from engine.config.sources import Source
from engine.errors import ConfigError

_DAY_SHARE = Decimal("0.9")  # the last tenth is kept for exits, cancels and resolving

# The first lies under the second; True: they may be equal. A rule that is off owes nothing.
_ORDERED: tuple[tuple[str, str, bool], ...] = (
    ("rate_limit.safe_per_second", "rate_limit.requests_per_second", True),
    ("rate_limit.safe_per_hour", "rate_limit.safe_per_day", True),
    ("rate_limit.safe_per_day", "rate_limit.daily_limit", True),
    ("trading.polling_min_s", "trading.polling_max_s", True),
    ("domestic.requests_per_second", "rate_limit.safe_per_second", True),
    ("domestic.universe.min_price_krw", "domestic.universe.max_price_krw", True),
    ("domestic.scan.max_watched", "domestic.scan.max_candidates", True),
    ("domestic.stages.short_average_days", "domestic.stages.long_average_days", False),
    ("domestic.stages.min_surge", "domestic.stages.full_surge", False),
    ("domestic.stages.min_strength", "domestic.stages.full_strength", False),
    # A position opened with the last entry is not sold by the clock at once.
    ("domestic.exit.flatten_before_close_min", "domestic.entry.last_entry_before_close_min", False),
    ("domestic.exit.scale_out_pct", "domestic.exit.take_profit_pct", False),
    # A trailing stop that gives back all it was armed with would sell at a loss.
    ("domestic.exit.trailing_give_pct", "domestic.exit.trailing_arm_pct", False),
    ("risk.max_positions", "domestic.scan.max_watched", True),
    ("risk.sizing.risk_per_trade_pct", "risk.max_daily_loss_pct", True),
)
_SUMS: tuple[tuple[str, int, int], ...] = (
    ("domestic.stages.weights", 100, 100),
    ("domestic.stages.zone_points", 1, 10_000),
    ("domestic.stages.zone_shares", 1, 10_000),
)


def fill_relative_defaults(values: dict[str, Any]) -> None:
    """Keep unset caps under the ones that are set: a lower day cap lowers what hangs on it."""
    usual = RateLimit()
    per_second = values.get("rate_limit.requests_per_second", usual.requests_per_second)
    values.setdefault("rate_limit.safe_per_second", min(usual.safe_per_second, per_second))
    safe = values["rate_limit.safe_per_second"]
    values.setdefault(
        "domestic.requests_per_second", min(Domestic().requests_per_second, Decimal(safe))
    )
    daily = values.get("rate_limit.daily_limit", usual.daily_limit)
    share = int((daily * _DAY_SHARE).to_integral_value(ROUND_FLOOR))
    values.setdefault("rate_limit.safe_per_day", max(1, min(usual.safe_per_day, share)))
    per_day = values["rate_limit.safe_per_day"]
    values.setdefault("rate_limit.safe_per_hour", min(usual.safe_per_hour, per_day))


def ensure_consistent(config: Config, where: str, sources: Mapping[str, Source]) -> None:
    """ConfigError for the first values that contradict each other; it names the keys."""
    for low, high, is_equal_allowed in _ORDERED:
        least, most = _value(config, low), _value(config, high)
        if least is None or most is None or least < most or (is_equal_allowed and least == most):
            continue
        allowed = f"{'at most' if is_equal_allowed else 'below'} {high} ({most})"
        is_chat = Source.CHAT in (sources[low], sources[high])
        raise _refused(low, least, allowed, where, is_chat=is_chat)
    for key, least_sum, most_sum in _SUMS:
        total = sum(_value(config, key).values())
        if not least_sum <= total <= most_sum:
            exactly = f"together {least_sum}" if least_sum == most_sum else "more than 0 together"
            is_chat = sources[key] is Source.CHAT
            raise _refused(key, total, exactly, where, is_chat=is_chat)


def _value(config: Config, key: str) -> Any:
    value: Any = config
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _refused(key: str, value: object, allowed: str, where: str, *, is_chat: bool) -> ConfigError:
    return ConfigError(
        f"{'chat' if is_chat else where}: {key}: {value} is not allowed; allowed: {allowed}"
    )
