"""What the effective configuration means to a desk, to a reload and to a reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.config.keys import CHECKS, TARGETS
from engine.config.loading import Loaded
from engine.config.sections import Config
from engine.config.shown import value_text
from engine.model.ids import Symbol
from engine.model.krx_settings import KrxSettings, ScanSettings
from engine.model.settings import UsSettings

_AT_NEXT_START = (
    *("mode", "trading.mode", "trading.enabled", "domestic.mode", "domestic.enabled"),
)
_SECTIONS_AT_NEXT_START = ("api", "telegram", "kakao", "health")


def us_settings(config: Config) -> UsSettings:
    """The US desk's part."""
    orders, trading, rates = config.order_settings, config.trading, config.rate_limit
    return UsSettings(
        target_pct=orders.target_profit_rate,
        target_overrides=orders.targets,
        include_costs=orders.include_costs,
        fee_pct=config.costs.us_fee_pct,
        sell_price=orders.sell_price,
        execution=orders.execution,
        existing=orders.existing_holdings,
        at_window_end=orders.at_window_end,
        max_gain_pct=orders.max_gain_pct,
        max_day_move_pct=orders.max_day_move_pct,
        max_quote_age_s=orders.max_quote_age_s,
        reprice_after_s=orders.reprice_after_s,
        max_reprices=orders.max_reprices,
        poll_min_s=trading.polling_min_s,
        poll_max_s=trading.polling_max_s,
        stale_gap_pct=orders.stale_gap_pct,
        safe_per_hour=rates.safe_per_hour,
        safe_per_day=rates.safe_per_day,
        daily_limit=rates.daily_limit,
    )


def krx_settings(config: Config) -> KrxSettings:
    """The KRX desk's part."""
    domestic, scan = config.domestic, config.domestic.scan
    return KrxSettings(
        universe=domestic.universe,
        scan=ScanSettings(
            calls_per_second=domestic.requests_per_second,
            sweep_every_s=scan.sweep_every_s,
            rankings_every_s=scan.rankings_every_s,
            max_candidates=scan.max_candidates,
            max_watched=scan.max_watched,
            swap_margin=scan.swap_margin,
            keep_watched_s=scan.keep_watched_s,
        ),
        stages=domestic.stages,
        entry=domestic.entry,
        exits=domestic.exit,
        sizing=config.risk.sizing,
        risk=config.risk.limits(),
        fee_pct=config.costs.krx_fee_pct,
    )


def value_of(config: Config, key: str) -> object:
    """The value under a dotted key; KeyError for an unknown one."""
    if key not in CHECKS:
        raise KeyError(key)
    value: object = config
    for name in key.split("."):
        value = getattr(value, name)
    return value


def text_of(config: Config, key: str) -> str:
    """The value under a dotted key as text; ``order_settings.targets.AAPL`` too ("": none)."""
    symbol = key.removeprefix(TARGETS + ".")
    if symbol != key:
        found = {str(name): pct for name, pct in config.order_settings.targets.items()}
        return value_text(found[symbol]) if symbol in found else ""
    return value_text(value_of(config, key))


def target_key(symbol: Symbol) -> str:
    """The dotted key of one symbol's own target."""
    return f"{TARGETS}.{symbol}"


def as_lines(loaded: Loaded) -> list[str]:
    """``key = value (source)`` for every key, in the order of the file. No secret is in it."""
    lines = []
    for key in CHECKS:
        if key != TARGETS:
            lines.append(f"{key} = {text_of(loaded.config, key)} ({loaded.sources[key]})")
            continue
        for symbol in sorted(loaded.config.order_settings.targets):
            one = target_key(symbol)
            lines.append(f"{one} = {text_of(loaded.config, one)} ({loaded.sources[one]})")
    return lines


def applies_at_next_start(old: Config, new: Config) -> tuple[str, ...]:
    """Keys that differ and that a reload leaves as they are."""
    return tuple(key for key in _fixed_keys() if value_of(old, key) != value_of(new, key))


def after_reload(running: Config, edited: Config) -> Config:
    """The edited file as far as a reload applies it; the rest stays as it runs."""
    return replace(
        edited,
        mode=running.mode,
        api=running.api,
        trading=replace(edited.trading, mode=running.trading.mode, enabled=running.trading.enabled),
        domestic=replace(
            edited.domestic, mode=running.domestic.mode, enabled=running.domestic.enabled
        ),
        telegram=running.telegram,
        kakao=running.kakao,
        health=running.health,
    )


def _fixed_keys() -> Iterator[str]:
    for key in CHECKS:
        if key in _AT_NEXT_START or key.partition(".")[0] in _SECTIONS_AT_NEXT_START:
            yield key
