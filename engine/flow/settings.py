"""Settings in force: the file's values under the chat's overrides, checked as one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from engine.config import (
    CHECKS,
    FileValues,
    Loaded,
    after_reload,
    applies_at_next_start,
    check_value,
    combine,
    find_settable,
    krx_settings,
    nearest_settable,
    read_file,
    target_key,
    text_of,
    us_settings,
)
from engine.errors import ConfigError
from engine.flow.setting_views import setting_views
from engine.flow.targets import HELD_TARGET, OFF, kept_targets, qualifying, reached, superseded
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.krx_settings import KrxSettings, SmallSettings
from engine.model.live import Practice
from engine.model.settings import UsSettings
from engine.model.views import PositionView, SettingChange, SettingView
from engine.ports.control import SettingRefused
from engine.ports.settings import Override, SettingsStore

log = logging.getLogger(__name__)

TARGET_KEY = "order_settings.target_profit_rate"
LOCK = "lock:"  # a KRX stock the trader forbids to enter
SMALL = "small:"  # a desk that began with real money before it was well practised
_NOBODY = 0  # the user of what the assistant does by itself
_OWN_KEYS = (HELD_TARGET, LOCK, SMALL)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a changed file did: applied keys, keys that wait for a start, or why it was refused."""

    changed: tuple[str, ...] = ()
    at_next_start: tuple[str, ...] = ()
    refused: str = ""


