"""Effective settings as the chat sees them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.config import CHECKS, TARGETS, Loaded, find_settable, target_key, text_of
from engine.flow.targets import HELD_TARGET, kept_targets
from engine.model.views import SettingView
from engine.ports.settings import Override


def setting_views(loaded: Loaded, overrides: Mapping[str, Override]) -> tuple[SettingView, ...]:
    """Every effective setting without secrets, then the targets of single symbols."""
    config, sources = loaded.config, loaded.sources
    single = [target_key(symbol) for symbol in sorted(config.order_settings.targets)]
    keys = [*(key for key in CHECKS if key != TARGETS), *single]
    rows = [_view(key, text_of(config, key), sources[key]) for key in keys]
    for symbol, kept in sorted(kept_targets(overrides, config.order_settings.targets).items()):
        key = f"{HELD_TARGET}{symbol}"
        if kept == Decimal(overrides[key].value):  # else the file's own target is in force
            rows.append(_view(key, overrides[key].value, "chat"))
    return tuple(rows)


def _view(key: str, value: str, source: str) -> SettingView:
    found = find_settable(key) if key in CHECKS else None
    return SettingView(
        key=found.name if found else key,
        value=value,
        source=source,
        allowed=found.allowed if found else "",
        example=found.example if found else "",
        settable=found is not None,
        group=found.group if found else "",
        file_key=key,
        names=found.aliases if found else (),
    )
