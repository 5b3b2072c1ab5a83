"""What the config.yaml of the US system before this one holds and nobody needs any more.

That file loads as it is: these names are ignored with a notice, any other unknown name is an
error. A trailing star stands for everything below. The list is a guess at such files.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

_IGNORED = (
    *("system", "logging", "log", "database", "db", "storage", "paths", "debug", "version"),
    *("websocket", "polling", "notifications", "notification", "monitoring", "scheduler"),
    *("retry", "performance", "environment", "app", "strategy"),
    *("api.timeout", "api.timeout_s", "api.max_retries", "api.retry_*", "api.version"),
    *("api.rate_limit", "api.use_paper", "api.paper_trading", "api.tr_id", "api.token_*"),
    *("order_settings.order_type", "order_settings.sell_ratio", "order_settings.order_division"),
    *("order_settings.quantity", "order_settings.max_retries", "order_settings.retry_*"),
    *("order_settings.timeout", "order_settings.slippage", "order_settings.auto_sell"),
    *("trading.premarket_end", "trading.pre_market_*", "trading.regular_*", "trading.market_close"),
    *("trading.market_end", "trading.start_time", "trading.end_time", "trading.trading_*"),
    *("trading.auto_*", "trading.currency", "trading.country", "trading.holidays"),
    *("trading.polling_interval*", "trading.poll_interval*", "trading.check_interval*"),
    *("rate_limit.requests_per_minute", "rate_limit.requests_per_hour", "rate_limit.burst*"),
    *("rate_limit.requests_per_day", "rate_limit.retry_*", "rate_limit.backoff*"),
    *("rate_limit.warning_*", "rate_limit.enabled"),
    *("telegram.enabled", "telegram.parse_mode", "telegram.notify_*", "telegram.send_*"),
    *("telegram.polling_*", "telegram.timeout", "telegram.alerts", "telegram.notifications"),
    *("telegram.commands", "telegram.retry_*"),
)


def is_ignored(key: str) -> bool:
    """Whether the dotted key belongs to the system before; known keys are asked first."""
    return any(fnmatchcase(key, pattern) for pattern in _IGNORED)