class EffectiveSettings:
    """The one holder of the configuration in force."""

    def __init__(
        self,
        path: Path | None,
        store: SettingsStore,
        file: FileValues,
        overrides: Mapping[str, Override],
    ) -> None:
        self._path = path
        self._store = store
        self._file = file
        self._overrides = dict(overrides)
        self._loaded = combine(file, self._file_overrides())
        # Keys that only a start applies stay as this start found them.
        self._at_start = self._loaded.config

    @property
    def loaded(self) -> Loaded:
        """Values and their sources."""
        return self._loaded

    def us(self) -> UsSettings:
        """What the US desk is told; shares that keep an older target keep it to the last."""
        settings = us_settings(self._loaded.config)
        kept = kept_targets(self._overrides, self._own_targets())
        return replace(settings, target_overrides={**settings.target_overrides, **kept})

    def krx(self, mode: Mode = Mode.DRY_RUN) -> KrxSettings:
        """What the KRX desk is told, with the trader's locks; small it is in live only."""
        is_small = mode is Mode.LIVE and self.is_small(DeskName.KRX)
        small = self.small_orders() if is_small else None
        return replace(krx_settings(self._loaded.config), locks=self.locks(), small=small)

    def practice(self) -> Practice:
        """What is asked for before LIVE at full size."""
        live = self._loaded.config.live
        return Practice(live.min_days, live.min_trades)

    def small_orders(self) -> SmallSettings:
        """How small entries of the KRX desk are at first, and for how long."""
        live = self._loaded.config.live
        return SmallSettings(live.small_order_krw, live.small_round_trips)

    def is_small(self, desk: DeskName) -> bool:
        """Whether the desk's last LIVE confirmation let it begin small."""
        return f"{SMALL}{desk}" in self._overrides

    async def set_small(
        self, desk: DeskName, user_id: int, at: datetime, *, is_small: bool
    ) -> None:
        """Written before the mode is: a desk in live is never larger than it was confirmed."""
        await self._set_mark(f"{SMALL}{desk}", "small", user_id, at, is_set=is_small)

    def locks(self) -> frozenset[Symbol]:
        """Stocks the trader forbids to enter."""
        keys = (key for key in self._overrides if key.startswith(LOCK))
        return frozenset(Symbol(key.removeprefix(LOCK)) for key in keys)

    async def set_lock(
        self, symbol: Symbol, user_id: int, at: datetime, *, is_locked: bool
    ) -> bool:
        """Lock or unlock a stock; False when it was so already. Raises JournalFailed."""
        return await self._set_mark(f"{LOCK}{symbol}", "locked", user_id, at, is_set=is_locked)

    def views(self) -> tuple[SettingView, ...]:
        """Every effective setting without secrets, then the targets of single symbols."""
        return setting_views(self._loaded, self._overrides)

    def check(
        self,
        key: str,
        value: str,
        symbol: Symbol | None,
        positions: tuple[PositionView, ...],
    ) -> SettingChange | SettingRefused:
        """What a change would do; nothing is changed."""
        settable = find_settable(key)
        if settable is None:
            return SettingRefused(key, value, "", "", nearest_settable(key))
        refused = SettingRefused(key, value, settable.allowed, settable.example, None)
        if symbol is not None and settable.key != TARGET_KEY:
            return refused
        if symbol is not None and value.casefold() in OFF:
            return self._taking_back(refused, symbol, positions)
        try:
            new = check_value(settable, value)
        except ConfigError:
            return refused
        try:
            full_key = settable.key if symbol is None else target_key(symbol)
            combine(self._file, {**self._file_overrides(), full_key: new})
        except ConfigError as error:
            # Allowed by itself, but not beside another value: say which.
            return replace(refused, allowed=str(error).rpartition("allowed: ")[2])
        old = self._current(settable.key, symbol)
        selling: tuple[PositionView, ...] = ()
        if settable.key == TARGET_KEY:
            selling = qualifying(Decimal(new), symbol, positions, self._own_targets())
        loosens = settable.loosens(old, new)
        was_own = symbol in self.us().target_overrides
        return SettingChange(settable.key, old, new, loosens, selling, symbol, was_own)

    def _taking_back(
        self, refused: SettingRefused, symbol: Symbol, positions: tuple[PositionView, ...]
    ) -> SettingChange | SettingRefused:
        """The stock goes by the file's target for it again, else by that of all."""
        own, held = target_key(symbol), f"{HELD_TARGET}{symbol}"
        in_file = own in self._loaded.sources
        if own not in self._overrides and held not in self._overrides:
            why = (
                "its own target stands in config.yaml" if in_file else "it has no target of its own"
            )
            return replace(refused, allowed=f"{refused.allowed}; {why}")
        kept = {key: text for key, text in self._file_overrides().items() if key != own}
        config = combine(self._file, kept).config
        new = text_of(config, own) or text_of(config, TARGET_KEY)
        return SettingChange(
            *(TARGET_KEY, self._current(TARGET_KEY, symbol), new),
            loosens=False,
            qualifying=qualifying(Decimal(new), symbol, positions, {}),
            symbol=symbol,
            was_own=True,
            is_back=True,
        )

    async def apply(
        self,
        change: SettingChange,
        symbol: Symbol | None,
        held: tuple[Symbol, ...],
        user_id: int,
        at: datetime,
    ) -> None:
        """Store a checked change. ``held``: symbols that keep the old target."""
        current = self.us()
        for name in reached(held, symbol, self._own_targets()):
            old_target = str(current.target_overrides.get(name, current.target_pct))
            await self._store_override(
                Override(f"{HELD_TARGET}{name}", old_target, old_target, user_id, at)
            )
        key = change.key if symbol is None else target_key(symbol)
        if change.is_back:
            await self._clear(key, user_id, at)
        else:
            await self._store_override(Override(key, change.new, change.old, user_id, at))
        if change.key == TARGET_KEY and not held:  # last: cut short here, they keep what they had
            await self._forget_held(symbol, user_id, at)
        self._loaded = self._combined(self._file)

    async def _forget_held(self, symbol: Symbol | None, user_id: int, at: datetime) -> None:
        """A new target is also for shares that had kept an older one.

        That of all (None) leaves out stocks with a target of their own.
        """
        own = self._own_targets()
        for name in reached(kept_targets(self._overrides, own), symbol, own):
            await self._clear(f"{HELD_TARGET}{name}", user_id, at)

    async def _clear(self, key: str, user_id: int, at: datetime) -> None:
        if key in self._overrides:
            await self._store.clear_override(key, user_id, at)
            del self._overrides[key]

    async def forget_held(self, symbol: Symbol, at: datetime) -> bool:
        """The shares that kept an old target are gone; True when there was such a target."""
        key = f"{HELD_TARGET}{symbol}"
        if key not in self._overrides:
            return False
        await self._store.clear_override(key, _NOBODY, at)
        del self._overrides[key]
        return True

    def reload(self) -> Reloaded:
        """Take the file as it is now; a bad edit is refused as a whole and old values stay."""
        try:
            file = read_file(self._path)
            edited = combine(file, self._file_overrides())
        except ConfigError as error:
            return Reloaded(refused=str(error))
        fresh = self._combined(file)
        waiting = applies_at_next_start(self._at_start, edited.config)
        changed = tuple(
            key for key in CHECKS if text_of(self._loaded.config, key) != text_of(fresh.config, key)
        )
        self._file, self._loaded = file, fresh
        return Reloaded(changed=changed, at_next_start=waiting)

    def _combined(self, file: FileValues) -> Loaded:
        loaded = combine(file, self._file_overrides())
        return replace(loaded, config=after_reload(self._at_start, loaded.config))

    def _file_overrides(self) -> dict[str, str]:
        return {key: override.value for key, override in of_config(self._overrides).items()}

    def _own_targets(self) -> Mapping[Symbol, Decimal]:
        return self._loaded.config.order_settings.targets

    def _current(self, key: str, symbol: Symbol | None) -> str:
        if symbol is not None:
            settings = self.us()
            return str(settings.target_overrides.get(symbol, settings.target_pct))
        return text_of(self._loaded.config, key)

    async def _set_mark(
        self, key: str, value: str, user_id: int, at: datetime, *, is_set: bool
    ) -> bool:
        if is_set is (key in self._overrides):
            return False
        if is_set:
            await self._store_override(Override(key, value, "", user_id, at))
        else:
            await self._store.clear_override(key, user_id, at)
            del self._overrides[key]
        return True

    async def _store_override(self, override: Override) -> None:
        await self._store.set_override(override)
        self._overrides[override.key] = override


def of_config(overrides: Mapping[str, _T]) -> dict[str, _T]:
    """Those meant for the configuration, known keys or not: without the chat's own marks."""
    return {key: one for key, one in overrides.items() if not key.startswith(_OWN_KEYS)}


async def open_settings(path: Path | None, store: SettingsStore) -> EffectiveSettings:
    """Read the file and the overrides. Raises ConfigError, JournalFailed."""
    stored = await store.overrides()
    gone = superseded(stored)
    overrides = {key: one for key, one in stored.items() if key not in gone}
    settings = EffectiveSettings(path, store, read_file(path), overrides)
    for key, at in gone.items():
        await store.clear_override(key, _NOBODY, at)
    return settings
