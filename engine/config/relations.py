"""What values owe each other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from engine.config.sections import Config, RateLimit
from engine.config.sources import Source
from engine.errors import ConfigError

_DAY_SHARE = Decimal("0.9")  # the last tenth is kept for exits, cancels and resolving


def fill_relative_defaults(values: dict[str, Any]) -> None:
    """Keep unset caps under the ones that are set: a lower day cap lowers what hangs on it."""
    usual = RateLimit()
    per_second = values.get("rate_limit.requests_per_second", usual.requests_per_second)
    values.setdefault("rate_limit.safe_per_second", min(usual.safe_per_second, per_second))
    daily = values.get("rate_limit.daily_limit", usual.daily_limit)
    share = int((daily * _DAY_SHARE).to_integral_value(ROUND_FLOOR))
    values.setdefault("rate_limit.safe_per_day", max(1, min(usual.safe_per_day, share)))
    per_day = values["rate_limit.safe_per_day"]
    values.setdefault("rate_limit.safe_per_hour", min(usual.safe_per_hour, per_day))


def ensure_consistent(config: Config, where: str, sources: Mapping[str, Source]) -> None:
    """ConfigError for the first pair in the wrong order; it names both and where one came from."""
    rates, trading = config.rate_limit, config.trading
    ordered: tuple[tuple[str, Decimal | int, str, Decimal | int], ...] = (
        (
            *("rate_limit.safe_per_second", rates.safe_per_second),
            *("rate_limit.requests_per_second", rates.requests_per_second),
        ),
        (
            *("rate_limit.safe_per_hour", rates.safe_per_hour),
            *("rate_limit.safe_per_day", rates.safe_per_day),
        ),
        (
            *("rate_limit.safe_per_day", rates.safe_per_day),
            *("rate_limit.daily_limit", rates.daily_limit),
        ),
        (
            *("trading.polling_min_s", trading.polling_min_s),
            *("trading.polling_max_s", trading.polling_max_s),
        ),
    )
    for low_key, low, high_key, high in ordered:
        if low > high:
            set_by_chat = Source.CHAT in (sources[low_key], sources[high_key])
            raise ConfigError(
                f"{'chat' if set_by_chat else where}: {low_key}: {low} is not allowed; "
                f"allowed: at most {high_key} ({high})"
            )
