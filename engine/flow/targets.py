"""Targets of single US stocks: their own, and older ones that held shares keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from engine.config import target_key
from engine.model.ids import Symbol
from engine.model.views import PositionView
from engine.ports.settings import Override

# The target that shares keep which were held when the trader set a new one "for new buys".
HELD_TARGET = "held_target:"
OFF = ("off", "default", "끔", "해제", "기본")  # typed for a number: by the target of all again
Targets = Mapping[Symbol, Decimal]


def kept_targets(overrides: Mapping[str, Override], own: Targets) -> dict[Symbol, Decimal]:
    """By symbol, what held shares keep. ``own``: those of single stocks, of file and chat.

    Nobody knows how old a target of the file is: there the higher one holds, which sells nothing
    unasked.
    """
    kept = {
        Symbol(key.removeprefix(HELD_TARGET)): Decimal(override.value)
        for key, override in overrides.items()
        if key.startswith(HELD_TARGET)
    }
    return {
        symbol: target if target_key(symbol) in overrides else max(target, own.get(symbol, target))
        for symbol, target in kept.items()
    }


def superseded(overrides: Mapping[str, Override]) -> dict[str, datetime]:
    """Keys of kept targets older than the stock's own one from chat, and when that was set.

    Earlier versions left them behind. One set together with the own one ("new buys only") counts.
    """
    found: dict[str, datetime] = {}
    for key, kept in overrides.items():
        if key.startswith(HELD_TARGET):
            own = overrides.get(target_key(Symbol(key.removeprefix(HELD_TARGET))))
            if own is not None and own.at > kept.at:
                found[key] = own.at
    return found


def reached(names: Iterable[Symbol], symbol: Symbol | None, own: Targets) -> tuple[Symbol, ...]:
    """Which of the stocks a new target is for: the one named, else those without an own one."""
    return tuple(name for name in names if (name not in own if symbol is None else name == symbol))


def qualifying(
    target: Decimal, symbol: Symbol | None, positions: tuple[PositionView, ...], own: Targets
) -> tuple[PositionView, ...]:
    """What would be sold at once: over the new target, under the one in force."""
    meant = reached((position.symbol for position in positions), symbol, own)
    return tuple(
        position
        for position in positions
        if position.symbol in meant
        and position.gain_pct is not None
        and target <= position.gain_pct < position.target_pct
    )
